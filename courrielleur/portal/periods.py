"""The periods that pages look back on, in UTC send days."""

from datetime import UTC, date, datetime, timedelta

WEEK = 7
MONTH = 30
CHART = 60


def last_days(days: int, now: datetime) -> tuple[date, date]:
    """Return the first and the last of that many days, today included."""
    today = now.astimezone(UTC).date()
    return today - timedelta(days=days - 1), today
