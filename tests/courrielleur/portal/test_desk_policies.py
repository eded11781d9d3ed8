"""The pages of the rules: what is in force, an editor that names the line, a second person."""

import re
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from abuse.core.policy import DEFAULT_FILE
from abuse.models import PolicyVersion
from abuse.selectors.policies_in_force import in_force
from abuse.services import policies
from tests.abuse.services.test_policies import MILD, whole
from tests.courrielleur.portal.conftest import Platform
from tests.worlds import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shipped(db: None) -> None:
    policies.install_shipped(NOON)


def text_of(response) -> str:
    return unescape(re.sub(r"\s+", " ", response.content.decode()))


def keep(browser: Client, text: str, **place: str):
    address = reverse("desk:write_policy", query=place)
    return browser.post(address, {"text": text, "reason": "Two good clients were stopped.", "action": "keep"})


def test_a_draft_is_kept_compared_and_put_in_force_by_another_lead(platform: Platform) -> None:
    lead, admin = platform.browser("lead"), platform.browser("admin")
    assert keep(lead, whole(suspend__evidence=6.0).replace("\n", "\r\n")).status_code == 302

    page = text_of(lead.get(reverse("desk:policy", args=[2])))
    assert "somebody else must put it in force" in page
    assert 'name="over"' not in page
    assert "suspend.evidence" in page
    assert "watch.evidence" not in page.partition("The whole text")[0]

    lead.post(reverse("desk:activate_policy", args=[2]), {"over": "1"})
    assert in_force().platform.suspend_evidence == 5
    assert 'name="over" value="1"' in text_of(admin.get(reverse("desk:policy", args=[2])))
    admin.post(reverse("desk:activate_policy", args=[2]), {"over": "1"})
    assert in_force().platform.suspend_evidence == 6

    restored = lead.get(reverse("desk:write_policy"), {"from": "1"}).context["form"].initial["text"]
    assert restored == DEFAULT_FILE.read_text(encoding="utf-8")


def test_who_looked_at_an_older_comparison_is_asked_to_look_again(platform: Platform) -> None:
    specialist, admin = platform.browser("specialist"), platform.browser("admin")
    keep(specialist, whole(suspend__evidence=6.0))
    keep(specialist, whole(suspend__evidence=7.0))
    admin.post(reverse("desk:activate_policy", args=[2]), {"over": "1"})
    said = admin.post(reverse("desk:activate_policy", args=[3]), {"over": "1"}, follow=True)
    assert "Look at the changes again" in text_of(said)
    assert in_force().platform.suspend_evidence == 6


@pytest.mark.parametrize(
    ("language", "words"), [("en", "must lie between 0.1 % and 50 %"), ("fr", "doit être compris entre 0.1 % et 50 %")]
)
def test_a_mistake_is_shown_at_its_line_and_nothing_is_lost(platform: Platform, language: str, words: str) -> None:
    browser = platform.browser("lead", language)
    text = DEFAULT_FILE.read_text(encoding="utf-8").replace('value = "5 %"', 'value = "80 %"', 1)
    answer = keep(browser, text)
    assert answer.status_code == 422
    (line,) = answer.context["flawed"]
    assert line.content == 'value = "80 %"'
    assert text.split("\n")[line.number - 1] == line.content
    assert words in text_of(answer)
    assert 'value = "80 %"' in unescape(answer.content.decode()).partition("<textarea")[2]
    assert PolicyVersion.objects.count() == 1


def test_a_text_is_checked_without_being_kept(platform: Platform) -> None:
    browser = platform.browser("lead")
    answer = browser.post(reverse("desk:write_policy"), {"text": whole(suspend__evidence=6.0), "action": "check"})
    assert "It is not kept yet" in text_of(answer)
    assert PolicyVersion.objects.count() == 1
    missing = browser.post(reverse("desk:write_policy"), {"text": whole(suspend__evidence=6.0), "action": "keep"})
    assert missing.status_code == 422


