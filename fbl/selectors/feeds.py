"""What the enrolled feeds bring, which of them are silent, and which hours that leaves dark."""

import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.db.models import F, Max, Sum

from fbl.core import watch
from fbl.models import Feed, FeedHour, InboundReport

WEEK_HOURS = 7 * 24
ALARM_SHARE = 0.25  # of a week's reports without an account, or without anybody to vouch for them
ALARM_AT_LEAST = 20  # reports; below, a share says nothing
_SUGGESTIONS = Path(__file__).resolve().parent.parent / "data" / "feeds.toml"


@dataclass(frozen=True)
class FeedFigures:
    """A feed and what it brought in seven days of arrival. Shares are None when it brought nothing."""

    feed: Feed
    reports: int = 0
    unidentified: int = 0
    unverified: int = 0
    unreadable: int = 0
    dated: int = 0
    lag_seconds_sum: int = 0
    last_seen_at: datetime | None = None

    @property
    def unidentified_share(self) -> float | None:
        return self.unidentified / self.reports if self.reports else None

    @property
    def unverified_share(self) -> float | None:
        return self.unverified / self.reports if self.reports else None

    @property
    def lag_seconds(self) -> float | None:
        """Mean time from a report's own date to its arrival."""
        return self.lag_seconds_sum / self.dated if self.dated else None

    @property
    def alarms(self) -> list[str]:
        """Return what is wrong, as codes: silent, unidentified, unverified."""
        is_enough = self.reports >= ALARM_AT_LEAST
        found = {
            "silent": self.feed.silent_since is not None,
            "unidentified": is_enough and (self.unidentified_share or 0) > ALARM_SHARE,
            "unverified": is_enough and (self.unverified_share or 0) > ALARM_SHARE,
        }
        return [name for name, is_so in found.items() if is_so]


def feed_for(key: str) -> Feed:
    """Return the feed in use of that key. Raises `Feed.DoesNotExist`."""
    return Feed.objects.get(key=key, retired_at=None)


def feed_figures(now: datetime) -> list[FeedFigures]:
    """Return the feeds in use with their figures, in three queries whatever their number."""
    first = int(now.timestamp() // 3600) - WEEK_HOURS
    names = ("reports", "unidentified", "unverified", "unreadable", "dated", "lag_seconds")
    rows = FeedHour.objects.filter(hour__gt=first).values_list("feed_id").annotate(*(Sum(name) for name in names))
    sums: dict[int, list[int]] = {feed_id: list(row) for feed_id, *row in rows}
    feeds = list(Feed.objects.filter(retired_at=None).select_related("created_by"))
    seen = dict(
        InboundReport.objects.filter(feed__in=feeds).values_list("feed").annotate(Max("received_at")).order_by()
    )
    figures = []
    for feed in feeds:
        reports, unidentified, unverified, unreadable, dated, lag = sums.get(feed.pk, [0] * len(names))
        last_seen_at = seen.get(feed.pk)
        figures.append(FeedFigures(feed, reports, unidentified, unverified, unreadable, dated, lag, last_seen_at))
    return figures


def feed_alarms(now: datetime) -> list[FeedFigures]:
    """Return the feeds something is wrong with."""
    return [figures for figures in feed_figures(now) if figures.alarms]


def dark_hours(now: datetime) -> Collection[tuple[str, int]]:
    """Return the (provider, hour) pairs that no complaint can come from: all feeds of the provider are silent.

    As long as the silence lasts, and no longer: what a feed brings when it is back is counted at its send hours.
    """
    now_hour = int(now.timestamp() // 3600)
    since: dict[str, list[int | None]] = {}
    for feed in Feed.objects.filter(retired_at=None).exclude(providers=[]):
        hour = None if feed.silent_since is None else int(feed.silent_since.timestamp() // 3600)
        for provider in feed.providers:
            since.setdefault(provider, []).append(hour)
    dark: set[tuple[str, int]] = set()
    for provider, hours in since.items():
        starts = [hour for hour in hours if hour is not None]
        if len(starts) == len(hours):
            first = max(*starts, now_hour - watch.MAX_DARK_HOURS) if starts else now_hour
            dark.update((provider, hour) for hour in range(first, now_hour + 1))
    return frozenset(dark)


@cache
def suggestions() -> list[dict[str, Any]]:
    """Return the feeds worth enrolling (fbl/data/feeds.toml), with their sources."""
    data = tomllib.loads(_SUGGESTIONS.read_text(encoding="utf-8"))
    return [{"key": key, **table} for key, table in data.items()]


def feed_names() -> dict[int, str]:
    return dict(Feed.objects.values_list("pk", F("name")))
