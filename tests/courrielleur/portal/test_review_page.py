"""The review page: answers beside evidence, the sample, the proof files, and decisions that need two."""

import pytest
from django.core import signing
from django.urls import reverse
from django.utils import timezone

from abuse.core.case import CaseMove
from abuse.services import cases
from consent.models import EvidenceRequest, Examination, Proposal
from consent.selectors import samples as drawn
from consent.services import documents, examinations, questionnaires, samples
from courrielleur.accounts import actors
from courrielleur.accounts import services as accounts
from courrielleur.portal import desk_review
from tests.consent.services.test_examinations import handed_in


@pytest.fixture
def answered(platform):
    """The case with its answers and a file of records handed in."""
    case = platform.case
    handed_in(platform.mine, 40)
    cases.move(case, CaseMove.SUBMIT, actor=actors.for_user(platform.people["owner"]), now=timezone.now())
    return case


def review(case):
    return reverse("desk:review", args=[case.key])


@pytest.mark.parametrize(
    ("language", "word"), [("en", "What the evidence shows"), ("fr", "Ce que montrent les preuves")]
)
def test_the_page_shows_what_was_found_before_and_after_the_job(platform, answered, language, word):
    browser = platform.browser("agent", language)
    before = browser.get(review(answered)).content.decode()
    assert word in before
    assert "a.csv" in before
    assert Examination.objects.count() == 0  # a page only reads
    examinations.examine_waiting(timezone.now())
    assert "version 1" in browser.get(review(answered)).content.decode()


def test_a_sample_is_asked_for_and_judged(platform, answered):
    browser = platform.browser("lead")
    browser.post(reverse("desk:ask_sample", args=[answered.key]), {"size": 5, "days": 7, "note": "Une capture."})
    request = EvidenceRequest.objects.get()
    page = browser.get(review(answered)).content.decode()
    assert drawn.shown(request)[0].address in page
    assert request.seed in page
    browser.post(
        reverse("desk:judge_sample", args=[answered.key, request.pk]), {"verdict-1": "proved", "verdict-x": "?"}
    )
    assert drawn.shown(request)[0].verdict == "proved"


def test_an_agent_sees_masked_addresses_and_no_file(platform, answered):
    platform.browser("lead").post(reverse("desk:ask_sample", args=[answered.key]), {"size": 5, "days": 7})
    request = EvidenceRequest.objects.get()
    page = platform.browser("agent").get(review(answered)).content.decode()
    assert drawn.shown(request)[0].address not in page
    assert "a…@example.com" in page


def test_a_proof_file_is_handed_out_to_the_person_who_asked_and_never_opened(platform, answered):
    platform.browser("lead").post(reverse("desk:ask_sample", args=[answered.key]), {"size": 5, "days": 7})
    request, owner = EvidenceRequest.objects.get(), actors.for_user(platform.people["owner"])
    samples.answer(request, 1, {}, owner, timezone.now(), file=b"%PDF-1.7 ...", file_name="reçu.pdf")
    lead = platform.browser("lead")
    page = lead.get(review(answered)).content.decode()
    link = next(part.split('"')[0] for part in page.split('href="') if "/proof/" in part.split('"')[0])
    reply = lead.get(link)
    assert reply.content == b"%PDF-1.7 ..."
    assert reply["Content-Disposition"].startswith("attachment")
    assert reply["Content-Type"] == "application/octet-stream"
    assert platform.browser("specialist").get(link).status_code == 404  # made for another person
    assert platform.browser("owner").get(link).status_code == 403
    forged = signing.dumps([1, platform.people["lead"].pk], salt="another")
    assert lead.get(reverse("desk:proof_file", args=[forged])).status_code == 404


def test_a_link_to_a_proof_file_expires(platform, answered, monkeypatch):
    platform.browser("lead").post(reverse("desk:ask_sample", args=[answered.key]), {"size": 5, "days": 7})
    request, owner = EvidenceRequest.objects.get(), actors.for_user(platform.people["owner"])
    samples.answer(request, 1, {}, owner, timezone.now(), file=b"%PDF-1.7 ...", file_name="reçu.pdf")
    lead = platform.browser("lead")
    page = lead.get(review(answered)).content.decode()
    link = next(part.split('"')[0] for part in page.split('href="') if "/proof/" in part.split('"')[0])
    assert lead.get(link).status_code == 200
    monkeypatch.setattr(desk_review, "FILE_LINK_SECONDS", -1)
    assert lead.get(link).status_code == 404


def test_a_decision_that_needs_two_waits_for_the_second(platform, answered, settings):
    settings.FOUR_EYES = frozenset({"reinstate"})
    address = reverse("desk:decide", args=[answered.key])
    form = {"verb": "reinstate", "reason": "Preuves acceptées.", "needs_proof": "on"}
    platform.browser("specialist").post(address, form)
    answered.refresh_from_db()
    assert answered.state == "submitted"
    page = platform.browser("lead").get(review(answered)).content.decode()
    assert page.count("Preuves acceptées.") == 2, "once as the reason, once in the letter"
    assert "avis@boreal.example.com" in page
    assert "with a proof of consent only" in page
    confirm = reverse("desk:confirm_proposal", args=[answered.key])
    platform.browser("specialist").post(confirm)  # not one's own
    assert Proposal.objects.get().settled_at is None
    platform.browser("lead").post(confirm)
    answered.refresh_from_db()
    assert answered.state == "reinstated"


def test_a_proposal_is_put_away_with_a_reason_only(platform, answered, settings):
    settings.FOUR_EYES = frozenset({"refuse"})
    form = {"verb": "refuse", "reason": "Liste achetée."}
    platform.browser("specialist").post(reverse("desk:decide", args=[answered.key]), form)
    decline = reverse("desk:decline_proposal", args=[answered.key])
    browser = platform.browser("lead")
    browser.post(decline, {"why": " "})
    assert Proposal.objects.get().settled_at is None
    browser.post(decline, {"why": "Rien ne le prouve."})
    assert Proposal.objects.get().settlement == "declined"


def test_the_law_stands_on_the_page_with_each_regime_and_says_it_is_no_advice(platform, answered):
    examinations.examine_waiting(timezone.now())
    page = platform.browser("agent").get(review(answered)).content.decode()
    for words in ("CASL", "GDPR and ePrivacy Directive", "CAN-SPAM", "It is not legal advice."):
        assert words in page
    assert page.index("CASL") < page.index("CAN-SPAM"), "ours first, while nobody says where the recipients are"


def test_answers_stand_with_their_authors_their_documents_and_what_does_not_fit(platform, answered):
    case = platform.other_case
    open_one, person = questionnaires.open(case), actors.for_user(platform.people["specialist"])
    questionnaires.save(open_one, "sign_up_urls", {"urls": ["https://forms.example.org/"]}, person, timezone.now())
    documents.add(open_one, "sign_up_urls", "formulaire.pdf", b"%PDF-1.7", person, timezone.now())
    questionnaires.save(open_one, "same_domain", {"answer": "yes"}, person, timezone.now())
    accounts.add_asset(kind="domain", value="news.example.com", account=platform.other)
    page = platform.browser("agent").get(review(case)).content.decode()
    assert "formulaire.pdf" in page
    assert "Written by Specialist" in page
    assert "What does not fit" in page
