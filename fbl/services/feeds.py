"""Enrol and retire feeds, count what they bring, and watch for their silence."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.core.exceptions import ObjectDoesNotExist
from django.db import connection, transaction

from courrielleur.accounts.models import User
from fbl.core import watch
from fbl.core.authenticity import FeedRule
from fbl.core.providers import all_providers
from fbl.models import Feed, FeedHour

KEEP_HOURS = 60 * 24
MOST_LAG_SECONDS = 90 * 86_400  # a date before that is a mistake of the reporter's clock
_KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,62}\Z")
_DOMAIN = re.compile(r"(?=.{1,253}\Z)[a-z0-9_](?:[a-z0-9_-]{0,62}\.)+[a-z0-9-]{2,63}\Z")


class FeedRefused(Exception):
    """This feed can't be enrolled so; `code` names a text at the doors."""

    def __init__(self, code: str, value: str = "") -> None:
        super().__init__(f"{code}: {value}" if value else code)
        self.code, self.value = code, value


@dataclass(frozen=True)
class NewFeed:
    key: str
    name: str
    kind: str
    senders: tuple[str, ...]
    providers: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    signers: tuple[str, ...] = ()
    expected_per_day: int | None = None
    is_trusted: bool = False
    is_redacting: bool = False


def enrol(new: NewFeed, by: User | None = None) -> Feed:
    """Enrol a feed. Raises `FeedRefused`: two feeds in use never share a sender, or nobody knew whose report it is."""
    senders, recipients, signers = (_lower(values) for values in (new.senders, new.recipients, new.signers))
    if not _KEY.match(new.key):
        raise FeedRefused("bad_key", new.key)
    if new.kind not in Feed.Kind.values:
        raise FeedRefused("bad_kind", new.kind)
    if not senders:
        raise FeedRefused("no_sender")
    if unknown := [provider for provider in new.providers if provider not in all_providers()]:
        raise FeedRefused("unknown_provider", unknown[0])
    for code, named in (("bad_domain", senders), ("bad_recipient", recipients), ("bad_signer", signers)):
        if bad := [one for one in named if not _DOMAIN.match(one.rpartition("@")[2])]:
            raise FeedRefused(code, bad[0])
    if new.is_trusted and not signers:
        raise FeedRefused("trusted_without_signer")
    if new.kind == Feed.Kind.TRAP and not signers:  # no hit of it could ever count
        raise FeedRefused("trap_without_signer")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE fbl_feed IN SHARE ROW EXCLUSIVE MODE")  # two people at once, one sender
        if Feed.objects.filter(key=new.key).exists():
            raise FeedRefused("key_taken", new.key)
        if taken := Feed.objects.filter(retired_at=None, senders__overlap=senders).first():
            raise FeedRefused("sender_taken", taken.name)
        return Feed.objects.create(
            key=new.key,
            name=new.name.strip() or new.key,
            kind=new.kind,
            providers=list(new.providers),
            senders=senders,
            recipients=recipients,
            signers=signers,
            expected_per_day=new.expected_per_day,
            is_trusted=new.is_trusted,
            is_redacting=new.is_redacting,
            created_by=by,
        )


def retire(key: str, now: datetime) -> Feed:
    """Take a feed out of use; its reports stay. Raises `Feed.DoesNotExist`, also for one that is retired already."""
    if not Feed.objects.filter(key=key, retired_at=None).update(retired_at=now, silent_since=None):
        raise ObjectDoesNotExist(key)
    return Feed.objects.get(key=key)


def rules() -> tuple[FeedRule, ...]:
    """Return what the reader must know of the feeds in use."""
    return tuple(
        FeedRule(
            id=feed.pk,
            senders=frozenset(feed.senders),
            recipients=frozenset(feed.recipients),
            signers=frozenset(feed.signers),
            is_trusted=feed.is_trusted,
            is_redacting=feed.is_redacting,
            is_trap=feed.kind == Feed.Kind.TRAP,
        )
        for feed in Feed.objects.filter(retired_at=None).order_by("pk")
    )


