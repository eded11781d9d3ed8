"""The counters' common ground: who may write now, what campaigns are called, whom the judge must look at.

Whoever writes takes the lock of each account it touches, in order of account: two writers never count the same
complainer twice, and never wait for each other in a circle.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from fbl.core.identify import NO_CAMPAIGN, campaign_digest
from fbl.models import CampaignName

_LOCK_SPACE = 0x66626C  # "fbl": keeps our advisory locks apart from others


@dataclass(frozen=True)
class Volume:
    """Delivered mail of one account, campaign and provider in one hour of sending."""

    account_id: int
    campaign: str
    provider: str
    send_hour: int
    delivered: int


def add_volumes(volumes: Sequence[Volume], now: datetime) -> None:
    """Add delivered mail to the counters, remember the campaigns' names, touch the accounts."""
    lock_accounts(volume.account_id for volume in volumes)
    remember_campaigns({(volume.account_id, volume.campaign) for volume in volumes}, now)
    count_delivered(volumes, now)


def count_delivered(volumes: Sequence[Volume], now: datetime) -> None:
    """Add delivered mail under campaigns as they are shown (`shown_campaigns`); less than nothing takes some back."""
    accounts = lock_accounts(volume.account_id for volume in volumes)
    with connection.cursor() as cursor:
        cursor.execute(
            _ADD_VOLUMES,
            [
                [volume.account_id for volume in volumes],
                [volume.send_hour for volume in volumes],
                [volume.provider for volume in volumes],
                [volume.campaign for volume in volumes],
                [volume.delivered for volume in volumes],
            ],
        )
    touch(accounts, now)


def remember_campaigns(campaigns: Iterable[tuple[int, str]], now: datetime) -> None:
    """Keep the names behind campaign digests, and give them to counters that were written before the name came."""
    named = _unknown({(account_id, campaign_digest(name)): name for account_id, name in campaigns if name})
    if not named:
        return
    lock_accounts(account_id for account_id, _ in named)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO fbl_campaignname (account_id, digest, name, first_seen_at)"
            " SELECT *, %s FROM unnest(%s::bigint[], %s::bytea[], %s::text[])"
            " ON CONFLICT DO NOTHING RETURNING account_id, digest, name",
            [
                now,
                [account_id for account_id, _ in named],
                [campaign_digest(name) for _, name in named],
                [name for _, name in named],
            ],
        )
        for account_id, digest, name in cursor.fetchall():
            _rename_campaign(account_id, unnamed(bytes(digest)), name)


def shown_campaigns(campaigns: Iterable[tuple[int, bytes]]) -> dict[tuple[int, bytes], str]:
    """Return what each campaign is shown as, by account and digest: its name, when we were told one."""
    wanted = set(campaigns)
    known = CampaignName.objects.filter(
        account_id__in={account_id for account_id, _ in wanted}, digest__in={digest for _, digest in wanted}
    )
    names = {(one.account_id, bytes(one.digest)): one.name for one in known}
    return {key: names.get(key) or unnamed(key[1]) for key in wanted}


def unnamed(digest: bytes) -> str:
    """Return how a campaign is shown whose name we were not told: `#` and its digest; empty for no campaign."""
    return "" if digest == NO_CAMPAIGN else f"#{digest.hex()}"


def lock_accounts(account_ids: Iterable[int]) -> list[int]:
    """Take the ledger's lock of each account until the transaction ends; return them in order."""
    accounts = sorted(set(account_ids))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, (id %% 2147483647)::int) FROM unnest(%s::bigint[]) AS id",
            [_LOCK_SPACE, accounts],
        )
    return accounts


def touch(accounts: Iterable[int], now: datetime) -> None:
    """Leave the row that the judge picks up."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO fbl_touchedaccount (account_id, touched_at, first_touched_at)"
            " SELECT id, %s, %s FROM unnest(%s::bigint[]) AS id ORDER BY id"
            " ON CONFLICT (account_id) DO UPDATE SET touched_at = excluded.touched_at",
            [now, now, sorted(accounts)],
        )


def _unknown(names: dict[tuple[int, bytes], str]) -> list[tuple[int, str]]:
    known = CampaignName.objects.filter(account_id__in={account_id for account_id, _ in names})
    told = {(account_id, bytes(digest)) for account_id, digest in known.values_list("account_id", "digest")}
    return sorted(
        (account_id, name) for (account_id, digest), name in names.items() if (account_id, digest) not in told
    )


def _rename_campaign(account_id: int, old: str, new: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE fbl_feedbackevent SET campaign = %s WHERE account_id = %s AND campaign = %s", [new, account_id, old]
        )
        cursor.execute(
            "UPDATE fbl_suppression SET campaign = %s WHERE account_id = %s AND campaign = %s", [new, account_id, old]
        )
        cursor.execute(_MERGE_COUNTERS, [account_id, old, new])


_ADD_VOLUMES = """
    INSERT INTO fbl_hourlycount AS h (
        account_id, send_hour, provider, campaign, delivered,
        complaints, hard_bounces, soft_bounces, block_bounces, unsubscribes)
    SELECT account_id, send_hour, provider, campaign, sum(delivered), 0, 0, 0, 0, 0
    FROM unnest(%s::bigint[], %s::int[], %s::text[], %s::text[], %s::bigint[])
        AS v (account_id, send_hour, provider, campaign, delivered)
    GROUP BY account_id, send_hour, provider, campaign
    ORDER BY account_id, send_hour, provider, campaign
    ON CONFLICT (account_id, send_hour, provider, campaign) DO UPDATE SET delivered = h.delivered + excluded.delivered
"""

_MERGE_COUNTERS = """
    WITH moved AS (
        DELETE FROM fbl_hourlycount WHERE account_id = %s AND campaign = %s RETURNING *
    )
    INSERT INTO fbl_hourlycount AS h (
        account_id, send_hour, provider, campaign, delivered,
        complaints, hard_bounces, soft_bounces, block_bounces, unsubscribes)
    SELECT account_id, send_hour, provider, %s, delivered,
        complaints, hard_bounces, soft_bounces, block_bounces, unsubscribes
    FROM moved
    ON CONFLICT (account_id, send_hour, provider, campaign) DO UPDATE SET
        delivered = h.delivered + excluded.delivered,
        complaints = h.complaints + excluded.complaints,
        hard_bounces = h.hard_bounces + excluded.hard_bounces,
        soft_bounces = h.soft_bounces + excluded.soft_bounces,
        block_bounces = h.block_bounces + excluded.block_bounces,
        unsubscribes = h.unsubscribes + excluded.unsubscribes
"""
