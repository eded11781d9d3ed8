"""Repeat decisions: from what they kept, and from what the reports of then are read as today.

The first shows that a decision was made as it says, to the last digit. The second shows what a fix of our reading
would have changed: a stop that would not have happened is a wrong to repair (`repairs.py`).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from abuse.core import chain as core_chain
from abuse.core.cells import DayCell, History
from abuse.core.decision import decide
from abuse.core.policy import Policy
from abuse.core.verdict import Reason, State, Verdict
from abuse.models import Assessment
from abuse.selectors.incidents import excused_cells
from abuse.selectors.policies_in_force import policy_used
from abuse.services import chain
from fbl import selectors as feedback

CHUNK = 200  # assessments read at a time: each holds a month of cells
UNKNOWN_POLICY = "unknown_policy"  # in place of a state: the policy it names is not here any more


@dataclass(frozen=True)
class Replay:
    """One decision, repeated."""

    assessment: Assessment
    from_inputs: Verdict | None  # today's code on what the decision kept; None when its policy is not here
    from_reports: Verdict | None  # the same, with complaints and bounces as they are read today
    is_intact: bool  # its digest is the one it was written with

    @property
    def is_same(self) -> bool:
        """Whether today's code says the very same of what the decision kept, every digit of it."""
        return self.from_inputs is not None and core_chain.canonical(
            self.from_inputs.figures()
        ) == core_chain.canonical(self.assessment.figures)

    @property
    def would_differ(self) -> bool:
        """Whether state or reasons would be others today."""
        return any(_outcome(verdict) != _kept_outcome(self.assessment) for verdict in self._verdicts())

    @property
    def would_not_stop(self) -> bool:
        """Whether this stopped an account that would not be stopped today, on the same evidence."""
        return self.assessment.state == State.SUSPEND and any(
            verdict.state is not State.SUSPEND for verdict in self._verdicts()
        )

    def as_json(self) -> dict[str, Any]:
        return {
            "decision": str(self.assessment.pk),
            "account": self.assessment.account.key,
            "at": self.assessment.at.astimezone(UTC).isoformat(timespec="seconds"),
            "recorded": {"state": self.assessment.state, "reasons": self.assessment.reasons},
            "from_inputs": _told(self.from_inputs),
            "from_reports": _told(self.from_reports),
            "same": self.is_same,
            "intact": self.is_intact,
            "differences": self.differences(),
            "policy_version": self.assessment.policy_version,
            "code_version": self.assessment.code_version,
        }

    def differences(self) -> dict[str, list[Any]]:
        """Return each figure that today's code gives otherwise from the kept inputs: [recorded, today]."""
        if self.from_inputs is None:
            return {}
        recorded, today = self.assessment.figures, self.from_inputs.figures()
        return {
            name: [recorded.get(name), today.get(name)]
            for name in sorted(recorded.keys() | today.keys())
            if core_chain.canonical(recorded.get(name)) != core_chain.canonical(today.get(name))
        }

    def _verdicts(self) -> list[Verdict]:
        return [verdict for verdict in (self.from_inputs, self.from_reports) if verdict is not None]


def one(assessment_id: UUID) -> Replay:
    """Repeat one decision. Raises `Assessment.DoesNotExist`."""
    return _replay(_with_account().get(pk=assessment_id))


def since(moment: datetime, until: datetime | None = None) -> Iterator[Replay]:
    """Repeat every decision since *moment*, oldest first, in constant memory."""
    found = _with_account().filter(at__gte=moment)
    if until is not None:
        found = found.filter(at__lt=until)
    for assessment in found.order_by("at", "pk").iterator(CHUNK):
        yield _replay(assessment)


def repeat(assessment: Assessment, policy: Policy, history: History | None = None) -> Verdict:
    """Apply the rule to what *assessment* kept; with another *history*, when one is given."""
    inputs = assessment.inputs
    history = history or History.from_json(inputs["history"])
    verdict = _decide(assessment, history, policy)
    if group := inputs.get("group"):
        # Its reseller's accounts together, as they were pooled then; the account's own figures are beside it.
        pooled_by = policy_used(group["policy_version"]) if "policy_version" in group else policy
        pooled = _decide(assessment, History.from_json(group["pooled"]), pooled_by or policy, on_probation=False)
        if pooled.state is State.SUSPEND:
            return replace(verdict, state=State.SUSPEND, reasons=(Reason.RESELLER_PATTERN, *verdict.reasons))
    return verdict


def history_as_read_today(assessment: Assessment) -> History:
    """Return the kept history with complaints and hard bounces as the reports that had come by then are read now.

    Delivered mail stays as it was counted. A day partly dark keeps its complaints: which hours were dark then is
    not kept.
    """
    kept = History.from_json(assessment.inputs["history"])
    if not kept.days:
        return kept
    found = feedback.scored_until(
        assessment.account_id,
        min(kept.days),
        max(kept.days),
        assessment.at,
        excused=sorted(excused_cells(assessment.at)),
    )
    days: dict[int, DayCell] = {}
    for day, cell in kept.days.items():
        bounces = sum(figures.hard_bounces for (on, _), figures in found.items() if on == day)
        providers = {name: [delivered, 0] for name, (delivered, _) in cell.providers.items()}
        for (on, provider), figures in found.items():
            if on == day and figures.complaints:
                providers.setdefault(provider, [0, 0])[1] = figures.complaints
        days[day] = DayCell(
            cell.delivered,
            cell.hour_sum,
            bounces,
            dark=cell.dark,
            excused=cell.excused,
            providers=dict(cell.providers) if cell.dark else providers,
        )
    return History(days, kept.lifetime, kept.reinstated_day)


def _replay(assessment: Assessment) -> Replay:
    policy = policy_used(assessment.policy_version)
    before = Assessment.objects.filter(account=assessment.account_id, sequence=(assessment.sequence or 0) - 1).first()
    previous = bytes(before.digest or b"") if before else core_chain.BEGINNING
    link = chain.link_of(assessment)
    return Replay(
        assessment=assessment,
        from_inputs=repeat(assessment, policy) if policy else None,
        from_reports=repeat(assessment, policy, history_as_read_today(assessment)) if policy else None,
        is_intact=assessment.sequence is None or link.digest_after(previous) == link.digest,
    )


def _decide(assessment: Assessment, history: History, policy: Policy, *, on_probation: bool | None = None) -> Verdict:
    inputs = assessment.inputs
    return decide(
        history,
        policy,
        now_hour=inputs["now_hour"],
        reporting_providers=inputs["reporting_providers"],
        on_probation=inputs["on_probation"] if on_probation is None else on_probation,
    )


def _with_account() -> QuerySet[Assessment]:
    return Assessment.objects.select_related("account")


def _outcome(verdict: Verdict) -> tuple[str, list[str]]:
    return verdict.state.value, [reason.value for reason in verdict.reasons]


def _kept_outcome(assessment: Assessment) -> tuple[str, list[str]]:
    return assessment.state, list(assessment.reasons)


def _told(verdict: Verdict | None) -> dict[str, Any] | str:
    if verdict is None:
        return UNKNOWN_POLICY
    state, reasons = _outcome(verdict)
    return {"state": state, "reasons": reasons}
