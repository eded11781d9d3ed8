"""Have files that people hand in looked at by an antivirus, and keep aside what it could not look at yet.

Without COURRIELLEUR_ANTIVIRUS nothing is scanned. While it is away, files wait aside and nobody opens them, unless
COURRIELLEUR_ANTIVIRUS_FAIL is `open`; both kinds are scanned as soon as it is back.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction

from abuse.models import Case
from abuse.services import history
from consent.adapters.antivirus import AntivirusAway, found_in
from consent.models import AnswerFile, SampledRecipient
from courrielleur import vault
from courrielleur.accounts.actors import SYSTEM

logger = logging.getLogger(__name__)

Scan = AnswerFile.Scan
BATCH = 50
_UNSCANNED = (Scan.WAITING, Scan.SKIPPED)


class FileInfected(Exception):
    """The antivirus found something: the file must not be kept."""


def scan(data: bytes) -> AnswerFile.Scan:
    """Return how *data* is kept. Raises `FileInfected`."""
    if not settings.ANTIVIRUS:
        return Scan.NONE
    try:
        name = found_in(data, settings.ANTIVIRUS)
    except AntivirusAway as error:
        logger.warning("the antivirus does not answer: %s", error)
        return Scan.WAITING if settings.ANTIVIRUS_FAIL == "closed" else Scan.SKIPPED
    if name:
        logger.warning("a file was refused: the antivirus found %s", name)
        raise FileInfected(name)
    return Scan.CLEAN


def has_waiting() -> bool:
    return bool(settings.ANTIVIRUS) and any(rows.exists() for rows in _waiting())


def scan_waiting(now: datetime) -> int:
    """Scan the files that were not scanned yet, oldest first, until the antivirus is away. Return how many were."""
    if not settings.ANTIVIRUS:
        return 0
    documents, proofs = _waiting()
    count = 0
    for one in documents.select_related("questionnaire__case").order_by("added_at")[:BATCH]:
        if not _settle(bytes(one.sealed), one.questionnaire.case, now, partial(_keep_document, one)):
            return count
        count += 1
    for proof in proofs.select_related("request__case").order_by("answered_at")[:BATCH]:
        if not _settle(bytes(proof.file or b""), proof.request.case, now, partial(_keep_proof, proof)):
            return count
        count += 1
    return count


def is_open_to(scan: str) -> bool:
    """Whether a file with that result may be opened by anybody."""
    return scan not in (Scan.WAITING, Scan.INFECTED)


def _settle(sealed: bytes, case: Case, now: datetime, keep: Callable[[str], bool]) -> bool:
    """Scan one file and keep what was said; False when the antivirus is still away."""
    try:
        said = scan(vault.decrypt(sealed))
    except FileInfected:
        said = Scan.INFECTED
    except vault.CannotDecrypt:
        return True  # nobody can open it, so nobody is in danger
    if said in _UNSCANNED:
        return False
    with transaction.atomic():
        if keep(said) and said == Scan.INFECTED:
            history.tell(case, "infected", actor=SYSTEM, now=now)
    return True


def _keep_document(row: AnswerFile, said: str) -> bool:
    same = AnswerFile.objects.filter(pk=row.pk, scan__in=_UNSCANNED)
    return bool(same.update(scan=said, **({"sealed": b""} if said == Scan.INFECTED else {})))


def _keep_proof(row: SampledRecipient, said: str) -> bool:
    same = SampledRecipient.objects.filter(pk=row.pk, file_scan__in=_UNSCANNED, answered_at=row.answered_at)
    return bool(same.update(file_scan=said, **({"file": None} if said == Scan.INFECTED else {})))


def _waiting() -> tuple[Any, Any]:
    return (
        AnswerFile.objects.filter(scan__in=_UNSCANNED),
        SampledRecipient.objects.filter(file_scan__in=_UNSCANNED, file__isnull=False),
    )
