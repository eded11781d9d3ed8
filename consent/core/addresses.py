"""Whether something is an e-mail address: as email-validator says, and quickly for the addresses most people have."""

import re
from functools import lru_cache

from email_validator import EmailNotValidError, validate_email

_PLAIN_LOCAL = re.compile(r"(?=.{1,64}$)[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*")
_LONGEST_ADDRESS = 254  # characters (RFC 5321, erratum 1690)


def is_address(bare: str) -> bool:
    local, at, domain = bare.rpartition("@")
    # Nearly all addresses have a local part of this kind: then only the domain is asked about, and once.
    if at and len(bare) <= _LONGEST_ADDRESS and _PLAIN_LOCAL.fullmatch(local) and domain.isascii():
        return _is_domain(domain)
    try:
        validate_email(bare, check_deliverability=False)
    except EmailNotValidError:
        return False
    return True


@lru_cache(maxsize=16_384)
def _is_domain(domain: str) -> bool:
    try:
        validate_email(f"a@{domain}", check_deliverability=False)
    except EmailNotValidError:
        return False
    return True
