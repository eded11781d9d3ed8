"""Hold consent records against those who complained or bounced: who has a record, and from before the mail?

Only counts leave this module: naming the complainers would help to wash a list instead of mending it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

LEAST_HEARD = 20  # recipients: a share of fewer says nothing of the list, and much of each of them
_FINE_FROM = 100  # recipients: from here a step of 5 % is five people or more
_FINE, _COARSE = 20, 4  # steps in 100 %

Reported = tuple[bytes, int | None]  # recipient digest, send hour (hours since 1970, UTC; None when unknown)


@dataclass(frozen=True)
class Tally:
    """How many distinct recipients of one kind are covered by consent records."""

    recipients: int = 0
    with_record: int = 0
    with_date: int = 0  # of those with a record: one of their records tells the moment of consent
    after_send: int = 0  # of those with a date: the earliest consent is later than the mail it should allow

    @property
    def without_record(self) -> int:
        return self.recipients - self.with_record

    @property
    def share(self) -> float | None:
        """The share of recipients with a record, 0 to 1; None when there are no recipients."""
        return self.with_record / self.recipients if self.recipients else None


@dataclass(frozen=True)
class Coverage:
    """What consent records say about the recipients that a case is about."""

    complainers: Tally
    bounced: Tally
    records: int  # records the account handed in
    recipients_on_record: int  # distinct recipients among them

    @property
    def has_records(self) -> bool:
        return self.records > 0


@dataclass(frozen=True)
class Reach:
    """How far records reach among the recipients we heard of."""

    recipients: int = 0
    with_record: int = 0
    valid: int = 0  # with a record that was a valid consent when the mail was sent

    @property
    def share(self) -> float | None:
        """The share of valid ones as the sender may see it, 0 to 1: rounded down to a step, None for too few.

        Exact, it would move with one record, and tell a patient sender which address it was that complained.
        """
        if self.recipients < LEAST_HEARD:
            return None
        steps = _FINE if self.recipients >= _FINE_FROM else _COARSE
        return steps * self.valid // self.recipients / steps


def reach(
    heard: Iterable[tuple[bytes, int, str]],
    on_record: Callable[[bytes], bool],
    is_valid: Callable[[bytes, int], bool],
) -> tuple[Reach, dict[str, Reach]]:
    """Return how far records reach over all, and by campaign.

    *heard* is (recipient digest, send hour, campaign). A recipient counts once in each, by the earliest mail.
    """
    first: dict[str | None, dict[bytes, int]] = {None: {}}
    for digest, hour, campaign in heard:
        for name in (None, campaign):
            hours = first.setdefault(name, {})
            hours[digest] = min(hour, hours.get(digest, hour))
    found = {
        name: Reach(
            recipients=len(hours),
            with_record=sum(on_record(digest) for digest in hours),
            valid=sum(is_valid(digest, hour) for digest, hour in hours.items()),
        )
        for name, hours in first.items()
    }
    return found.pop(None), {str(name): one for name, one in found.items()}


@dataclass(frozen=True)
class TakenBack:
    """A recipient who took a consent back: all that is on record of them."""

    consents: tuple[datetime | None, ...]  # None: one without a date
    withdrawals: tuple[datetime, ...]

    def standing(self, hour: int | None) -> list[datetime | None]:
        """Return the consents that no withdrawal ended before a mail of that send hour.

        Of a mail whose hour is unknown nothing is said against them, nor of one in the very hour of a withdrawal.
        """
        if hour is None:
            return list(self.consents)
        before = [at for at in self.withdrawals if at.timestamp() < hour * 3600]
        return [given for given in self.consents if not any(given is None or given <= at for at in before)]


def tally(
    reported: Iterable[Reported],
    consents: Mapping[bytes, datetime | None],
    taken_back: Mapping[bytes, TakenBack] | None = None,
) -> Tally:
    """Return how many of *reported* have a consent. *consents* is the earliest date of each recipient on record.

    A recipient reported more than once is measured by the earliest mail. A consent given in the very hour of
    the mail is not called later: hours are all we know. One that was *taken_back* before the mail is none.
    """
    first_sent: dict[bytes, int | None] = {}
    for digest, hour in reported:
        known = first_sent.get(digest)
        first_sent[digest] = hour if known is None else known if hour is None else min(known, hour)
    recorded: dict[bytes, datetime | None] = {}
    for digest, hour in first_sent.items():
        if taken_back and digest in taken_back:
            if left := taken_back[digest].standing(hour):
                recorded[digest] = min((at for at in left if at is not None), default=None)
        elif digest in consents:
            recorded[digest] = consents[digest]
    dated = [(at, first_sent[digest]) for digest, at in recorded.items() if at is not None]
    return Tally(
        recipients=len(first_sent),
        with_record=len(recorded),
        with_date=len(dated),
        after_send=sum(_is_later(consented_at, hour) for consented_at, hour in dated),
    )


def _is_later(consented_at: datetime | None, hour: int | None) -> bool:
    return consented_at is not None and hour is not None and consented_at.timestamp() >= (hour + 1) * 3600
