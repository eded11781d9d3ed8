"""Cells of the platform: one mailbox provider and one hour of sending, over all accounts."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import connection


@dataclass(frozen=True)
class CellRow:
    """What one account sent in one cell."""

    account_id: int
    reseller_id: int
    sent: int  # delivered and bounced
    hard_bounces: int
    block_bounces: int


@dataclass(frozen=True)
class Usual:
    """What one account sent at other providers, and at this one before: what its cell is compared with."""

    sent: int
    hard_bounces: int
    block_bounces: int


def bouncing_cells(
    account_ids: Sequence[int], since_hour: int, *, at_least: int, share: float, by_accounts: int
) -> list[tuple[str, int, bool, bool]]:
    """Return the cells where one of these accounts bounced, and *by_accounts* accounts of the platform did.

    Each as provider, hour, whether hard, whether blocked; an account bounced with *at_least* messages and
    this *share* of what it sent.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH mine AS ("
            " SELECT DISTINCT provider, send_hour FROM fbl_hourlycount"
            " WHERE account_id = ANY(%s) AND send_hour >= %s AND provider <> ''"
            " AND (hard_bounces > 0 OR block_bounces > 0)"
            "), each AS ("
            " SELECT h.account_id, h.provider, h.send_hour,"
            " sum(hard_bounces) >= greatest(%s, %s * (greatest(sum(delivered), 0)"
            " + sum(hard_bounces + soft_bounces + block_bounces))) AS is_hard,"
            " sum(block_bounces) >= greatest(%s, %s * (greatest(sum(delivered), 0)"
            " + sum(hard_bounces + soft_bounces + block_bounces))) AS is_blocked"
            " FROM fbl_hourlycount h JOIN mine USING (provider, send_hour) GROUP BY 1, 2, 3"
            "), cells AS ("
            " SELECT provider, send_hour, count(*) FILTER (WHERE is_hard) >= %s AS is_hard,"
            " count(*) FILTER (WHERE is_blocked) >= %s AS is_blocked FROM each GROUP BY 1, 2"
            ") SELECT * FROM cells WHERE is_hard OR is_blocked ORDER BY send_hour, provider",
            [list(account_ids), since_hour, *[at_least, share] * 2, by_accounts, by_accounts],
        )
        return [(provider, hour, bool(hard), bool(blocked)) for provider, hour, hard, blocked in cursor.fetchall()]


def senders_of(provider: str, hour: int) -> list[CellRow]:
    """Return every account that sent to *provider* in *hour*."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT h.account_id, a.reseller_id,"
            " (greatest(sum(delivered), 0) + sum(hard_bounces + soft_bounces + block_bounces))::int,"
            " sum(hard_bounces)::int, sum(block_bounces)::int"
            " FROM fbl_hourlycount h JOIN accounts_account a ON a.id = h.account_id"
            " WHERE send_hour = %s AND provider = %s GROUP BY 1, 2",
            [hour, provider],
        )
        return [CellRow(*row) for row in cursor.fetchall()]


def usual_of(account_ids: Collection[int], provider: str, hour: int, within_hours: int) -> dict[int, Usual]:
    """Return what is usual for these accounts around *hour*: other providers then, this one before."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT account_id, (greatest(sum(delivered), 0) + sum(hard_bounces + soft_bounces + block_bounces))::int,"
            " sum(hard_bounces)::int, sum(block_bounces)::int"
            " FROM fbl_hourlycount WHERE account_id = ANY(%s) AND send_hour BETWEEN %s AND %s"
            " AND (provider <> %s OR send_hour < %s) GROUP BY 1",
            [sorted(account_ids), hour - within_hours, hour + 24, provider, hour - 24],
        )
        return {account_id: Usual(*figures) for account_id, *figures in cursor.fetchall()}
