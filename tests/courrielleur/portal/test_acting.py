"""Whoever acts in a client's place sees it on the page, and the history keeps it."""

from django.urls import reverse
from django.utils import timezone

from abuse.models import CaseEvent
from consent.services import questionnaires
from courrielleur.accounts.actors import for_user
from tests.consent.services.conftest import COMPLETE


def test_a_reseller_sees_for_whom_they_act_and_a_client_sees_nothing(platform):
    case, account = platform.case, platform.mine
    pages = [
        reverse("portal:request", args=[case.key]),
        reverse("portal:question", args=[case.key, 1]),
        reverse("portal:check", args=[case.key]),
        reverse("portal:consent_of", args=[account.key]),
        reverse("portal:client", args=[account.key]),
        reverse("portal:people_of", args=[account.key]),
        reverse("statement", args=[case.key]),
        reverse("questionnaire", args=[case.key]),
    ]
    for page in pages:
        assert "You act for" in platform.browser("owner").get(page).content.decode(), page
        assert "Back to your clients" in platform.browser("owner").get(page).content.decode(), page
        assert "You act for" not in platform.browser("client").get(page).content.decode(), page
        assert "You act for" not in platform.browser("specialist").get(page).content.decode(), page


def test_every_line_of_the_history_says_who_acted_for_whom(platform):
    browser = platform.browser("owner")
    browser.post(reverse("portal:message", args=[platform.case.key]), {"text": "Nous y travaillons."})
    assert CaseEvent.objects.get(case=platform.case, move="message").data["acts_for"] == platform.mine.key
    shown = platform.browser("client").get(reverse("portal:request", args=[platform.case.key])).content.decode()
    assert "Owner, for Acme" in shown
    platform.browser("client").post(reverse("portal:message", args=[platform.case.key]), {"text": "Moi aussi."})
    assert "acts_for" not in CaseEvent.objects.filter(case=platform.case, move="message").last().data


def test_an_answer_keeps_in_whose_name_it_was_written(platform):
    now, questionnaire = timezone.now(), questionnaires.open(platform.case)
    questionnaires.save(questionnaire, "handling", {"text": "Marie."}, for_user(platform.people["client"]), now)
    questionnaires.save(questionnaire, "handling", {"text": "Odile."}, for_user(platform.people["owner"]), now)
    authors = questionnaire.answers.get(question="handling").authors
    assert [one["label"] for one in authors] == ["Client", "Owner (Boreal)"]


def test_the_history_says_who_handed_in_for_whom(platform):
    now = timezone.now()
    for who, case, expected in (("owner", platform.case, platform.mine.key),):
        person, questionnaire = for_user(platform.people[who]), questionnaires.open(case)
        for key, value in COMPLETE.items():
            questionnaires.save(questionnaire, key, value, person, now)
        questionnaires.submit(questionnaire, person, "Odile", now)
        assert CaseEvent.objects.get(case=case, move="submit").data["acts_for"] == expected


def test_a_client_who_hands_in_acts_for_nobody(platform):
    now, person, questionnaire = timezone.now(), for_user(platform.people["client"]), questionnaires.open(platform.case)
    for key, value in COMPLETE.items():
        questionnaires.save(questionnaire, key, value, person, now)
    questionnaires.submit(questionnaire, person, "Chloé", now)
    assert "acts_for" not in CaseEvent.objects.get(case=platform.case, move="submit").data
