"""A reseller sees how far each client's proof reaches, can order and export by it, and learns of nobody by it."""

import csv
import io

from django.urls import reverse
from django.utils import timezone

from consent.models import ListCoverage
from consent.services import uploads
from tests.worlds import make_account


def measured(account, valid, recipients=200, campaigns=()):
    return ListCoverage.objects.create(
        account=account, measured_at=timezone.now(), recipients=recipients, with_record=valid, valid=valid,
        share=None if recipients < 20 else valid / recipients, campaigns=list(campaigns),
    )  # fmt: skip


def test_the_list_can_stand_with_the_least_proof_first(platform):
    good, silent = make_account("bien"), make_account("calme")
    measured(good, 190)
    measured(platform.mine, 20)
    measured(silent, 3, recipients=5)
    page = platform.browser("owner").get(reverse("portal:clients"), {"order": "coverage"})
    assert [line.account.key for line in page.context["lines"]] == ["acme", "bien", "calme"]
    text = page.content.decode()
    assert "10%" in text
    assert "95%" in text
    assert platform.browser("owner").get(reverse("portal:clients"), {"order": "nonsense"}).status_code == 200


def test_the_export_keeps_the_order_and_has_the_share(platform):
    measured(make_account("bien"), 190)
    measured(platform.mine, 20)
    table = platform.browser("owner").get(reverse("portal:export_clients"), {"order": "coverage"}).content.decode()
    rows = list(csv.DictReader(io.StringIO(table.lstrip("\ufeff"))))
    assert [(row["Key"], row["Recipients with a valid consent (%)"]) for row in rows] == [
        ("acme", "10"),
        ("bien", "95"),
    ]


def test_the_page_of_a_client_shows_shares_in_steps_and_no_exact_number(platform):
    campaigns = [
        {"campaign": "soldes", "recipients": 150, "with_record": 117, "valid": 116},
        {"campaign": "avent", "recipients": 7, "with_record": 7, "valid": 7},
    ]
    measured(platform.mine, 120, campaigns=campaigns)
    for who, page in (("owner", reverse("portal:client", args=["acme"])), ("client", reverse("portal:home"))):
        text = platform.browser(who).get(page).content.decode()
        assert "About 60% of the 200 recipients" in text
        assert "75%" in text
        assert "117" not in text
        assert "116" not in text
        assert text.count("not enough data") >= 1


def test_a_client_sees_which_of_their_records_count_and_why_not(platform):
    text = (
        "Courriel;DateHeure;IP;Méthode\r\n"
        "a@example.com;2026-03-01 10:00 UTC;192.0.2.1;single_opt_in\r\n"
        "b@example.com;2026-03-01 10:00 UTC;192.0.2.2;purchased\r\n"
        "c@example.com;;192.0.2.3;single_opt_in\r\n"
    )
    stored, _is_new = uploads.store(platform.mine, text.encode(), "preuves.csv", "Anne", timezone.now())
    uploads.read(stored, timezone.now())
    address = reverse("portal:record_law", args=["acme", stored.pk])
    page = platform.browser("client").get(address)
    groups = page.context["opinion"].groups
    assert {(one.outcome, one.lines) for one in groups} == {
        ("valid", (2,)),
        ("forbidden", (3,)),
        ("insufficient", (4,)),
    }
    assert groups[-1].is_valid
    text = page.content.decode()
    assert "a@example.com" not in text, "lines are enough: the client has the file"
    assert "It is not legal advice." in text
    shown = platform.browser("client").get(reverse("portal:upload", args=["acme", stored.pk])).content.decode()
    assert address in shown
