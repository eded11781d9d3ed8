"""What the sender of a file is asked before it is read: take answers, remember the columns, or withdraw the file."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from consent.core.asks import Code, Flaw, flaws_in, warning_text
from consent.core.headings import fields_of, plain
from consent.core.tables import Plan
from consent.models import ConsentUpload, KnownHeading
from consent.services import parts

State = ConsentUpload.State
WITHDRAWN, ABANDONED = "withdrawn", "abandoned"  # why nothing of a file was kept: keys of [file.*]


class AnswerRefused(Exception):
    """Some answers do not fit the file; nothing was taken. `flaws` tells which, by their key."""

    def __init__(self, flaws: Mapping[str, Flaw]) -> None:
        super().__init__(", ".join(sorted(flaws)))
        self.flaws = flaws


class NothingAsked(Exception):
    """The file waits for no answer: it is read, is being read, or was withdrawn."""

    def __init__(self) -> None:
        super().__init__(_("This file waits for no answer."))


def checked(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return answers given before the file is known. Raises `AnswerRefused`."""
    if flaws := flaws_in(answers):
        raise AnswerRefused(flaws)
    return dict(answers)


def answer(upload: ConsentUpload, answers: Mapping[str, Any], by: str, now: datetime) -> ConsentUpload:
    """Take answers to what was asked, and let the file wait for its reading. What is still open is asked again.

    Raises `AnswerRefused` and `NothingAsked`.
    """
    if upload.state != State.NEEDS_ANSWER:
        raise NothingAsked
    plan = Plan.from_json(upload.plan)
    if flaws := flaws_in(answers, plan):
        raise AnswerRefused(flaws)
    told = {**upload.answers, **answers, "by": by[:150], "at": now.isoformat()}
    with transaction.atomic():
        _move(upload, state=State.STORED, answers=told, asks=[], preview=None)
        if told.get(Code.CONFIRM, True):
            _remember(upload, plan, told.get(Code.COLUMNS, {}), by, now)
    upload.refresh_from_db()
    return upload


def withdraw(upload: ConsentUpload, by: str, now: datetime) -> ConsentUpload:
    """Forget a file before anything of it is kept; the same file may be sent again. Raises `NothingAsked`."""
    _withdraw(upload, WITHDRAWN, {**upload.answers, "by": by[:150], "at": now.isoformat()}, now)
    upload.refresh_from_db()
    return upload


def expires_at(upload: ConsentUpload) -> datetime:
    """Return until when a file waits for an answer."""
    return upload.uploaded_at + timedelta(days=settings.CONSENT_ANSWER_DAYS)


def forget_abandoned(now: datetime) -> int:
    """Withdraw the files whose questions nobody answered in time, and return how many."""
    too_old = now - timedelta(days=settings.CONSENT_ANSWER_DAYS)
    files = list(_waiting().filter(uploaded_at__lt=too_old).defer("raw", "preview"))
    for upload in files:
        _withdraw(upload, ABANDONED, upload.answers, now)
    return len(files)


def prefilled(upload: ConsentUpload) -> dict[str, str]:
    """Return what was last said of the zone and the order of dates in this account's files, to be confirmed anew."""
    found: dict[str, str] = {}
    for code in (Code.ZONE, Code.DATE_ORDER):
        earlier = ConsentUpload.objects.filter(account=upload.account_id, answers__has_key=code.value)
        said = earlier.exclude(pk=upload.pk).order_by("-uploaded_at").values_list("answers", flat=True).first()
        if said:
            found[code.value] = str(said[code.value])
    return found


def warnings(upload: ConsentUpload, language: str) -> dict[str, str]:
    """Return what its sender should know of a file that was read, though no row is wrong: in words, by code."""
    found: dict[str, str] = {}
    if upload.state == State.DONE and upload.accepted:
        figures = {"rows": upload.accepted}
        if upload.undated == upload.accepted:
            found["nothing_dated"] = warning_text("nothing_dated", language)
        elif upload.undated:
            found["some_undated"] = warning_text("some_undated", language, count=upload.undated, **figures)
        if upload.day_only:
            found["day_only"] = warning_text("day_only", language, count=upload.day_only, **figures)
    return found


def _waiting() -> QuerySet[ConsentUpload]:
    return ConsentUpload.objects.filter(state=State.NEEDS_ANSWER)


def _withdraw(upload: ConsentUpload, why: str, answers: Mapping[str, Any], now: datetime) -> None:
    with transaction.atomic():
        nothing: dict[str, object] = {"asks": [], "preview": None, "sha256": None, "raw": None}
        _move(upload, state=State.WITHDRAWN, error=why, answers=answers, read_at=now, **nothing)
        parts.forget(upload)


def _move(upload: ConsentUpload, **changed: object) -> None:
    if not _waiting().filter(pk=upload.pk).update(**changed):
        raise NothingAsked


def _remember(upload: ConsentUpload, plan: Plan, columns: Mapping[str, str], by: str, now: datetime) -> None:
    """Keep what was said of columns whose headings told us something else."""
    known = KnownHeading.objects.filter(account=upload.account_id)
    guesses = dict(zip(plan.names, fields_of(plan.headings), strict=True))
    for name, field in columns.items():
        heading = plain(name)[:200]
        if not heading or name not in guesses:
            continue
        if field == guesses[name]:
            known.filter(heading=heading).delete()
        else:
            said = {"field": field, "said_by": by[:150], "said_at": now}
            KnownHeading.objects.update_or_create(account_id=upload.account_id, heading=heading, defaults=said)
