"""The webhook on the wire: what it refuses, and how long it waits."""

import socket
import threading
from datetime import timedelta
from email.utils import format_datetime

import pytest
from django.utils import timezone

from abuse.adapters import webhook
from abuse.adapters.enforcers import Delivered, Failed, Message
from abuse.adapters.webhook import WebhookEnforcer, answer_of

SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"


def message(url: str) -> Message:
    return Message(id="msg_1", url=url, secret=SECRET, body=b"{}")


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_2xx_confirms(status: int) -> None:
    assert answer_of(status) == Delivered(status)


@pytest.mark.parametrize("status", [100, 301, 400, 404, 500])
def test_all_else_is_tried_again(status: int) -> None:
    assert answer_of(status) == Failed(f"HTTP {status}", status=status)


def test_only_410_is_gone() -> None:
    assert answer_of(410).is_gone
    assert not answer_of(404).is_gone


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("120", 120), (" 5 ", 5), ("99999999", 86_400), ("-3", None), ("soon", None), ("", None), ("²", None)],
)
def test_retry_after_in_seconds(text: str, seconds: int | None) -> None:
    expected = None if seconds is None else timedelta(seconds=seconds)
    assert answer_of(503, text).retry_after == expected


def test_retry_after_as_a_date() -> None:
    wait = answer_of(429, format_datetime(timezone.now() + timedelta(minutes=10), usegmt=True)).retry_after
    assert timedelta(minutes=9) < wait <= timedelta(minutes=10)


def test_retry_after_counts_only_for_throttles() -> None:
    assert answer_of(500, "120").retry_after is None


def test_a_name_that_leads_into_a_private_network_is_not_called(settings: object) -> None:
    settings.WEBHOOK_PRIVATE_NETWORKS = False
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.2)
    answer = WebhookEnforcer().send(message(f"https://localhost:{listener.getsockname()[1]}/"))
    assert isinstance(answer, Failed)
    with pytest.raises(TimeoutError):
        listener.accept()
    listener.close()


def test_a_receiver_that_drips_bytes_can_not_hold_the_worker(settings: object, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.WEBHOOK_PRIVATE_NETWORKS = True
    monkeypatch.setattr(webhook, "TIME_LIMIT_SECONDS", 0.5)
    listener = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def drip() -> None:
        connection, _ = listener.accept()
        with connection:
            while not stop.wait(0.1):
                try:
                    connection.sendall(b"H")
                except OSError:
                    return

    thread = threading.Thread(target=drip)
    thread.start()
    answer = WebhookEnforcer().send(message(f"http://127.0.0.1:{listener.getsockname()[1]}/"))
    stop.set()
    thread.join()
    listener.close()
    assert isinstance(answer, Failed)


def test_nobody_there_is_an_answer_not_an_exception(settings: object) -> None:
    settings.WEBHOOK_PRIVATE_NETWORKS = True
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert isinstance(WebhookEnforcer().send(message(f"http://127.0.0.1:{port}/")), Failed)
