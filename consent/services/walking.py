"""Read all records of a case's files through the checks, in turns; what was seen is kept, encrypted, between them.

Rows go by, pages of them, and none is kept but those of the samples (`EvidenceReader`): a file of ten million takes the
memory of one of a hundred thousand, and as many turns as it needs.
"""

import pickle
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from dataclasses import fields as dataclass_fields
from datetime import date, datetime
from time import monotonic
from uuid import UUID

import orjson

from abuse.models import Case
from consent.core import law
from consent.core.evidence.copies import Sketch
from consent.core.evidence.reader import EvidenceReader
from consent.core.evidence.rows import Context, EvidenceRow
from consent.core.evidence.rows import Finding as Found
from consent.core.law_places import regime_of
from consent.core.law_reading import legal_record
from consent.core.law_rules import law_rules
from consent.models import ConsentRecord, ConsentUpload, ConsentWithdrawal, ExaminationTurn
from consent.selectors.records import withdrawals_of
from consent.services import facts, parts
from courrielleur import vault
from fbl import selectors as feedback

PAGE = 5_000  # rows
PURPOSE = b"examination turn"
REGIME = law.Regime.CASL
_NO_UNDATED = date(1970, 1, 2)  # the day before stands for an unknown send hour
_COLUMNS = ("line", "recipient_digest", "consented_at", "ip", "method", "fields")
_Row = tuple[int, bytes, datetime | None, str | None, str, bytes]


@dataclass
class Walk:
    """How far the reading of a case's files has come, and what was found."""

    begun_at: datetime  # a file that came later is not among them
    seen: str  # what it set out to look at (`examinations`)
    uploads: list[UUID]  # not yet read to their end
    declared: list[str]  # consent methods named for the whole list
    after: int = 0  # line of the first of them that was read last
    reader: EvidenceReader | None = None  # of the first of them
    findings: list[tuple[UUID | None, Found]] = field(default_factory=list)
    opinions: Counter[law.Outcome] = field(default_factory=Counter)
    by_law: Counter[tuple[str, str]] = field(default_factory=Counter)  # (regime, outcome): records
    missing: Counter[tuple[str, str]] = field(default_factory=Counter)  # (regime, what is missing): records
    places: Counter[str] = field(default_factory=Counter)  # regime: records of recipients who are there
    sketches: list[tuple[UUID, Sketch]] = field(default_factory=list)
    rows: int = 0
    known_from: list[facts.Name] = field(default_factory=list)  # what an earlier examination wanted to be told
    facts_seal: str = ""  # of what was known of these when this one set out
    wanted: list[facts.Name] = field(default_factory=list)


def go_on(case: Case, walk: Walk, *, until: float | None = None, most_rows: int | None = None) -> bool:
    """Read on, up to the moment *until* of the monotonic clock, or the first *most_rows* of each file.

    Return whether the end of all files was reached.
    """
    hours = _send_hours(case)
    while walk.uploads:
        upload = ConsentUpload.objects.filter(pk=walk.uploads[0], state=ConsentUpload.State.DONE).first()
        if upload is not None:
            reader = walk.reader = walk.reader or EvidenceReader(_context(upload, walk))
            while page := _page(upload, walk.after, min(PAGE, most_rows - reader.rows) if most_rows else PAGE):
                _look_at(page, case, walk, reader, hours)
                walk.after = page[-1][0]
                if until is not None and monotonic() > until:
                    return False
            walk.rows += reader.rows
            walk.findings += [(upload.pk, found) for found in reader.findings()]
            walk.sketches.append((upload.pk, reader.sketch(key=vault.digest_key())))
            if isinstance(domains := reader.context.domains, facts.KnownDomains):
                walk.wanted = list(dict.fromkeys([*walk.wanted, *domains.wanted()]))[: facts.MOST_WANTED]
        walk.uploads, walk.after, walk.reader = walk.uploads[1:], 0, None
    return True


