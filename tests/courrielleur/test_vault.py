"""The vault: what is encrypted is opened by us alone, by old keys too, and by nobody who changed it."""

import base64
import os

import pytest
from cryptography.fernet import Fernet
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from courrielleur import vault
from courrielleur.vault import CannotDecrypt

OLD, NEW = os.urandom(32), os.urandom(32)


@given(st.binary(max_size=300))
def test_what_is_encrypted_comes_back(data: bytes) -> None:
    assert vault.decrypt(vault.encrypt(data)) == data
    assert vault.decrypt(memoryview(vault.encrypt(data))) == data


@given(st.lists(st.binary(max_size=50)))
def test_many_values_are_encrypted_each_on_its_own(values: list[bytes]) -> None:
    sealed = vault.encrypt_all([*values, b"same", b"same"])
    assert [vault.decrypt(one) for one in sealed] == [*values, b"same", b"same"]
    assert sealed[-1] != sealed[-2]


def test_what_is_sealed_for_one_purpose_opens_for_no_other() -> None:
    sealed = vault.encrypt(b"state", purpose=b"one")
    assert vault.decrypt(sealed, purpose=b"one") == b"state"
    fernet = Fernet(base64.urlsafe_b64encode(settings.ENCRYPTION_KEYS[0])).encrypt(b"state")
    for value, purpose in [(sealed, None), (sealed, b"two"), (vault.encrypt(b"state"), b"one"), (fernet, b"one")]:
        with pytest.raises(CannotDecrypt):
            vault.decrypt(value, purpose=purpose)


def test_the_same_words_are_never_the_same_bytes() -> None:
    assert vault.encrypt(b"marie@example.com") != vault.encrypt(b"marie@example.com")
    assert vault.decrypt_text(vault.encrypt_text("été")) == "été"


@given(st.binary(min_size=1, max_size=60), st.data())
def test_a_changed_byte_is_refused(data: bytes, draw: st.DataObject) -> None:
    sealed = bytearray(vault.encrypt(data))
    sealed[draw.draw(st.integers(0, len(sealed) - 1))] ^= draw.draw(st.integers(1, 255))
    with pytest.raises(CannotDecrypt):
        vault.decrypt(bytes(sealed))


@pytest.mark.parametrize("data", [b"", b"\x01", b"\x01" + bytes(12), b"gAAAA", b"marie@example.com"])
def test_what_was_never_encrypted_is_refused(data: bytes) -> None:
    with pytest.raises(CannotDecrypt):
        vault.decrypt(data)


def test_after_a_rotation_old_values_are_opened_and_new_ones_need_the_new_key(settings) -> None:
    settings.ENCRYPTION_KEYS = [OLD]
    before = vault.encrypt(b"avant")
    settings.ENCRYPTION_KEYS = [NEW, OLD]
    assert vault.decrypt(before) == b"avant"
    after = vault.encrypt(b"apres")
    settings.ENCRYPTION_KEYS = [OLD]
    with pytest.raises(CannotDecrypt):
        vault.decrypt(after)


def test_values_of_the_first_releases_are_still_opened(settings) -> None:
    settings.ENCRYPTION_KEYS = [NEW, OLD]
    token = Fernet(base64.urlsafe_b64encode(OLD)).encrypt(b"ancien")
    assert vault.decrypt(token) == b"ancien"
