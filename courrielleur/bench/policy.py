"""`policy`: requests of Postfix answered a second, and how long one waits. Floor: a server that reads nothing.

A thousand accounts are stopped. Postfix holds one connection for each of its processes and waits for every answer,
so the rate is taken over 20 connections and the wait over one.
"""

import asyncio
import socket
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.utils import timezone

from abuse.models import Standing
from courrielleur.accounts import services
from courrielleur.accounts.models import Account
from courrielleur.bench.figures import Figure, compare
from courrielleur.bench.machinery import MANAGE, START_SECONDS, running

STOPPED = 1_000
CONNECTIONS = 20
REQUESTS = 20_000
WAITS = 5_000
ROUNDS = 3
# As Postfix 3.7 sends it.
REQUEST = (
    "request=smtpd_access_policy\nprotocol_state=RCPT\nprotocol_name=ESMTP\nclient_address=192.0.2.25\n"
    "client_name=mx.example.net\nclient_port=51234\nreverse_client_name=mx.example.net\nserver_address=192.0.2.1\n"
    "server_port=25\nhelo_name=mx.example.net\nsender=info@example.net\nrecipient=ana@example.org\n"
    "recipient_count=0\nqueue_id=\ninstance=1a2b.5f5e1b3c.8d2f.0\nsize=10240\netrn_domain=\nstress=\n"
    "sasl_method=plain\nsasl_username={name}\nsasl_sender=\nccert_subject=\nccert_issuer=\nccert_fingerprint=\n"
    "ccert_pubkey_fingerprint=\nencryption_protocol=TLSv1.3\nencryption_cipher=TLS_AES_256_GCM_SHA384\n"
    "encryption_keysize=256\npolicy_context=\n\n"
)


def measure() -> Iterator[Figure]:
    _stop_accounts()
    port, bare_port = int(settings.POLICY_LISTEN.rpartition(":")[2]), _free_port()
    with (
        _listening(port, *MANAGE, "run_policy_server"),
        _listening(bare_port, sys.executable, "-m", "courrielleur.bench.echo", str(bare_port)),
    ):
        _await_copy(port)
        yield compare(
            "policy",
            "requests/s",
            REQUESTS,
            lambda: asyncio.run(_ask(port, CONNECTIONS, REQUESTS)),
            lambda: asyncio.run(_ask(bare_port, CONNECTIONS, REQUESTS)),
            rounds=ROUNDS,
        )
        ours: list[float] = []
        bare: list[float] = []
        for _ in range(ROUNDS):
            ours += asyncio.run(_ask(port, 1, WAITS))
            bare += asyncio.run(_ask(bare_port, 1, WAITS))
        for share in (50, 99):
            yield Figure(f"policy-p{share}", _percentile(ours, share), "ms", _percentile(bare, share))


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _stop_accounts() -> None:
    reseller = services.create_reseller(
        key="bench-policy", name="Bench", language="en", notice_address="bench@example.com"
    )
    accounts = Account.objects.bulk_create(
        Account(key=f"stopped-{number}", name=str(number), reseller=reseller) for number in range(STOPPED)
    )
    now = timezone.now()
    Standing.objects.bulk_create(Standing(account=account, level="suspended", since=now) for account in accounts)


@contextmanager
def _listening(port: int, *command: str) -> Iterator[None]:
    with running(*command):
        asyncio.run(_connected(port))
        yield


async def _connected(port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.1)
        else:
            writer.close()
            return


def _await_copy(port: int) -> None:
    """Wait until the server knows whom to stop, or the measurement would be of an empty copy."""
    deadline = time.monotonic() + START_SECONDS
    while not asyncio.run(_answer(port, f"stopped-{STOPPED - 1}")).startswith(b"action=DEFER"):
        if time.monotonic() > deadline:
            raise RuntimeError("the policy server has no copy of the standings; see its messages above")
        time.sleep(0.1)


async def _answer(port: int, name: str) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(REQUEST.format(name=name).encode())
    answer = await reader.readuntil(b"\n\n")
    writer.close()
    return answer


async def _ask(port: int, connections: int, requests: int) -> list[float]:
    """Ask on each connection one request after the other; return how long each waited, in ms."""
    parts = await asyncio.gather(*(_converse(port, requests // connections) for _ in range(connections)))
    return [wait for part in parts for wait in part]


async def _converse(port: int, requests: int) -> list[float]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    asked = [REQUEST.format(name=name).encode() for name in ("stopped-7", "somebody", "stopped-77", "somebody-else")]
    waits = []
    for number in range(requests):
        start = time.perf_counter()
        writer.write(asked[number % len(asked)])
        await reader.readuntil(b"\n\n")
        waits.append((time.perf_counter() - start) * 1_000)
    writer.close()
    return waits


def _percentile(waits: list[float], share: int) -> float:
    return statistics.quantiles(waits, n=100)[share - 1]
