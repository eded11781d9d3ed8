"""Reports, references and delivered counts over REST."""

import json
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile

from courrielleur import vault
from fbl import selectors
from fbl.core.identify import campaign_digest, read_token
from fbl.models import InboundReport
from tests.courrielleur.api.conftest import Caller, House

pytestmark = pytest.mark.django_db

MAIL = b"From: fbl@example.net\r\nSubject: complaint\r\n\r\nbody\r\n"
COUNTS = "/api/v1/delivery-counts"
DAY = date(2026, 11, 20)
HOUR = int(datetime(2026, 11, 20, 14, tzinfo=UTC).timestamp() // 3600)


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel("2026-11-20T18:30:00Z"):
        yield


def row(**changes):
    return {
        "account": "acme",
        "campaign": "solde",
        "provider": "gmail",
        "hour": "2026-11-20T14:00Z",
        "delivered": 1000,
    } | changes


def delivered(account):
    return selectors.daily_figures([account.pk], DAY, DAY)[0].delivered


def test_a_mail_is_stored_once_byte_by_byte(platform):
    first = platform.post("/api/v1/reports?envelope_to=fbl@example.com", MAIL, content_type="message/rfc822")
    second = platform.post("/api/v1/reports?envelope_to=FBL@example.com", MAIL, content_type="message/rfc822")
    part = {"file": SimpleUploadedFile("a.eml", MAIL)}
    form = platform.post("/api/v1/reports?envelope_to=fbl@example.com", part, format="multipart")

    assert [reply.status_code for reply in (first, second, form)] == [202, 202, 202]
    assert [reply.json()["new"] for reply in (first, second, form)] == [True, False, False]
    report = InboundReport.objects.get()
    assert str(report.pk) == first.json()["id"]
    assert (report.door, report.envelope_to) == ("api", "fbl@example.com")
    assert vault.decrypt(report.raw) == MAIL


def test_the_same_bytes_to_another_address_are_another_mail(platform):
    for return_path in ("b-one@example.com", "b-two@example.com"):
        reply = platform.post(f"/api/v1/reports?envelope_to={return_path}", MAIL, content_type="message/rfc822")
        assert reply.json()["new"]


@pytest.mark.parametrize("sent", [{"content_type": "message/rfc822", "data": b" \r\n"}, {"format": "multipart"}])
def test_a_report_without_a_mail_is_refused(platform, sent):
    reply = platform.post("/api/v1/reports", **({"data": {"other": "x"}} | sent))

    assert reply.status_code == 400
    assert reply.json()["errors"]


def test_references_carry_account_campaign_hour_and_recipient(platform, house: House):
    rows = [
        {"recipient": "Marie@Example.com", "campaign": "solde", "send_hour": "2026-11-20T14:35:00+00:00"},
        {"recipient": "paul@example.net", "send_hour": HOUR},
        {"recipient": "ana@example.org"},
    ]
    reply = platform.post("/api/v1/references", {"account": "acme", "rows": rows}, format="json")

    assert reply.status_code == 200
    items = reply.json()["items"]
    minted = [read_token(item["token"], vault.reference_keys()).reference for item in items]
    assert [reference.account_id for reference in minted] == [house.acme.pk] * 3
    assert [reference.send_hour for reference in minted] == [HOUR, HOUR, HOUR + 4]
    assert minted[0].campaign == campaign_digest("solde")
    assert items[0]["return_path"].startswith("b-" + items[0]["token"])
    assert items[0]["headers"]["CFBL-Feedback-ID"] == items[0]["token"]


@pytest.mark.parametrize(
    ("rows", "pointers"),
    [
        ([], ["/rows"]),
        ("x", ["/rows"]),
        ([{"recipient": "a@example.com"}, 5, {}], ["/rows/1", "/rows/2/recipient"]),
        ([{"recipient": "nobody"}, {"recipient": "a@example.com", "send_hour": "noon"}],
         ["/rows/0/recipient", "/rows/1/send_hour"]),
        ([{"recipient": "a@example.com", "send_hour": 1 << 24}], ["/rows/0/send_hour"]),
        ([{"recipient": "a@example.com", "campaign": "#1"}], ["/rows/0/campaign"]),
        ([{"recipient": "a@example.com", "campaign": "\ud800"}], ["/rows/0/campaign"]),
    ],
)  # fmt: skip
def test_each_wrong_reference_is_pointed_at(platform, house: House, rows, pointers):
    sent = json.dumps({"account": "acme", "rows": rows})
    reply = platform.post("/api/v1/references", sent, content_type="application/json")

    assert reply.status_code == 400
    assert [error["pointer"] for error in reply.json()["errors"]] == pointers


def test_references_for_an_account_that_is_not_there(platform, house: House):
    for account in ("nobody", None, "a\x00b", 5):
        sent = {"account": account, "rows": [{"recipient": "a@example.com"}]}
        reply = platform.post("/api/v1/references", sent, format="json")
        assert reply.status_code == 400
        assert reply.json()["errors"][0]["pointer"] == "/account"


def test_counts_are_added_and_a_batch_only_once(platform, house: House):
    sent = {"batch": "b-1", "rows": [row(), row(account="bistro", provider=None, domain="gmail.com", hour=HOUR)]}
    first = platform.post(COUNTS, sent, format="json")
    second = platform.post(COUNTS, sent, format="json")

    assert first.json() == {"batch": "b-1", "rows": 2, "delivered": 2000, "new": True}
    assert second.json() == {"batch": "b-1", "rows": 2, "delivered": 2000, "new": False}
    assert (delivered(house.acme), delivered(house.bistro)) == (1000, 1000)

    other = platform.post(COUNTS, {"batch": "b-1", "rows": [row()]}, format="json")
    assert other.status_code == 409
    assert delivered(house.acme) == 1000


def test_counts_come_as_csv_too(platform, house: House):
    text = "\ufeffaccount,campaign,domain,hour,delivered\r\nacme,solde,gmail.com,2026-11-20T10:00-04:00,700\r\n"
    reply = platform.post(f"{COUNTS}?batch=c-1", text.encode(), content_type="text/csv")

    assert reply.json() == {"batch": "c-1", "rows": 1, "delivered": 700, "new": True}
    assert delivered(house.acme) == 700


def test_the_idempotency_key_names_the_batch(platform, house: House):
    sent = {"rows": [row()]}
    assert platform.post(COUNTS, sent, format="json").status_code == 400
    reply = platform.post(COUNTS, sent, format="json", headers={"Idempotency-Key": "mta1-14"})
    assert reply.json()["batch"] == "mta1-14"


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"account": "nobody"}, "account", "unknown_account"),
        ({"account": None}, "account", "missing"),
        ({"account": ["acme"]}, "account", "unknown_account"),
        ({"provider": None}, "provider", "missing"),
        ({"domain": "gmail.com"}, "domain", "ambiguous"),
        ({"hour": "2026-11-20T14:00"}, "hour", "bad_hour"),  # no zone
        ({"hour": True}, "hour", "bad_hour"),
        ({"hour": "2026-11-21T14:00Z"}, "hour", "in_future"),
        ({"hour": 1_763_647_200}, "hour", "in_future"),  # seconds
        ({"hour": 20_000}, "hour", "too_old"),  # days
        ({"hour": 10**30}, "hour", "in_future"),
        ({"delivered": 0}, "delivered", "not_positive"),
        ({"delivered": "-5"}, "delivered", "not_positive"),
        ({"delivered": 1.5}, "delivered", "bad_number"),
        ({"delivered": "1 000"}, "delivered", "bad_number"),
        ({"delivered": 10**12}, "delivered", "too_many"),
        ({"campaign": "x" * 101}, "campaign", "bad_name"),
        ({"campaign": "a\x00b"}, "campaign", "bad_name"),
    ],
)
def test_one_wrong_row_stops_them_all_and_is_named(platform, house: House, change, field, code):
    reply = platform.post(COUNTS, {"batch": "b", "rows": [row(), row(**change)]}, format="json")

    assert reply.status_code == 400, reply.content
    error = reply.json()["errors"][0]
    assert (error["pointer"], error["code"]) == (f"/rows/1/{field}", code)
    assert error["detail"]
    assert delivered(house.acme) == 0


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (b"account,hour\nacme,1\n", 400),
        (b"account,campaign,domain,hour,delivered\n", 400),
        (b"\xff\xfe\x00", 400),
        (b"", 400),
        (b"account,domain,hour,delivered\nacme,gmail.com,5," + b"9" * 200_000, 400),
        (b"account,domain,hour,delivered\nac\x00me,gmail.com,5,1\n", 400),
        (b'account,domain,hour,delivered\n"acme,gmail.com,5,1\n', 400),
    ],
)
def test_a_csv_that_can_not_be_read_says_why(platform, house: House, text, status):
    reply = platform.post(f"{COUNTS}?batch=c", text, content_type="text/csv")
    assert reply.status_code == status
    assert reply.json()["detail"]


