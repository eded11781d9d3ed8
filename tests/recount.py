"""Count everything again from the rows: what the counters must say, whatever happened on the way."""

from django.db import connection


def differences() -> list[tuple[object, ...]]:
    """Return the counters that differ from a recount of the counted events; none is right.

    A complaint counted twice, an event without its counter, a counter without its event: each is a row here.
    """
    with connection.cursor() as cursor:
        cursor.execute(_RECOUNT)
        return cursor.fetchall()


_RECOUNT = """
    WITH recount AS (
        SELECT account_id, send_hour, provider, campaign,
            count(*) FILTER (WHERE kind = 'complaint') AS complaints,
            count(*) FILTER (WHERE kind = 'bounce' AND bounce_class = 'hard') AS hard_bounces,
            count(*) FILTER (WHERE kind = 'bounce' AND bounce_class = 'soft') AS soft_bounces,
            count(*) FILTER (WHERE kind = 'bounce' AND bounce_class = 'block') AS block_bounces,
            count(*) FILTER (WHERE kind = 'unsubscribe') AS unsubscribes
        FROM fbl_feedbackevent WHERE is_counted
        GROUP BY account_id, send_hour, provider, campaign
    )
    SELECT account_id, send_hour, provider, campaign,
        coalesce(h.complaints, 0), coalesce(r.complaints, 0),
        coalesce(h.hard_bounces, 0), coalesce(r.hard_bounces, 0)
    FROM fbl_hourlycount h FULL JOIN recount r USING (account_id, send_hour, provider, campaign)
    WHERE (coalesce(h.complaints, 0), coalesce(h.hard_bounces, 0), coalesce(h.soft_bounces, 0),
           coalesce(h.block_bounces, 0), coalesce(h.unsubscribes, 0))
       IS DISTINCT FROM
          (coalesce(r.complaints, 0), coalesce(r.hard_bounces, 0), coalesce(r.soft_bounces, 0),
           coalesce(r.block_bounces, 0), coalesce(r.unsubscribes, 0))
"""
