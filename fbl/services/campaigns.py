"""Be told of campaigns: to which list or import each went, and whether it is marketing or transactional mail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from fbl.core.identify import campaign_digest
from fbl.models import CampaignName
from fbl.services.ledger import remember_campaigns

STREAMS = frozenset(CampaignName.Stream.values)


@dataclass(frozen=True)
class CampaignRow:
    """What is told of one campaign; empty: nothing. The last word counts."""

    account_id: int
    campaign: str
    list_key: str = ""
    stream: str = ""  # of STREAMS


@transaction.atomic
def tell(rows: Sequence[CampaignRow], now: datetime) -> int:
    """Keep what *rows* say, and return how many campaigns they tell of. What a row leaves empty stays as it was."""
    remember_campaigns({(row.account_id, row.campaign) for row in rows}, now)
    last = {(row.account_id, row.campaign): row for row in rows}
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE fbl_campaignname n SET list_key = coalesce(nullif(t.list_key, ''), n.list_key),"
            " stream = coalesce(nullif(t.stream, ''), n.stream)"
            " FROM unnest(%s::bigint[], %s::bytea[], %s::text[], %s::text[])"
            " AS t (account_id, digest, list_key, stream) WHERE n.account_id = t.account_id AND n.digest = t.digest",
            [
                [row.account_id for row in last.values()],
                [campaign_digest(row.campaign) for row in last.values()],
                [row.list_key for row in last.values()],
                [row.stream for row in last.values()],
            ],
        )
    return len(last)
