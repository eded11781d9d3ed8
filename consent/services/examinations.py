"""Examine the evidence of a case: after each upload, and when a person opens it first. Stored, and versioned.

What is found are questions to the client and a recommendation to the reviewer; nothing here decides.
"""

import hashlib
import json
import logging
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from abuse.core.case import CLOSED, CaseState
from abuse.models import Case
from consent.core import law
from consent.core.evidence.copies import Sketch, shared_evidence
from consent.core.evidence.reader import EvidenceReader
from consent.core.evidence.rows import Context, EvidenceRow
from consent.core.evidence.rows import Finding as Found
from consent.core.law_reading import confirmed_at, legal_record
from consent.core.law_rules import law_rules
from consent.core.recommendation import recommend
from consent.core.review import crossing_findings
from consent.models import Answer, ConsentRecord, ConsentUpload, ConsentWithdrawal, Examination, Finding
from consent.selectors.crossing import coverage, cross_examination
from consent.selectors.doubts import contradictions_of
from consent.selectors.records import withdrawals_of
from courrielleur import vault
from fbl import selectors as feedback

logger = logging.getLogger(__name__)

MOST_ROWS = 200_000  # read of one file; its first rows, as neighbours tell more than a spread sample
MOST_FILES = 20  # of one account, the newest
AT_ONCE_ROWS = 5_000  # read while a person waits for the page; the job reads the rest
OTHERS = 500  # examinations of other accounts whose evidence is compared
BATCH = 5
_WITH_US = (CaseState.SUBMITTED, CaseState.IN_REVIEW, CaseState.APPEALED)
REGIME = law.Regime.CASL
_NO_UNDATED = date(1970, 1, 2)  # the day before stands for an unknown send hour
_RULES = "2026-11"  # raise it when a check changes: everything open is then examined again


@dataclass(frozen=True)
class _Read:
    """What the rows of all files said."""

    findings: list[tuple[UUID | None, Found]]
    opinions: Counter[law.Outcome]
    sketches: list[Sketch]
    rows: int
    is_whole: bool


def examine(case: Case, now: datetime, *, most_rows: int = MOST_ROWS) -> Examination:
    """Return the newest examination of *case*, made now unless it has seen the very same evidence already."""
    uploads = _uploads(case)
    declared = _declared(case)
    seen = _seen(case.account_id, uploads, most_rows, declared)
    latest = Examination.objects.filter(case=case).order_by("-version").first()
    if latest is not None and latest.seen == seen:
        return latest
    figures, found = _looked(case, uploads, most_rows, declared)
    return _keep(case, seen, figures, found, now)


def look(case: Case, now: datetime) -> tuple[Examination, list[Finding]]:
    """Return what an examination would find in the first rows of each file, not stored: a page only reads."""
    figures, found = _looked(case, _uploads(case), AT_ONCE_ROWS, _declared(case))
    examination = Examination(case=case, version=0, examined_at=now, seen="", figures=figures)
    return examination, [_finding(examination, upload_id, one) for upload_id, one in found]


def _looked(
    case: Case, uploads: list[ConsentUpload], most_rows: int, declared: list[str]
) -> tuple[dict[str, Any], list[tuple[UUID | None, Found]]]:
    crossing = cross_examination(case)
    read = _read(case, uploads, most_rows, declared)
    evidence = [found for _, found in read.findings]
    doubts = len(contradictions_of(case))
    advice = recommend(evidence, read.opinions, coverage(case), contradictions=doubts)
    figures = {
        "crossing": asdict(crossing),
        "list_coverage": crossing.list_coverage,
        "opinions": {outcome.value: read.opinions[outcome] for outcome in law.Outcome},
        "regime": REGIME.value,
        "rows": read.rows,
        "is_whole": read.is_whole,
        "advice": advice.outcome.value,
        "reasons": [asdict(reason) for reason in advice.reasons],
        "sketches": [_packed(one) for one in read.sketches],
    }
    return figures, [*read.findings, *((None, finding) for finding in crossing_findings(crossing))]


def has_waiting() -> bool:
    return _waiting().exists()


def examine_waiting(now: datetime) -> int:
    """Examine the open cases that a person will soon decide, and those with a new file. Return how many."""
    count = 0
    for case in _waiting().order_by("opened_at")[:BATCH]:
        try:
            examine(case, now)
        except Exception:  # whatever is wrong with one account's records, the other cases must not wait for it
            logger.exception("case %s could not be examined; it is tried again", case.key)
        else:
            count += 1
    return count


def _waiting() -> QuerySet[Case]:
    seen = Examination.objects.filter(case=OuterRef(OuterRef("pk")), examined_at__gte=OuterRef("read_at"))
    unseen = ConsentUpload.objects.filter(~Exists(seen), account=OuterRef("account"), state=ConsentUpload.State.DONE)
    first = Q(state__in=_WITH_US) & ~Exists(Examination.objects.filter(case=OuterRef("pk")))
    return Case.objects.filter(first | Exists(unseen)).exclude(state__in=CLOSED).select_related("account")


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


def _uploads(case: Case) -> list[ConsentUpload]:
    done = ConsentUpload.objects.filter(account=case.account_id, state=ConsentUpload.State.DONE)
    return list(done.only("id", "uploaded_at", "accepted", "errors").order_by("-uploaded_at", "-id")[:MOST_FILES])


