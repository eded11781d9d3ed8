"""What each campaign of an account came to, with the list it went to and its stream."""

from dataclasses import dataclass
from datetime import date

from django.db import connection

from fbl.core.providers import reporting_keys
from fbl.selectors.figures import day_of, hours_of_days


@dataclass(frozen=True)
class CampaignFigures:
    campaign: str
    first_day: date
    last_day: date
    delivered: int
    reporting: int
    complaints: int
    hard_bounces: int
    list_key: str  # empty: nobody told us
    stream: str  # marketing, transactional; empty: nobody told us


def campaign_figures(account_id: int, first_day: date, last_day: date) -> list[CampaignFigures]:
    """Return the account's campaigns of these days, the most complained of first."""
    first, last = hours_of_days(first_day, last_day)
    with connection.cursor() as cursor:
        cursor.execute(_FIGURES, [*[list(reporting_keys())] * 2, account_id, first, last, account_id])
        return [
            CampaignFigures(campaign, day_of(first_hour), day_of(last_hour), *figures)
            for campaign, first_hour, last_hour, *figures in cursor.fetchall()
        ]


_FIGURES = """
    WITH counted AS (
        SELECT campaign, min(send_hour), max(send_hour), greatest(sum(delivered), 0)::bigint AS delivered,
            greatest(coalesce(sum(delivered) FILTER (WHERE provider = ANY(%s)), 0), 0)::bigint,
            coalesce(sum(complaints) FILTER (WHERE provider = ANY(%s)), 0)::int AS complaints,
            sum(hard_bounces)::int AS bounces
        FROM fbl_hourlycount WHERE account_id = %s AND send_hour >= %s AND send_hour < %s GROUP BY campaign
    )
    SELECT counted.*, coalesce(told.list_key, ''), coalesce(told.stream, '')
    FROM counted LEFT JOIN fbl_campaignname told ON told.account_id = %s AND told.name = counted.campaign
    ORDER BY complaints DESC, bounces DESC, delivered DESC
"""
