"""Examine the evidence of a case: after each upload, and when a person opens it first. Stored, and versioned.

What is found are questions to the client and a recommendation to the reviewer; nothing here decides.
"""

import hashlib
import json
import logging
from dataclasses import asdict
from datetime import datetime
from time import monotonic
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from abuse.core.case import CLOSED, CaseState
from abuse.models import Case
from consent.core import law
from consent.core.evidence.rows import Finding as Found
from consent.core.law_rules import law_rules
from consent.core.recommendation import recommend
from consent.core.review import crossing_findings
from consent.models import Answer, ConsentUpload, ConsentWithdrawal, Examination, Finding
from consent.selectors.crossing import coverage, cross_examination
from consent.selectors.doubts import contradictions_of
from consent.services import facts, sharing, walking
from consent.services.walking import REGIME, Walk

logger = logging.getLogger(__name__)

MOST_FILES = 100  # of one account, the newest
MOST_LIVE_DAYS = 100  # of records told one by one, the newest
MOST_MISSING = 3  # things that records lack, shown for each law
MOST_NEWS = 200  # open cases asked for news from outside
AT_ONCE_ROWS = 5_000  # read while a person waits for the page; the job reads all
TURN_SECONDS = 40.0  # of the job, well below the worker's time limit
_LOCK = 0x65786D  # "exm": one process examines at a time, for a case may take it several turns
_WITH_US = (CaseState.SUBMITTED, CaseState.IN_REVIEW, CaseState.APPEALED)
_RULES = "2026-11-22b"  # raise it when a check changes: what is examined later is then examined anew


def examine(case: Case, now: datetime, *, seconds: float | None = None) -> Examination | None:
    """Return the newest examination of *case*, made now unless it has seen the very same evidence already.

    None when *seconds* were not enough: asked again, it goes on where it was.
    """
    walk = walking.resumed(case)
    if walk is None:
        walk = _set_out(case, now)
        latest = Examination.objects.filter(case=case).order_by("-version").first()
        if latest is not None and latest.seen == walk.seen:
            return latest
    if not walking.go_on(case, walk, until=monotonic() + seconds if seconds is not None else None):
        walking.put_down(case, walk, now)
        return None
    figures, found = _figures(case, walk)
    examination = _keep(case, walk.seen, figures, found, walk.begun_at)
    sharing.keep(case.account_id, walk.sketches)
    facts.want(walk.wanted, now)
    walking.forget(case)
    return examination


