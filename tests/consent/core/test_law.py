"""CASL, GDPR/ePrivacy and CAN-SPAM on one record and one mail: each case with its expectation and its source."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.core.business_days import after_business_days, easter, is_business_day
from consent.core.law import Basis, LegalRecord, Outcome, Regime, judge, last_day_of
from consent.core.law_rules import law_rules, law_text, missing_keys, missing_text

RULES = law_rules()
CANADA = RULES.regimes["casl"].holidays
VALID, EXPIRED, INSUFFICIENT, FORBIDDEN = Outcome

PURCHASE_RULE = "S.C. 2010, c. 23, s. 10(10)(a)"
CONTRACT_RULE = "S.C. 2010, c. 23, ss. 10(10)(d), 10(14)"
INQUIRY_RULE = "S.C. 2010, c. 23, s. 10(10)(e)"
DONATION_RULE = "S.C. 2010, c. 23, s. 10(13)(a)"
VOLUNTEER_RULE = "S.C. 2010, c. 23, s. 10(13)(b)"
MEMBER_RULE = "S.C. 2010, c. 23, ss. 10(13)(c), 10(14)"
PUBLIC_RULE = "S.C. 2010, c. 23, s. 10(9)(b)"
CARD_RULE = "S.C. 2010, c. 23, s. 10(9)(c)"
EXPRESS_RULE = "S.C. 2010, c. 23, ss. 6(1), 10(1), 13; SOR/2012-36, s. 4"
UNSUBSCRIBE_RULE = "S.C. 2010, c. 23, s. 11(3)"
PROOF_RULE = "S.C. 2010, c. 23, s. 13"
PRACTICE = "The platform's practice, reinstatement, question 8"


def at(text):
    """A moment in UTC, or a day."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC) if "T" in text else date.fromisoformat(text)


def implied(basis, day, **more):
    return LegalRecord("implied", basis=basis, basis_at=at(day) if day else None, **more)


def express(day="2020-05-01T14:00", method="single_opt_in", traits=("how",), **more):
    return LegalRecord(method, consented_at=at(day) if day else None, traits=frozenset(traits), **more)


def bought(day, **more):
    return implied(Basis.PURCHASE, day, **more)


def asked(day, **more):
    return implied(Basis.INQUIRY, day, **more)


def left(gone, **more):
    """A record that was withdrawn at that moment."""
    return express(withdrawn_at=at(gone), **more)


def public(*traits):
    return LegalRecord("implied", basis=Basis.PUBLICATION, traits=frozenset(traits))


ROLE = ("relevant_to_role", "no_refusal_notice")

