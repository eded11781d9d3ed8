"""250 means it is on disk; what can't be stored is asked for again; nobody takes all the room."""

import asyncio
import smtplib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pytest
from django.db import DatabaseError

from fbl.adapters.smtp import Handler, Limits, Writer, make_door
from fbl.models import InboundReport
from fbl.services.inbox import Arrival, store

MESSAGE = b"Subject: plainte\r\n\r\nBonjour\r\n"


@contextmanager
def door(
    *, save=store, lmtp: bool = False, max_bytes: int = 10_000, limits: Limits | None = None
) -> Iterator[tuple[str, int]]:
    """Run a door in a thread on a free port of loopback, and close it at the end."""
    limits = limits or Limits(max_connections=20, messages_per_minute=0)
    ready, address = threading.Event(), []
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def serve() -> None:
        writer = Writer(save)
        handler = Handler(writer, limits, "lmtp" if lmtp else "smtp")
        server = await loop.create_server(
            partial(make_door, handler, lmtp=lmtp, max_bytes=max_bytes, limits=limits), "127.0.0.1", 0
        )
        address.extend(server.sockets[0].getsockname())
        writing = asyncio.create_task(writer.run())
        ready.set()
        await stop.wait()
        server.close()
        writing.cancel()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    assert ready.wait(10)
    try:
        yield address[0], address[1]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)


def send(address: tuple[str, int], *, to: list[str] | None = None, message: bytes = MESSAGE) -> None:
    with smtplib.SMTP(*address) as client:
        client.sendmail("mx@example.net", to or ["b-abc@bounce.courrielleur.example"], message)


@pytest.mark.django_db(transaction=True)
def test_an_accepted_message_is_stored_with_its_envelope():
    with door() as address:
        send(address)

    report = InboundReport.objects.get()
    assert (report.door, report.state) == ("smtp", "stored")
    assert (report.envelope_from, report.envelope_to) == ("mx@example.net", "b-abc@bounce.courrielleur.example")


@pytest.mark.django_db(transaction=True)
def test_the_same_bytes_twice_are_stored_once_and_accepted_twice():
    with door() as address:
        send(address)
        send(address)

    assert InboundReport.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_lmtp_answers_for_each_recipient():
    with door(lmtp=True) as address, smtplib.LMTP(*address) as client:
        client.ehlo()
        client.mail("mx@example.net")
        client.rcpt("a@bounce.example")
        client.rcpt("b@bounce.example")
        first = client.data(MESSAGE)
        second = client.getreply()  # smtplib knows nothing of the second answer (RFC 2033 §4.2)

    assert (first[0], second[0]) == (250, 250)
    stored = InboundReport.objects.order_by("envelope_to").values_list("door", "envelope_to")
    assert list(stored) == [("lmtp", "a@bounce.example"), ("lmtp", "b@bounce.example")]


@pytest.mark.django_db(transaction=True)
def test_a_mail_to_several_is_stored_for_each_and_once_for_the_same():
    with door() as address, smtplib.SMTP(*address) as client:
        for _ in range(2):
            client.sendmail("mx@example.net", ["a@bounce.example", "b@bounce.example", "a@bounce.example"], MESSAGE)

    assert sorted(InboundReport.objects.values_list("envelope_to", flat=True)) == [
        "a@bounce.example",
        "b@bounce.example",
    ]


@pytest.mark.django_db(transaction=True)
def test_more_recipients_than_fit_are_asked_for_in_another_mail():
    with door() as address, smtplib.SMTP(*address) as client:
        refused = client.sendmail("mx@example.net", [f"r{n}@bounce.example" for n in range(102)], MESSAGE)

    assert {code for code, _ in refused.values()} == {452}
    assert len(refused) == 2


@pytest.mark.django_db(transaction=True)
def test_a_longer_line_than_the_rules_allow_is_stored_all_the_same():
    with door() as address:
        send(address, message=b"Subject: x\r\n\r\n" + b"x" * 5_000)

    assert InboundReport.objects.exists()


def test_what_the_database_does_not_take_is_asked_for_again():
    def fails(arrivals: list[Arrival]) -> None:
        raise DatabaseError("the disk is full")

    with door(save=fails) as address, pytest.raises(smtplib.SMTPDataError) as caught:
        send(address)

    assert caught.value.smtp_code == 451
    assert b"disk" not in caught.value.smtp_error


def test_a_message_beyond_the_size_limit_is_refused_for_good():
    with door() as address, pytest.raises(smtplib.SMTPResponseException) as caught:
        send(address, message=b"Subject: x\r\n\r\n" + b"x" * 20_000)

    assert caught.value.smtp_code == 552


def test_one_connection_too_many_is_told_to_come_back():
    with door(limits=Limits(max_connections=1, messages_per_minute=0)) as address, smtplib.SMTP(*address) as first:
        assert first.noop()[0] == 250
        with pytest.raises(smtplib.SMTPConnectError) as caught:
            smtplib.SMTP(*address)

    assert caught.value.smtp_code == 421


@pytest.mark.django_db(transaction=True)
def test_an_address_that_sends_too_fast_is_told_to_slow_down():
    with door(limits=Limits(max_connections=5, messages_per_minute=2)) as address:
        send(address)
        send(address, message=MESSAGE + b"2")
        with pytest.raises(smtplib.SMTPException) as caught:
            send(address, message=MESSAGE + b"3")

    assert caught.value.smtp_code == 421
    assert InboundReport.objects.count() == 2
