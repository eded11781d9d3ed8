"""What a probation promises: how long it lasts, and how much mail a day it allows."""

from datetime import datetime, timedelta

from django.conf import settings

from abuse.models import Suspension
from abuse.selectors.policies import policy_for
from fbl import selectors as feedback

LOOK_BACK = timedelta(days=30)


def ends_at(now: datetime) -> datetime:
    """Return when a probation that starts *now* ends."""
    return now + timedelta(days=settings.PROBATION_DAYS)


def daily_volume(suspension: Suspension) -> int | None:
    """Return the most mails a day during the probation, or None when there is no volume to go by.

    The largest send day of the month before the suspension, times the policy's share: reputation is rebuilt at
    the old pace, not faster.
    """
    stopped = suspension.imposed_at
    days = feedback.daily_figures([suspension.account_id], (stopped - LOOK_BACK).date(), stopped.date())
    largest = max((day.delivered for day in days), default=0)
    return round(largest * policy_for(suspension.account).probation_volume) or None