def test_an_override_is_shown_with_the_account_it_is_for(platform: Platform) -> None:
    lead, admin = platform.browser("lead"), platform.browser("admin")
    assert keep(lead, MILD, account="acme").status_code == 302
    admin.post(reverse("desk:activate_policy", args=[2]), {"over": ""})
    assert in_force([platform.mine]).of(platform.mine).complaints_limit == 0.004
    rows = {row.name: row for row in lead.get(reverse("desk:thresholds"), {"account": "acme"}).context["rows"]}
    assert (rows["complaints.limit"].value, rows["complaints.limit"].number) == ("0.4 %", 2)
    assert rows["bounces.limit"].number == 1
    assert "Acme" in text_of(lead.get(reverse("desk:policies")))
    charts = {key: lead.get(reverse("desk:account", args=[key])).context["charts"] for key in ("acme", "zenith")}
    assert charts["acme"].complaints.limit == charts["acme"].month.complaints.limit == 0.004
    assert charts["zenith"].complaints.limit == 0.0025
    assert lead.get(reverse("desk:thresholds"), {"account": "nobody"}).status_code == 404


def test_an_agent_reads_and_does_not_write(platform: Platform) -> None:
    keep(platform.browser("lead"), whole(suspend__evidence=6.0))
    page = text_of(platform.browser("agent").get(reverse("desk:policy", args=[2])))
    assert "A lead puts drafts in force" in page
    assert "Withdraw" not in page


def test_a_flaw_is_told_once_in_the_readers_language(platform: Platform) -> None:
    answer = keep(platform.browser("lead", "fr"), DEFAULT_FILE.read_text(encoding="utf-8") + "\n[x.y]\n[[[")
    page = text_of(answer).partition("<textarea")[0]
    assert page.count("ni une [table] ni") == 1
    assert "Invalid" not in page
    assert "Le texte a 1 défaut" in page


def test_what_has_no_line_is_told_too(platform: Platform) -> None:
    answer = keep(platform.browser("lead"), 'name = "x"\n')
    (row,) = answer.context["flawed"]
    assert row.number is None
    assert row.sentences[0] == "The table [complaints.limit] is missing."
    assert row.sentences[-1].endswith("more.")


def test_a_draft_sent_twice_is_kept_once(platform: Platform) -> None:
    lead = platform.browser("lead")
    for _ in range(2):
        assert keep(lead, whole(suspend__evidence=6.0)).headers["Location"] == reverse("desk:policy", args=[2])
    assert PolicyVersion.objects.count() == 2
    assert keep(lead, MILD, account="acme").status_code == 302
    assert keep(platform.browser("admin"), whole(suspend__evidence=6.0)).status_code == 302  # another author's
    assert PolicyVersion.objects.count() == 4


@pytest.mark.parametrize(
    "whom", [{"account": "nobody"}, {"account": "a" * 64}, {"stream": "carrots"}, {"account": "acme", "reseller": "no"}]
)
def test_a_mistyped_key_never_becomes_the_whole_platform(platform: Platform, whom: dict[str, str]) -> None:
    lead = platform.browser("lead")
    assert "There is nobody with this key" in text_of(lead.get(reverse("desk:write_policy", query=whom), follow=True))
    assert lead.get(reverse("desk:thresholds", query=whom)).status_code == 404
    assert keep(lead, whole(suspend__evidence=6.0), **whom).headers["Location"] == reverse("desk:policies")
    assert PolicyVersion.objects.count() == 1


def test_thresholds_are_read_in_french(platform: Platform) -> None:
    page = text_of(platform.browser("lead", "fr").get(reverse("desk:thresholds")))
    assert "plaintes par message livré" in page
    assert "0,25\u00a0%" in platform.browser("lead", "fr").get(reverse("desk:thresholds")).content.decode()
    assert "Above it mailbox providers" not in page