CASL = [
    # A purchase, two years before the day of the message, which itself is not counted.
    (bought("2024-06-15"), "2026-06-14", VALID, PURCHASE_RULE),
    (bought("2024-06-15"), "2026-06-15", VALID, PURCHASE_RULE),
    (bought("2024-06-15"), "2026-06-16", EXPIRED, PURCHASE_RULE),
    (bought("2024-02-29"), "2026-02-28", VALID, PURCHASE_RULE),  # a leap day, two years on
    (bought("2024-02-29"), "2026-03-01", EXPIRED, PURCHASE_RULE),
    (bought("2024-02-28"), "2026-02-28", VALID, PURCHASE_RULE),
    (bought("2024-02-28"), "2026-03-01", EXPIRED, PURCHASE_RULE),
    (bought("2026-02-28"), "2028-02-28", VALID, PURCHASE_RULE),
    (bought("2026-02-28"), "2028-02-29", VALID, PURCHASE_RULE),  # counted back from the 29th: to the last of February
    (bought("2026-02-28"), "2028-03-01", EXPIRED, PURCHASE_RULE),
    (bought("2026-02-27"), "2028-02-29", EXPIRED, PURCHASE_RULE),
    (bought("2024-12-31"), "2026-12-31", VALID, PURCHASE_RULE),
    (bought("2024-12-31"), "2027-01-01", EXPIRED, PURCHASE_RULE),
    (bought("2026-06-16"), "2026-06-15", INSUFFICIENT, PURCHASE_RULE),  # bought after the mail
    (bought(None), "2026-06-15", INSUFFICIENT, PURCHASE_RULE),  # no date
    # The day is the recipient's: 03:30 UTC is still the evening before in Toronto, and 22:30 there in Vancouver.
    (bought("2024-06-16T03:30"), "2026-06-15T16:00", VALID, PURCHASE_RULE),
    (bought("2024-06-16T03:30"), "2026-06-16T03:30", VALID, PURCHASE_RULE),
    (bought("2024-06-16T03:30"), "2026-06-16T04:30", EXPIRED, PURCHASE_RULE),
    (bought("2024-06-16T05:30"), "2026-06-16T16:00", VALID, PURCHASE_RULE),
    (bought("2024-06-16T05:30", zone="America/Vancouver"), "2026-06-16T16:00", EXPIRED, PURCHASE_RULE),
    (bought("2024-06-16T02:45", zone="America/St_Johns"), "2026-06-17T02:29", VALID, PURCHASE_RULE),
    (bought("2024-06-16T02:45", zone="America/St_Johns"), "2026-06-17T02:31", EXPIRED, PURCHASE_RULE),
    (bought("2024-11-03T05:30"), "2026-11-03T04:30", VALID, PURCHASE_RULE),  # the night the clocks change
    # An inquiry, six months; months of unlike lengths.
    (asked("2026-01-15"), "2026-07-15", VALID, INQUIRY_RULE),
    (asked("2026-01-15"), "2026-07-16", EXPIRED, INQUIRY_RULE),
    (asked("2026-08-31"), "2027-02-28", VALID, INQUIRY_RULE),
    (asked("2026-08-31"), "2027-03-01", EXPIRED, INQUIRY_RULE),
    (asked("2027-08-31"), "2028-02-29", VALID, INQUIRY_RULE),
    (asked("2026-08-29"), "2027-02-28", VALID, INQUIRY_RULE),
    (asked("2026-02-28"), "2026-08-31", VALID, INQUIRY_RULE),
    (asked("2026-02-28"), "2026-09-01", EXPIRED, INQUIRY_RULE),
    (asked("2026-02-27"), "2026-08-28", EXPIRED, INQUIRY_RULE),
    # Contracts and memberships hold while they last, and two years from their end.
    (implied(Basis.CONTRACT, None, is_continuing=True), "2026-06-15", VALID, CONTRACT_RULE),
    (implied(Basis.CONTRACT, "2024-06-15"), "2026-06-15", VALID, CONTRACT_RULE),
    (implied(Basis.CONTRACT, "2024-06-14"), "2026-06-15", EXPIRED, CONTRACT_RULE),
    (implied(Basis.CONTRACT, "2027-01-01"), "2026-06-15", VALID, CONTRACT_RULE),  # ends later: in force
    (implied(Basis.MEMBERSHIP, None, is_continuing=True), "2026-06-15", VALID, MEMBER_RULE),
    (implied(Basis.MEMBERSHIP, "2024-06-15"), "2026-06-16", EXPIRED, MEMBER_RULE),
    (implied(Basis.MEMBERSHIP, None), "2026-06-16", INSUFFICIENT, MEMBER_RULE),
    (implied(Basis.DONATION, "2024-06-15"), "2026-06-15", VALID, DONATION_RULE),
    (implied(Basis.DONATION, "2024-06-15"), "2026-06-16", EXPIRED, DONATION_RULE),
    (implied(Basis.VOLUNTEERING, "2024-02-29"), "2026-02-28", VALID, VOLUNTEER_RULE),
    # Published or handed over: no period, other conditions.
    (public("source_page", *ROLE), "2026-06-15", VALID, PUBLIC_RULE),
    (public("source_page", "relevant_to_role"), "2026-06-15", INSUFFICIENT, PUBLIC_RULE),
    (public(), "2026-06-15", INSUFFICIENT, PUBLIC_RULE),
    (express("2021-03-01T15:00", "trade_show", ROLE), "2026-06-15", VALID, CARD_RULE),
    (express(None, "trade_show", ROLE), "2026-06-15", INSUFFICIENT, CARD_RULE),
    (express("2026-06-16T15:00", "trade_show", ROLE), "2026-06-15", INSUFFICIENT, CARD_RULE),
    # Express consent never expires, but must be shown, positive, and older than the mail.
    (express("2014-07-01T04:00"), "2026-06-15", VALID, EXPRESS_RULE),
    (express("2026-06-15T14:00"), "2026-06-15T14:00", VALID, EXPRESS_RULE),
    (express("2026-06-15T14:01"), "2026-06-15T14:00", INSUFFICIENT, EXPRESS_RULE),
    (express("2026-06-16T03:30"), "2026-06-15", VALID, EXPRESS_RULE),  # still the 15th in Toronto
    (express("2026-06-16T04:30"), "2026-06-15", INSUFFICIENT, EXPRESS_RULE),
    (express(None), "2026-06-15", INSUFFICIENT, EXPRESS_RULE),
    (express(traits=()), "2026-06-15", INSUFFICIENT, EXPRESS_RULE),
    (express(is_pre_ticked=True), "2026-06-15", INSUFFICIENT, EXPRESS_RULE),
    (express(method="confirmed_opt_in"), "2026-06-15", INSUFFICIENT, EXPRESS_RULE),
    (express(method="confirmed_opt_in", confirmed_at=at("2020-05-01T14:05")), "2026-06-15", VALID, EXPRESS_RULE),
    (express(method="confirmed_opt_in", confirmed_at=at("2026-07-01T14:05")), "2026-06-15", INSUFFICIENT, EXPRESS_RULE),
    # An unsubscribe takes effect within ten business days. Friday 26 June 2026; Canada Day is between.
    (left("2026-06-26T15:00"), "2026-06-26T14:00", VALID, EXPRESS_RULE),  # not yet withdrawn
    (left("2026-06-26T15:00"), "2026-07-13", VALID, UNSUBSCRIBE_RULE),
    (left("2026-06-26T15:00"), "2026-07-14", EXPIRED, UNSUBSCRIBE_RULE),
    (left("2026-12-18T15:00"), "2027-01-05", VALID, UNSUBSCRIBE_RULE),  # Christmas and New Year's Day, both Fridays
    (left("2026-12-18T15:00"), "2027-01-06", EXPIRED, UNSUBSCRIBE_RULE),
    (left("2027-03-25T15:00"), "2027-04-12", VALID, UNSUBSCRIBE_RULE),  # Good Friday and Easter Monday
    (left("2027-03-25T15:00"), "2027-04-13", EXPIRED, UNSUBSCRIBE_RULE),
    (left("2018-05-01T15:00", day="2019-01-01T15:00"), "2026-06-15", VALID, EXPRESS_RULE),  # consented anew
    (bought("2026-06-01", withdrawn_at=at("2026-06-02T15:00")), "2026-06-30", EXPIRED, UNSUBSCRIBE_RULE),
    # Methods: what can't be consent, and what a person must read.
    (LegalRecord("purchased", at("2026-01-01T15:00"), traits=frozenset({"how"})), "2026-06-15", FORBIDDEN, PRACTICE),
    (LegalRecord("rented"), "2026-06-15", FORBIDDEN, PRACTICE),
    (LegalRecord("harvested"), "2026-06-15", FORBIDDEN, PRACTICE),
    (LegalRecord("affiliate", at("2026-01-01T15:00")), "2026-06-15", FORBIDDEN, PRACTICE),
    (LegalRecord("other", at("2026-01-01T15:00")), "2026-06-15", INSUFFICIENT, PROOF_RULE),
    (LegalRecord(""), "2026-06-15", INSUFFICIENT, PROOF_RULE),
    (LegalRecord("implied"), "2026-06-15", INSUFFICIENT, PROOF_RULE),
]


