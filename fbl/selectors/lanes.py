"""The lanes of reports, the backlog, and the suppression lists."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Min, QuerySet

from courrielleur import vault
from fbl.models import InboundReport, Suppression, TouchedAccount


@dataclass(frozen=True)
class Backlog:
    waiting: int
    oldest_seconds: float  # 0 when nothing waits


@dataclass(frozen=True)
class LaneCounts:
    counts: dict[str, int] = field(default_factory=dict)

    def of(self, state: str) -> int:
        return self.counts.get(state, 0)


LANES = ("unidentified", "unverified", "unreadable")


def lane(state: str, reason: str = "") -> QuerySet[InboundReport]:
    """Return the reports of a lane, or those there for one reason; the newest first, without their bytes."""
    found = InboundReport.objects.filter(state=state).select_related("feed").defer("raw").order_by("-received_at")
    return found.filter(reason=reason) if reason else found


def lane_reasons(state: str) -> list[tuple[str, int]]:
    """Return why reports are in the lane, and how many for each, the most frequent first."""
    rows = InboundReport.objects.filter(state=state).values_list("reason").annotate(n=Count("pk"))
    return list(rows.order_by("-n", "reason"))


def oldest_in_lanes() -> dict[str, datetime]:
    """Return since when the oldest report of each lane has waited; empty lanes are left out."""
    return dict(InboundReport.objects.filter(state__in=LANES).values_list("state").annotate(Min("received_at")))


def lane_counts() -> LaneCounts:
    return LaneCounts(dict(InboundReport.objects.filter(state__in=LANES).values_list("state").annotate(Count("pk"))))


def report_source(report_id: UUID) -> bytes | None:
    """Return the bytes of a report; None once purged. Raises `InboundReport.DoesNotExist`, `CannotDecrypt`.

    A trap operator's report is never shown: its bytes name the trap.
    """
    report = InboundReport.objects.get(pk=report_id)
    return None if report.raw is None or report.kind == "trap" else vault.decrypt(report.raw)


def replies(limit: int) -> QuerySet[InboundReport]:
    """Return the mails that answer a case and wait for it, oldest first."""
    return InboundReport.objects.filter(state=InboundReport.State.REPLY).order_by("received_at")[:limit]


def backlog(now: datetime) -> Backlog:
    found = InboundReport.objects.filter(state=InboundReport.State.STORED).aggregate(
        n=Count("pk"), oldest=Min("received_at")
    )
    return Backlog(found["n"], (now - found["oldest"]).total_seconds() if found["oldest"] else 0.0)


def longest_untouched_wait(now: datetime) -> float:
    """Return for how many seconds the account that waits longest has waited to be judged; 0 when none waits."""
    oldest = TouchedAccount.objects.aggregate(at=Min("first_touched_at"))["at"]
    return (now - oldest).total_seconds() if oldest else 0.0


def suppressions(account_id: int) -> QuerySet[Suppression]:
    return Suppression.objects.filter(account_id=account_id).order_by("-since", "recipient_digest")


def suppressed(account_id: int, digests: Iterable[bytes]) -> dict[bytes, list[Suppression]]:
    """Return the suppressions of those recipients that have one; a recipient may have several reasons."""
    found: dict[bytes, list[Suppression]] = defaultdict(list)
    for row in Suppression.objects.filter(account_id=account_id, recipient_digest__in=sorted(set(digests))):
        found[bytes(row.recipient_digest)].append(row)
    return dict(found)
