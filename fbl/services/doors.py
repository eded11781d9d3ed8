"""Count what comes through each door, by the hour of arrival."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection

from fbl.core.doors import Door
from fbl.models import DoorHour

KEEP_HOURS = 60 * 24


def count_reports(ids: Sequence[UUID]) -> None:
    """Count reports that are read for the first time. Last in its transaction: these few rows are everybody's."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_REPORTS, [list(ids)])


def count(door: Door, number: int, now: datetime) -> None:
    """Count *number* more that came through *door* just now."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [door, int(now.timestamp() // 3600), number, now])


def forget_old(now: datetime) -> None:
    DoorHour.objects.filter(hour__lt=int(now.timestamp() // 3600) - KEEP_HOURS).delete()


_COUNT_REPORTS = """
    INSERT INTO fbl_doorhour AS h (door, hour, reports, last_at)
    SELECT door, floor(extract(epoch FROM received_at) / 3600)::int, count(*)::int, max(received_at)
    FROM fbl_inboundreport WHERE id = ANY(%s) GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT (door, hour) DO UPDATE SET
        reports = h.reports + excluded.reports,
        last_at = greatest(h.last_at, excluded.last_at)
"""
_COUNT = """
    INSERT INTO fbl_doorhour AS h (door, hour, reports, last_at) VALUES (%s, %s, %s, %s)
    ON CONFLICT (door, hour) DO UPDATE SET
        reports = h.reports + excluded.reports,
        last_at = greatest(h.last_at, excluded.last_at)
"""
