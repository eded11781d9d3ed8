"""Whatever the order, the batches, the doors and the interruptions: the same events, counters and suppressions.

What must come of it is worked out here once more, from the list of what was said alone, by the rule as it is written.
"""

import json
import random
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from courrielleur.accounts import services as accounts
from courrielleur.accounts.models import Account, User
from courrielleur.accounts.permissions import Role
from courrielleur.demo import mails
from fbl.adapters import webhooks
from fbl.models import FeedbackEvent, HourlyCount, InboundReport, Suppression, TouchedAccount
from fbl.services import endpoints, events, lanes, reports, rereading
from fbl.services.endpoints import Found, Post
from tests import esp
from tests.recount import differences
from tests.worlds import NOON, Mailing, arrive, make_account

pytestmark = pytest.mark.django_db
START = NOON - timedelta(days=90)


class Killed(BaseException):
    """The worker is gone: nobody catches this."""


@dataclass(frozen=True)
class Said:
    """One report: what it says of whom, when it comes, by which door, in which words."""

    kind: str  # complaint, not_spam (by the provider's webhook), bare (a complaint a person accepts), hard, soft
    recipient: int
    campaign: int
    day: int
    wording: int  # the same again in other bytes

    @property
    def at(self) -> datetime:
        return START + timedelta(days=self.day, minutes=self.recipient * 7 + self.wording)

    @property
    def key(self) -> tuple[str, int, int]:
        return ("bare" if self.kind == "bare" else self.kind, self.recipient, self.campaign)


SAID = st.lists(
    st.builds(
        Said,
        kind=st.sampled_from(["complaint", "complaint", "not_spam", "bare", "hard", "soft"]),
        recipient=st.integers(0, 2),
        campaign=st.integers(0, 1),
        day=st.integers(0, 80),
        wording=st.integers(0, 2),
    ),
    min_size=2,
    max_size=12,
    unique_by=lambda one: (one.kind, one.recipient, one.campaign, one.wording),
)


@dataclass(frozen=True)
class World:
    account: Account
    person: User
    endpoint: Found

    def sent(self, said: Said) -> mails.Sent:
        mailing = Mailing(self.account.pk, f"c{said.campaign}", sent_at=START - timedelta(hours=1 + said.campaign))
        return mailing.to(f"r{said.recipient}@yahoo.ca")

    def store(self, said: Said) -> None:
        sent = self.sent(said)
        if said.kind == "not_spam":  # only whoever signs can take a complaint back
            body = {
                "eventType": "Complaint",
                "mail": {
                    "timestamp": "2026-08-22T11:00:00Z",
                    "messageId": f"w{said.wording}",
                    "headers": [{"name": "X-Courrielleur-Ref", "value": sent.headers["X-Courrielleur-Ref"]}],
                },
                "complaint": {
                    "complainedRecipients": [{"emailAddress": sent.recipient}],
                    "complaintFeedbackType": "not-spam",
                },
            }
            post = esp.sign("amazon_ses", body, message_id=f"{said}").body
            endpoints.store(self.endpoint, Post(post), said.at)
            return
        match said.kind:
            case "complaint":
                raw = mails.arf(sent, at=said.at)
            case "bare":
                plain = {"headers": {}, "return_path": "i@example.com", "message_id": f"{said.recipient}@a.example"}
                raw = mails.arf(mails.Sent(**vars(sent) | plain), at=said.at)
            case "hard":
                raw = mails.dsn(sent, at=said.at)
            case _:
                raw = mails.dsn(sent, at=said.at, status="5.2.2", diagnostic="smtp; 552 5.2.2 Mailbox full")
        arrive(raw.replace(b"\r\n\r\n", b"\r\n\r\n" + b" " * said.wording, 1), at=said.at)

    def read(self, limit: int) -> None:
        webhooks.unpack(NOON)
        reports.read_stored(limit, NOON)

    def accept(self, chance: random.Random) -> None:
        waiting = list(InboundReport.objects.filter(state="unverified").order_by("received_at", "pk"))
        if waiting:
            lanes.accept(chance.choice(waiting).pk, by=self.person, note="Vérifiée.", now=NOON)


def make_world() -> World:
    account = make_account()
    accounts.add_asset(kind="ip", value="192.0.2.25", account=account)
    person = accounts.invite(email="simone@example.com", name="Simone", role=Role.SPECIALIST, language="fr")
    endpoint, _token = endpoints.create(key="ses", provider="amazon_ses", secret=esp.TOPIC)
    return World(account, person, Found(endpoint.pk, esp.TOPIC))


