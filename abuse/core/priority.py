"""Which case first: priority from impact × urgency, as tables people can read.

Impact is how much mail was judged; urgency is what kind of evidence it was. An account that was stopped before
within a year is more urgent by one step: the same cause came back.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Degree(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Priority(IntEnum):
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    URGENT = 4


# Mails delivered in the period that was judged: at least this many, this impact.
IMPACT: tuple[tuple[int, Degree], ...] = ((50_000, Degree.HIGH), (5_000, Degree.MEDIUM), (0, Degree.LOW))

# Reasons of the decision rule. What runs away within a day is more urgent than what lasts for weeks.
URGENCY: dict[str, Degree] = {
    "blow_out": Degree.HIGH,
    "bounce_burst": Degree.HIGH,
    "complaints_and_bounces": Degree.HIGH,
    "complaints_constant": Degree.MEDIUM,
    "bounces_constant": Degree.MEDIUM,
    "reseller_pattern": Degree.HIGH,
    "probation_broken": Degree.HIGH,  # the second time
    "by_hand": Degree.HIGH,  # a person saw a reason to stop an account at once
}
DEFAULT_URGENCY = Degree.LOW  # holds: no mail of the account is stopped but one campaign

PRIORITY: dict[tuple[Degree, Degree], Priority] = {
    (Degree.LOW, Degree.LOW): Priority.LOW,
    (Degree.LOW, Degree.MEDIUM): Priority.MEDIUM,
    (Degree.LOW, Degree.HIGH): Priority.MEDIUM,
    (Degree.MEDIUM, Degree.LOW): Priority.MEDIUM,
    (Degree.MEDIUM, Degree.MEDIUM): Priority.MEDIUM,
    (Degree.MEDIUM, Degree.HIGH): Priority.HIGH,
    (Degree.HIGH, Degree.LOW): Priority.MEDIUM,
    (Degree.HIGH, Degree.MEDIUM): Priority.HIGH,
    (Degree.HIGH, Degree.HIGH): Priority.URGENT,
}

_ORDER = tuple(Degree)


@dataclass(frozen=True)
class Weight:
    """A priority with what made it."""

    priority: Priority
    impact: Degree
    urgency: Degree
    is_repeat: bool

    def code(self) -> str:
        """Return what is stored with the case; people read it in words (`Case.priority_reason`)."""
        return f"{self.impact} {self.urgency}" + (" repeat" if self.is_repeat else "")

    @classmethod
    def from_code(cls, code: str) -> "Weight":
        """Return the weight whose `code` this is. Raises `ValueError`."""
        impact, urgency, *repeat = code.split()
        degrees = Degree(impact), Degree(urgency)
        return cls(PRIORITY[degrees], *degrees, is_repeat=repeat == ["repeat"])


def weigh(*, delivered: int, reasons: Collection[str], is_repeat: bool = False) -> Weight:
    """Return the priority of a case.

    >>> weigh(delivered=80_000, reasons=["complaints_constant"]).priority
    <Priority.HIGH: 3>
    """
    impact = next(degree for least, degree in IMPACT if delivered >= least)
    urgency = max((URGENCY.get(reason, DEFAULT_URGENCY) for reason in reasons), key=_ORDER.index, default=Degree.LOW)
    if is_repeat:
        urgency = _ORDER[min(_ORDER.index(urgency) + 1, len(_ORDER) - 1)]
    return Weight(PRIORITY[impact, urgency], impact, urgency, is_repeat)
