"""Let addresses be mailed again that were suppressed for bounces which were nobody's."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import connection

from fbl.selectors import EPOCH


def release_bounced(cells: Sequence[tuple[str, int]]) -> int:
    """Take back the suppressions that stand on hard bounces of these (provider, send hour) cells alone.

    An address that also bounced elsewhere, or complained, stays suppressed. Return how many were taken back.
    """
    if not cells:
        return 0
    days = sorted({EPOCH + timedelta(days=hour // 24) for _, hour in cells})
    with connection.cursor() as cursor:
        cursor.execute(
            _RELEASE, [[name for name, _ in cells], [hour for _, hour in cells], days, days[0] - timedelta(days=365)]
        )
        return int(cursor.rowcount)


_RELEASE = """
    WITH cells AS (SELECT * FROM unnest(%s::text[], %s::int[]) AS c (provider, hour)),
    bounced AS (
        SELECT DISTINCT f.account_id, f.recipient_digest FROM fbl_feedbackevent f
        JOIN cells c ON c.provider = f.provider AND c.hour = f.send_hour
        WHERE f.send_day = ANY(%s) AND f.kind = 'bounce' AND f.bounce_class = 'hard'
    )
    DELETE FROM fbl_suppression s USING bounced b
    WHERE s.account_id = b.account_id AND s.recipient_digest = b.recipient_digest AND s.reason = 'hard_bounce'
        AND NOT EXISTS (
            SELECT FROM fbl_feedbackevent o
            WHERE o.account_id = b.account_id AND o.recipient_digest = b.recipient_digest
                AND o.kind = 'bounce' AND o.bounce_class = 'hard' AND o.send_day >= %s
                AND NOT EXISTS (SELECT FROM cells c WHERE c.provider = o.provider AND c.hour = o.send_hour))
"""
