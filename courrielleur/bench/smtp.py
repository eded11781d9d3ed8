"""`smtp`: mails accepted, and durable, a second over 50 connections. Floor: aiosmtpd that throws them away."""

import asyncio
from collections.abc import Iterator

from django.utils import timezone

from courrielleur.bench.client import send_all
from courrielleur.bench.figures import Figure, compare
from courrielleur.bench.machinery import discarding, intake
from courrielleur.bench.samples import in_turns, incidents, mails, new_account

CONNECTIONS = 50
MAILS = 1_500
ROUNDS = 3


def measure() -> Iterator[Figure]:
    start = int(timezone.now().timestamp() // 60)
    happened = incidents(MAILS, start=start)
    # Other mails in each round: those that were here before would cost less.
    fresh = iter([list(in_turns(mails(happened, new_account().pk), CONNECTIONS)) for _ in range(ROUNDS)])
    same = list(in_turns(mails(happened, new_account().pk), CONNECTIONS))
    with discarding() as bare_port, intake() as port:
        yield compare(
            "smtp",
            "mails/s",
            len(happened),
            lambda: asyncio.run(send_all(port, next(fresh))),
            lambda: asyncio.run(send_all(bare_port, same)),
            rounds=ROUNDS,
        )