@pytest.mark.parametrize(("record", "sent_on", "outcome", "source"), CASL)
def test_casl(record, sent_on, outcome, source):
    opinion = judge(record, at(sent_on), Regime.CASL, RULES)
    assert (opinion.outcome, opinion.source) == (outcome, source)
    assert bool(opinion.missing) == (outcome is INSUFFICIENT)
    assert (opinion.since is not None) == (outcome is EXPIRED)
    assert set(opinion.missing) <= missing_keys()


GDPR_EXPRESS = RULES.regimes["gdpr"].express_source
SOFT = "Directive 2002/58/EC, art. 13(2)"
SOFT_TRAITS = frozenset({"similar_products", "refusal_offered"})


@pytest.mark.parametrize(
    ("record", "outcome", "source"),
    [
        (express(traits=("how", "wording")), VALID, GDPR_EXPRESS),
        (express(), INSUFFICIENT, GDPR_EXPRESS),  # what was agreed to can't be demonstrated
        (express(traits=("how", "wording"), is_pre_ticked=True), INSUFFICIENT, GDPR_EXPRESS),
        (bought("2020-01-01", traits=SOFT_TRAITS), VALID, SOFT),  # no period: an easy refusal in every mail instead
        (bought("2020-01-01"), INSUFFICIENT, SOFT),
        (asked("2026-06-01", traits=SOFT_TRAITS), INSUFFICIENT, GDPR_EXPRESS),
        (implied(Basis.DONATION, "2026-06-01"), INSUFFICIENT, GDPR_EXPRESS),
        (public("source_page", *ROLE), INSUFFICIENT, GDPR_EXPRESS),
        (LegalRecord("harvested"), FORBIDDEN, PRACTICE),
        (
            left("2026-06-14T15:00", traits=("how", "wording")),
            EXPIRED,
            "Regulation (EU) 2016/679, arts. 7(3), 21(3)",
        ),
    ],
)
def test_gdpr(record, outcome, source):
    opinion = judge(record, date(2026, 6, 15), Regime.GDPR, RULES)
    assert (opinion.outcome, opinion.source) == (outcome, source)


