"""The address that leads a reply back into its case: `case+<key>.<mac>`, minted and checked with a secret key.

The key of a case can be read in a subject line; only whoever was written to knows the whole address. Letter case
is lost on the way through some mail systems, so all of it is lower case.
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence

_LABEL = b"courrielleur/case-reply/v1\0"
_PREFIX = "case+"
_MAC_BYTES = 10  # 16 characters of base32; 2**80 tries to guess one


def local_part(case_key: str, key: bytes) -> str:
    """Return the local part that leads to the case.

    >>> local_part("C-7K3Q9F", b"k" * 32).startswith("case+c-7k3q9f.")
    True
    """
    return f"{_PREFIX}{case_key.lower()}.{_mac(case_key, key)}"


def case_key_of(address: str, keys: Sequence[bytes]) -> str | None:
    """Return the key of the case that *address* (or its local part alone) leads to, or None when it is not ours.

    *keys*: those that ever minted such addresses; people answer letters of long ago.
    """
    local = address.strip().strip("<>").rpartition("@")[0] or address.strip().strip("<>")
    local = local.lower()
    if not local.startswith(_PREFIX):
        return None
    case_key, dot, mac = local.removeprefix(_PREFIX).rpartition(".")
    case_key = case_key.upper()
    is_ours = [hmac.compare_digest(mac.encode(), _mac(case_key, key).encode()) for key in keys]
    return case_key if dot and any(is_ours) else None


def _mac(case_key: str, key: bytes) -> str:
    digest = hmac.new(key, _LABEL + case_key.upper().encode(), hashlib.sha256).digest()
    return base64.b32encode(digest[:_MAC_BYTES]).decode().lower()
