"""Letters: what they say, to whom, and that none is lost."""

import re
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from abuse.core.case import CaseMove, CaseState
from abuse.models import Case, Notice
from abuse.services import assessments, cases, decisions, letters, suspensions
from courrielleur.accounts.actors import Actor
from courrielleur.accounts.models import Account
from tests.abuse.world import Mailbox, purchased_list
from tests.worlds import NOON, make_account, make_reseller

pytestmark = pytest.mark.django_db

NAMES = [
    "suspended",
    "held",
    "released",
    "submitted_receipt",
    "info_requested",
    "reinstated",
    "refused",
    "terminated",
    "message",
    "probation_breached",
]


def received(mailbox: Mailbox) -> list[EmailMessage]:
    return [message_from_bytes(raw, policy=policy.default) for raw in mailbox.mails]


def plain(mail: EmailMessage) -> str:
    return mail.get_body(("plain",)).get_content().replace("\r\n", "\n")


@pytest.fixture
def case(account: Account) -> Case:
    purchased_list(account)
    assessments.assess_touched(NOON)
    return Case.objects.get()


def test_the_statement_of_reasons_reaches_the_reseller(case: Case, mailbox: Mailbox) -> None:
    assert letters.send_due(NOON) == 1
    (mail,) = received(mailbox)
    assert mail["To"] == "avis@boreal.example.com"
    assert mail["Subject"].strip() == f"Envois suspendus\u00a0: Acme (dossier {case.key})"
    text = plain(mail)
    assert text.splitlines()[0].startswith(
        "Les envois du compte Acme sont suspendus depuis le 20 novembre 2026 à 07 h 00 HNE"
    )
    for words in ["6\u202f000", "72 (1,2\u00a0%; limite 0,25\u00a0%)", "780 (13\u00a0%; limite 5\u00a0%)"]:
        assert words in text.replace("\u00a0000", "\u202f000"), text
    assert len(re.findall(r"https?://", text)) == 1
    assert f"/portal/requests/{case.key}/" in text
    assert Notice.objects.get().state == Notice.State.SENT


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (datetime(2026, 7, 1, 12, tzinfo=UTC), "1er juillet 2026 à 08 h 00 HAE"),
        (datetime(2026, 12, 1, 3, tzinfo=UTC), "30 novembre 2026 à 22 h 00 HNE"),
        (datetime(2026, 1, 11, 12, tzinfo=UTC), "11 janvier 2026 à 07 h 00 HNE"),
    ],
)
def test_moments_are_said_as_in_quebec(account: Account, mailbox: Mailbox, at: datetime, words: str) -> None:
    suspensions.impose(account, now=at, reason="x")
    letters.send_due(at)
    assert words in plain(received(mailbox)[0])


def test_it_says_in_english_what_it_says_in_french(mailbox: Mailbox) -> None:
    account = make_account("zenith", reseller=make_reseller("austral", language="en"))
    purchased_list(account)
    assessments.assess_touched(NOON)
    letters.send_due(NOON)
    text = plain(received(mailbox)[0])
    assert text.startswith("Mail from Zenith has been suspended since November 20, 2026 at 07:00 EST")
    assert "Hard bounces: 780 (13%; limit 5%)" in text


def test_headers_lead_an_answer_back_and_machines_away(case: Case, mailbox: Mailbox) -> None:
    letters.send_due(NOON)
    (mail,) = received(mailbox)
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["References"] == mail["In-Reply-To"] == f"<{case.key.lower()}@case.courrielleur.example>"
    assert re.fullmatch(rf"case\+{case.key.lower()}\.[a-z2-7]{{16}}@case\.courrielleur\.example", mail["Reply-To"])


def test_html_says_the_same_as_the_text(case: Case, mailbox: Mailbox) -> None:
    letters.send_due(NOON)
    html = received(mailbox)[0].get_body(("html",)).get_content()
    assert '<html lang="fr">' in html
    assert f'href="http://127.0.0.1:8025/portal/requests/{case.key}/"' in html
    assert "<script" not in html


def test_it_never_says_who_complained_nor_shows_a_score(case: Case, mailbox: Mailbox) -> None:
    letters.send_due(NOON)
    text = plain(received(mailbox)[0])
    assert "yahoo" not in text.lower()
    assert not re.search(r"score|vraisembl|likel", text, re.IGNORECASE)


def test_words_of_a_client_can_not_become_html(mailbox: Mailbox, account: Account) -> None:
    account.name = "<b>Acme</b> & fils"
    account.save()
    suspensions.impose(account, now=NOON, reason="<script>alert(1)</script>")
    letters.send_due(NOON)
    (mail,) = received(mailbox)
    assert "<b>Acme</b> & fils" in plain(mail)
    html = mail.get_body(("html",)).get_content()
    assert "<script>alert" not in html
    assert "&lt;b&gt;Acme&lt;/b&gt; &amp; fils" in html


