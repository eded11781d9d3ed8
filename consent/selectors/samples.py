"""Samples of recipients whose consent must be proved, and who may be drawn into one."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q, QuerySet

from abuse.models import Case
from abuse.selectors import cases_for
from consent.core.sampling import draw, rank
from consent.models import AnswerFile, ConsentRecord, EvidenceRequest, SampledRecipient
from courrielleur import vault
from courrielleur.accounts.actors import Actor
from fbl.selectors import recipients as feedback

_ASIDE = (AnswerFile.Scan.WAITING, AnswerFile.Scan.INFECTED)


@dataclass(frozen=True)
class Candidate:
    """A recipient that may be drawn, with the encrypted place where the address stands."""

    digest: bytes
    address: str
    source: str  # SampledRecipient.Source


@dataclass(frozen=True)
class Shown:
    """A sampled recipient in clear, for its own sender and for people who may see recipients."""

    number: int
    address: str
    source: str
    proof: dict[str, str] = field(default_factory=dict)
    file_name: str = ""
    file_type: str = ""
    file_scan: str = ""  # what the antivirus said, in words, when there is something to say
    is_file_aside: bool = False  # nobody may open it
    answered_at: datetime | None = None
    answered_by: str = ""
    verdict: str = ""
    verdict_label: str = ""
    pk: int = 0

    @property
    def is_answered(self) -> bool:
        return self.answered_at is not None


def requests_of(case: Case) -> QuerySet[EvidenceRequest]:
    """Return the case's requests, newest first, each with how many recipients it has, `answered` and `proved`."""
    return (
        EvidenceRequest.objects.filter(case=case)
        .select_related("case__account", "asked_by")
        .annotate(
            drawn=Count("recipients"),
            answered=Count("recipients", filter=Q(recipients__answered_at__isnull=False)),
            proved=Count("recipients", filter=Q(recipients__verdict="proved")),
            doubtful=Count("recipients", filter=Q(recipients__verdict="doubtful")),
            not_proved=Count("recipients", filter=Q(recipients__verdict="not_proved")),
        )
        .order_by("-asked_at", "-id")
    )


def request_for(actor: Actor, request_id: UUID) -> EvidenceRequest:
    """Return the request of that id. Raises `EvidenceRequest.DoesNotExist` for a stranger too."""
    requests = EvidenceRequest.objects.select_related("case__account__reseller", "asked_by")
    return requests.get(pk=request_id, case__in=cases_for(actor))


def shown(request: EvidenceRequest) -> list[Shown]:
    """Return the recipients of a request in clear, in the order drawn."""
    return [
        Shown(
            number=one.number,
            address=vault.decrypt_text(one.address),
            source=one.source,
            proof=json.loads(vault.decrypt_text(one.fields)) if one.fields else {},
            file_name=one.file_name,
            file_type=one.file_type,
            file_scan=one.get_file_scan_display() if one.file_scan not in ("", AnswerFile.Scan.CLEAN) else "",
            is_file_aside=one.file_scan in _ASIDE,
            answered_at=one.answered_at,
            answered_by=one.answered_by,
            verdict=one.verdict,
            verdict_label=one.get_verdict_display() if one.verdict else "",
            pk=one.pk,
        )
        for one in request.recipients.defer("file").order_by("number")
    ]


def file_of(actor: Actor, recipient_id: int) -> tuple[bytes, str, str]:
    """Return the bytes, name and type of a proof.

    Raises `SampledRecipient.DoesNotExist` for a stranger, for no file, and for one that the antivirus keeps aside.
    """
    files = SampledRecipient.objects.exclude(file_scan__in=_ASIDE)
    found = files.get(pk=recipient_id, request__case__in=cases_for(actor), file__isnull=False)
    return vault.decrypt(bytes(found.file or b"")), found.file_name, found.file_type


def ordinary_recipients(case: Case, size: int, seed: bytes, now: datetime) -> tuple[list[Candidate], int]:
    """Return *size* ordinary recipients of the case's account, drawn by *seed*, and from how many they were drawn.

    Known are the recipients on record, and those whose mailbox answered without a complaint. Traps and complainers
    are never drawn, nor who was in an earlier sample of the case. The same seed at the same moment draws the same.
    """
    account_id = case.account_id
    earlier = SampledRecipient.objects.filter(request__case=case).values_list("recipient_digest", flat=True)
    drawn_before = {bytes(digest) for digest in earlier}
    addresses = feedback.ordinary_addresses(account_id, now)
    wanted = 2 * size + len(drawn_before) + 20
    while True:
        on_record, known = _smallest_ranks(account_id, seed, now, wanted)
        ranked = draw([*on_record, *addresses], wanted, seed)
        barred = feedback.not_to_be_named(account_id, ranked) | drawn_before
        kept = [digest for digest in ranked if digest not in barred][:size]
        if len(kept) == size or len(ranked) < wanted:
            break
        wanted *= 4
    chosen = [_candidate(account_id, digest, addresses.get(digest)) for digest in kept]
    return chosen, known + len(addresses.keys() - set(on_record))


def _candidate(account_id: int, digest: bytes, address: bytes | None) -> Candidate:
    record = (
        ConsentRecord.objects.filter(account_id=account_id, recipient_digest=digest)
        .order_by("created_at", "line")
        .first()
    )
    if record is not None:
        return Candidate(digest, address_of(record), SampledRecipient.Source.RECORD)
    return Candidate(digest, vault.decrypt_text(address or b""), SampledRecipient.Source.EVENT)


def address_of(record: ConsentRecord) -> str:
    """Return the address as the client's file wrote it."""
    return str(json.loads(vault.decrypt_text(record.fields))["email"])


def _smallest_ranks(account_id: int, seed: bytes, now: datetime, limit: int) -> tuple[list[bytes], int]:
    """Return the recipients on record that a draw takes first, and how many recipients are on record.

    The database ranks as `consent.core.sampling.rank` does: ten million digests need not travel.
    """
    with connection.cursor() as cursor:
        cursor.execute(_DRAW, [account_id, now, seed, limit])
        rows = cursor.fetchall()
        cursor.execute(_COUNT, [account_id, now])
        known = int(cursor.fetchone()[0])
    return sorted((bytes(row[0]) for row in rows), key=lambda digest: rank(digest, seed)), known


_RECORDS = """
    SELECT DISTINCT r.recipient_digest FROM consent_consentrecord r
    JOIN consent_consentupload u ON u.id = r.upload_id AND u.state = 'done'
    WHERE r.account_id = %s AND r.created_at <= %s
"""
_DRAW = f"SELECT recipient_digest FROM ({_RECORDS}) AS known ORDER BY sha256(%s || recipient_digest) LIMIT %s"  # noqa: S608 - our own words
_COUNT = f"SELECT count(*) FROM ({_RECORDS}) AS known"  # noqa: S608 - our own words
