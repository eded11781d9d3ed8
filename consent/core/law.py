"""Say what consent laws make of one record on the day of one mail. An aid to a reviewer, never legal advice.

The rules, their sources and their words are data (consent/data/law.toml). Periods are counted as Canada's
Interpretation Act counts them (R.S.C. 1985, c. I-21, s. 28): backwards from the day of the message, which is
not counted, to the day of the same number, or to the last day of a month that has no such day.
The transition of CASL (s. 66) ended on 1 July 2017 and is not modelled.
"""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from consent.core.business_days import after_business_days
from consent.core.law_rules import BasisRule, LawRules, RegimeRules


class Regime(StrEnum):
    CASL = "casl"
    GDPR = "gdpr"
    CAN_SPAM = "can_spam"


class Outcome(StrEnum):
    VALID = "valid"
    EXPIRED = "expired"
    INSUFFICIENT = "insufficient"
    FORBIDDEN = "forbidden"


class Basis(StrEnum):
    """What an implied consent rests on."""

    PURCHASE = "purchase"  # or lease, barter, an accepted opportunity
    CONTRACT = "contract"  # in writing; subscriptions, accounts and loans too
    INQUIRY = "inquiry"
    DONATION = "donation"
    VOLUNTEERING = "volunteering"
    MEMBERSHIP = "membership"
    PUBLICATION = "publication"  # the address stands where everybody may read it
    DISCLOSURE = "disclosure"  # given in person: a business card


@dataclass(frozen=True)
class LegalRecord:
    """What a consent record proves. Moments are aware; `traits` are keys of [missing.*] that the record shows."""

    method: str  # a consent method's key, empty when unknown
    consented_at: datetime | None = None
    basis: Basis | None = None
    basis_at: datetime | date | None = None  # of the purchase, inquiry, donation, end of contract or membership
    is_continuing: bool = False  # the contract or membership is still in force
    traits: frozenset[str] = frozenset()
    is_pre_ticked: bool = False
    confirmed_at: datetime | None = None
    withdrawn_at: datetime | None = None
    zone: str = ""  # the recipient's, such as "America/Vancouver"


@dataclass(frozen=True)
class Opinion:
    """How a record stands on the day of a mail; dates are days in the recipient's zone."""

    outcome: Outcome
    source: str  # the section of the law, or the platform's practice
    since: date | None = None  # of EXPIRED: the first day without consent
    until: date | None = None  # of VALID: the last day, None when nothing ends it
    missing: tuple[str, ...] = ()  # of INSUFFICIENT: keys of [missing.*]


def judge(record: LegalRecord, sent_on: datetime | date, regime: Regime, rules: LawRules) -> Opinion:
    """Return what the record is worth under *regime* for a mail of that moment or day."""
    law = rules.regimes[regime]
    zone = ZoneInfo(record.zone or rules.default_zone)
    day = _day(sent_on, zone)
    if record.method in rules.forbidden:
        return Opinion(Outcome.FORBIDDEN, rules.forbidden_source)
    opinion = _consent(record, sent_on, day, law, rules, zone)
    if opinion.outcome is not Outcome.VALID:
        return opinion
    return _withdrawn(record, sent_on, day, law, zone) or opinion


def withdrawn_by(record: LegalRecord, withdrawals: Iterable[datetime]) -> LegalRecord:
    """Return *record* with the first withdrawal behind its consent, of these moments and the one it tells itself."""
    given = record.consented_at
    told = [*withdrawals, *([record.withdrawn_at] if record.withdrawn_at else [])]
    behind = [at for at in told if given is None or at >= given]
    return replace(record, withdrawn_at=min(behind)) if behind else record


def last_day_of(basis_day: date, months: int) -> date:
    """Return the last day of a message whose *months* before it still reach *basis_day*.

    >>> last_day_of(date(2024, 2, 29), 24)
    datetime.date(2026, 2, 28)
    >>> last_day_of(date(2026, 2, 28), 6)
    datetime.date(2026, 8, 31)
    """
    ahead = basis_day.month - 1 + months
    year, month = basis_day.year + ahead // 12, ahead % 12 + 1
    longest = monthrange(year, month)[1]
    # Counted backwards, every day of the later month that the earlier one lacks falls on its last day.
    is_last = basis_day.day == monthrange(basis_day.year, basis_day.month)[1]
    return date(year, month, longest if is_last else min(basis_day.day, longest))


