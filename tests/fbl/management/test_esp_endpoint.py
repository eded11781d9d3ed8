"""`esp_endpoint`: an address is shown once; a secret that can't be one is refused with what to copy."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from fbl.models import EspEndpoint
from tests import esp
from tests.worlds import make_account

pytestmark = pytest.mark.django_db


def add(monkeypatch: pytest.MonkeyPatch, *words: str, secret: str = "") -> str:
    monkeypatch.setattr("sys.stdin", io.StringIO(secret + "\n"))
    out = io.StringIO()
    call_command("esp_endpoint", "add", *words, stdout=out)
    return out.getvalue().strip()


@pytest.mark.parametrize("provider", ["amazon_ses", "sendgrid", "mailgun", "mandrill", "resend"])
def test_a_provider_that_signs_gets_a_plain_address(monkeypatch: pytest.MonkeyPatch, provider: str):
    address = add(monkeypatch, "main", provider, secret=esp.secret_of(provider))
    assert f"/api/v1/esp/{provider}/" in address
    assert "@" not in address


@pytest.mark.parametrize("provider", ["postmark", "mailjet", "brevo", "sparkpost"])
def test_a_provider_that_does_not_sign_gets_a_password_in_the_address(monkeypatch: pytest.MonkeyPatch, provider: str):
    make_account()
    assert "://courrielleur:" in add(monkeypatch, "main", provider, "--account", "acme")
    endpoint = EspEndpoint.objects.get()
    assert endpoint.account is not None
    assert endpoint.account.key == "acme"


@pytest.mark.parametrize("provider", ["amazon_ses", "sendgrid", "mailgun", "mandrill", "resend"])
def test_a_secret_that_can_be_none_is_refused(monkeypatch: pytest.MonkeyPatch, provider: str):
    for secret in ("", "é"):
        with pytest.raises(CommandError, match="The secret of"):
            add(monkeypatch, "main", provider, secret=secret)
    assert not EspEndpoint.objects.exists()


def test_mistakes_are_told(monkeypatch: pytest.MonkeyPatch):
    add(monkeypatch, "main", "postmark")
    for words in (("main", "postmark"), ("a b", "postmark"), ("other", "postmark", "--account", "nobody")):
        with pytest.raises(CommandError):
            add(monkeypatch, *words)
    with pytest.raises(CommandError, match="No open endpoint"):
        call_command("esp_endpoint", "retire", "nobody")


def test_the_list_tells_what_is_open(monkeypatch: pytest.MonkeyPatch):
    add(monkeypatch, "main", "postmark")
    call_command("esp_endpoint", "retire", "main")
    out = io.StringIO()
    call_command("esp_endpoint", "list", stdout=out)
    row = json.loads(out.getvalue())
    assert (row["key"], row["is_open"], row["requests"]) == ("main", False, 0)
