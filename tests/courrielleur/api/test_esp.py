"""Webhooks of e-mail providers: signed or refused, stored before they are read, counted once, and never an error."""

import json
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from courrielleur import pipeline, vault
from courrielleur.accounts.models import Account
from fbl.adapters import esp_views, sns
from fbl.adapters.webhooks import address_of
from fbl.models import EspEndpoint, EspPost, FeedbackEvent, HourlyCount, InboundReport
from fbl.services import endpoints
from fbl.services.inbox import Arrival, store
from tests import esp
from tests.worlds import Mailing, make_account

pytestmark = pytest.mark.django_db(transaction=True)

PROVIDERS = esp_views.PROVIDERS
SAID = "550 5.1.1 <marie@yahoo.ca>: Recipient address rejected: User unknown"


@pytest.fixture(autouse=True)
def sns_is_here(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Serve the certificate of SNS from the test; note what is asked for."""
    asked: list[str] = []

    def fetch(url: str) -> bytes:
        asked.append(url)
        return esp.sns_certificate()

    monkeypatch.setattr(esp_views.SesView.__init__, "__defaults__", (fetch,))
    return asked


class Hook:
    """An endpoint, and a way to send to it."""

    def __init__(self, provider: str, account: Account | None = None) -> None:
        self.provider = provider
        self.endpoint, self.token = endpoints.create(
            key=f"{provider}-1", provider=provider, secret=esp.secret_of(provider), account=account
        )

    def signed(self, event: Any, **more: Any) -> esp.Signed:
        return esp.sign(self.provider, event, address_of(self.provider, self.token), **more)

    def post(self, signed: esp.Signed) -> HttpResponse:
        path = f"/api/v1/esp/{self.provider}/{self.token}/"
        return Client().post(path, signed.body, content_type=signed.content_type, **signed.extra)

    def tell(self, event: Any, **more: Any) -> HttpResponse:
        return self.post(self.signed(event, **more))


def reference(account: Account, recipient: str = "marie@yahoo.ca") -> str:
    return Mailing(account.pk, sent_at=timezone.now()).to(recipient).headers["X-Courrielleur-Ref"]


def counted() -> tuple[int, int, int]:
    rows = HourlyCount.objects.all()
    return (
        sum(row.complaints for row in rows),
        sum(row.hard_bounces for row in rows),
        sum(row.soft_bounces for row in rows),
    )


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_signed_request_is_stored_and_read_later(provider: str):
    acme = make_account()
    hook = Hook(provider)
    answer = hook.tell(esp.bounce(provider, ref=reference(acme)))

    assert answer.status_code == 200, answer.content
    assert EspPost.objects.get().state == "stored"
    assert not InboundReport.objects.exists()
    pipeline.read()
    report = InboundReport.objects.get()
    assert (EspPost.objects.get().state, report.state, report.door) == ("read", "recorded", "esp")
    event = FeedbackEvent.objects.get()
    assert (event.account_id, event.kind, event.bounce_class, event.is_counted) == (acme.pk, "bounce", "hard", True)
    assert (event.method, event.confidence) == ("own_header", "certain")
    assert counted() == (0, 1, 0)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_request_signed_by_somebody_else_is_refused_and_leaves_nothing(provider: str):
    hook = Hook(provider)
    signed = hook.signed(esp.bounce(provider))

    assert hook.post(esp.forged(provider, signed)).status_code in (400, 401)
    assert (
        hook.post(esp.Signed(signed.body, signed.content_type)).status_code
        == (400 if provider == "mailgun_never" else 401 if provider in esp_views.PASSWORD_PROVIDERS else 400)
        or provider == "mailgun"
    )  # Mailgun signs inside of the body
    assert EspPost.objects.count() == (1 if provider == "mailgun" else 0)


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"[1, null]", b"\xff\xfe", b"[" * 50_000, b'{"Type": []}'])
def test_no_body_is_an_error_of_ours(provider: str, body: bytes):
    hook = Hook(provider)
    signed = hook.signed(esp.bounce(provider))
    answer = hook.post(esp.Signed(body, signed.content_type, signed.headers))

    assert answer.status_code in (200, 400, 401)
    pipeline.read()
    assert not FeedbackEvent.objects.exists()
    assert not EspPost.objects.filter(state="stored").exists()


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_same_again_is_counted_once(provider: str):
    acme = make_account()
    hook = Hook(provider)
    signed = hook.signed(esp.bounce(provider, ref=reference(acme)))
    for _ in range(3):
        assert hook.post(signed).status_code == 200
        pipeline.read()

    assert (EspPost.objects.count(), InboundReport.objects.count(), counted()) == (1, 1, (0, 1, 0))


def test_a_batch_sent_again_in_another_order_is_counted_once():
    acme = make_account()
    hook = Hook("sendgrid")
    events = [
        esp.bounce("sendgrid", f"r{n}@yahoo.ca", reference(acme, f"r{n}@yahoo.ca")) | {"sg_event_id": f"e-{n}"}
        for n in range(20)
    ]
    hook.tell(events)
    hook.tell(events[::-1])
    hook.tell(events[5:15])
    pipeline.read()

    assert (EspPost.objects.count(), InboundReport.objects.count(), counted()) == (3, 20, (0, 20, 0))


def test_one_event_nobody_understands_costs_no_other_and_is_kept():
    acme = make_account()
    hook = Hook("sendgrid")
    good = esp.bounce("sendgrid", ref=reference(acme))
    hook.tell([{"nonsense": 1}, 7, None, good, {"event": "astral_projection", "email": "a@example.com"}])
    pipeline.read()

    post = EspPost.objects.get()
    assert (post.state, post.events, post.kept, post.damaged) == ("read", 5, 5, 3)
    assert sorted(InboundReport.objects.values_list("state", flat=True)) == ["ignored"] * 4 + ["recorded"]
    assert counted() == (0, 1, 0)


def test_a_batch_of_thousands_is_taken_in_whole():
    acme = make_account()
    hook = Hook("sparkpost", acme)
    events = []
    for number in range(3_000):
        event = esp.bounce("sparkpost", f"r{number}@yahoo.ca")
        event["msys"]["message_event"] |= {"event_id": f"e-{number}", "transmission_id": f"s-{number}"}
        events.append(event)
    assert hook.tell(events).status_code == 200
    pipeline.read()

    assert InboundReport.objects.filter(state="recorded").count() == 3_000
    assert counted() == (0, 3_000, 0)


def test_without_our_reference_an_event_counts_only_at_the_endpoint_of_one_account():
    acme = make_account()
    Hook("postmark").tell(esp.bounce("postmark"))
    pipeline.read()
    assert InboundReport.objects.get().state == "unidentified"
    assert counted() == (0, 0, 0)

    Hook("brevo", acme).tell(esp.bounce("brevo"))
    pipeline.read()
    event = FeedbackEvent.objects.get()
    assert (event.account_id, event.method, event.confidence) == (acme.pk, "esp_endpoint", "strong")
    assert counted() == (0, 1, 0)


def test_the_reference_of_another_account_than_the_endpoints_waits():
    acme, dune = make_account(), make_account("dune")
    Hook("postmark", dune).tell(esp.bounce("postmark", ref=reference(acme)))
    pipeline.read()

    report = InboundReport.objects.get()
    assert (report.state, report.reason) == ("unverified", "cross_account")
    assert counted() == (0, 0, 0)


@pytest.mark.parametrize("provider", ["mailgun", "resend"])
@pytest.mark.parametrize("seconds_ago", [13 * 3600, 400 * 86_400, -2 * 3600])
def test_an_old_signature_is_refused(provider, seconds_ago):
    answer = Hook(provider).tell(esp.bounce(provider), seconds_ago=seconds_ago)
    assert answer.status_code == 400
    assert not EspPost.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        {"SigningCertURL": "https://sns.ca-central-1.amazonaws.com.attacker.example.org/x.pem"},
        {"SigningCertURL": "https://attacker.example.org/sns.ca-central-1.amazonaws.com/x.pem"},
        {"SigningCertURL": "http://sns.ca-central-1.amazonaws.com/x.pem"},
        {"SigningCertURL": "https://sns.ca-central-1.amazonaws.com@attacker.example.org/x.pem"},
        {"SigningCertURL": "https://["},
        {"Signature": ""},
        {"SignatureVersion": "9"},
        {"Type": "Announcement"},
        {"TopicArn": "arn:aws:sns:ca-central-1:999999999999:rebonds"},
        {"TopicArn": "\ud800"},
        {"Message": "\ud800"},
    ],
    ids=str,
)
def test_what_sns_did_not_sign_for_our_topic_is_refused(sns_is_here, change):
    hook = Hook("amazon_ses")
    told = json.loads(hook.signed(esp.bounce("amazon_ses")).body) | change
    answer = hook.post(esp.sns_request(told))
    assert answer.status_code == 400
    assert not EspPost.objects.exists()
    assert all(url == esp.CERTIFICATE_URL for url in sns_is_here)


def test_a_forged_reference_counts_against_nobody():
    acme = make_account()
    ref = reference(acme)
    Hook("postmark").tell(esp.bounce("postmark", ref=ref[:-2] + ("aa" if ref[-2:] != "aa" else "ba")))
    pipeline.read()

    assert (InboundReport.objects.get().reason, counted()) == ("forged", (0, 0, 0))


def test_the_document_of_an_event_sent_by_mail_is_no_event_of_a_provider():
    acme = make_account()
    Hook("postmark", acme).tell(esp.bounce("postmark"))
    pipeline.read()
    raw = vault.decrypt(InboundReport.objects.get().raw or b"").replace(b"marie@", b"jean@")
    store([Arrival(raw, "smtp", timezone.now(), envelope_from="postmark", envelope_to="postmark-1")])
    pipeline.read()

    assert counted() == (0, 1, 0)


def test_a_guessed_document_sent_by_mail_first_keeps_no_true_event_from_counting():
    acme = make_account()
    hook = Hook("postmark", acme)
    hook.tell(esp.bounce("postmark"))
    pipeline.read()
    guessed = vault.decrypt(InboundReport.objects.get().raw or b"").replace(b"marie@", b"jean@")
    store([Arrival(guessed, "smtp", timezone.now())])
    pipeline.read()

    hook.tell(esp.bounce("postmark", "jean@yahoo.ca", said=SAID.replace("marie@", "jean@")))
    pipeline.read()

    assert [vault.decrypt(one.raw or b"") for one in InboundReport.objects.all()].count(guessed) == 2
    assert counted() == (0, 2, 0)


def test_a_complaint_counts_with_our_reference_and_suppresses():
    acme = make_account()
    hook = Hook("mailgun")
    hook.tell(
        {
            "event": "complained",
            "id": "c-1",
            "timestamp": timezone.now().timestamp(),
            "recipient": "marie@yahoo.ca",
            "user-variables": {"Courrielleur-Ref": reference(acme)},
            "message": {"headers": {"message-id": "s-1@example.com"}},
        }
    )
    pipeline.read()

    assert counted() == (1, 0, 0)


def test_opens_and_clicks_are_counted_as_come_and_kept_no_further():
    hook = Hook("sendgrid")
    hook.tell(
        [{"event": kind, "email": "a@example.com", "sg_event_id": kind} for kind in ("open", "click", "delivered")]
    )
    pipeline.read()

    assert (EspPost.objects.get().events, EspPost.objects.get().kept) == (3, 0)
    assert not InboundReport.objects.exists()


def test_an_unknown_or_retired_address_leads_nowhere():
    hook = Hook("postmark")
    signed = hook.signed(esp.bounce("postmark"))
    path = f"/api/v1/esp/mailjet/{hook.token}/"
    assert Client().post(path, signed.body, content_type="application/json", **signed.extra).status_code == 404

    endpoints.retire("postmark-1", timezone.now())
    assert hook.post(signed).status_code == 404
    assert not EspPost.objects.exists()


def test_a_get_changes_nothing_and_a_head_finds_the_address():
    path = f"/api/v1/esp/mandrill/{Hook('mandrill').token}/"
    assert Client().get(path).status_code == 405
    assert Client().head(path).status_code == 200


def test_nobody_reads_the_token_or_the_secret_in_the_database():
    hook = Hook("resend")
    row = EspEndpoint.objects.get()
    kept = bytes(row.token_digest) + bytes(row.secret)
    assert hook.token.encode() not in kept
    assert esp.RESEND_SECRET.encode() not in kept


class TestSns:
    def test_another_topic_is_refused_though_sns_signed_it(self):
        hook = Hook("amazon_ses")
        hook.endpoint.secret = vault.encrypt_text(esp.TOPIC + "2")
        hook.endpoint.save()
        assert hook.tell(esp.bounce("amazon_ses")).status_code == 400

    @pytest.mark.parametrize(
        "url",
        [
            "https://sns.ca-central-1.amazonaws.com.example.net/a.pem",
            "http://sns.ca-central-1.amazonaws.com/a.pem",
            "https://example.net/sns.ca-central-1.amazonaws.com/a.pem",
            "https://sns.ca-central-1.amazonaws.com@example.net/a.pem",
            "https://sns.ca-central-1.amazonaws.com:444/a.pem",
            "file:///etc/passwd",
            "https://[::1",
            None,
        ],
    )
    def test_the_certificate_is_fetched_from_sns_alone(self, url: str | None, sns_is_here: list[str]):
        hook = Hook("amazon_ses")
        told = esp.sns_message("Notification", "{}")
        told |= {"SigningCertURL": url}
        assert hook.post(esp.sns_request(told)).status_code == 400
        assert sns_is_here == []

    def test_a_subscription_of_our_topic_is_confirmed_and_of_another_not(self, sns_is_here: list[str]):
        hook = Hook("amazon_ses")
        url = "https://sns.ca-central-1.amazonaws.com/?Action=ConfirmSubscription&Token=1"
        told = esp.sns_message("SubscriptionConfirmation", "You have chosen …", SubscribeURL=url, Token="1")
        assert hook.post(esp.sns_request(told)).status_code == 200
        assert url in sns_is_here
        pipeline.read()
        assert EspPost.objects.get().state == "read"

        told["TopicArn"] += "2"
        sns_is_here.clear()
        assert hook.post(esp.sns_request(told)).status_code == 400
        assert sns_is_here == []

    def test_sns_that_does_not_answer_is_asked_to_come_again(self, monkeypatch: pytest.MonkeyPatch):
        def fails(url: str) -> bytes:
            raise sns.SnsUnavailable("ConnectTimeout")

        monkeypatch.setattr(esp_views.SesView.__init__, "__defaults__", (fails,))
        answer = Hook("amazon_ses").tell(esp.bounce("amazon_ses"))
        assert answer.status_code == 503
        assert json.loads(answer.content)["type"].endswith("unavailable")
        assert not EspPost.objects.exists()
