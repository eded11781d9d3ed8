"""Add delivered volumes: counts only, in batches; the same batch twice is added once."""

import csv
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction

from courrielleur.jobs.queue import nudge
from fbl.core.doors import Door
from fbl.core.providers import all_providers, provider_of
from fbl.models import VolumeBatch
from fbl.services import doors
from fbl.services.ledger import Volume, add_volumes

MAX_DELIVERED = 10_000_000_000  # of one row: more is a mistake in the sender's arithmetic
EARLIEST_HOUR = 262_968  # 2000-01-01 00:00 UTC
CSV_COLUMNS = ("account", "campaign", "provider", "domain", "hour", "delivered")


@dataclass(frozen=True)
class VolumeRow:
    """Delivered mail of an account in one hour of sending. Name the provider by key, or a recipient domain."""

    account_id: int
    campaign: str
    provider_or_domain: str
    send_hour: int
    delivered: int


@dataclass(frozen=True)
class AddedVolumes:
    rows: int
    delivered: int
    is_new: bool  # False: this batch was added before; nothing was added now


@dataclass(frozen=True)
class RowProblem:
    """What is wrong with one row (from 1), in which field; `code` names a text at the doors."""

    row: int
    field: str
    code: str


class BadVolumes(Exception):
    """Some rows can't be added, so none was."""

    def __init__(self, problems: list[RowProblem]) -> None:
        super().__init__(f"{len(problems)} rows can't be added")
        self.problems = problems


class BatchConflict(Exception):
    """The name of the batch was used before, for other rows."""


@transaction.atomic
def add(batch_key: str, rows: Sequence[VolumeRow], now: datetime) -> AddedVolumes:
    """Add the rows under the batch's name. Raises `BadVolumes` and `BatchConflict`; then nothing was added."""
    if problems := list(_problems(rows, now)):
        raise BadVolumes(problems)
    digest = _digest(rows)
    delivered = sum(row.delivered for row in rows)
    batch, is_new = VolumeBatch.objects.get_or_create(
        key=batch_key, defaults={"content_digest": digest, "rows": len(rows), "delivered": delivered}
    )
    if bytes(batch.content_digest) != digest:
        raise BatchConflict(batch_key)
    if is_new and rows:
        add_volumes([_volume(row) for row in rows], now)
        doors.count(Door.COUNTS, len(rows), now)
        nudge("river")
    return AddedVolumes(len(rows), delivered, is_new)


def parse_csv(text: str) -> list[dict[str, str]]:
    """Return the rows of a CSV file by column name. Raises `ValueError` when the heading lacks a column."""
    reader = csv.DictReader(text.splitlines(), skipinitialspace=True)
    headings = {(heading or "").strip().lower() for heading in reader.fieldnames or ()}
    missing = {"account", "hour", "delivered"} - headings
    if "provider" not in headings and "domain" not in headings:
        missing.add("provider")
    if missing:
        raise ValueError(", ".join(sorted(missing)))
    return [
        {(key or "").strip().lower(): (value or "").strip() for key, value in row.items() if isinstance(value, str)}
        for row in reader
    ]


def send_hour_of(text: str) -> int:
    """Return hours since 1970 from an ISO 8601 time with its zone, or from a number of hours.

    Raises `ValueError`: a time without a zone is not guessed at.
    """
    if text.isdecimal():
        return int(text)
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("the time has no zone")
    return int(at.astimezone(UTC).timestamp() // 3600)


def _problems(rows: Iterable[VolumeRow], now: datetime) -> Iterable[RowProblem]:
    latest = int(now.timestamp() // 3600) + 1  # clocks differ by minutes, not by hours
    for number, row in enumerate(rows, start=1):
        if not 0 < row.delivered <= MAX_DELIVERED:
            yield RowProblem(number, "delivered", "not_positive" if row.delivered <= 0 else "too_many")
        if row.send_hour > latest:
            yield RowProblem(number, "hour", "in_future")
        elif row.send_hour < EARLIEST_HOUR:
            yield RowProblem(number, "hour", "too_old")
        if len(row.campaign) > 100 or "\x00" in row.campaign or row.campaign.startswith("#"):
            yield RowProblem(number, "campaign", "bad_name")
        if not row.provider_or_domain:
            yield RowProblem(number, "provider", "missing")


def _volume(row: VolumeRow) -> Volume:
    name = row.provider_or_domain.lower()
    provider = name if name in all_providers() else provider_of(name)
    return Volume(row.account_id, row.campaign, provider, row.send_hour, row.delivered)


def _digest(rows: Sequence[VolumeRow]) -> bytes:
    plain = [[r.account_id, r.campaign, r.provider_or_domain, r.send_hour, r.delivered] for r in rows]
    return hashlib.sha256(json.dumps(plain).encode()).digest()
