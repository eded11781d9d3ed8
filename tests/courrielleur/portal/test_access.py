"""Who reaches which page. The three answers: a page, 403 for a member without the right, 404 for a stranger."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from courrielleur.jobs.models import Job

DESK = ["desk:today", "desk:queue", "desk:accounts", "desk:lanes", "desk:orders", "desk:reasons"]
PORTAL = ["portal:home", "portal:requests", "portal:clients", "portal:consent"]


@pytest.mark.parametrize("view", [*DESK, *PORTAL, "portal:keys", "portal:learn", "preferences"])
def test_nobody_is_asked_to_log_in(db, view):
    reply = Client().get(reverse(view))
    assert reply.status_code == 302
    assert reply.headers["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("who", ["agent", "lead", "admin"])
def test_the_desk_opens_for_the_team(platform, who, language):
    browser = platform.browser(who, language)
    addresses = [reverse(view) for view in DESK]
    addresses += [reverse("desk:case", args=[platform.case.key]), reverse("desk:account", args=[platform.mine.key])]
    addresses += [reverse("desk:lane", args=[lane]) for lane in ("unidentified", "unverified", "unreadable")]
    for address in addresses:
        assert browser.get(address).status_code == 200, address


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("who", ["owner", "member", "client"])
def test_the_portal_opens_for_resellers_and_clients(platform, who, language):
    browser = platform.browser(who, language)
    addresses = [reverse(view) for view in PORTAL]
    addresses += [
        reverse("portal:request", args=[platform.case.key]),
        reverse("portal:question", args=[platform.case.key, 1]),
        reverse("portal:check", args=[platform.case.key]),
        reverse("portal:client", args=[platform.mine.key]),
        reverse("portal:consent_of", args=[platform.mine.key]),
    ]
    for address in addresses:
        assert browser.get(address, follow=True).status_code == 200, address


@pytest.mark.parametrize("who", ["owner", "member", "client", "nobody"])
def test_the_desk_is_closed_to_everybody_else(platform, who):
    browser = platform.browser(who)
    for view in DESK:
        assert browser.get(reverse(view)).status_code == 403


@pytest.mark.parametrize("who", ["owner", "member", "client"])
def test_another_tenant_does_not_exist(platform, who):
    browser = platform.browser(who)
    key, account = platform.other_case.key, platform.other.key
    for address in [
        reverse("portal:request", args=[key]),
        reverse("portal:question", args=[key, 1]),
        reverse("portal:check", args=[key]),
        reverse("portal:receipt", args=[key]),
        reverse("portal:client", args=[account]),
        reverse("portal:consent_of", args=[account]),
    ]:
        assert browser.get(address).status_code == 404, address
    for address in [reverse("portal:message", args=[key]), reverse("portal:appeal", args=[key])]:
        assert browser.post(address, {"text": "x", "reason": "x"}).status_code == 404, address


def test_a_clients_own_page_names_no_other_tenant(platform):
    page = platform.browser("owner").get(reverse("portal:clients")).content.decode()
    assert platform.mine.name in page
    assert platform.other.name not in page


@pytest.mark.parametrize(
    ("who", "view"),
    [("agent", "desk:today"), ("owner", "portal:home"), ("client", "portal:home"), ("nobody", "preferences")],
)
def test_the_front_door_leads_to_each_ones_work(platform, who, view):
    assert platform.browser(who).get("/").headers["Location"] == reverse(view)


def test_health_asks_nobody_who_they_are(db):
    assert Client().get("/healthz").json() == {"status": "ok"}
    assert Client().get("/readyz").status_code == 200
    assert Client().get("/queuez").json()["waiting"] == 0


def test_a_step_that_only_fails_is_no_health(db):
    long_ago = timezone.now() - timedelta(minutes=10)
    Job.objects.create(step="river", state=Job.State.DEAD, queued_at=long_ago)
    Job.objects.update(created_at=long_ago)
    answer = Client().get("/queuez")
    assert (answer.status_code, answer.json()["status"]) == (503, "failing")


@pytest.mark.parametrize(("language", "words"), [("fr", "Il n’y a rien ici"), ("en", "There is nothing here")])
def test_a_wrong_address_is_told_in_the_readers_language(db, language, words):
    reply = Client(headers={"Accept-Language": language}).get("/nowhere")
    assert reply.status_code == 404
    assert words in reply.content.decode()


def test_pages_carry_the_strict_policy(platform):
    policy = platform.browser("agent").get(reverse("desk:today")).headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_a_request_that_no_page_sends_is_answered_in_words(platform, settings):
    settings.DEBUG = False
    reply = platform.browser("owner", "fr").get(reverse("portal:home") + "?page=%00")
    assert reply.status_code == 400
    page = reply.content.decode()
    assert 'lang="fr"' in page
    assert "pas compris cette requête" in page


def test_an_address_that_only_takes_forms_says_so(platform):
    reply = platform.browser("specialist", "fr").get(reverse("desk:take", args=[platform.case.key]))
    assert (reply.status_code, reply.headers["Allow"]) == (405, "POST")
    assert "n’a pas de page" in reply.content.decode()


def test_the_summary_of_a_form_names_the_fields(platform):
    page = platform.browser("admin", "fr").post(reverse("desk:enrol_feed"), {"name": "x" * 101}).content.decode()
    summary = page.partition('class="error-summary"')[2].partition("</div>")[0]
    assert ">Clé\u00a0: Ce champ est obligatoire.<" in summary
    assert ">Nom\u00a0: Assurez-vous" in summary
    assert page.count("Clé\u00a0: Ce champ") == 1  # beside the field itself its name stands already
