"""Hold what a client proved against what the receiving side said of the same recipients.

The complainers of a list whose members all asked for the mail have records as often as its other recipients. Only
counts leave this module, and of traps only bands: a number would tell which addresses they are.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import exp, lgamma

from abuse.core.traps import TrapKind, band
from consent.core.coverage import Reported, TakenBack, Tally, tally

LEAST_COMPARED = 20  # recipients of each side: fewer tell nothing about the rest
UNKNOWN_KIND = "unknown"
KINDS = tuple(kind.value for kind in TrapKind)


@dataclass(frozen=True)
class TrapCrossing:
    """Traps of one kind that were mailed, in bands: how many, and how many of them the client has a consent of."""

    kind: str  # pristine, recycled, typo or unknown
    mailed: str  # "1-5", "6-20" or ">20"
    with_record: str  # the same, "0" for none


@dataclass(frozen=True)
class CrossExamination:
    """What consent records say of the recipients of one case."""

    complainers: Tally
    bounced: Tally
    ordinary: Tally  # who unsubscribed, or could not be reached for a while
    traps: tuple[TrapCrossing, ...]
    records: int  # rows handed in
    recipients_on_record: int
    largest_mailing: int  # mails of one campaign in one day

    @property
    def list_coverage(self) -> float | None:
        """Return the largest share of a mailing's recipients that can have a record; None when nothing was sent."""
        return min(1.0, self.recipients_on_record / self.largest_mailing) if self.largest_mailing else None

    @property
    def chance(self) -> float | None:
        """Return how often chance alone gives complainers so few records, compared with ordinary recipients.

        None when either side is too small to compare.
        """
        if min(self.complainers.recipients, self.ordinary.recipients) < LEAST_COMPARED:
            return None
        return at_most(
            self.complainers.with_record,
            self.complainers.recipients,
            self.complainers.with_record + self.ordinary.with_record,
            self.complainers.recipients + self.ordinary.recipients,
        )


def cross_examine(
    *,
    complained: Iterable[Reported],
    bounced: Iterable[Reported],
    ordinary: Iterable[Reported],
    trapped: Iterable[tuple[bytes, str]],
    consents: Mapping[bytes, datetime | None],
    records: int,
    recipients_on_record: int,
    largest_mailing: int,
    taken_back: Mapping[bytes, TakenBack] | None = None,
) -> CrossExamination:
    """Return the crossing. *consents* is the earliest date of each recipient on record.

    Who complained or bounced for good is no ordinary recipient, whatever else they did.
    """
    complained, bounced = list(complained), list(bounced)
    special = {digest for digest, _hour in [*complained, *bounced]}
    return CrossExamination(
        complainers=tally(complained, consents, taken_back),
        bounced=tally(bounced, consents, taken_back),
        ordinary=tally([row for row in ordinary if row[0] not in special], consents, taken_back),
        traps=_traps(trapped, consents),
        records=records,
        recipients_on_record=recipients_on_record,
        largest_mailing=largest_mailing,
    )


def at_most(seen: int, drawn: int, marked: int, total: int) -> float:
    """Return the chance of *seen* or fewer marked ones when *drawn* of *total* are drawn and *marked* are marked.

    The lower tail of the hypergeometric distribution: Fisher's exact test, one-sided.

    >>> round(at_most(0, 5, 5, 10), 6)
    0.003968
    """
    first = max(0, drawn + marked - total)
    return min(1.0, sum(exp(_log_chance(k, drawn, marked, total)) for k in range(first, min(seen, marked) + 1)))


def _log_chance(seen: int, drawn: int, marked: int, total: int) -> float:
    return _log_choose(marked, seen) + _log_choose(total - marked, drawn - seen) - _log_choose(total, drawn)


def _log_choose(total: int, chosen: int) -> float:
    return lgamma(total + 1) - lgamma(chosen + 1) - lgamma(total - chosen + 1)


def _traps(trapped: Iterable[tuple[bytes, str]], consents: Collection[bytes]) -> tuple[TrapCrossing, ...]:
    by_kind: dict[str, set[bytes]] = {}
    for digest, kind in trapped:
        by_kind.setdefault(kind if kind in KINDS else UNKNOWN_KIND, set()).add(digest)
    return tuple(
        TrapCrossing(kind, band(len(by_kind[kind])), band(sum(digest in consents for digest in by_kind[kind])))
        for kind in (*KINDS, UNKNOWN_KIND)
        if kind in by_kind
    )
