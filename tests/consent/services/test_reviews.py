"""A decision moves the case, tells why, and does to the account's mail what it says; or nothing at all."""

import pytest

from abuse.core.case import CaseMove, CaseState
from abuse.models import Case, EnforcementOrder, Standing, Suspension
from abuse.services import cases, enforcement
from abuse.services.cases import CaseMoved, MoveRefused
from abuse.services.probations import Conditions
from consent.models import Review
from consent.services import questionnaires, reviews
from courrielleur.accounts.actors import SYSTEM
from tests.consent.services.conftest import COMPLETE
from tests.worlds import NOON


@pytest.fixture
def submitted(case, marie):
    questionnaire = questionnaires.open(case)
    for key, value in COMPLETE.items():
        questionnaires.save(questionnaire, key, value, marie, NOON)
    questionnaires.submit(questionnaire, marie, "Marie Tremblay", NOON)
    return Case.objects.get()


def test_a_reinstatement_lifts_the_suspension_and_starts_the_probation(db, anne, request):
    enforcement.create_endpoint(url="https://mta.example.com/orders")
    submitted = request.getfixturevalue("submitted")
    review = reviews.decide(submitted, "reinstate", " Les preuves sont là. ", anne, NOON)
    assert (review.outcome, review.reason, review.reviewer) == ("reinstate", "Les preuves sont là.", anne.user)
    assert submitted.state == CaseState.REINSTATED
    suspension = Suspension.objects.get()
    assert (suspension.lifted_at, suspension.lifted_by) == (NOON, anne.user)
    standing = Standing.objects.get()
    assert standing.level == Standing.Level.PROBATION
    assert standing.probation_ends_at > NOON
    assert [order.action for order in EnforcementOrder.objects.order_by("sequence")] == [
        EnforcementOrder.Action.SUSPEND,
        EnforcementOrder.Action.LIFT,
    ]


def test_asking_for_more_reopens_the_questionnaire_and_lifts_nothing(submitted, bob):
    reviews.decide(submitted, "ask", "D’où vient la liste ?", bob, NOON)
    assert submitted.state == CaseState.INFO_REQUESTED
    assert submitted.questionnaire.submitted_at is None
    assert Suspension.objects.get().lifted_at is None


def test_a_refusal_keeps_the_account_stopped(submitted, anne):
    reviews.decide(submitted, "refuse", "La liste a été achetée.", anne, NOON)
    assert submitted.state == CaseState.REFUSED
    assert Standing.objects.get().level == Standing.Level.SUSPENDED


@pytest.mark.parametrize(("outcome", "reason"), [("reinstate", "Bien."), ("refuse", "Non."), ("terminate", "Fin.")])
def test_only_who_may_decide_decides(submitted, bob, outcome, reason):
    with pytest.raises(MoveRefused):
        reviews.decide(submitted, outcome, reason, bob, NOON)
    assert Case.objects.get().state == CaseState.SUBMITTED
    assert Review.objects.count() == 0


def test_a_decision_gives_its_reason(submitted, anne):
    with pytest.raises(MoveRefused):
        reviews.decide(submitted, "reinstate", "  ", anne, NOON)
    assert Suspension.objects.get().lifted_at is None


def test_a_case_that_waits_for_the_client_is_not_decided(case, anne):
    with pytest.raises(MoveRefused):
        reviews.decide(case, "reinstate", "Bien.", anne, NOON)


def test_a_machine_decides_nothing(submitted):
    with pytest.raises(MoveRefused):
        reviews.decide(submitted, "reinstate", "Bien.", SYSTEM, NOON)


def test_two_people_never_decide_one_case(submitted, anne, luc):
    seen_by_luc = Case.objects.get()
    reviews.decide(submitted, "refuse", "La liste a été achetée.", anne, NOON)
    with pytest.raises(CaseMoved):
        reviews.decide(seen_by_luc, "reinstate", "Bien.", luc, NOON)
    assert Review.objects.count() == 1
    assert Suspension.objects.get().lifted_at is None