def resumed(case: Case) -> Walk | None:
    """Return what an earlier turn left, None when there is nothing, or it is of another release."""
    turn = ExaminationTurn.objects.filter(case=case).first()
    if turn is None:
        return None
    try:
        # Only what was sealed for this is unpickled: what a client sent is sealed with the same keys, and for nothing.
        told = parts.opened(bytes(turn.sealed), purpose=PURPOSE)
        walk = pickle.loads(told)  # noqa: S301 - nobody without our keys can have made it
    except (AttributeError, ImportError, TypeError, vault.CannotDecrypt):
        return None
    is_of_this_release = isinstance(walk, Walk) and vars(walk).keys() == {one.name for one in dataclass_fields(Walk)}
    return walk if is_of_this_release else None


def put_down(case: Case, walk: Walk, now: datetime) -> None:
    """Keep *walk* for the next turn."""
    sealed = parts.sealed(pickle.dumps(walk), purpose=PURPOSE)
    ExaminationTurn.objects.update_or_create(case=case, defaults={"sealed": sealed, "saved_at": now})


def forget(case: Case) -> None:
    ExaminationTurn.objects.filter(case=case).delete()


def _context(upload: ConsentUpload, walk: Walk) -> Context:
    return Context(
        uploaded_at=upload.uploaded_at,
        impossible_dates=sum(error.get("code") == "date_bad" for error in upload.errors),
        forms=facts.form_days(walk.known_from),
        domains=facts.KnownDomains(),
        address_facts=facts.address_facts(),
    )


def _page(upload: ConsentUpload, after: int, size: int) -> list[_Row]:
    rows = ConsentRecord.stored.filter(account_id=upload.account_id, upload_id=upload.pk, line__gt=after)
    return list(rows.order_by("line").values_list(*_COLUMNS)[:size]) if size else []


def _look_at(page: list[_Row], case: Case, walk: Walk, reader: EvidenceReader, hours: Mapping[bytes, int]) -> None:
    taken_back: dict[bytes, tuple[datetime, ...]] = {}
    if ConsentWithdrawal.objects.filter(account_id=case.account_id).exists():
        taken_back = withdrawals_of(case.account_id, {bytes(row[1]) for row in page})
    rows = []
    for line, digest, consented_at, ip, method, sealed in page:
        recipient, fields = bytes(digest), orjson.loads(vault.decrypt(sealed))
        read = legal_record(method, consented_at, fields, ip=ip or "", declared=walk.declared)
        rows.append(_row(line, consented_at, ip, method, fields, read.confirmed_at, hours.get(recipient)))
        read = law.withdrawn_by(read, taken_back.get(recipient, ()))
        _judge(read, case.opened_at, walk)
        if place := regime_of(fields.get("country", ""), rows[-1].domain):
            walk.places[place.value] += 1
    if isinstance(domains := reader.context.domains, facts.KnownDomains):
        domains.learn(rows)
    reader.add(rows)


def _judge(read: law.LegalRecord, sent_at: datetime, walk: Walk) -> None:
    for regime in law.Regime:
        opinion = law.judge(read, sent_at, regime, law_rules())
        if regime is REGIME:
            walk.opinions[opinion.outcome] += 1
        walk.by_law[regime.value, opinion.outcome.value] += 1
        for key in opinion.missing:
            walk.missing[regime.value, key] += 1


def _row(
    line: int,
    consented_at: datetime | None,
    ip: str | None,
    method: str,
    fields: Mapping[str, str],
    confirmed: datetime | None,
    first_send_hour: int | None,
) -> EvidenceRow:
    local, _, domain = fields.get("email", "").rpartition("@")
    return EvidenceRow(
        line=line,
        local=local,
        domain=domain.casefold(),
        consented_at=consented_at.timestamp() if consented_at else None,
        ip=ip or "",
        user_agent=fields.get("user_agent", ""),
        method=method,
        form_url=fields.get("site", ""),
        first_send_hour=first_send_hour,
        confirmed_at=confirmed.timestamp() if confirmed else None,
    )


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
