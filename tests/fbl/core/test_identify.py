"""A redacted report still says whose mail it was; a forged one says nothing."""

import json
import re
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fbl.core.addresses import digest, normalise
from fbl.core.identify import (
    NO_CAMPAIGN,
    SENDER_ID,
    TOKEN_LENGTH,
    Confidence,
    Method,
    Reference,
    Verdict,
    campaign_digest,
    carriers,
    doubtful_methods,
    find,
    mint,
    mint_feedback_id,
    read_token,
)

GUIDE = (Path(__file__).parents[3] / "docs" / "references.md").read_text(encoding="utf-8")
VECTORS = json.loads((Path(__file__).parent / "reference_vectors.json").read_text(encoding="utf-8"))
KEYS = {1: bytes(range(32)), 7: bytes(range(100, 132))}
MARIE = Reference(7, 42, campaign_digest("spring"), 486_000, digest("marie@example.com", b"k" * 32))
URL = "https://console.example.com/u/"

references = st.builds(
    Reference,
    key_id=st.sampled_from(sorted(KEYS)),
    account_id=st.integers(0, 2**32 - 1),
    campaign=st.binary(min_size=5, max_size=5),
    send_hour=st.integers(0, 2**24 - 1),
    recipient=st.binary(min_size=16, max_size=16),
)


@dataclass(frozen=True)
class Shown:
    """What a report shows of the mail it is about."""

    own: str | None = None
    cfbl_feedback_id: str | None = None
    return_path: str | None = None
    envelope_id: str | None = None
    list_unsubscribe: str | None = None
    feedback_id: str | None = None


def minted(reference: Reference) -> str:
    return mint(reference, KEYS[reference.key_id])


def shown(reference: Reference, *, only: str = "") -> Shown:
    mail = carriers(reference, KEYS[reference.key_id], report_domain="bounce.example.com", unsubscribe_url=URL)
    everything = Shown(
        own=mail.headers["X-Courrielleur-Ref"],
        cfbl_feedback_id=mail.headers["CFBL-Feedback-ID"],
        return_path=f"<{mail.return_path}>",
        envelope_id=mail.envelope_id,
        list_unsubscribe=mail.headers["List-Unsubscribe"],
        feedback_id=mail.headers["Feedback-ID"],
    )
    return Shown(**{only: getattr(everything, only)}) if only else everything


@pytest.mark.parametrize("vector", VECTORS["references"], ids=lambda vector: vector["campaign"] or "none")
def test_the_published_vectors_are_what_we_mint(vector):
    key, digest_key = bytes.fromhex(vector["reference_key"]), bytes.fromhex(vector["digest_key"])
    assert normalise(vector["address"]) == vector["normalised"]
    recipient = digest(vector["address"], digest_key)
    campaign = campaign_digest(vector["campaign"])
    assert (recipient.hex(), campaign.hex()) == (vector["recipient_digest"], vector["campaign_digest"])
    reference = Reference(vector["key_id"], vector["account_id"], campaign, vector["send_hour"], recipient)
    assert mint(reference, key) == vector["token"]
    assert mint_feedback_id(vector["account_id"], campaign, key) == vector["feedback_id"]
    assert read_token(vector["token"], {vector["key_id"]: key}).reference == reference


@pytest.mark.parametrize("vector", [v for v in VECTORS["references"] if v["address"].isascii()])
def test_the_python_of_the_guide_mints_the_same(vector):
    (example,) = re.findall(r"```python\n(.+?)```", GUIDE, re.DOTALL)
    scope: dict = {}
    exec(example, scope)
    keys = bytes.fromhex(vector["reference_key"]), bytes.fromhex(vector["digest_key"])
    fields = [vector[name] for name in ("account_id", "campaign", "send_hour", "address")]
    assert scope["token"](vector["key_id"], *keys, *fields) == vector["token"]


def test_the_guide_explains_the_first_vector_byte_by_byte():
    first = VECTORS["references"][0]
    table = re.findall(r"^\| \d+ \|.*\| `([0-9a-f]+)` \|$", GUIDE, re.MULTILINE)
    assert "".join(table) == first["bytes"]
    assert first["token"] in GUIDE
    assert first["feedback_id"] in GUIDE


@given(references)
def test_what_was_minted_is_read(reference):
    reading = read_token(minted(reference), KEYS)
    assert (reading.verdict, reading.reference) == (Verdict.VALID, reference)


@given(references, st.integers(0, 2**300))
def test_relays_may_fold_case_and_lines(reference, pattern):
    token = minted(reference)
    shuffled = "".join(c.upper() if pattern >> i & 1 else c for i, c in enumerate(token))
    folded = f"{shuffled[:20]}\r\n\t{shuffled[20:41]}\r\n {shuffled[41:]}"
    assert read_token(folded, KEYS).reference == reference
    assert find(Shown(own=f" {folded} "), KEYS).recipient == reference.recipient


@given(references, st.integers(0, TOKEN_LENGTH * 5 - 1))
def test_no_bit_may_change(reference, bit):
    alphabet = "abcdefghijklmnopqrstuvwxyz234567"
    token = list(minted(reference))
    place = bit // 5
    token[place] = alphabet[alphabet.index(token[place]) ^ 1 << bit % 5]
    reading = read_token("".join(token), KEYS)
    assert reading.verdict is not Verdict.VALID
    assert reading.reference is None


@given(st.text())
def test_no_text_is_mistaken_and_none_raises(text):
    assert read_token(text, KEYS).verdict is not Verdict.VALID
    everywhere = Shown(text, text, text, text, text, text)
    assert find(everywhere, KEYS) is None


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz234567", min_size=TOKEN_LENGTH, max_size=TOKEN_LENGTH))
def test_what_looks_like_a_token_is_not_believed(token):
    assert read_token(token, KEYS).verdict is not Verdict.VALID


