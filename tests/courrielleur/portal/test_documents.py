"""Documents with answers: told by content, kept encrypted, fetched by links that expire, and by nobody else."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from abuse.models import Case, CaseEvent
from consent.models import Answer, AnswerFile, Questionnaire
from consent.services import documents, questionnaires, reviews
from courrielleur.accounts.actors import for_user
from tests.consent.services.conftest import COMPLETE

PDF = b"%PDF-1.7 une preuve lisible"
ROW = 2  # the question about the sign-up


@pytest.fixture
def browser(platform):
    return platform.browser("owner")


def add(platform, browser, data=PDF, name="écran.pdf"):
    address = reverse("portal:add_document", args=[platform.case.key, ROW])
    return browser.post(address, {"file": SimpleUploadedFile(name, data)}, follow=True)


def remove(platform, browser):
    found = AnswerFile.objects.get()
    return browser.post(reverse("portal:remove_document", args=[platform.case.key, ROW, found.pk]), follow=True)


def link():
    return reverse("answer_document", args=[documents.token_of(AnswerFile.objects.get())])


def test_a_document_is_sealed_and_shown_to_both_sides(platform, browser):
    page = add(platform, browser).content.decode()
    found = AnswerFile.objects.get()
    assert (found.question, found.name, found.media_type, found.added_by_label) == (
        "sign_up",
        "écran.pdf",
        "application/pdf",
        "Owner (Boreal)",
    )
    assert b"preuve" not in bytes(found.sealed)
    assert "écran.pdf" in page
    for who in ("owner", "client", "agent"):
        reply = platform.browser(who).get(link())
        assert (reply.status_code, reply.content) == (200, PDF)
        assert reply["Content-Disposition"].startswith("attachment")
        assert reply["X-Content-Type-Options"] == "nosniff"
    desk = platform.browser("agent").get(reverse("desk:case", args=[platform.case.key]))
    assert "écran.pdf" in desk.content.decode()


def test_a_link_of_yesterday_opens_nothing(platform, browser, monkeypatch):
    add(platform, browser)
    fresh = link()
    assert browser.get(fresh).status_code == 200
    monkeypatch.setattr(documents, "LINK_LASTS", timedelta(seconds=-1))
    assert browser.get(fresh).status_code == 404


@pytest.mark.parametrize("data", [b"MZ\x90\x00", b"<html></html>", b""])
def test_what_is_no_document_is_refused_in_words(platform, browser, data):
    page = add(platform, browser, data, "preuve.pdf").content.decode()
    assert not AnswerFile.objects.exists()
    assert "neither a PDF" in page or "Choose a document first" in page


def test_too_much_is_refused(platform, browser, monkeypatch):
    monkeypatch.setattr(documents, "LARGEST", 20)
    assert "larger than" in add(platform, browser).content.decode()
    monkeypatch.setattr(documents, "LARGEST", 1000)
    monkeypatch.setattr(documents, "MOST_PER_ANSWER", 1)
    add(platform, browser)
    add(platform, browser)  # the same bytes are the same document
    assert "at most" in add(platform, browser, PDF + b" bis").content.decode()
    assert AnswerFile.objects.count() == 1


def test_a_document_goes_while_answers_are_open_and_stays_once_handed_in(platform, browser):
    add(platform, browser)
    remove(platform, browser)
    assert not AnswerFile.objects.exists()

    add(platform, browser)
    owner, now = for_user(platform.people["owner"]), timezone.now()
    questionnaire = Questionnaire.objects.get()
    for key, value in COMPLETE.items():
        questionnaires.save(questionnaire, key, value, owner, now)
    questionnaires.submit(questionnaire, owner, "Odile", now)
    told = CaseEvent.objects.get(case=platform.case, move="submit").data["documents"]
    assert [(row["question"], row["name"]) for row in told] == [("sign_up", "écran.pdf")]
    remove(platform, browser)
    assert AnswerFile.objects.count() == 1

    case = Case.objects.get(pk=platform.case.pk)
    reviews.decide(case, "ask", "Et la preuve?", for_user(platform.people["specialist"]), now)
    assert "stays with the case" in remove(platform, browser).content.decode()
    assert AnswerFile.objects.count() == 1


def test_everybody_who_wrote_at_an_answer_is_named(platform):
    address = reverse("portal:question", args=[platform.case.key, 5])
    for who, text in (("owner", "Un"), ("client", "Un, deux"), ("owner", "Un, deux")):
        platform.browser(who).post(address, {"text": text, "version": version(), "autosave": "1"})
    assert [row["label"] for row in Answer.objects.get().authors] == ["Owner (Boreal)", "Client"]
    shown = platform.browser("owner").get(reverse("portal:check", args=[platform.case.key])).content.decode()
    assert "Written by Owner (Boreal), Client" in shown


def version():
    return questionnaires.version_of(Answer.objects.first())
