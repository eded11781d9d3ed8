"""When, and by whom, the same thing was reported before."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection

from fbl.core.authenticity import Sighting
from fbl.core.events import Event

EPOCH = date(1970, 1, 1)


def here(reporter: str, at: datetime) -> Sighting:
    return Sighting(reporter, int(at.timestamp() // 3600))


def of(events: Sequence[Event], *, except_of: Sequence[UUID]) -> dict[bytes, Sighting]:
    """Return the first report of each event, by the event's digest, leaving out those reports themselves.

    What the MTA's log told names no reporter, and is no sighting.
    """
    if not events:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT f.digest, r.reporter, r.received_at FROM"
            " unnest(%s::bigint[], %s::date[], %s::bytea[]) AS k (account_id, send_day, digest)"
            " JOIN fbl_feedbackevent f USING (account_id, send_day, digest)"
            " JOIN fbl_inboundreport r ON r.id = f.report_id"
            " WHERE r.id <> ALL(%s::uuid[])",
            [
                [event.account_id for event in events],
                [EPOCH + timedelta(days=event.send_day) for event in events],
                [event.digest for event in events],
                list(except_of),
            ],
        )
        return {bytes(digest): here(reporter, at) for digest, reporter, at in cursor.fetchall()}
