"""Accounts whose counters moved: the judge takes the rows, and settles those nothing moved since."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection


@dataclass(frozen=True)
class Touch:
    account_id: int
    touched_at: datetime


def take(limit: int) -> list[Touch]:
    """Return touched accounts, longest waiting first, locked until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT account_id, touched_at FROM fbl_touchedaccount"
            " ORDER BY first_touched_at LIMIT %s FOR UPDATE SKIP LOCKED",
            [limit],
        )
        return [Touch(*row) for row in cursor.fetchall()]


def settle(touches: Sequence[Touch]) -> None:
    """Forget these touches: the accounts are judged. The row locks of `take` keep newer touches waiting."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM fbl_touchedaccount WHERE account_id = ANY(%s)", [[touch.account_id for touch in touches]]
        )