def test_a_mail_server_that_is_down_loses_no_letter(case: Case, mailbox: Mailbox, settings) -> None:
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    assert letters.send_due(NOON) == 0
    settings.EMAIL_PORT = port
    assert letters.send_due(NOON + timedelta(seconds=30)) == 0
    assert letters.send_due(NOON + timedelta(minutes=2)) == 1
    assert len(mailbox.mails) == 1


def test_a_greylisted_letter_is_tried_again(case: Case, mailbox: Mailbox) -> None:
    mailbox.answers = ["451 4.7.1 later"]
    assert letters.send_due(NOON) == 0
    assert letters.send_due(NOON + timedelta(minutes=1)) == 1


def test_a_letter_refused_for_good_is_shown_in_the_case(case: Case, mailbox: Mailbox) -> None:
    mailbox.answers = ["550 5.1.1 no such user"]
    assert letters.send_due(NOON) == 0
    assert Notice.objects.get().state == Notice.State.DEAD
    line = case.events.get(move="letter_lost")
    assert line.is_internal
    assert "550" in line.text


def test_one_bad_letter_does_not_stop_the_others(case: Case, mailbox: Mailbox) -> None:
    suspensions.impose(make_account("zenith"), now=NOON, reason="x")
    mailbox.answers = ["550 5.1.1 no such user"]
    assert letters.send_due(NOON) == 1


@pytest.mark.parametrize("address", ["avis@boreal.example.com\nBcc: x@example.com", "avis\u2028@boreal.example.com"])
def test_an_address_that_no_header_can_carry_does_not_stop_the_others(
    case: Case, mailbox: Mailbox, address: str
) -> None:
    Notice.objects.update(to=address)
    good = letters.write_message(case, text="Bonjour", now=NOON + timedelta(seconds=1))
    letters.send_due(NOON + timedelta(seconds=2))
    good.refresh_from_db()
    assert good.state == Notice.State.SENT


@pytest.mark.parametrize("move", [CaseMove.REINSTATE, CaseMove.REFUSE, CaseMove.ASK, CaseMove.TERMINATE])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_preview_is_the_letter_that_goes_out(
    case: Case, lea: Actor, mailbox: Mailbox, move: CaseMove, language: str
) -> None:
    case.account.reseller.language = language
    case.account.reseller.save()
    letters.send_due(NOON)
    Case.objects.update(state=CaseState.IN_REVIEW)
    case = Case.objects.get()
    preview = letters.preview(case, move, "The records show it.", now=NOON)
    decisions.decide(case, move, actor=lea, reason="The records show it.", now=NOON)
    letters.send_due(NOON)
    mail = received(mailbox)[-1]
    assert (preview.subject, preview.text) == (mail["Subject"].strip(), plain(mail))
    assert "The records show it." in preview.text
    assert preview.language == language


def test_taking_a_case_writes_no_letter(case: Case) -> None:
    assert letters.preview(case, CaseMove.TAKE, "", now=NOON) is None


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("name", NAMES)
def test_every_letter_is_complete_in_both_languages(case: Case, mailbox: Mailbox, name: str, language: str) -> None:
    figures = Notice.objects.get().context["figures"]
    words = {"reason": "R1", "text": "R1", "facts": "R1", "receipt": "R1", "can_appeal": True, "figures": figures}
    Notice.objects.all().delete()
    Notice.objects.create(
        case=case,
        name=name,
        to="avis@example.com",
        language=language,
        context=words | {"since": NOON.isoformat(), "until": NOON.isoformat()},
        next_attempt_at=NOON,
        created_at=NOON,
    )
    letters.send_due(NOON)
    (mail,) = received(mailbox)
    text = plain(mail)
    assert case.key in mail["Subject"]
    assert "R1" in text
    assert "{" not in text
    assert "\n\n\n" not in text
    assert len(re.findall(r"https?://", text)) == 1
    assert ("L’équipe" in text) == (language == "fr")


def test_a_receipt_number_is_in_the_receipt(case: Case, marie: Actor, mailbox: Mailbox) -> None:
    cases.move(case, CaseMove.SUBMIT, actor=marie, now=NOON, data={"receipt": "R-77"})
    letters.send_due(NOON)
    assert "R-77" in plain(received(mailbox)[-1])


def test_a_worker_killed_after_sending_sends_the_same_letter_again(
    case: Case, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(*args: object, **values: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(letters, "_settle", die)
        with pytest.raises(Killed):
            letters.send_due(NOON)
    assert letters.send_due(NOON + timedelta(minutes=1)) == 0
    assert letters.send_due(NOON + timedelta(minutes=6)) == 1
    first, second = received(mailbox)
    assert first["Message-ID"] == second["Message-ID"]