@pytest.mark.parametrize(
    ("record", "sent_on", "outcome"),
    [
        (LegalRecord(""), "2026-06-15", VALID),  # allowed until it is refused
        (LegalRecord("other"), "2026-06-15", VALID),
        (LegalRecord("harvested"), "2026-06-15", FORBIDDEN),
        (LegalRecord("", withdrawn_at=at("2026-06-26T15:00")), "2026-07-10", VALID),
        (LegalRecord("", withdrawn_at=at("2026-06-26T15:00")), "2026-07-13", EXPIRED),
        (LegalRecord("", withdrawn_at=at("2026-11-13T15:00")), "2026-11-30", VALID),  # Thanksgiving is between
        (LegalRecord("", withdrawn_at=at("2026-11-13T15:00")), "2026-12-01", EXPIRED),
    ],
)
def test_can_spam(record, sent_on, outcome):
    assert judge(record, at(sent_on), Regime.CAN_SPAM, RULES).outcome is outcome


def test_the_day_an_implied_consent_ends_is_told():
    opinion = judge(bought("2024-02-29"), date(2025, 1, 1), Regime.CASL, RULES)
    assert opinion.until == date(2026, 2, 28)
    later = judge(bought("2024-02-29"), date(2027, 1, 1), Regime.CASL, RULES)
    assert later.since == date(2026, 3, 1)


def test_what_is_missing_is_named():
    opinion = judge(express(None, traits=()), date(2026, 6, 15), Regime.GDPR, RULES)
    assert opinion.missing == ("time", "how", "wording")


def test_a_policy_may_have_affiliates_read_by_a_person():
    affiliate = LegalRecord("affiliate", at("2026-01-01T15:00"))
    opinion = judge(affiliate, date(2026, 6, 15), Regime.CASL, law_rules(allows_affiliates=True))
    assert (opinion.outcome, opinion.missing) == (INSUFFICIENT, ("explanation",))
    bought_list = LegalRecord("purchased")
    assert judge(bought_list, date(2026, 6, 15), Regime.CASL, law_rules(allows_affiliates=True)).outcome is FORBIDDEN


def test_nobody_takes_it_for_legal_advice():
    assert "not legal advice" in law_text("disclaimer", "en")
    assert "pas un avis juridique" in law_text("disclaimer", "fr")
    assert all(missing_text(key, language) for key in missing_keys() for language in ("fr", "en"))
    assert all(law_text(outcome, language) for outcome in Outcome for language in ("fr", "en"))


def reaches_back(sent_on, months, basis_day):
    """Interpretation Act, s. 28, word for word: counting back from the day of the message."""
    ahead = sent_on.year * 12 + sent_on.month - 1 - months
    year, month = divmod(ahead, 12)
    day = sent_on.day
    while True:
        try:
            return date(year, month + 1, day) <= basis_day
        except ValueError:
            day -= 1


@given(st.dates(date(2015, 1, 1), date(2040, 1, 1)), st.sampled_from([6, 24]), st.integers(-3, 4))
def test_the_last_day_is_the_last_whose_period_reaches_back(basis_day, months, offset):
    sent_on = last_day_of(basis_day, months) + timedelta(days=offset)
    assert reaches_back(sent_on, months, basis_day) == (offset <= 0)


@pytest.mark.parametrize(
    ("year", "day"),
    [(2024, "2024-03-31"), (2025, "2025-04-20"), (2026, "2026-04-05"), (2027, "2027-03-28"), (2038, "2038-04-25")],
)
def test_easter(year, day):
    assert easter(year) == date.fromisoformat(day)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2026-05-18", False),  # Victoria Day: the Monday before 25 May
        ("2020-05-18", False),  # 25 May is a Monday itself: the one before it
        ("2026-05-25", True),
        ("2026-07-01", False),
        ("2029-07-02", False),  # Canada Day on a Sunday is kept on Monday
        ("2026-09-07", False),  # Labour Day
        ("2026-09-30", False),
        ("2026-10-12", False),  # Thanksgiving
        ("2026-11-11", False),
        ("2026-11-12", True),
        ("2026-11-14", False),  # a Saturday
    ],
)
def test_business_days_in_canada(day, works):
    assert is_business_day(date.fromisoformat(day), CANADA) is works


@given(st.dates(date(2015, 1, 1), date(2040, 1, 1)))
def test_ten_business_days_are_ten(start):
    end = after_business_days(start, 10, CANADA)
    between = [start + timedelta(days=n) for n in range(1, (end - start).days + 1)]
    assert sum(is_business_day(day, CANADA) for day in between) == 10
    assert is_business_day(end, CANADA)
