"""Consent records: hand in a file, see what became of its rows. The same service as over REST."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from consent import selectors as consent_selectors
from consent.core.records import RowError, file_message, row_message
from consent.services import uploads
from courrielleur.accounts import selectors as accounts_selectors
from courrielleur.accounts.permissions import Permission
from courrielleur.portal import account_view, answers
from courrielleur.portal.forms import UploadForm
from courrielleur.portal.guards import ActorRequest, require

SHOWN_UPLOADS = 50
SHOWN_LINES = 12


@dataclass(frozen=True)
class ErrorGroup:
    """The rejected rows of one cause: an example in words, how many there are, the first of their lines."""

    example: str
    count: int
    lines: str
    has_more: bool


@require(Permission.SEE_PORTAL)
@require_safe
def consent(request: ActorRequest) -> HttpResponse:
    """Choose the account; with one account there is nothing to choose."""
    accounts = list(accounts_selectors.accounts_for(request.actor)[:500])
    if len(accounts) == 1:
        return redirect("portal:consent_of", accounts[0].key)
    return render(request, "client/consent.html", {"lines": account_view.lines(accounts, timezone.now())})


@require(Permission.UPLOAD_CONSENT)
@require_http_methods(["GET", "HEAD", "POST"])
def consent_of(request: ActorRequest, key: str) -> HttpResponse:
    account = accounts_selectors.account_for(request.actor, key)
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST":
        form = UploadForm(request.POST, request.FILES)
        if form.is_valid():
            sent = form.cleaned_data["file"]
            now = timezone.now()
            try:
                upload, is_new = uploads.receive(account, sent.chunks(), sent.name, request.actor.label, now)
            except uploads.FileTooLarge as error:
                form.add_error("file", str(error))
            else:
                uploads.read_soon(upload, now)
                if not is_new:
                    messages.info(request, _("This file was here already; nothing was counted twice."))
                return redirect("portal:upload", key, upload.pk)
    return render(
        request,
        "client/consent_of.html",
        {"account": account, "form": form, "uploads": consent_selectors.uploads_for(account)[:SHOWN_UPLOADS]},
        status=422 if form.errors else 200,
    )


@require(Permission.SEE_PORTAL)
@require_safe
def upload(request: ActorRequest, key: str, upload_id: UUID) -> HttpResponse:
    account = accounts_selectors.account_for(request.actor, key)
    found = consent_selectors.uploads_for(account).get(pk=upload_id)
    return render(
        request,
        "client/upload.html",
        {
            "account": account,
            "upload": found,
            "problem": file_message(found.error, answers.language()) if found.error else "",
            "groups": grouped(found.errors),
        },
    )


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
