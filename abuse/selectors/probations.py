"""A running probation as the desk and the client see it: until when, how much mail today, what was not kept."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from abuse.core.probation import daily_cap, rules, weekly_caps
from abuse.models import Probation
from courrielleur.accounts.models import Account


@dataclass(frozen=True)
class ProbationView:
    ends_at: datetime
    today_cap: int | None  # messages; None: no volume to go by
    weekly_caps: list[int]
    needs_proof: bool
    form_url: str
    breaches: list[dict[str, Any]]  # condition, day, value, limit; oldest first
    breaches_left: int  # days on which a condition may still be broken before the account is stopped


def probation_of(account: Account, now: datetime) -> ProbationView | None:
    """Return the account's probation, None when it is on none."""
    probation = Probation.objects.filter(account=account, state=Probation.State.RUNNING).first()
    if probation is None:
        return None
    first, today = (moment.astimezone(UTC).date() for moment in (probation.starts_at, now))
    volume = probation.daily_volume
    broken = {told["day"] for told in probation.breaches if told["condition"] != "form"}
    return ProbationView(
        ends_at=probation.ends_at,
        today_cap=daily_cap(volume, first, today, rules()) if volume else None,
        weekly_caps=weekly_caps(volume, rules()) if volume else [],
        needs_proof=probation.needs_proof,
        form_url=probation.form_url,
        breaches=probation.breaches,
        breaches_left=max(0, rules().breaches - 1 - len(broken)),
    )
