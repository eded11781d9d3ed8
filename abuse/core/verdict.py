"""What the rule says of one account at one hour, with every figure it rests on."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from math import exp
from typing import Any


class State(StrEnum):
    OK = "ok"
    WATCH = "watch"
    HOLD = "hold"  # pause the campaign, a person looks
    SUSPEND = "suspend"

    @property
    def severity(self) -> int:
        """0 for ok … 3 for suspend."""
        return list(State).index(self)


class Reason(StrEnum):
    """Why; a verdict lists those that hold, in this order."""

    COMPLAINTS_CONSTANT = "complaints_constant"
    BOUNCES_CONSTANT = "bounces_constant"
    COMPLAINTS_AND_BOUNCES = "complaints_and_bounces"
    BOUNCE_BURST = "bounce_burst"
    BLOW_OUT = "blow_out"
    RESELLER_PATTERN = "reseller_pattern"  # the accounts of one reseller together, and this one's own figures
    EVIDENCE_WITHOUT_PERSISTENCE = "evidence_without_persistence"
    ONE_PROVIDER_ONLY = "one_provider_only"
    FRESH_COMPLAINERS = "fresh_complainers"
    BOUNCES_TODAY = "bounces_today"
    COMPLAINTS_TODAY = "complaints_today"


class Basis(StrEnum):
    """Which score, and so which period, the verdict rests on."""

    COMPLAINTS = "complaints"
    BOUNCES = "bounces"
    JOINT = "joint"
    TWO_DAYS = "two_days"  # today and yesterday alone


@dataclass(frozen=True, slots=True)
class Verdict:
    """The state, its reasons, the scores, and the plain figures of the period `first_day` to `today`.

    Days count from 1970-01-01, hours likewise (UTC). Scores are natural logarithms of likelihood ratios.
    """

    state: State
    reasons: tuple[Reason, ...]
    basis: Basis
    now_hour: int
    first_day: int
    today: int
    score_complaints: float
    score_bounces: float
    score_joint: float
    rest_complaints: float  # the score without its worst day
    rest_bounces: float
    rest_joint: float
    needed_evidence: float  # what a score and its rest had to reach for a suspension
    needed_rest: float
    dissenting: tuple[str, ...]  # providers whose readers contradict
    is_new: bool
    is_surge: bool
    on_probation: bool
    enough_data: bool
    complaints_limit: float
    bounces_limit: float
    denominator: str  # "reporting" or "all": what complaints are divided by
    # over the period:
    send_days: int
    delivered: int
    reporting: int  # delivered to providers with a feedback loop
    complaints: int  # distinct, before the cap
    bounces: int
    over_cap: int  # complaints above the daily cap of their provider: shown, not scored
    without_feed: int  # complaints from providers without a feedback loop: shown, not scored
    dark: int  # delivered while a feed was silent: not in `reporting`
    policy_version: str = ""

    @property
    def complaints_decidable(self) -> bool:
        """Whether any mail of the period could have been complained about."""
        return self.complaint_base > 0

    @property
    def complaint_base(self) -> int:
        """The delivered messages that complaints are divided by."""
        return self.delivered if self.denominator == "all" else self.reporting

    @property
    def complaint_rate(self) -> float | None:
        """Complaints per delivered message; None when nothing could be complained about."""
        return self.complaints / self.complaint_base if self.complaint_base else None

    @property
    def bounce_rate(self) -> float | None:
        """Hard bounces per delivered message; None when nothing was delivered."""
        return self.bounces / self.delivered if self.delivered else None

    @property
    def tolerated_complaints(self) -> int:
        """The most complaints the limit allows over the period."""
        return _allowed(self.complaints_limit, self.complaint_base)

    @property
    def tolerated_bounces(self) -> int:
        """The most hard bounces the limit allows over the period."""
        return _allowed(self.bounces_limit, self.delivered)

    @property
    def score(self) -> float:
        """The score the verdict rests on; the largest one when it rests on two days alone."""
        return {
            Basis.COMPLAINTS: self.score_complaints,
            Basis.BOUNCES: self.score_bounces,
            Basis.JOINT: self.score_joint,
        }.get(self.basis, max(self.score_complaints, self.score_bounces, self.score_joint))

    @property
    def rest(self) -> float:
        """The score it rests on, without its worst day."""
        return {Basis.BOUNCES: self.rest_bounces, Basis.JOINT: self.rest_joint}.get(self.basis, self.rest_complaints)

    @property
    def times_likelier(self) -> float:
        """How many times likelier the figures are from an unacceptable sender than from an acceptable one."""
        return exp(min(self.score, 700.0))

    def figures(self) -> dict[str, Any]:
        """Return everything as plain JSON values, for the row that keeps it; floats keep all their digits."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return values | {
            "state": self.state.value,
            "basis": self.basis.value,
            "reasons": [reason.value for reason in self.reasons],
            "dissenting": list(self.dissenting),
            "complaint_rate": self.complaint_rate,
            "bounce_rate": self.bounce_rate,
            "tolerated_complaints": self.tolerated_complaints,
            "tolerated_bounces": self.tolerated_bounces,
        }

    @classmethod
    def from_figures(cls, figures: Mapping[str, Any]) -> "Verdict":
        """Return the verdict whose `figures` these are."""
        values = {field.name: figures[field.name] for field in fields(cls)}
        values["state"] = State(values["state"])
        values["basis"] = Basis(values["basis"])
        values["reasons"] = tuple(Reason(reason) for reason in values["reasons"])
        values["dissenting"] = tuple(values["dissenting"])
        return cls(**values)


def _allowed(limit: float, delivered: int) -> int:
    # In whole millionths, so that 0.25 % of 1200 is 3 and not 2.
    return delivered * round(limit * 1_000_000) // 1_000_000
