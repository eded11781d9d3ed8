"""Consent records: choose the account, hand in a file, fetch a template. The same service as over REST."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from consent import selectors as consent_selectors
from consent.services import uploads
from courrielleur import workbook
from courrielleur.accounts import selectors as accounts_selectors
from courrielleur.accounts.actors import signature
from courrielleur.accounts.permissions import Permission
from courrielleur.portal import account_view, answers
from courrielleur.portal.forms import UploadForm
from courrielleur.portal.guards import ActorRequest, require

SHOWN_UPLOADS = 50
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SEEN_FIRST = {"confirm": False}  # on a page, nothing is recorded before a person has seen how the file is understood
TEMPLATE = (
    pgettext_lazy("heading of a column", "Name"),
    pgettext_lazy("heading of a column", "E-mail"),
    pgettext_lazy("heading of a column", "Address"),
    pgettext_lazy("heading of a column", "City"),
    pgettext_lazy("heading of a column", "Prov/State"),
    pgettext_lazy("heading of a column", "Country"),
    pgettext_lazy("heading of a column", "Postal code"),
    pgettext_lazy("heading of a column", "Day phone"),
    pgettext_lazy("heading of a column", "Evening phone"),
    pgettext_lazy("heading of a column", "Site"),
    pgettext_lazy("heading of a column", "OrderDateTime"),
    pgettext_lazy("heading of a column", "IP"),
    pgettext_lazy("heading of a column", "Host"),
    pgettext_lazy("heading of a column", "Consent method"),
)


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
                upload, is_new = uploads.receive(
                    account, sent.chunks(), sent.name, signature(request.actor, account), now, answers=SEEN_FIRST
                )
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
def template(request: ActorRequest, form: str) -> HttpResponse:
    """Give an empty file with the headings in the person's language."""
    headings = [str(heading) for heading in TEMPLATE]
    if form == "xlsx":
        content = workbook.with_headings(headings, title=_("Consent records"))
        reply = HttpResponse(content, content_type=XLSX)
    else:
        # A spreadsheet program set to French separates cells by semicolons.
        separator = ";" if answers.language() == "fr" else ","
        line = separator.join(headings) + "\r\n"
        reply = HttpResponse(f"\ufeff{line}", content_type="text/csv; charset=utf-8")
    name = _("consent-records")
    reply["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return reply