def test_an_appeal_is_decided_by_another_person(submitted, anne, luc, marie):
    reviews.decide(submitted, "refuse", "La liste a été achetée.", anne, NOON)
    cases.move(submitted, CaseMove.APPEAL, actor=marie, reason="Voici le contrat.", now=NOON)
    with pytest.raises(MoveRefused):
        reviews.decide(Case.objects.get(), "reinstate", "Bien.", anne, NOON)
    reviews.decide(Case.objects.get(), "reinstate", "Le contrat le prouve.", luc, NOON)
    assert list(Review.objects.order_by("id").values_list("outcome", flat=True)) == ["refuse", "reinstate"]


@pytest.fixture
def four_eyes(settings):
    settings.FOUR_EYES = frozenset({"refuse", "reinstate"})


def test_where_two_must_agree_one_alone_decides_nothing(four_eyes, submitted, anne):
    with pytest.raises(MoveRefused):
        reviews.decide(submitted, "refuse", "Achetée.", anne, NOON)
    assert Case.objects.get().state == CaseState.SUBMITTED


def test_a_second_person_confirms_what_the_first_proposed(four_eyes, submitted, anne, luc):
    proposal = reviews.propose(submitted, "reinstate", "Les preuves sont là.", anne, NOON, Conditions(needs_proof=True))
    assert Case.objects.get().state == CaseState.SUBMITTED
    with pytest.raises(MoveRefused):
        reviews.confirm(proposal, anne, NOON)
    review = reviews.confirm(proposal, luc, NOON)
    assert (review.reviewer, review.reason) == (luc.user, "Les preuves sont là.")
    proposal.refresh_from_db()
    assert (proposal.settlement, proposal.settled_by) == ("confirmed", luc.user)
    assert Suspension.objects.get().probation.needs_proof
    with pytest.raises(CaseMoved):
        reviews.confirm(proposal, luc, NOON)


def test_a_proposal_can_be_declined_and_taken_back(four_eyes, submitted, anne, luc):
    first = reviews.propose(submitted, "refuse", "Achetée.", anne, NOON)
    reviews.decline(first, "Pas assez de preuves.", luc, NOON)
    second = reviews.propose(submitted, "refuse", "Achetée, voici la facture.", anne, NOON)
    reviews.decline(second, "Je me suis trompée.", anne, NOON)
    assert Case.objects.get().state == CaseState.SUBMITTED
    told = submitted.events.filter(move__in=["proposed", "declined"])
    assert [(line.move, line.is_internal) for line in told.order_by("at")] == [
        ("proposed", True), ("declined", True), ("proposed", True), ("declined", True),
    ]  # fmt: skip


def test_what_needs_one_person_is_decided_at_once_and_overtakes_a_proposal(four_eyes, submitted, anne, bob):
    proposal = reviews.propose(submitted, "refuse", "Achetée.", anne, NOON)
    reviews.decide(submitted, "ask", "D’où vient la liste ?", bob, NOON)
    proposal.refresh_from_db()
    assert proposal.settlement == "overtaken"


def test_only_urgent_cases_may_need_two(four_eyes, settings, submitted, anne):
    settings.FOUR_EYES_URGENT_ONLY = True
    Case.objects.update(priority=Case.Priority.HIGH)
    submitted.refresh_from_db()
    assert not reviews.needs_second_person(submitted, "refuse")
    submitted.priority = Case.Priority.URGENT
    assert reviews.needs_second_person(submitted, "refuse")
    assert not reviews.needs_second_person(submitted, "terminate")


def test_who_may_not_decide_may_not_propose_or_confirm(four_eyes, submitted, anne, bob):
    with pytest.raises(MoveRefused):
        reviews.propose(submitted, "refuse", "Achetée.", bob, NOON)
    proposal = reviews.propose(submitted, "refuse", "Achetée.", anne, NOON)
    with pytest.raises(MoveRefused):
        reviews.confirm(proposal, bob, NOON)
