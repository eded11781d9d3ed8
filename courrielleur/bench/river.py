"""`river`: from the SMTP 250 of the mail that tips the balance to the webhook that stops the account.

Fifty other reports a second come in meanwhile. Floor: an HTTP round trip to the same receiver.
"""

import asyncio
import http.client
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.utils import timezone

from abuse.core.cells import History, Lifetime
from abuse.core.decision import decide
from abuse.core.policy import default_policy
from abuse.core.verdict import State
from abuse.services.endpoints import create_endpoint
from courrielleur.accounts.models import Account
from courrielleur.bench.client import Connection, send_all
from courrielleur.bench.figures import Figure, seconds
from courrielleur.bench.machinery import everything
from courrielleur.bench.samples import in_turns, incidents, mails, new_account, told_now
from courrielleur.demo.compose import Mail
from courrielleur.demo.mta import Mta
from courrielleur.demo.traffic import Incident, What
from courrielleur.jobs.selectors import health
from fbl.core.providers import reporting_keys
from fbl.selectors import backlog
from fbl.services import volumes

PROBES = 40  # accounts that are stopped, one after the other
PROBE_EVERY_SECONDS = 0.6
LEAD_SECONDS = 3.0  # of background traffic before the first
BACKGROUND_PER_SECOND = 50
CONNECTIONS = 8
PATIENCE_SECONDS = 60.0
ROUND_TRIPS = 200
DELIVERED = 200  # by each probe
DELIVERED_IN_BACKGROUND = 50_000_000  # by whom the other reports are about: far from any limit
PROVIDER, DOMAIN = "microsoft", "hotmail.com"


@dataclass(frozen=True)
class Probe:
    account: Account
    before: list[Mail]  # bounces that leave it just short of a suspension
    last: Mail


def measure() -> Iterator[Figure]:
    now = timezone.now()
    minute = int(now.timestamp() // 60)
    probes = [_probe(new_account(), minute) for _ in range(PROBES)]
    background = _background(minute)
    stopped: dict[str, float] = {}

    def obeyed(account: str, act: str) -> None:
        if act == "stopped":
            stopped.setdefault(account, time.perf_counter())

    mta = Mta(obeyed)
    mta.start()
    mta.trust(create_endpoint(url=mta.url)[1])
    try:
        with everything() as port:
            asyncio.run(send_all(port, [probe.before for probe in probes]))
            _settle()
            accepted = asyncio.run(_send(port, probes, background))
            _await_all(stopped)
        round_trips = [seconds(lambda: _round_trip(mta.url)) for _ in range(ROUND_TRIPS)]
    finally:
        mta.close()
    took = [stopped[probe.account.key] - accepted[probe.account.key] for probe in probes]
    yield Figure("river p50", statistics.median(took), "s", statistics.median(round_trips))
    yield Figure("river p99", _p99(took), "s", _p99(round_trips))


def _probe(account: Account, minute: int) -> Probe:
    hour = minute // 60
    volumes.add(
        f"bench-{account.key}", [volumes.VolumeRow(account.pk, "bench", PROVIDER, hour, DELIVERED)], timezone.now()
    )
    bounces = [
        Incident("lys-rouge", "bench", What.HARD, f"demo.{account.key}-{number}@{DOMAIN}", minute, minute)
        for number in range(_bounces_until_stopped(hour))
    ]
    *before, last = mails(bounces, account.pk)
    return Probe(account, before, last)


def _bounces_until_stopped(hour: int) -> int:
    """Return how many hard bounces of the probe's mail suspend a new account."""
    for bounces in range(1, DELIVERED):
        history = History.from_counts([(hour, PROVIDER, DELIVERED, 0, bounces)], lifetime=Lifetime())
        verdict = decide(history, default_policy(), now_hour=hour, reporting_providers=reporting_keys())
        if verdict.state is State.SUSPEND:
            return bounces
    raise ValueError("the policy suspends nobody for bounces alone")


def _background(minute: int) -> list[Mail]:
    """Return reports about somebody who sends so much that none of them matters."""
    account = new_account()
    row = volumes.VolumeRow(account.pk, "bench", PROVIDER, minute // 60, DELIVERED_IN_BACKGROUND)
    volumes.add(f"bench-{account.key}", [row], timezone.now())
    number = int((LEAD_SECONDS + PROBES * PROBE_EVERY_SECONDS + 1) * BACKGROUND_PER_SECOND)
    return mails(told_now(incidents(number, start=minute), at=minute), account.pk)


async def _send(port: int, probes: Sequence[Probe], background: Sequence[Mail]) -> dict[str, float]:
    """Send the last mail of each probe in turn, and the background beside it. Return when each probe got its 250."""
    accepted: dict[str, float] = {}
    start = time.perf_counter()

    async def probe_all() -> None:
        connection = await Connection.open(port)
        for number, probe in enumerate(probes):
            await _sleep_until(start + LEAD_SECONDS + number * PROBE_EVERY_SECONDS)
            await connection.send(probe.last)
            accepted[probe.account.key] = time.perf_counter()
        await connection.close()

    async def flow(turn: int, mails: Sequence[Mail]) -> None:
        connection = await Connection.open(port)
        for number, mail in enumerate(mails):
            await _sleep_until(start + (number * CONNECTIONS + turn) / BACKGROUND_PER_SECOND)
            await connection.send(mail)
        await connection.close()

    await asyncio.gather(
        probe_all(), *(flow(turn, part) for turn, part in enumerate(in_turns(background, CONNECTIONS)))
    )
    return accepted


def _settle() -> None:
    """Wait until everything sent so far is read and judged."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while backlog(timezone.now()).waiting or health(timezone.now()).waiting:
        if time.monotonic() > deadline:
            raise RuntimeError("the worker does not keep up with what came in; see the messages above")
        time.sleep(0.2)


def _await_all(stopped: dict[str, float]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(stopped) < PROBES:
        if time.monotonic() > deadline:
            raise RuntimeError(f"{PROBES - len(stopped)} of {PROBES} accounts were not stopped")
        time.sleep(0.1)


def _round_trip(url: str) -> None:
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port)
    connection.request("POST", address.path, body=b"{}")
    connection.getresponse().read()
    connection.close()


async def _sleep_until(moment: float) -> None:
    await asyncio.sleep(max(0.0, moment - time.perf_counter()))


def _p99(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[98]
