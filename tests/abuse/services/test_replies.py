"""Mail that answers a letter."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abuse.core.reply_address import case_key_of, local_part
from abuse.models import Case
from abuse.selectors.timeline import timeline
from abuse.services import cases, letters, suspensions
from abuse.services.replies import UnknownReplyAddress, record_reply
from courrielleur import pipeline
from courrielleur.accounts.actors import SYSTEM
from courrielleur.accounts.models import Account
from fbl.models import InboundReport
from fbl.services.inbox import Arrival, store
from fbl.services.replies import hand_over
from tests.worlds import NOON

pytestmark = pytest.mark.django_db

KEY = b"k" * 32


@pytest.fixture
def case(account: Account) -> Case:
    return suspensions.impose(account, now=NOON, reason="x").case


def mail(body: str, *, content_type: str = "text/plain", headers: str = "") -> bytes:
    return (
        f"From: Marie <marie@boreal.example.com>\r\nSubject: Re\r\n{headers}MIME-Version: 1.0\r\n"
        f"Content-Type: {content_type}; charset=utf-8\r\n\r\n{body}"
    ).encode()


def answer(case: Case, raw: bytes, envelope_from: str = "marie@boreal.example.com") -> str:
    return cases.record_mail(letters.reply_address_of(case), envelope_from, raw, NOON)


def test_an_answer_lands_in_its_case(case: Case) -> None:
    assert answer(case, mail("Voici les preuves.\r\n")) == ""
    event = case.events.get(move="message")
    assert (event.text, event.actor_label, event.is_internal) == (
        "Voici les preuves.",
        "marie@boreal.example.com",
        False,
    )


def test_an_answer_travels_from_the_door_to_its_case_once(case: Case) -> None:
    for _ in range(2):
        store([Arrival(mail("Voici les preuves."), "smtp", NOON, "marie@example.com", letters.reply_address_of(case))])
        pipeline.read()
        pipeline.answer()
    assert case.events.filter(move="message").count() == 1


def test_an_answer_moves_nothing(case: Case) -> None:
    answer(case, mail("reinstate"))
    assert Case.objects.get().state == case.state


def test_of_html_only_what_is_seen_is_kept(case: Case) -> None:
    html = "<style>p{}</style><p>Bonjour</p><script>alert(1)</script><p>Merci &amp; salut</p>"
    answer(case, mail(html, content_type="text/html"))
    assert case.events.get(move="message").text == "Bonjour\n\nMerci & salut"


@pytest.mark.parametrize(
    ("headers", "envelope_from"),
    [("Auto-Submitted: auto-replied\r\n", "marie@boreal.example.com"), ("", "<>"), ("", "")],
)
def test_an_automatic_answer_is_for_the_team_only(case: Case, headers: str, envelope_from: str) -> None:
    answer(case, mail("Je suis absente.", headers=headers), envelope_from)
    assert case.events.get(move="auto_reply").is_internal


def test_letter_case_is_lost_on_the_way_and_does_no_harm(case: Case) -> None:
    record_reply(letters.reply_address_of(case).upper(), "m@example.com", "x", NOON)
    assert case.events.filter(move="message").exists()


@pytest.mark.parametrize(
    "change", [lambda a: a.replace(".", ".a", 1), lambda a: "x" + a, lambda a: "case+@b", str.strip]
)
def test_a_guessed_address_reaches_no_case(case: Case, change) -> None:
    address = change(letters.reply_address_of(case))
    if address == letters.reply_address_of(case):
        return
    with pytest.raises(UnknownReplyAddress):
        record_reply(address, "m@example.com", "x", NOON)
    assert cases.record_mail(address, "m@example.com", mail("x"), NOON)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\xff\xfe",
        b"Content-Type: text/plain; charset=no-such\r\n\r\nhi",
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n",
        b"From: \xff<@\r\n\r\na\x00b",
        b"Content-Transfer-Encoding: base64\r\n\r\n***",
    ],
)
def test_a_damaged_mail_is_recorded_as_far_as_it_can_be_read(case: Case, raw: bytes) -> None:
    assert answer(case, raw) == ""
    assert case.events.filter(move="message").exists()


@given(st.text())
def test_no_text_is_taken_for_a_reply_address(text: str) -> None:
    assert case_key_of(text, [KEY]) is None


@given(st.text("0123456789ABCDEFGHJKMNPQRSTVWXYZ", min_size=6, max_size=6))
def test_an_address_leads_back_to_its_case_and_fits(key: str) -> None:
    local = local_part(f"C-{key}", KEY)
    assert case_key_of(f"<{local}@case.example.com>", [KEY]) == f"C-{key}"
    assert len(local) <= 64
    assert case_key_of(local, [b"x" * 32]) is None


def test_an_address_of_before_the_secret_was_changed_still_leads_to_its_case():
    old, new = b"o" * 32, b"n" * 32
    assert case_key_of(local_part("C-7K3Q9F", old), [new, old]) == "C-7K3Q9F"
    assert case_key_of(local_part("C-7K3Q9F", new), [new, old]) == "C-7K3Q9F"
    assert case_key_of(local_part("C-7K3Q9F", old), [new]) is None


HOSTILE = [
    b"From: " + b"(" * 5000 + b"\r\n\r\nx",
    b"Content-Type: ;\x00*\r\n\r\nx",
    b"From: \n .multipart/mixed; boundary=aFrom: *utf-8.\r\n\r\nx",
    b"From: a\x00b@example.com\r\n\r\nx",
    b"From: \xe9@example.com\r\n\r\nx",
    b"Content-Type: text/plain; charset=unicode_escape\r\n\r\n\\ud800",
    b"Content-Type: text/plain; charset=utf-7\r\n\r\n+2AA-",
    b"Content-Type: text/html\r\n\r\n" + b"<a " * 100_000,
    b"Content-Type: text/html\r\n\r\n" + b"<!--" * 100_000,
    b"From: " + b"=?utf-8?q?a?= " * 20_000 + b"\r\n\r\nx",
    b"Content-Type: " + b"a/b;" * 10_000 + b"\r\n\r\nx",
    b"From: " + b"a" * 100_000 + b"@example.com\r\n\r\nx",
]


@pytest.mark.parametrize("raw", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_mail_is_recorded_like_any_other(case: Case, raw: bytes) -> None:
    assert answer(case, raw) == ""
    assert case.events.filter(move="message").exists()


def test_one_mail_that_cannot_be_recorded_keeps_no_other_from_its_case(case: Case) -> None:
    def take(envelope_to: str, envelope_from: str, raw: bytes, now: datetime) -> str:
        if b"poison" in raw:
            raise ValueError(raw)
        return cases.record_mail(envelope_to, envelope_from, raw, now)

    address = letters.reply_address_of(case)
    store([Arrival(mail(body), "smtp", NOON, "marie@example.com", address) for body in ("poison", "Voici.")])
    pipeline.read()
    assert hand_over(take, NOON) == 2
    assert case.events.get(move="message").text == "Voici."
    aside = InboundReport.objects.get(state=InboundReport.State.UNIDENTIFIED)
    assert aside.reason == "The reader failed on this mail (ValueError)."


def test_files_are_named_and_whoever_reads_the_case_is_told_they_are_not_kept(case: Case) -> None:
    raw = (
        b"From: marie@example.com\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
        b"--x\r\nContent-Type: text/plain\r\n\r\nVoici.\r\n"
        b"--x\r\nContent-Type: text/csv\r\n"
        b'Content-Disposition: attachment; filename="=?utf-8?q?preuves_=C3=A9t=C3=A9=2Ecsv?="\r\n\r\na,b\r\n--x--\r\n'
    )
    answer(case, raw)
    event = case.events.get(move="message")
    assert (event.text, event.data["attachments"]) == ("Voici.", ["preuves été.csv"])
    assert "preuves été.csv" in timeline(case, SYSTEM)[-1].text


def test_a_link_to_an_address_and_a_comment_are_no_words(case: Case) -> None:
    html = '<!-- [if mso]><b>x</b> --><p>De <a href="mailto:m@example.com">Marie</a> &lt;m@example.com&gt;</p>'
    answer(case, mail(html, content_type="text/html"))
    assert case.events.get(move="message").text == "De Marie <m@example.com>"