def _consent(
    record: LegalRecord, sent_on: datetime | date, day: date, law: RegimeRules, rules: LawRules, zone: ZoneInfo
) -> Opinion:
    if law.is_opt_out:
        return Opinion(Outcome.VALID, law.express_source)
    if record.method in rules.express:
        return _express(record, sent_on, law, zone)
    if record.method in rules.implied or record.method in rules.disclosed:
        return _implied(record, day, law, zone, is_disclosed=record.method in rules.disclosed)
    return Opinion(Outcome.INSUFFICIENT, law.unclear_source, missing=("explanation",))


def _express(record: LegalRecord, sent_on: datetime | date, law: RegimeRules, zone: ZoneInfo) -> Opinion:
    missing = _missing(record, law.express_needs)
    if record.is_pre_ticked:
        missing += ("positive_act",)
    given_at = record.consented_at
    if record.method == "confirmed_opt_in":
        if record.confirmed_at is None:
            missing += ("confirmation",)
        given_at = record.confirmed_at or given_at
    if given_at and _is_after(given_at, sent_on, zone):
        missing += ("before_send",)
    if missing:
        return Opinion(Outcome.INSUFFICIENT, law.express_source, missing=missing)
    return Opinion(Outcome.VALID, law.express_source)


def _implied(record: LegalRecord, day: date, law: RegimeRules, zone: ZoneInfo, *, is_disclosed: bool) -> Opinion:
    basis = record.basis or (Basis.DISCLOSURE if is_disclosed else None)
    if basis is None:
        return Opinion(Outcome.INSUFFICIENT, law.unclear_source, missing=("basis",))
    rule = law.bases.get(basis)
    if rule is None:
        return Opinion(Outcome.INSUFFICIENT, law.express_source, missing=("express",))
    if rule.months:
        return _dated(record, day, rule, zone)
    missing = _missing(record, rule.needs)
    given = record.basis_at or record.consented_at
    if given and _day(given, zone) > day:
        missing += ("before_send",)
    return Opinion(Outcome.INSUFFICIENT if missing else Outcome.VALID, rule.source, missing=missing)


def _dated(record: LegalRecord, day: date, rule: BasisRule, zone: ZoneInfo) -> Opinion:
    if rule.continues and record.is_continuing:
        return Opinion(Outcome.VALID, rule.source)
    if record.basis_at is None:
        return Opinion(Outcome.INSUFFICIENT, rule.source, missing=("basis_date",))
    basis_day = _day(record.basis_at, zone)
    last = last_day_of(basis_day, rule.months)
    if day > last:
        return Opinion(Outcome.EXPIRED, rule.source, since=last + timedelta(days=1))
    # What ends later than the mail is in force at the mail; other bases must come first.
    if basis_day > day and not rule.continues:
        return Opinion(Outcome.INSUFFICIENT, rule.source, missing=("before_send",))
    return Opinion(Outcome.VALID, rule.source, until=last)


def _withdrawn(
    record: LegalRecord, sent_on: datetime | date, day: date, law: RegimeRules, zone: ZoneInfo
) -> Opinion | None:
    """Return what a withdrawal makes of the record, None when there is none, or a later consent overrides it."""
    withdrawn_at = record.withdrawn_at
    if withdrawn_at is None or (record.consented_at and record.consented_at > withdrawn_at):
        return None
    if _is_after(withdrawn_at, sent_on, zone):
        return None
    if not law.withdrawal_business_days:
        return Opinion(Outcome.EXPIRED, law.withdrawal_source, since=_day(withdrawn_at, zone))
    last = after_business_days(_day(withdrawn_at, zone), law.withdrawal_business_days, law.holidays)
    if day > last:
        return Opinion(Outcome.EXPIRED, law.withdrawal_source, since=last + timedelta(days=1))
    return Opinion(Outcome.VALID, law.withdrawal_source, until=last)


def _missing(record: LegalRecord, needs: tuple[str, ...]) -> tuple[str, ...]:
    shown = record.traits | ({"time"} if record.consented_at or record.basis_at else set())
    return tuple(need for need in needs if need not in shown)


def _day(moment: datetime | date, zone: ZoneInfo) -> date:
    """Return the day of a moment where the recipient is; a day stays as it is."""
    return moment.astimezone(zone).date() if isinstance(moment, datetime) else moment


def _is_after(moment: datetime, sent_on: datetime | date, zone: ZoneInfo) -> bool:
    """Whether *moment* follows the mail: to the second when its moment is known, else by days."""
    if isinstance(sent_on, datetime):
        return moment.astimezone(UTC) > sent_on.astimezone(UTC)
    return _day(moment, zone) > sent_on