def look(case: Case, now: datetime) -> tuple[Examination, list[Finding]]:
    """Return what an examination would find in the first rows of the files, not stored: a page only reads."""
    walk = _set_out(case, now)
    walking.go_on(case, walk, most_rows=max(1, AT_ONCE_ROWS // max(1, len(walk.uploads))))
    figures, found = _figures(case, walk)
    examination = Examination(case=case, version=0, examined_at=now, seen="", figures=figures)
    return examination, [_finding(examination, upload_id, one) for upload_id, one in found]


def _figures(case: Case, walk: Walk) -> tuple[dict[str, Any], list[tuple[UUID | None, Found]]]:
    crossing = cross_examination(case)
    found = list(walk.findings)
    for upload_id, sketch in walk.sketches:
        found += [(upload_id, one) for one in sharing.shared(case.account_id, sketch)]
    doubts = len(contradictions_of(case))
    advice = recommend([one for _, one in found], walk.opinions, coverage(case), contradictions=doubts)
    figures = {
        "crossing": asdict(crossing),
        "list_coverage": crossing.list_coverage,
        "opinions": {outcome.value: walk.opinions[outcome] for outcome in law.Outcome},
        "regime": REGIME.value,
        "laws": {
            regime.value: {
                "outcomes": {outcome.value: walk.by_law[regime.value, outcome.value] for outcome in law.Outcome},
                "missing": [[key, count] for (of, key), count in walk.missing.most_common() if of == regime.value][
                    :MOST_MISSING
                ],
                "recipients": walk.places[regime.value],
            }
            for regime in law.Regime
        },
        "rows": walk.rows,
        "is_whole": walk.rows >= _records(case),
        "advice": advice.outcome.value,
        "reasons": [asdict(reason) for reason in advice.reasons],
        "facts": walk.wanted,
        "facts_seal": walk.facts_seal,
    }
    return figures, [*found, *((None, finding) for finding in crossing_findings(crossing))]


def has_waiting() -> bool:
    return _waiting().exists() or bool(_with_news())


def examine_waiting(now: datetime, seconds: float = TURN_SECONDS) -> int:
    """Examine, for about *seconds*, the open cases that a person will soon decide, and those with a new file.

    Return how many went forward; none when another process is at it.
    """
    until, count = monotonic() + seconds, 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
        if not (cursor.fetchone() or (False,))[0]:
            return 0
        try:
            for case in [*_waiting().order_by("opened_at"), *_with_news()]:
                if (left := until - monotonic()) <= 0:
                    break
                count += _is_examined(case, now, left)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
    return count


def _is_examined(case: Case, now: datetime, seconds: float) -> bool:
    try:
        examine(case, now, seconds=seconds)
    except Exception:  # whatever is wrong with one account's records, the other cases must not wait for it
        logger.exception("case %s could not be examined; it is tried again", case.key)
        return False
    return True


def _waiting() -> QuerySet[Case]:
    seen = Examination.objects.filter(case=OuterRef(OuterRef("pk")), examined_at__gte=OuterRef("read_at"))
    unseen = ConsentUpload.objects.filter(~Exists(seen), account=OuterRef("account"), state=ConsentUpload.State.DONE)
    first = Q(state__in=_WITH_US) & ~Exists(Examination.objects.filter(case=OuterRef("pk")))
    return Case.objects.filter(first | Exists(unseen)).exclude(state__in=CLOSED).select_related("account")


def _with_news() -> list[Case]:
    """Return the open cases about whose files something was learnt from outside since they were examined."""
    if not settings.OUTSIDE_FACTS:
        return []
    open_ones = Examination.objects.exclude(case__state__in=CLOSED).filter(figures__has_key="facts")
    newest = open_ones.select_related("case__account").order_by("case", "-version").distinct("case")[:MOST_NEWS]
    return [one.case for one in newest if facts.has_news(one.figures["facts"], one.figures["facts_seal"])]


def _keep(
    case: Case, seen: str, figures: dict[str, Any], found: list[tuple[UUID | None, Found]], now: datetime
) -> Examination:
    with transaction.atomic():
        Case.objects.select_for_update().get(pk=case.pk)
        latest = Examination.objects.filter(case=case).order_by("-version").first()
        if latest is not None and latest.seen == seen:
            return latest  # another process was quicker
        examination = Examination.objects.create(
            case=case, version=latest.version + 1 if latest else 1, examined_at=now, seen=seen, figures=figures
        )
        Finding.objects.bulk_create(_finding(examination, upload_id, one) for upload_id, one in found)
    return examination


def _finding(examination: Examination, upload_id: UUID | None, one: Found) -> Finding:
    return Finding(
        examination=examination,
        upload_id=upload_id,
        code=one.code,
        count=one.count,
        rows=one.rows,
        examples=list(one.examples),
        value=one.value[:255],
        weight=one.weight,
        p_value=one.p_value,
        benign=list(one.benign),
    )


def _set_out(case: Case, now: datetime) -> Walk:
    """Return the beginning of an examination of all that the account has handed in up to now."""
    files = _done(case).only("id", "accepted").order_by("-uploaded_at", "-id")
    done = [*files.filter(live_on=None)[:MOST_FILES], *files.exclude(live_on=None)[:MOST_LIVE_DAYS]]
    values = Answer.objects.filter(questionnaire__case=case, question="methods").values_list("value", flat=True)
    declared = [str(method) for value in values for method in value.get("methods") or ()]
    taken_back = ConsentWithdrawal.objects.filter(account_id=case.account_id).count()
    looked_at = [(str(one.pk), one.accepted) for one in done]
    latest = Examination.objects.filter(case=case).order_by("-version").first()
    known_from = [(kind, name) for kind, name in (latest.figures.get("facts", ()) if latest else ())]
    seal = facts.seal_of(known_from)
    seen = json.dumps([_RULES, law_rules().version, looked_at, sorted(declared), taken_back, seal])
    return Walk(
        now,
        hashlib.sha256(seen.encode()).hexdigest(),
        [one.pk for one in done],
        declared,
        known_from=known_from,
        facts_seal=seal,
    )


def _records(case: Case) -> int:
    return _done(case).aggregate(records=Sum("accepted"))["records"] or 0


def _done(case: Case) -> QuerySet[ConsentUpload]:
    return ConsentUpload.objects.filter(account=case.account_id, state=ConsentUpload.State.DONE)
