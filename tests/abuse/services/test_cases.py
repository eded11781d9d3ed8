"""Cases: who may move them, what it leaves behind, and who comes first."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from abuse.core.case import CaseMove, CaseState
from abuse.models import Case, Notice
from abuse.services import cases, decisions, suspensions
from abuse.services.cases import CaseMoved, MoveRefused
from courrielleur.accounts import services as accounts
from courrielleur.accounts.actors import SYSTEM, Actor, for_key
from courrielleur.accounts.models import Account
from courrielleur.accounts.permissions import Role, Scope
from tests.abuse.world import person
from tests.worlds import NOON, make_account

LATER = NOON + timedelta(hours=5)


@pytest.fixture
def case(account: Account) -> Case:
    return suspensions.impose(account, now=NOON, reason="x").case


@pytest.fixture
def in_review(case: Case, marie: Actor, anne: Actor) -> Case:
    cases.move(case, CaseMove.SUBMIT, actor=marie, now=LATER)
    return cases.move(case, CaseMove.TAKE, actor=anne, now=LATER)


def test_a_case_has_a_key_that_can_stand_in_a_subject(case: Case) -> None:
    assert case.key.startswith("C-")
    assert len(case.key) == 8
    assert not set(case.key[2:]) & set("ILOU")


def test_each_move_leaves_a_line(in_review: Case, marie: Actor, anne: Actor) -> None:
    lines = [(event.move, event.from_state, event.to_state) for event in in_review.events.order_by("at")]
    assert lines == [
        ("opened", "", "opened"),
        ("notify", "opened", "awaiting_client"),
        ("submit", "awaiting_client", "submitted"),
        ("take", "submitted", "in_review"),
    ]
    assert in_review.events.get(move="submit").actor == marie.user


def test_who_takes_a_case_is_responsible_for_it(in_review: Case, anne: Actor) -> None:
    assert Case.objects.get().assigned_to == anne.user


def test_a_case_that_was_moved_meanwhile_is_not_moved_again(in_review: Case, anne: Actor, lea: Actor) -> None:
    seen_by_lea = Case.objects.get()
    decisions.decide(in_review, CaseMove.REINSTATE, actor=anne, reason="proof", now=LATER)
    with pytest.raises(CaseMoved):
        decisions.decide(seen_by_lea, CaseMove.REFUSE, actor=lea, reason="no proof", now=LATER)
    assert Case.objects.get().state == CaseState.REINSTATED


@pytest.mark.django_db(transaction=True)
def test_of_two_decisions_at_once_one_wins() -> None:
    account = make_account()
    anne, lea = person("anne", Role.SPECIALIST), person("lea", Role.LEAD)
    case = suspensions.impose(account, now=NOON, reason="x").case
    Case.objects.update(state=CaseState.IN_REVIEW)
    together = threading.Barrier(2)
    outcomes: list[str] = []

    def decide(actor: Actor, move: CaseMove) -> None:
        seen = Case.objects.get(pk=case.pk)
        together.wait()
        try:
            decisions.decide(seen, move, actor=actor, reason="r", now=LATER)
            outcomes.append(move)
        except CaseMoved:
            outcomes.append("moved")
        finally:
            connection.close()

    threads = [
        threading.Thread(target=decide, args=pair) for pair in [(anne, CaseMove.REINSTATE), (lea, CaseMove.REFUSE)]
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("moved") == 1
    assert case.events.filter(move__in=["reinstate", "refuse"]).count() == 1


@pytest.mark.parametrize("move", [CaseMove.REINSTATE, CaseMove.REFUSE, CaseMove.ASK])
def test_a_decision_says_why(in_review: Case, anne: Actor, move: CaseMove) -> None:
    with pytest.raises(MoveRefused):
        cases.move(in_review, move, actor=anne, now=LATER, reason="  ")
    cases.move(in_review, move, actor=anne, now=LATER, reason="because")
    assert in_review.events.get(move=move).text == "because"


@pytest.mark.parametrize(
    ("move", "may"),
    [
        (CaseMove.ASK, {"bob", "anne", "lea"}),
        (CaseMove.REINSTATE, {"anne", "lea"}),
        (CaseMove.REFUSE, {"anne", "lea"}),
        (CaseMove.TERMINATE, {"lea"}),
    ],
)
@pytest.mark.parametrize("name", ["bob", "anne", "lea", "marie"])
def test_only_who_may_decides(in_review: Case, request, move: CaseMove, may: set[str], name: str) -> None:
    actor = request.getfixturevalue(name)
    if name in may:
        cases.move(in_review, move, actor=actor, now=LATER, reason="r")
    else:
        with pytest.raises(MoveRefused):
            cases.move(in_review, move, actor=actor, now=LATER, reason="r")


def test_a_key_answers_for_its_owner_only_with_its_scope(case: Case) -> None:
    reader, _ = accounts.issue_key(label="r", scopes=[Scope.CASES_READ], account=case.account)
    writer, _ = accounts.issue_key(label="w", scopes=[Scope.CASES_WRITE], account=case.account)
    with pytest.raises(MoveRefused):
        cases.move(case, CaseMove.SUBMIT, actor=for_key(reader), now=LATER)
    cases.move(case, CaseMove.SUBMIT, actor=for_key(writer), now=LATER)
    assert case.events.get(move="submit").actor_label == "w"


def test_an_appeal_goes_once_and_to_another_person(in_review: Case, anne: Actor, lea: Actor, marie: Actor) -> None:
    cases.move(in_review, CaseMove.REFUSE, actor=anne, now=LATER, reason="no proof")
    cases.move(in_review, CaseMove.APPEAL, actor=marie, now=LATER, reason="there is")
    with pytest.raises(MoveRefused):
        cases.move(in_review, CaseMove.TAKE, actor=anne, now=LATER)
    cases.move(in_review, CaseMove.TAKE, actor=lea, now=LATER)
    cases.move(in_review, CaseMove.REFUSE, actor=lea, now=LATER, reason="still no proof")
    with pytest.raises(MoveRefused):
        cases.move(in_review, CaseMove.APPEAL, actor=marie, now=LATER, reason="again")


def test_a_note_is_internal_and_a_message_is_a_letter(case: Case, bob: Actor, marie: Actor) -> None:
    Notice.objects.all().delete()
    cases.message(case, actor=bob, text="looks purchased", is_internal=True, now=LATER)
    cases.message(case, actor=marie, text="Bonjour", now=LATER)
    assert not Notice.objects.exists()
    cases.message(case, actor=bob, text="Merci", now=LATER)
    assert Notice.objects.get().context == {"text": "Merci"}
    with pytest.raises(MoveRefused):
        cases.message(case, actor=marie, text="note", is_internal=True, now=LATER)


def test_a_button_pressed_twice_says_it_once_and_a_repetition_later_says_it_again(case: Case, marie: Actor) -> None:
    for seconds in (0, 1, 60):
        cases.message(case, actor=marie, text="Bonjour", now=LATER + timedelta(seconds=seconds))
    assert case.events.filter(move="message").count() == 2


@pytest.mark.parametrize("text", ["", "  \n", "x" * 20_001])
def test_a_message_has_words_and_an_end(case: Case, bob: Actor, text: str) -> None:
    with pytest.raises(MoveRefused):
        cases.message(case, actor=bob, text=text, now=LATER)


def test_assigning_needs_the_abuse_team(case: Case, bob: Actor, marie: Actor) -> None:
    cases.assign(case, to=bob.user, actor=bob, now=LATER)
    assert Case.objects.get().assigned_to == bob.user
    with pytest.raises(MoveRefused):
        cases.assign(case, to=None, actor=marie, now=LATER)


def test_the_system_can_do_what_the_table_allows_and_no_more(case: Case) -> None:
    with pytest.raises(MoveRefused):
        cases.move(case, CaseMove.REINSTATE, actor=SYSTEM, now=LATER, reason="r")