def state() -> dict[str, object]:
    """Return all that must be the same. Which of two reports of one thing came first shows in `arrived_at`."""
    counted = HourlyCount.objects.exclude(complaints=0, hard_bounces=0, soft_bounces=0)
    return {
        "counters": sorted(counted.values_list("send_hour", "campaign", "complaints", "hard_bounces", "soft_bounces")),
        "events": sorted(
            (kind, bytes(digest).hex(), is_counted)
            for kind, digest, is_counted in FeedbackEvent.objects.filter(may_count=True).values_list(
                "kind", "digest", "is_counted"
            )
        ),
        "suppressions": sorted(
            (bytes(digest).hex(), reason)
            for digest, reason in Suppression.objects.values_list("recipient_digest", "reason")
        ),
    }


def complaints_due(said: list[Said]) -> Counter[int]:
    """Return the complaints that count, by campaign; -1 stands for the campaign of those that tell none."""
    due: Counter[int] = Counter()
    for recipient in range(3):
        first: dict[tuple[str, int], datetime] = {}
        withdrawn: dict[int, datetime] = {}
        for one in said:
            if one.recipient != recipient:
                continue
            if one.kind == "not_spam":
                # the same event however often it is told: its first telling counts
                told = [other.at for other in said if other.key == one.key]
                withdrawn[one.campaign] = min(told)
            elif one.kind in ("complaint", "bare"):
                name = (one.kind, one.campaign)
                first[name] = min(first.get(name, one.at), one.at)
        last = None
        for (kind, campaign), at in sorted(first.items(), key=lambda item: item[1]):
            if kind == "complaint" and campaign in withdrawn and at <= withdrawn[campaign]:
                continue
            if last is None or at - last > timedelta(days=30):
                due[campaign if kind == "complaint" else -1] += 1
                last = at
    return due


BOUNDARIES = [
    (reports, "record_events"),
    (reports, "mark"),
    (reports, "result_of"),
    (events, "settle"),
    (events, "touch"),
    (lanes, "mark"),
    (rereading, "record_events"),
    (rereading, "mark"),
    (webhooks.endpoints, "finish"),
]


def killed_at(patch: pytest.MonkeyPatch, chance: random.Random) -> None:
    """Let the worker die before or after one of its steps, the next time it comes there."""
    module, name = chance.choice(BOUNDARIES)
    real, is_after = getattr(module, name), chance.random() < 0.5

    def dies(*args: object, **options: object) -> object:
        if is_after:
            real(*args, **options)
        raise Killed

    patch.setattr(module, name, dies)


@given(SAID, st.integers(0, 2**32), st.integers(1, 5))
@settings(max_examples=12, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
def test_any_order_and_any_interruption_leave_the_same(said, seed, limit):
    with transaction.atomic():
        world = make_world()
        for one in sorted(said, key=lambda one: one.at):
            world.store(one)
        finish(world, limit=500)
        in_order = state()
        transaction.set_rollback(True)

    with transaction.atomic():
        world, chance = make_world(), random.Random(seed)
        waiting = list(said)
        chance.shuffle(waiting)
        while waiting:
            for _ in range(chance.randint(1, 3)):
                if waiting:
                    world.store(waiting.pop())
            disturb(world, chance, limit)
        for one in chance.sample(said, len(said) // 2):
            world.store(one)  # a replay
        finish(world, limit)

        assert differences() == []
        assert of_accounts(state()) == of_accounts(in_order)
        due = complaints_due(said)
        assert sum(row[2] for row in state()["counters"]) == sum(due.values())
        for name, kind in ((3, "hard"), (4, "soft")):
            assert sum(row[name] for row in state()["counters"]) == len({one.key for one in said if one.kind == kind})
        assert TouchedAccount.objects.exists() == FeedbackEvent.objects.exists()
        transaction.set_rollback(True)


def disturb(world: World, chance: random.Random, limit: int) -> None:
    """Do one of the things that happen, perhaps not to its end."""
    act = chance.choice([world.read, world.read, world.accept, reread])
    with pytest.MonkeyPatch.context() as patch, suppress(Killed):
        if chance.random() < 0.5:
            killed_at(patch, chance)
        with transaction.atomic():
            act(limit) if act == world.read else act(chance)


def reread(chance: random.Random) -> None:
    ids = rereading.ids_to_reread()
    rereading.reread(chance.sample(ids, len(ids)), NOON)


def finish(world: World, limit: int) -> None:
    """Read what is left, accept what waits, and read it all again."""
    while InboundReport.objects.filter(state="stored").exists() or webhooks.unpack(NOON):
        world.read(limit)
    while InboundReport.objects.filter(state="unverified").exists():
        world.accept(random.Random(1))
    rereading.reread(rereading.ids_to_reread(), NOON)


def of_accounts(found: dict[str, object]) -> str:
    """Return the state without what another account number alone changes: the digests, and campaigns' names."""
    events_ = Counter((kind, is_counted) for kind, _digest, is_counted in found["events"])
    counters = Counter(row for row in found["counters"])
    return json.dumps(
        [sorted(map(str, events_.items())), sorted(map(str, counters.items())), len(found["suppressions"])]
    )
