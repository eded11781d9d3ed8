"""What a client's columns mean to the law."""

from datetime import UTC, date, datetime

import pytest

from consent.core.law import Basis, Outcome, Regime, judge
from consent.core.law_reading import confirmed_at, legal_record
from consent.core.law_rules import law_rules

ORDERED_AT = datetime(2025, 4, 22, 2, 16, 58, tzinfo=UTC)
SENT_ON = date(2026, 6, 15)


def outcome(record):
    return judge(record, SENT_ON, Regime.CASL, law_rules()).outcome


def test_a_dated_implied_consent_rests_on_the_order():
    record = legal_record("implied", ORDERED_AT, {"consented_at": "2025-04-21 21:16:58 EST"})
    assert (record.basis, record.basis_at) == (Basis.PURCHASE, ORDERED_AT)
    assert outcome(record) is Outcome.VALID
    assert outcome(legal_record("implied", None, {})) is Outcome.INSUFFICIENT
    assert outcome(legal_record("implied", ORDERED_AT.replace(year=2023), {})) is Outcome.EXPIRED


@pytest.mark.parametrize(
    ("heading", "value", "basis"),
    [
        ("Fondement", "Demande de renseignements", Basis.INQUIRY),
        ("BASIS", "purchase", Basis.PURCHASE),
        ("Consent basis", "Business card", Basis.DISCLOSURE),
        ("Fondement du consentement", "Adhésion", Basis.MEMBERSHIP),
        ("Basis", "bénévolat", Basis.VOLUNTEERING),
    ],
)
def test_a_column_may_name_the_basis(heading, value, basis):
    assert legal_record("implied", ORDERED_AT, {heading: value}).basis is basis
    assert legal_record("", ORDERED_AT, {heading: value}).method == "implied"


def test_an_order_number_is_a_purchase():
    record = legal_record("", ORDERED_AT, {"No de commande": "A-1017"})
    assert (record.method, record.basis) == ("implied", Basis.PURCHASE)
    assert "how" in record.traits


def test_a_row_without_a_method_has_the_one_declared_for_the_list():
    fields = {"site": "https://www.example.com/infolettre"}
    assert outcome(legal_record("", ORDERED_AT, fields, declared=["single_opt_in"])) is Outcome.VALID
    assert outcome(legal_record("", ORDERED_AT, fields, declared=["purchased"])) is Outcome.FORBIDDEN
    assert outcome(legal_record("", ORDERED_AT, fields, declared=["single_opt_in", "implied"])) is Outcome.INSUFFICIENT
    assert outcome(legal_record("rented", ORDERED_AT, fields, declared=["single_opt_in"])) is Outcome.FORBIDDEN


def test_an_address_of_the_visitor_is_a_trace_of_the_act():
    assert outcome(legal_record("single_opt_in", ORDERED_AT, {}, ip="24.48.1.1")) is Outcome.VALID
    assert outcome(legal_record("single_opt_in", ORDERED_AT, {})) is Outcome.INSUFFICIENT


def test_a_confirmation_and_a_withdrawal_are_read():
    fields = {"ip": "24.48.1.1", "Confirmé le": "2025-04-22 02:20:00 UTC"}
    assert confirmed_at(fields) == datetime(2025, 4, 22, 2, 20, tzinfo=UTC)
    assert confirmed_at({"Confirmé le": "hier"}) is None
    assert confirmed_at({}) is None
    assert outcome(legal_record("confirmed_opt_in", ORDERED_AT, fields)) is Outcome.VALID
    left = fields | {"Unsubscribed at": "2026-01-05 10:00 EST"}
    assert outcome(legal_record("confirmed_opt_in", ORDERED_AT, left)) is Outcome.EXPIRED


def test_a_published_address_needs_its_page_and_more():
    record = legal_record("implied", ORDERED_AT, {"Basis": "published", "site": "https://www.example.org/equipe"})
    opinion = judge(record, SENT_ON, Regime.CASL, law_rules())
    assert opinion.missing == ("relevant_to_role", "no_refusal_notice")
