"""The states of a case, and the moves between them: one table."""

from enum import StrEnum


class CaseState(StrEnum):
    OPENED = "opened"
    AWAITING_CLIENT = "awaiting_client"  # the questionnaire is with the reseller
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    INFO_REQUESTED = "info_requested"
    REINSTATED = "reinstated"
    REFUSED = "refused"
    TERMINATED = "terminated"
    APPEALED = "appealed"  # once, to another person

    @property
    def is_closed(self) -> bool:
        return self in CLOSED

    @property
    def waits_for_client(self) -> bool:
        return self in {CaseState.AWAITING_CLIENT, CaseState.INFO_REQUESTED}


class CaseMove(StrEnum):
    NOTIFY = "notify"
    SUBMIT = "submit"
    TAKE = "take"
    ASK = "ask"
    REINSTATE = "reinstate"
    REFUSE = "refuse"
    TERMINATE = "terminate"
    APPEAL = "appeal"
    REOPEN = "reopen"  # by ourselves, when a refused stop turns out to be our mistake


CLOSED = frozenset({CaseState.REINSTATED, CaseState.REFUSED, CaseState.TERMINATED})

TRANSITIONS: dict[tuple[CaseState, CaseMove], CaseState] = {
    (CaseState.OPENED, CaseMove.NOTIFY): CaseState.AWAITING_CLIENT,
    (CaseState.OPENED, CaseMove.TAKE): CaseState.IN_REVIEW,  # a hold: a person looks before any letter goes out
    (CaseState.AWAITING_CLIENT, CaseMove.SUBMIT): CaseState.SUBMITTED,
    (CaseState.INFO_REQUESTED, CaseMove.SUBMIT): CaseState.SUBMITTED,
    (CaseState.SUBMITTED, CaseMove.TAKE): CaseState.IN_REVIEW,
    # A wrong stop need not wait for the client's words: a person may look at once.
    (CaseState.AWAITING_CLIENT, CaseMove.TAKE): CaseState.IN_REVIEW,
    (CaseState.INFO_REQUESTED, CaseMove.TAKE): CaseState.IN_REVIEW,
    (CaseState.APPEALED, CaseMove.TAKE): CaseState.IN_REVIEW,
    (CaseState.IN_REVIEW, CaseMove.ASK): CaseState.INFO_REQUESTED,
    (CaseState.IN_REVIEW, CaseMove.REINSTATE): CaseState.REINSTATED,
    (CaseState.IN_REVIEW, CaseMove.REFUSE): CaseState.REFUSED,
    (CaseState.IN_REVIEW, CaseMove.TERMINATE): CaseState.TERMINATED,
    (CaseState.REFUSED, CaseMove.APPEAL): CaseState.APPEALED,
    (CaseState.REFUSED, CaseMove.TERMINATE): CaseState.TERMINATED,
    (CaseState.REFUSED, CaseMove.REOPEN): CaseState.SUBMITTED,
}

# Moves of the abuse team that must say why; the words go into the letter and the history.
NEEDS_REASON = frozenset(
    {CaseMove.ASK, CaseMove.REINSTATE, CaseMove.REFUSE, CaseMove.TERMINATE, CaseMove.APPEAL, CaseMove.REOPEN}
)


def moves_from(state: CaseState) -> list[CaseMove]:
    """Return the moves that *state* allows, in the order of the table."""
    return [move for (old, move) in TRANSITIONS if old is state]