def test_a_withdrawn_key_is_told_from_a_forgery():
    assert read_token(minted(MARIE), {1: KEYS[1]}).verdict is Verdict.UNKNOWN_KEY
    assert read_token(minted(MARIE), {7: KEYS[1]}).verdict is Verdict.FORGED


@pytest.mark.parametrize(
    "field",
    [{"key_id": 256}, {"account_id": 2**32}, {"send_hour": -1}, {"campaign": b"1234"}, {"recipient": b""}],
)
def test_a_field_that_does_not_fit_is_refused(field):
    with pytest.raises(ValueError, match="reference"):
        mint(replace(MARIE, **field), KEYS[7])


def test_the_return_path_fits_into_a_local_part():
    mail = carriers(MARIE, KEYS[7], report_domain="bounce.example.com", unsubscribe_url=URL)
    local, _, domain = mail.return_path.partition("@")
    assert len(local) <= 64
    assert domain == "bounce.example.com"
    assert re.fullmatch(r"[a-z0-9-]+", local)
    assert 5 <= len(SENDER_ID) <= 15


@pytest.mark.parametrize(
    ("carrier", "method", "confidence"),
    [
        ("own", Method.OWN_HEADER, Confidence.CERTAIN),
        ("cfbl_feedback_id", Method.CFBL_FEEDBACK_ID, Confidence.CERTAIN),
        ("return_path", Method.RETURN_PATH, Confidence.CERTAIN),
        ("envelope_id", Method.ENVELOPE_ID, Confidence.CERTAIN),
        ("list_unsubscribe", Method.LIST_UNSUBSCRIBE, Confidence.STRONG),
    ],
)
def test_each_carrier_alone_identifies_the_copy(carrier, method, confidence):
    found = find(shown(MARIE, only=carrier), KEYS)
    assert (found.method, found.confidence) == (method, confidence)
    assert (found.account_id, found.campaign) == (MARIE.account_id, MARIE.campaign)
    assert (found.send_hour, found.recipient) == (MARIE.send_hour, MARIE.recipient)


def test_gmails_header_tells_account_and_campaign_only():
    found = find(shown(MARIE, only="feedback_id"), KEYS)
    assert (found.account_id, found.campaign) == (MARIE.account_id, MARIE.campaign)
    assert (found.send_hour, found.recipient, found.confidence) == (None, None, Confidence.WEAK)


def test_a_forwarders_rewriting_leaves_the_return_path_readable():
    local = f"b-{minted(MARIE)}"
    for rewritten in (
        f"SRS0=ab12=4K=bounce.example.com={local}@forward.example.net",
        f"prvs=1234abcdef={local}@bounce.example.com",
        f'"{local.upper()}"@BOUNCE.example.com',
    ):
        assert find(Shown(return_path=rewritten), KEYS).recipient == MARIE.recipient


def test_a_token_without_the_bounce_prefix_is_no_return_path():
    assert find(Shown(return_path=f"{minted(MARIE)}@bounce.example.com"), KEYS) is None


def test_all_carriers_together_agree_and_the_best_decides():
    found = find(shown(MARIE), KEYS)
    assert (found.method, found.confidence, found.conflicts, found.doubtful) == (
        Method.OWN_HEADER,
        Confidence.CERTAIN,
        (),
        (),
    )


def test_two_accounts_in_one_report_are_told_and_weigh_little():
    other = replace(MARIE, account_id=43)
    found = find(replace(shown(MARIE, only="own"), return_path=shown(other).return_path), KEYS)
    assert found.account_id == 42
    assert found.conflicts == (Method.RETURN_PATH,)
    assert found.confidence is Confidence.WEAK


def test_two_recipients_of_one_account_are_no_conflict():
    other = replace(MARIE, recipient=bytes(16))
    found = find(replace(shown(MARIE, only="own"), list_unsubscribe=shown(other).list_unsubscribe), KEYS)
    assert found.conflicts == ()
    assert found.recipient == MARIE.recipient


def test_forgeries_are_reported_beside_what_is_valid_and_alone():
    forged = "a" * TOKEN_LENGTH  # key id 0 is unknown
    beside = replace(shown(MARIE, only="list_unsubscribe"), own=forged)
    assert find(beside, KEYS).doubtful == (Method.OWN_HEADER,)
    assert find(Shown(own=forged), KEYS) is None
    assert doubtful_methods(Shown(own=forged), KEYS) == (Method.OWN_HEADER,)
    assert doubtful_methods(Shown(feedback_id=f"{'0' * 10}:42:{'0' * 16}:{SENDER_ID}"), KEYS) == (Method.FEEDBACK_ID,)


def test_other_senders_references_are_not_ours():
    foreign = Shown(
        own="17:442:9c1e",
        return_path="<bounces+8123-ab12-marie=example.com@mail.example.net>",
        list_unsubscribe=f"<https://example.net/unsubscribe/{'a' * TOKEN_LENGTH}>, <mailto:u@example.net>",
        feedback_id="campaign:client:type:other-esp",
    )
    assert find(foreign, KEYS) is None
    assert doubtful_methods(foreign, KEYS) == ()


def test_an_endless_header_is_searched_only_at_its_start():
    assert find(Shown(own="x" * 1_000_000 + f" {minted(MARIE)}"), KEYS) is None


def test_no_campaign_is_zeros():
    assert campaign_digest("") == NO_CAMPAIGN
