"""Which accounts cannot be noteworthy: one pass over the counters, in the database, by bounds on the safe side.

What a day proves grows with its events and shrinks with its exposure. So the sum of what speaks against an account,
with every complaint counted and exposure taken too low, is above any score the decision rule can reach.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import connection


@dataclass(frozen=True)
class RateBounds:
    """The likelihood ratio of a day: `events × weight − (events + dispersion) × ln(…)`, as the rule has it."""

    acceptable: float  # events per message
    unacceptable: float
    dispersion: float
    weight: float


@dataclass(frozen=True)
class Bounds:
    """Where the rule begins to say more than "ok"."""

    complaints: RateBounds
    bounces: RateBounds
    evidence: float  # a score from here on is noteworthy
    window_days: int
    maturity: tuple[tuple[float, float], ...]  # (age in hours, share of complaints that has come), the oldest first
    youngest_maturity: float
    two_day_events: int  # fewer bounces and complaints of today and yesterday are never noteworthy
    two_day_bounce_rate: float  # nor are days with a rate up to this
    two_day_complaints: int
    two_day_complaint_rate: float


def noteworthy_accounts(
    account_ids: Sequence[int],
    bounds: Bounds,
    *,
    now_hour: int,
    reporting_providers: Collection[str],
    dark: Collection[tuple[str, int]] = (),
) -> set[int]:
    """Return those of the accounts that the rule may say more of than "ok". The others are certain."""
    today = now_hour // 24
    silent = sorted(dark)
    with connection.cursor() as cursor:
        cursor.execute(
            _QUERY.format(maturity=" ".join("WHEN age >= %s THEN %s" for _ in bounds.maturity)),
            [
                now_hour,
                list(reporting_providers),
                list(reporting_providers),
                [provider for provider, _ in silent],
                [hour for _, hour in silent],
                list(account_ids),
                (today - bounds.window_days) * 24,
                now_hour + 1,
                *[figure for step in bounds.maturity for figure in step],
                bounds.youngest_maturity,
                *_of(bounds.complaints),
                *_of(bounds.bounces),
                bounds.evidence - ROUNDING,
                today - 1,
                bounds.two_day_events,
                bounds.two_day_bounce_rate,
                today - 1,
                today - 1,
                bounds.two_day_complaints,
                today - 1,
                bounds.two_day_complaint_rate,
                today - 1,
            ],
        )
        return {row[0] for row in cursor.fetchall()}


ROUNDING = 1e-6  # the database adds in another order


def _of(rate: RateBounds) -> tuple[float, ...]:
    return (rate.weight, rate.dispersion, rate.dispersion, rate.unacceptable, rate.dispersion, rate.acceptable)


_EVIDENCE = (
    "{events} * %s::float8 - ({events} + %s::float8)"
    " * ln((%s::float8 + {exposure} * %s::float8) / (%s::float8 + {exposure} * %s::float8))"
)
_QUERY = f"""
WITH days AS (
    SELECT counts.account_id, counts.send_hour / 24 AS day, %s - max(counts.send_hour) + 1 AS age,
        greatest(sum(delivered), 0)::float8 AS delivered, sum(hard_bounces)::float8 AS bounces,
        greatest(coalesce(sum(delivered) FILTER (WHERE counts.provider = ANY(%s) AND dark.hour IS NULL), 0), 0)::float8
            AS reporting,
        coalesce(sum(complaints) FILTER (WHERE counts.provider = ANY(%s) AND dark.hour IS NULL), 0)::float8
            AS complaints
    FROM fbl_hourlycount AS counts
    LEFT JOIN unnest(%s::text[], %s::int[]) AS dark (provider, hour)
        ON dark.provider = counts.provider AND dark.hour = counts.send_hour
    WHERE counts.account_id = ANY(%s) AND counts.send_hour >= %s AND counts.send_hour <= %s
    GROUP BY 1, 2
), exposed AS (
    SELECT *, reporting * (CASE {{maturity}} ELSE %s END)::float8 AS exposure FROM days
), weighed AS (
    SELECT *, {_EVIDENCE.format(events="complaints", exposure="exposure")} AS by_complaints,
        {_EVIDENCE.format(events="bounces", exposure="delivered")} AS by_bounces
    FROM exposed
)
SELECT account_id FROM weighed GROUP BY account_id
HAVING sum(greatest(by_complaints, 0) + greatest(by_bounces, 0)) >= %s
    OR (sum(bounces + complaints) FILTER (WHERE day >= %s) >= %s
        AND bool_or(bounces > delivered * %s::float8) FILTER (WHERE day >= %s))
    OR (sum(complaints) FILTER (WHERE day >= %s) >= %s
        AND sum(complaints) FILTER (WHERE day >= %s) > %s::float8 * sum(exposure) FILTER (WHERE day >= %s))
"""  # noqa: S608 - put together from our own words; every value is a parameter
