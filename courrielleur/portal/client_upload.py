"""One file of consent records: see how it is understood, answer what has two meanings, see what became of its rows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from consent import selectors as consent_selectors
from consent.core.asks import Code, choice_text
from consent.core.records import RowError, file_message, row_message
from consent.services import asking, inspection, rejects, uploads
from courrielleur.accounts import selectors as accounts_selectors
from courrielleur.accounts.actors import signature
from courrielleur.accounts.permissions import Permission
from courrielleur.portal import answers
from courrielleur.portal.guards import ActorRequest, require
from courrielleur.portal.upload_form import AnswersForm, shown_rows
from courrielleur.spreadsheets import csv_pieces

SHOWN_LINES = 12
UNREAD = frozenset({"receiving", "stored", "reading"})


@dataclass(frozen=True)
class ErrorGroup:
    """The rejected rows of one cause: an example in words, how many there are, the first of their lines."""

    example: str
    count: int
    lines: str
    has_more: bool


@require(Permission.SEE_PORTAL)
@require_safe
def upload(request: ActorRequest, key: str, upload_id: UUID) -> HttpResponse:
    found = _found(request, key, upload_id)
    if found.state != "needs_answer":
        return _page(request, key, found)
    return _questions(request, key, found, AnswersForm(found, asking.prefilled(found)))


@require(Permission.UPLOAD_CONSENT)
@require_POST
def answer(request: ActorRequest, key: str, upload_id: UUID) -> HttpResponse:
    """Look at the file anew by what is said of it, or read it. What is still open is asked again on the same page."""
    found = _found(request, key, upload_id)
    if found.state != "needs_answer":
        messages.info(request, str(asking.NothingAsked()))
        return redirect("portal:upload", key, upload_id)
    form = AnswersForm(found, {}, request.POST)
    now, by = timezone.now(), signature(request.actor, found.account)
    if form.is_valid():
        try:
            uploads.read_soon(asking.answer(found, form.answered(), by, now), now)
        except asking.AnswerRefused as refused:
            form.refuse(refused.flaws)
        except asking.NothingAsked as error:
            messages.info(request, str(error))
    if form.errors:
        return _questions(request, key, found, form)
    return redirect("portal:upload", key, upload_id)


@require(Permission.UPLOAD_CONSENT)
@require_POST
def withdraw(request: ActorRequest, key: str, upload_id: UUID) -> HttpResponse:
    found = _found(request, key, upload_id)
    try:
        asking.withdraw(found, signature(request.actor, found.account), timezone.now())
    except asking.NothingAsked as error:
        messages.info(request, str(error))
    else:
        messages.success(request, _("The file was withdrawn. Nothing of it was kept."))
    return redirect("portal:upload", key, upload_id)


@require(Permission.SEE_PORTAL)
@require_safe
def rejected(request: ActorRequest, key: str, upload_id: UUID) -> StreamingHttpResponse:
    """Give every refused row as a table, addresses masked."""
    found = _found(request, key, upload_id)
    heading = [_("Line"), _("Column"), _("Code"), _("Value"), _("What to do")]
    pieces = csv_pieces(heading, rejects.table(found, answers.language()))
    reply = StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8")
    reply["Content-Disposition"] = 'attachment; filename="rejects.csv"'
    return reply


def grouped(errors: Iterable[Mapping[str, Any]]) -> list[ErrorGroup]:
    """Return the errors by cause and column, the most frequent first."""
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for error in errors:
        groups.setdefault((error["code"], error["column"]), []).append(error)
    return [
        ErrorGroup(
            example=row_message(RowError(**rows[0]), answers.language()),
            count=len(rows),
            lines=", ".join(str(row["line"]) for row in rows[:SHOWN_LINES]),
            has_more=len(rows) > SHOWN_LINES,
        )
        for rows in sorted(groups.values(), key=len, reverse=True)
    ]


def said(found: Any) -> list[str]:
    """Return what the sender said of the file, in words; nothing when nothing was asked."""
    told = found.answers
    sentences = []
    if order := told.get(Code.DATE_ORDER):
        sentences.append(_("In dates with two meanings: %(answer)s.") % {"answer": _choice(order)})
    if zone := told.get(Code.ZONE):
        sentences.append(_("Times without a zone: %(zone)s.") % {"zone": _choice(zone)})
    if days := told.get(Code.DAYS):
        sentences.append(_("Dates without a time: %(answer)s.") % {"answer": _choice(days)})
    if sentences and (by := told.get("by")):
        sentences.append(_("Said by %(name)s.") % {"name": by})
    return sentences


def _choice(value: str) -> str:
    try:
        return choice_text(value, answers.language())
    except KeyError:  # a zone that was typed
        return value


def _found(request: ActorRequest, key: str, upload_id: UUID) -> Any:
    account = accounts_selectors.account_for(request.actor, key)
    return consent_selectors.uploads_for(account).select_related("account__reseller").get(pk=upload_id)


def _page(request: ActorRequest, key: str, found: Any) -> HttpResponse:
    shown = {
        "account": found.account,
        "upload": found,
        "is_unread": found.state in UNREAD,
        "progress": round(100 * found.read_bytes / found.size) if found.size else 0,
        "problem": file_message(found.error, answers.language()) if found.error else "",
        "warnings": asking.warnings(found, answers.language()),
        "groups": grouped(found.errors),
        "said": said(found),
    }
    return render(request, "client/upload.html", shown)


def _questions(request: ActorRequest, key: str, found: Any, form: AnswersForm) -> HttpResponse:
    lines = inspection.previewed(found)
    shown = {
        "account": found.account,
        "upload": found,
        "form": form,
        "columns": list(form.columns(lines)),
        "rows": shown_rows(found, lines),
        "until": asking.expires_at(found),
        "may_answer": request.actor.can(Permission.UPLOAD_CONSENT),
    }
    return render(request, "client/upload_check.html", shown, status=422 if form.errors else 200)
