"""The probation after a reinstatement: how long, how much mail a day, and whether its conditions are kept."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from abuse.core.probation import Breach, Condition, is_broken, proof_breach, rules, volume_breaches
from abuse.core.wording import words
from abuse.models import Case, Probation, Standing, Suspension
from abuse.services import history, letters, standings
from abuse.services.probation_terms import daily_volume, ends_at
from courrielleur.accounts.actors import SYSTEM
from fbl import selectors as feedback

CHECK_EVERY = timedelta(hours=1)
BROKEN = "probation_broken"  # the code of a suspension that ends a probation

# Complainers and hard-bounced recipients of an account since a day, and how many have no consent record.
Unproved = Callable[[int, date, date], tuple[int, int]]
Reach = Callable[[str], bool]  # whether an address on the web answers


@dataclass(frozen=True)
class Conditions:
    """What a reviewer asks for beyond the volume."""

    needs_proof: bool = False
    form_url: str = ""


VOLUME_ALONE = Conditions()


def begin(suspension: Suspension, now: datetime, conditions: Conditions = VOLUME_ALONE) -> Probation:
    """Start the probation of a lifted *suspension*, in the transaction that lifts it."""
    end_running(suspension.account_id, now)
    return Probation.objects.create(
        account=suspension.account,
        suspension=suspension,
        starts_at=now,
        ends_at=ends_at(now),
        daily_volume=daily_volume(suspension),
        needs_proof=conditions.needs_proof,
        form_url=conditions.form_url,
    )


def end_running(account_id: int, now: datetime) -> None:
    """End the account's probation without a word: it was stopped again."""
    Probation.objects.filter(account=account_id, state=Probation.State.RUNNING).update(
        state=Probation.State.ENDED, ended_at=now
    )


def check_due(now: datetime, stop: Callable[[Probation, str], None], unproved: Unproved, reach: Reach) -> int:
    """Check the running probations whose hour has come; warn, complete, or *stop* the account. Return how many.

    *stop* takes the probation and the facts in the reseller's language: suspensions know probations, not the
    other way round.
    """
    due = Probation.objects.filter(state=Probation.State.RUNNING).exclude(checked_at__gt=now - CHECK_EVERY)
    ids = list(due.order_by("checked_at").values_list("pk", flat=True))
    for probation_id in ids:
        with transaction.atomic():
            _check(probation_id, now, stop, unproved, reach)
    return len(ids)


def _check(
    probation_id: UUID, now: datetime, stop: Callable[[Probation, str], None], unproved: Unproved, reach: Reach
) -> None:
    found = Probation.objects.filter(pk=probation_id).select_related("account__reseller", "suspension").first()
    if found is None:
        return
    standing = standings.lock(found.account, now)  # before the probation: everybody locks in this order
    probation = Probation.objects.select_for_update().get(pk=found.pk)
    if probation.state != Probation.State.RUNNING:
        return
    probation.account, probation.suspension = found.account, found.suspension
    known = [_breach(told) for told in probation.breaches]
    new = [breach for breach in _breaches(probation, now, unproved, reach) if _name(breach) not in map(_name, known)]
    probation.breaches = [breach.as_json() for breach in sorted([*known, *new], key=lambda one: one.day)]
    probation.checked_at = now
    probation.save(update_fields=["breaches", "checked_at"])
    if is_broken([*known, *new], rules()):
        probation.state, probation.ended_at = Probation.State.BROKEN, now
        probation.save(update_fields=["state", "ended_at"])
        stop(probation, facts(probation, [*known, *new]))
    elif new:
        _tell(probation, "probation_breached", new, now)
    elif now >= probation.ends_at and standing.level in {Standing.Level.PROBATION, Standing.Level.OK}:
        _complete(probation, standing, now)


def _breaches(probation: Probation, now: datetime, unproved: Unproved, reach: Reach) -> list[Breach]:
    """Return what is not kept, as seen *now*. A day is judged whole: a breach of today can only grow."""
    first, today = probation.starts_at.astimezone(UTC).date(), min(now, probation.ends_at).astimezone(UTC).date()
    found: list[Breach] = []
    if probation.daily_volume:
        days = feedback.daily_figures([probation.account_id], first, today)
        found += volume_breaches({day.day: day.delivered for day in days}, probation.daily_volume, first, rules())
    if probation.needs_proof:
        recipients, without = unproved(probation.account_id, first, today)
        breach = proof_breach(recipients, without, today, rules())
        told_before = max(
            (int(told["value"]) for told in probation.breaches if told["condition"] == Condition.PROOF), default=0
        )
        if breach and breach.value > told_before:  # the same recipients break it once
            found.append(breach)
    if probation.form_url and not any(told["condition"] == Condition.FORM for told in probation.breaches):
        is_day_old = now - probation.starts_at >= timedelta(days=1)  # they may need an hour to put it up
        if is_day_old and not reach(probation.form_url):
            found.append(Breach(Condition.FORM, today, 0, 1))
    return found


def _complete(probation: Probation, standing: Standing, now: datetime) -> None:
    probation.state, probation.ended_at = Probation.State.COMPLETED, now
    probation.save(update_fields=["state", "ended_at"])
    if standing.level == Standing.Level.PROBATION:
        standings.change(standing, Standing.Level.OK, now)
    standing.probation_ends_at = None
    standing.save(update_fields=["level", "since", "probation_ends_at"])
    case = Case.objects.filter(suspension=probation.suspension).first()
    if case is not None:
        history.tell(case, "probation_completed", actor=SYSTEM, now=now)
        letters.write_probation_completed(case, now=now)


def _tell(probation: Probation, move: str, breaches: list[Breach], now: datetime) -> None:
    """Write the breach into the case, where the client sees it, and into a letter."""
    case = Case.objects.filter(suspension=probation.suspension).first()
    if case is None:
        return
    text = facts(probation, breaches)
    history.tell(case, move, actor=SYSTEM, now=now, text=text, data={"breaches": [one.as_json() for one in breaches]})
    letters.write_probation_breached(case, text=text, ends_at=probation.ends_at, now=now)


def facts(probation: Probation, breaches: list[Breach]) -> str:
    """Return the breaches as sentences in the reseller's language, one a line."""
    language = probation.account.reseller.language
    say = words(language)
    with override(language):
        sentences = {
            Condition.VOLUME: _("On %(day)s, %(value)s messages were delivered; %(limit)s were allowed."),
            Condition.PROOF: _(
                "By %(day)s, %(value)s of the recipients who complained or bounced had no consent record; up to "
                "%(limit)s are tolerated."
            ),
            Condition.FORM: _("On %(day)s, the sign-up form that was promised did not answer: %(url)s"),
        }
        return "\n".join(
            sentences[breach.condition]
            % {
                "day": breach.day.isoformat(),
                "value": say.number(breach.value),
                "limit": say.number(breach.limit),
                "url": probation.form_url,
            }
            for breach in breaches
        )


def _name(breach: Breach) -> tuple[Condition, date | None]:
    """A form that does not answer is told once, all else once a day."""
    return breach.condition, None if breach.condition is Condition.FORM else breach.day


def _breach(told: dict[str, object]) -> Breach:
    return Breach(
        Condition(str(told["condition"])),
        date.fromisoformat(str(told["day"])),
        int(str(told["value"])),
        int(str(told["limit"])),
    )
