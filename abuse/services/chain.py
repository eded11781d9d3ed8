"""Write assessments, each chained to the one before it of the same account (abuse/core/chain.py)."""

from collections.abc import Iterator, Sequence

from django.db import connection

from abuse.core.chain import BEGINNING, Broken, Link, check
from abuse.models import Assessment

CHUNK = 500  # links read at a time: each holds a month of cells


def append(assessments: Sequence[Assessment]) -> list[Assessment]:
    """Write *assessments* in this order. Call it where one judge at a time writes (services/assessments.py)."""
    ends = _ends({assessment.account_id for assessment in assessments})
    for assessment in assessments:
        sequence, previous = ends.get(assessment.account_id, (0, BEGINNING))
        assessment.sequence = sequence + 1
        assessment.digest = link_of(assessment).digest_after(previous)
        ends[assessment.account_id] = (assessment.sequence, assessment.digest)
    return Assessment.objects.bulk_create(assessments)


def broken(account_ids: Sequence[int] | None = None) -> Iterator[Broken]:
    """Say which links of the chains of these accounts, or of all, are not what was written."""
    rows = Assessment.objects.exclude(sequence=None).order_by("account_id", "sequence")
    if account_ids is not None:
        rows = rows.filter(account__in=account_ids)
    return check(link_of(row) for row in rows.iterator(CHUNK))


def link_of(assessment: Assessment) -> Link:
    """Return what is chained of a written, or to be written, assessment."""
    return Link(
        account_id=assessment.account_id,
        sequence=assessment.sequence or 0,
        at=assessment.at,
        state=assessment.state,
        reasons=tuple(assessment.reasons),
        figures=assessment.figures,
        inputs=assessment.inputs,
        policy_version=assessment.policy_version,
        code_version=assessment.code_version,
        digest=bytes(assessment.digest or b""),
    )


def _ends(account_ids: set[int]) -> dict[int, tuple[int, bytes]]:
    """Return sequence and digest of the last link of each account that has one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT ON (account_id) account_id, sequence, digest FROM abuse_assessment"
            " WHERE account_id = ANY(%s) AND sequence IS NOT NULL ORDER BY account_id, sequence DESC",
            [sorted(account_ids)],
        )
        return {account_id: (sequence, bytes(digest)) for account_id, sequence, digest in cursor.fetchall()}
