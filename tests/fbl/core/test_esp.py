"""What the events of e-mail providers mean: the providers' own words, where anymail's would mislead."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fbl.adapters.esp_views import PROVIDERS
from fbl.core import esp
from fbl.core.esp import Meaning, Told, document, meaning
from fbl.core.registry import read_report
from fbl.core.report import BounceClass, Kind, Report

REFERENCE = "a" * 60


def read(provider: str, **told: Any) -> Report:
    raw = document(provider, Told(**told))
    assert raw is not None
    return read_report(raw)


def ses(bounce_type: str, sub_type: str) -> dict[str, Any]:
    return {"eventType": "Bounce", "bounce": {"bounceType": bounce_type, "bounceSubType": sub_type}}


@pytest.mark.parametrize(
    ("provider", "event_type", "event", "means"),
    [
        ("amazon_ses", "bounced", ses("Permanent", "General"), "hard"),
        ("amazon_ses", "bounced", ses("Permanent", "OnAccountSuppressionList"), "not_sent"),
        ("amazon_ses", "bounced", ses("Transient", "MailboxFull"), "soft"),
        ("amazon_ses", "bounced", ses("Transient", "ContentRejected"), "block"),
        ("amazon_ses", "bounced", ses("Undetermined", "Undetermined"), "other"),
        ("amazon_ses", "complained", {"complaint": {"complaintFeedbackType": "abuse"}}, "complaint"),
        ("amazon_ses", "complained", {"complaint": {"complaintFeedbackType": "not-spam"}}, "not_spam"),
        ("amazon_ses", "complained", {"complaint": {"complaintSubType": "OnAccountSuppressionList"}}, "not_sent"),
        ("sendgrid", "bounced", {"type": "bounce"}, "hard"),
        ("sendgrid", "bounced", {"type": "blocked"}, "block"),
        ("sendgrid", "bounced", {}, "other"),
        ("mailgun", "bounced", {"event-data": {"event": "failed", "reason": "suppress-bounce"}}, "not_sent"),
        (
            "mailgun",
            "bounced",
            {"event-data": {"event": "failed", "severity": "permanent", "reason": "bounce"}},
            "hard",
        ),
        ("mailgun", "bounced", {"event-data": {"event": "failed", "severity": "temporary"}}, "waits"),
        ("postmark", "bounced", {"Type": "SoftBounce"}, "soft"),
        ("postmark", "bounced", {"Type": "DnsError"}, "soft"),
        ("postmark", "bounced", {"Type": "Blocked"}, "block"),
        ("postmark", "bounced", {"Type": "DMARCPolicy"}, "block"),
        ("postmark", "bounced", {"Type": "ManuallyDeactivated"}, "not_sent"),
        ("postmark", "complained", {"Type": "SpamNotification"}, "block"),
        ("postmark", "complained", {"Type": "SpamComplaint"}, "complaint"),
        (
            "postmark",
            "bounced",
            {"RecordType": "SubscriptionChange", "SuppressionReason": "HardBounce"},
            "not_sent",
        ),
        ("mailjet", "bounced", {"hard_bounce": True, "error_related_to": "recipient"}, "hard"),
        ("mailjet", "bounced", {"hard_bounce": False, "error": "quota exceeded"}, "soft"),
        ("mailjet", "bounced", {"hard_bounce": True, "error_related_to": "spam"}, "block"),
        ("mailjet", "bounced", {"hard_bounce": True, "error_related_to": "mailjet"}, "not_sent"),
        ("brevo", "bounced", {"event": "soft_bounce"}, "soft"),
        ("brevo", "bounced", {"event": "invalid_email"}, "not_sent"),
        ("sparkpost", "bounced", {"msys": {"message_event": {"bounce_class": "10"}}}, "hard"),
        ("sparkpost", "bounced", {"msys": {"bounce_event": {"bounce_class": "51"}}}, "block"),
        ("sparkpost", "bounced", {"msys": {"message_event": {"bounce_class": "25"}}}, "not_sent"),
        ("sparkpost", "bounced", {"msys": {"message_event": {"bounce_class": "26"}}}, "not_sent"),
        ("sparkpost", "bounced", {"msys": {"message_event": {"bounce_class": "60"}}}, "other"),
        ("sparkpost", "bounced", {"msys": {"message_event": {"bounce_class": "90"}}}, "unsubscribe"),
        ("mandrill", "bounced", {"event": "soft_bounce", "msg": {}}, "soft"),
        ("mandrill", "bounced", {"event": "hard_bounce", "msg": {"bounce_description": "spam"}}, "block"),
        ("resend", "bounced", {"data": {"bounce": {"type": "Permanent", "subType": "Suppressed"}}}, "not_sent"),
        ("resend", "bounced", {"data": {"bounce": {"type": "Transient", "subType": "MailboxFull"}}}, "soft"),
        ("nobody", "bounced", None, "other"),
        ("nobody", "dreamt", None, "unknown"),
    ],
)
def test_the_providers_own_word_decides(provider: str, event_type: str, event: Any, means: str):
    assert meaning(provider, event_type, event) is Meaning(means)


def test_the_answer_of_the_receiving_server_is_closer_to_the_fact_than_the_providers_class():
    full = read("sendgrid", event_type="bounced", mta_response="452 4.2.2 mailbox full", raw={"type": "bounce"})
    silent = read("sendgrid", event_type="bounced", mta_response="", raw={"type": "blocked"})
    assert full.recipients[0].bounce_class is BounceClass.SOFT
    assert silent.recipients[0].bounce_class is BounceClass.BLOCK


@pytest.mark.parametrize("name", ["courrielleur_ref", "Courrielleur-Ref", "X-Courrielleur-Ref", "courrielleurref"])
def test_our_reference_is_found_however_its_name_was_spelled(name: str):
    report = read("postmark", event_type="complained", metadata={name: REFERENCE}, raw={"Type": "SpamComplaint"})
    assert (report.kind, report.references.own) == (Kind.COMPLAINT, REFERENCE)


def test_our_reference_is_found_in_the_header_fields_that_ses_repeats():
    mail = {"headers": [{"name": "X-Courrielleur-Ref", "value": f"{REFERENCE[:30]} {REFERENCE[30:]}"}]}
    assert read("amazon_ses", event_type="complained", raw={"mail": mail}).references.own == REFERENCE


def test_a_complaint_has_the_hour_of_its_mail_or_none():
    told = read("sendgrid", event_type="complained", metadata={"courrielleur_sent": "1700000000"})
    silent = read("sendgrid", event_type="complained", raw={"timestamp": 1_700_000_000})
    assert told.arrived_at is not None
    assert told.arrived_at.timestamp() == 1_700_000_000
    assert silent.arrived_at is None


@pytest.mark.parametrize("event_type", ["delivered", "opened", "clicked", "rejected", "deferred", "sent", "queued"])
def test_what_says_nothing_of_a_recipient_is_not_kept(event_type: str):
    assert document("sendgrid", Told(event_type)) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=12,
)
NAMES = st.sampled_from(["mail", "bounce", "event-data", "msys", "msg", "data", "headers", "metadata", "event"])


@given(provider=st.sampled_from(PROVIDERS), event=JSON | st.dictionaries(NAMES, JSON), metadata=JSON, text=st.text())
def test_no_event_breaks_the_reader(provider: str, event: Any, metadata: Any, text: str):
    told = {"event": event, "metadata": metadata, "provider": provider, "event_type": "bounced", "mta_response": text}
    raw = f"Content-Type: {esp.CONTENT_TYPE}\r\n\r\n{json.dumps(told)}".encode()
    assert not read_report(raw).error.startswith("The reader failed")


@given(st.binary(max_size=200))
def test_no_damaged_document_breaks_the_reader(body: bytes):
    report = read_report(f"Content-Type: {esp.CONTENT_TYPE}\r\n\r\n".encode() + body)
    assert not report.error.startswith("The reader failed")


def test_every_provider_that_has_a_view_has_a_table_and_the_other_way_round():
    assert set(esp.providers()) == set(PROVIDERS)
    tables = tomllib.loads((Path(esp.__file__).parents[1] / "data" / "esp.toml").read_text(encoding="utf-8"))
    assert all(table["source"].startswith("https://") for table in tables.values())