def _seen(account_id: int, uploads: list[ConsentUpload], most_rows: int, declared: list[str]) -> str:
    looked_at = [(str(one.pk), min(one.accepted, most_rows)) for one in uploads]
    taken_back = ConsentWithdrawal.objects.filter(account_id=account_id).count()
    seen = [_RULES, law_rules().version, looked_at, sorted(declared), taken_back]
    return hashlib.sha256(json.dumps(seen).encode()).hexdigest()


def _read(case: Case, uploads: list[ConsentUpload], most_rows: int, declared: list[str]) -> _Read:
    findings: list[tuple[UUID | None, Found]] = []
    opinions: Counter[law.Outcome] = Counter()
    sketches: list[Sketch] = []
    rows = 0
    hours, others = _send_hours(case), _sketches_of_others(case)
    for upload in uploads:
        impossible = sum(error.get("code") == "date_bad" for error in upload.errors)
        reader = EvidenceReader(Context(uploaded_at=upload.uploaded_at, impossible_dates=impossible))
        for chunk in _chunks(case.account_id, upload.pk, most_rows):
            reader.add([_row(record, fields, hours) for record, fields in chunk])
            taken_back = withdrawals_of(case.account_id, {bytes(record.recipient_digest) for record, _fields in chunk})
            opinions.update(_opinion(record, fields, case.opened_at, declared, taken_back) for record, fields in chunk)
        rows += reader.rows
        findings += [(upload.pk, found) for found in reader.findings()]
        own = reader.sketch(key=vault.digest_key())
        findings += [(upload.pk, found) for found in _shared(own, others)]
        sketches.append(own)
    is_whole = all(upload.accepted <= most_rows for upload in uploads)
    return _Read(findings, opinions, sketches, rows, is_whole)


def _chunks(account_id: int, upload_id: UUID, most: int) -> Iterator[list[tuple[ConsentRecord, dict[str, str]]]]:
    records = ConsentRecord.objects.filter(account_id=account_id, upload_id=upload_id).order_by("line")[:most]
    chunk: list[tuple[ConsentRecord, dict[str, str]]] = []
    for record in records.iterator(chunk_size=2_000):
        chunk.append((record, json.loads(vault.decrypt_text(record.fields))))
        if len(chunk) == 2_000:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _row(record: ConsentRecord, fields: dict[str, str], hours: dict[bytes, int]) -> EvidenceRow:
    local, _, domain = fields.get("email", "").rpartition("@")
    confirmed = confirmed_at(fields)
    return EvidenceRow(
        line=record.line,
        local=local,
        domain=domain.casefold(),
        consented_at=record.consented_at.timestamp() if record.consented_at else None,
        ip=record.ip or "",
        user_agent=fields.get("user_agent", ""),
        method=record.method,
        form_url=fields.get("site", ""),
        first_send_hour=hours.get(bytes(record.recipient_digest)),
        confirmed_at=confirmed.timestamp() if confirmed else None,
    )


def _opinion(
    record: ConsentRecord,
    fields: dict[str, str],
    sent_at: datetime,
    declared: list[str],
    taken_back: dict[bytes, tuple[datetime, ...]],
) -> law.Outcome:
    read = legal_record(record.method, record.consented_at, fields, ip=record.ip or "", declared=declared)
    read = law.withdrawn_by(read, taken_back.get(bytes(record.recipient_digest), ()))
    return law.judge(read, sent_at, REGIME, law_rules()).outcome


def _declared(case: Case) -> list[str]:
    """Return the consent methods that the questionnaire names for the whole list."""
    values = Answer.objects.filter(questionnaire__case=case, question="methods").values_list("value", flat=True)
    return [str(method) for value in values for method in value.get("methods") or ()]


def _send_hours(case: Case) -> dict[bytes, int]:
    """Return the earliest send hour that the case's complaints and bounces tell of each recipient."""
    last = case.opened_at.date()
    rows = []
    for kind in ("complaint", "bounce"):
        rows += feedback.recipient_digests_of(case.account_id, kind, _NO_UNDATED, last)
    hours: dict[bytes, int] = {}
    for digest, hour in rows:
        hours[digest] = min(hour, hours.get(digest, hour))
    return hours


def _shared(own: Sketch, others: list[tuple[str, Sketch]]) -> list[Found]:
    """Return the accounts that have the same evidence, each once, with the file that shares most."""
    found: dict[str, Found] = {}
    for key, other in others:
        for one in shared_evidence(own, {key: other}):
            if key not in found or one.count > found[key].count:
                found[key] = one
    return list(found.values())


def _sketches_of_others(case: Case) -> list[tuple[str, Sketch]]:
    """Return the newest sketches of other accounts' files, with the keys of the accounts."""
    kept = (
        Examination.objects.exclude(case__account=case.account_id)
        .order_by("-examined_at")
        .values_list("case__account__key", "figures__sketches")[:OTHERS]
    )
    return [(key, _unpacked(one)) for key, sketches in kept for one in sketches or ()]


def _packed(sketch: Sketch) -> dict[str, Any]:
    width = len(sketch.digests[0]) if sketch.digests else 0
    joined = b64encode(b"".join(sketch.digests)).decode()
    return {"width": width, "digests": joined, "reach": sketch.reach.hex()}


def _unpacked(kept: dict[str, Any]) -> Sketch:
    joined, width = b64decode(kept["digests"]), kept["width"]
    digests = tuple(joined[at : at + width] for at in range(0, len(joined), width)) if width else ()
    return Sketch(digests, bytes.fromhex(kept["reach"]))