def count(arrivals: Iterable[tuple[int, datetime, datetime | None, str]], *, sign: int = 1) -> None:
    """Count what feeds brought: (feed id, arrival, the report's own date, lane). *sign* -1 takes it back."""
    rows: dict[tuple[int, int], list[int]] = {}
    for feed_id, received_at, date, state in arrivals:
        row = rows.setdefault((feed_id, int(received_at.timestamp() // 3600)), [0] * 6)
        row[0] += sign
        for place, lane in enumerate(("unidentified", "unverified", "unreadable"), start=1):
            row[place] += sign * (state == lane)
        lag = int((received_at - date).total_seconds()) if date else -1
        if date and lag <= MOST_LAG_SECONDS:
            row[4] += sign
            row[5] += sign * max(lag, 0)  # the reporter's clock may be ahead of ours
    if not rows:
        return
    keys = sorted(rows)
    columns = [[rows[key][place] for key in keys] for place in range(6)]
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [[feed_id for feed_id, _ in keys], [hour for _, hour in keys], *columns])


def hear(news: Iterable[tuple[int, datetime]]) -> None:
    """Note that a feed told something new that counts: (feed id, arrival).

    Anybody can write reports in the name of a feed. With a mail of ours at hand they even count, once: the same again
    must neither keep a silent feed alive, nor teach the watch to expect so much that the true reports seem silence.
    """
    heard = Counter((feed_id, int(received_at.timestamp() // 3600)) for feed_id, received_at in news)
    if not heard:
        return
    keys = sorted(heard)
    columns = [[key[0] for key in keys], [key[1] for key in keys], [heard[key] for key in keys]]
    with connection.cursor() as cursor:
        cursor.execute(_HEAR, columns)


def watch_all(now: datetime) -> list[str]:
    """Look whether each feed is silent, and write since when. Return the keys of the silent ones."""
    now_hour = int(now.timestamp() // 3600)
    FeedHour.objects.filter(hour__lt=now_hour - KEEP_HOURS).delete()
    feeds = list(Feed.objects.filter(retired_at=None))
    first = now_hour - (watch.LEARN_DAYS + watch.MAX_DARK_HOURS // 24) * 24
    arrivals: dict[int, dict[int, int]] = {feed.pk: {} for feed in feeds}
    for row in FeedHour.objects.filter(hour__gte=first, feed_id__in=arrivals):
        arrivals[row.feed_id][row.hour] = row.heard
    for feed in feeds:
        since = -(-int(feed.created_at.timestamp()) // 3600)
        hour = watch.silent_since(arrivals[feed.pk], now_hour, since=since, expected_per_day=feed.expected_per_day)
        silent_since = datetime.fromtimestamp(hour * 3600, UTC) if hour is not None else None
        if silent_since and feed.silent_since:
            silent_since = min(silent_since, feed.silent_since)  # one silence; its beginning does not wander
        if silent_since != feed.silent_since:
            feed.silent_since = silent_since
            feed.save(update_fields=["silent_since"])
    return [feed.key for feed in feeds if feed.silent_since]


def _lower(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(value.strip().strip("<>").lower() for value in values if value.strip()))


_COUNT = """
    INSERT INTO fbl_feedhour AS h
        (feed_id, hour, reports, unidentified, unverified, unreadable, dated, lag_seconds)
    SELECT * FROM unnest(%s::bigint[], %s::int[], %s::int[], %s::int[], %s::int[], %s::int[], %s::int[], %s::bigint[])
    ON CONFLICT (feed_id, hour) DO UPDATE SET
        reports = h.reports + excluded.reports,
        unidentified = h.unidentified + excluded.unidentified,
        unverified = h.unverified + excluded.unverified,
        unreadable = h.unreadable + excluded.unreadable,
        dated = h.dated + excluded.dated,
        lag_seconds = h.lag_seconds + excluded.lag_seconds
"""

_HEAR = """
    INSERT INTO fbl_feedhour AS h
        (feed_id, hour, reports, unidentified, unverified, unreadable, heard, dated, lag_seconds)
    SELECT feed_id, hour, 0, 0, 0, 0, heard, 0, 0
    FROM unnest(%s::bigint[], %s::int[], %s::int[]) AS n (feed_id, hour, heard)
    ON CONFLICT (feed_id, hour) DO UPDATE SET heard = h.heard + excluded.heard
"""
