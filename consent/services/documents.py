"""Documents added to answers: told by their content, kept encrypted, taken back only before they were handed in."""

import hashlib
from datetime import datetime, timedelta
from uuid import UUID

from django.core import signing
from django.db import transaction
from django.utils.translation import gettext as _

from abuse.core.case import CaseMove
from abuse.models import CaseEvent
from consent.core.documents import LARGEST, MOST_PER_ANSWER, recognise, safe_name
from consent.core.questionnaire import question_set
from consent.models import AnswerFile, Questionnaire
from consent.services import questionnaires, scanning
from courrielleur import vault
from courrielleur.accounts.actors import Actor, signature

LINK_LASTS = timedelta(minutes=10)
_SALT = "answer-file"


class DocumentRefused(Exception):
    """This file can't be added, or not be taken back. The message says why."""


class DocumentAside(Exception):
    """The antivirus has not looked at the document yet, or found something in it: nobody opens it."""


class LinkExpired(Exception):
    """The link is forged, or older than `LINK_LASTS`."""


def add(
    questionnaire: Questionnaire, question_key: str, name: str, data: bytes, actor: Actor, now: datetime
) -> AnswerFile:
    """Keep a document with an answer; the same bytes again are the same document.

    Raises `DocumentRefused`, `UnknownQuestion` and `QuestionnaireClosed`.
    """
    try:
        question = question_set(questionnaire.version).question(question_key)
    except KeyError as error:
        raise questionnaires.UnknownQuestion(question_key) from error
    if len(data) > LARGEST:
        raise DocumentRefused(_("This file is larger than %(n)s MB. Send an extract.") % {"n": LARGEST // 1024**2})
    recognised = recognise(data)
    if recognised is None:
        raise DocumentRefused(
            _("This is neither a PDF, nor an image (PNG, JPEG, GIF, WebP), nor an e-mail (.eml). Send one of these.")
        )
    try:
        scan = scanning.scan(data)
    except scanning.FileInfected as error:
        raise DocumentRefused(
            _("The antivirus found something in this file: it is refused. Send a clean copy, such as a new scan.")
        ) from error
    with transaction.atomic():
        questionnaires.hold_open(questionnaire)
        files = AnswerFile.objects.filter(questionnaire=questionnaire, question=question.key)
        digest = hashlib.sha256(data).digest()
        if known := files.filter(sha256=digest).first():
            return known
        if files.count() >= MOST_PER_ANSWER:
            raise DocumentRefused(
                _("An answer takes %(n)s documents at most. Remove one, or put several into one PDF.")
                % {"n": MOST_PER_ANSWER}
            )
        return AnswerFile.objects.create(
            questionnaire=questionnaire,
            question=question.key,
            name=safe_name(name, recognised),
            kind=recognised.kind.value,
            media_type=recognised.media_type,
            size=len(data),
            sha256=digest,
            sealed=vault.encrypt(data),
            scan=scan,
            added_by=actor.user,
            added_by_label=signature(actor, questionnaire.case.account),
            added_at=now,
        )


def remove(questionnaire: Questionnaire, file_id: UUID) -> None:
    """Take a document back. Raises `AnswerFile.DoesNotExist`, `QuestionnaireClosed` and `DocumentRefused`."""
    with transaction.atomic():
        questionnaires.hold_open(questionnaire)
        found = AnswerFile.objects.get(pk=file_id, questionnaire=questionnaire)
        if was_handed_in(found):
            raise DocumentRefused(_("This document was handed in; the abuse team has read it. It stays with the case."))
        found.delete()


def was_handed_in(document: AnswerFile) -> bool:
    told = [{"id": str(document.pk)}]
    return CaseEvent.objects.filter(
        case=document.questionnaire.case_id, move=CaseMove.SUBMIT, data__documents__contains=told
    ).exists()


def content_of(document: AnswerFile) -> bytes:
    """Return its bytes. Raises `vault.CannotDecrypt` and `DocumentAside`."""
    if not scanning.is_open_to(document.scan):
        raise DocumentAside
    return vault.decrypt(document.sealed)


def token_of(document: AnswerFile) -> str:
    """Return what a link to the document carries. It opens nothing by itself: who follows it must know the case."""
    return signing.TimestampSigner(salt=_SALT).sign(document.pk.hex)


def id_in(token: str) -> UUID:
    """Return whose link it is. Raises `LinkExpired`."""
    try:
        return UUID(hex=signing.TimestampSigner(salt=_SALT).unsign(token, max_age=LINK_LASTS))
    except (signing.BadSignature, ValueError) as error:
        raise LinkExpired from error
