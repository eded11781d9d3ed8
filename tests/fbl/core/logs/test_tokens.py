"""The fast check of references gives the answer of the slow one."""

from hypothesis import given
from hypothesis import strategies as st

from fbl.core.identify import Reference, mint, read_token
from fbl.core.logs.tokens import Tokens

KEYS = {1: bytes(32), 9: b"k" * 80}
TOKENS = Tokens(KEYS)

_REFERENCES = st.builds(
    Reference,
    key_id=st.sampled_from([1, 9, 200]),
    account_id=st.integers(0, 2**32 - 1),
    campaign=st.binary(min_size=5, max_size=5),
    send_hour=st.integers(0, 2**24 - 1),
    recipient=st.binary(min_size=16, max_size=16),
)


def agree(token: str) -> None:
    slow = read_token(token, KEYS).reference
    told = None if slow is None else (slow.account_id, slow.campaign, slow.send_hour)
    assert TOKENS.read(token) == told


@given(_REFERENCES)
def test_what_we_minted_is_read_alike(reference):
    token = mint(reference, KEYS.get(reference.key_id, b"another"))
    agree(token)
    agree(token.upper())
    assert (TOKENS.read(token) is None) == (reference.key_id == 200)


@given(_REFERENCES, st.integers(0, 59), st.sampled_from("a7z189_+- ."))
def test_what_somebody_changed_is_refused_alike(reference, place, letter):
    token = mint(reference, KEYS.get(reference.key_id, b"another"))
    changed = token[:place] + letter + token[place + 1 :]
    if " " not in changed:  # the slow one mends what relays fold
        agree(changed)


@given(st.text(max_size=70))
def test_other_text_is_no_reference(text):
    assert TOKENS.read(text) is None
