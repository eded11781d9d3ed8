"""The table of moves: every state is reached, none is a dead end but the closed ones."""

from abuse.core.case import CLOSED, TRANSITIONS, CaseMove, CaseState, moves_from


def reachable(start):
    found, waiting = set(), [start]
    while waiting:
        state = waiting.pop()
        if state not in found:
            found.add(state)
            waiting += [TRANSITIONS[state, move] for move in moves_from(state)]
    return found


def test_every_state_can_be_reached_from_the_start():
    assert reachable(CaseState.OPENED) == set(CaseState)


def test_every_open_case_can_still_be_closed_either_way():
    for state in set(CaseState) - CLOSED:
        assert {CaseState.REINSTATED, CaseState.REFUSED, CaseState.TERMINATED} <= reachable(state)


def test_reinstated_and_terminated_are_final_and_a_refusal_can_be_appealed():
    assert moves_from(CaseState.REINSTATED) == moves_from(CaseState.TERMINATED) == []
    assert set(moves_from(CaseState.REFUSED)) == {CaseMove.APPEAL, CaseMove.TERMINATE, CaseMove.REOPEN}


def test_every_move_is_used():
    assert {move for _, move in TRANSITIONS} == set(CaseMove)


def test_only_a_decision_closes_a_case():
    closing = {move for (_, move), state in TRANSITIONS.items() if state in CLOSED}
    assert closing == {CaseMove.REINSTATE, CaseMove.REFUSE, CaseMove.TERMINATE}