def test_a_wrong_csv_row_is_named_by_row_and_column(platform, house: House):
    text = b"account,domain,hour,delivered\nacme,gmail.com,2026-11-20T14:00Z,5\nacme,gmail.com,soon,5\n"
    reply = platform.post(f"{COUNTS}?batch=c", text, content_type="text/csv")
    assert {"row": 2, "column": "hour", "code": "bad_hour"}.items() <= reply.json()["errors"][0].items()


def test_too_many_rows_are_refused_with_the_limit(platform, house: House):
    reply = platform.post("/api/v1/references", {"account": "acme", "rows": [{}] * 10_001}, format="json")
    assert reply.status_code == 413
    assert "10000" in reply.json()["detail"]


def test_tenants_do_not_send_reports_counts_or_references(caller: Caller, house: House):
    client = caller(reseller=house.boreal)
    for path in ("/api/v1/reports", COUNTS, "/api/v1/references"):
        assert client.post(path, {}, format="json").status_code == 403


def test_what_is_told_of_campaigns_is_kept_and_the_last_word_counts(platform, house):
    def told():
        (one,) = selectors.campaign_figures(house.acme.pk, DAY, DAY)
        return one.list_key, one.stream

    platform.post(COUNTS, {"batch": "b", "rows": [row()]}, format="json")
    assert told() == ("", "")
    first = {"account": "acme", "campaign": "solde", "list": "import-1", "stream": "marketing"}
    assert platform.post("/api/v1/campaigns", {"rows": [first, first]}, format="json").json() == {"campaigns": 1}
    assert told() == ("import-1", "marketing")
    platform.post(
        "/api/v1/campaigns", {"rows": [{"account": "acme", "campaign": "solde", "list": "import-2"}]}, format="json"
    )
    assert told() == ("import-2", "marketing")


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"account": "nobody"}, "account", "unknown_account"),
        ({"campaign": ""}, "campaign", "missing"),
        ({"campaign": "#1"}, "campaign", "bad_name"),
        ({"list": "x" * 101}, "list", "bad_list"),
        ({"list": 7}, "list", "bad_list"),
        ({"stream": "spam"}, "stream", "bad_stream"),
        ({"stream": ["marketing"]}, "stream", "bad_stream"),
        ({"list": "", "stream": None}, "list", "nothing_told"),
    ],
)
def test_a_campaign_of_which_nothing_can_be_kept_is_told_by_row(platform, house, changes, field, code):
    good = {"account": "acme", "campaign": "solde", "list": "import-1", "stream": "marketing"}
    reply = platform.post("/api/v1/campaigns", {"rows": [good, good | changes]}, format="json")
    assert reply.status_code == 400
    assert [(one["pointer"], one["code"]) for one in reply.json()["errors"]] == [(f"/rows/1/{field}", code)]
    assert not selectors.campaign_figures(house.acme.pk, DAY, DAY)
