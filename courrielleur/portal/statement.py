"""The statement of reasons, as a page and as PDF: the same for the abuse team, the reseller and the client."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from abuse import selectors as abuse
from abuse.services import statements
from abuse.services.statements import Statement
from courrielleur.accounts.permissions import Permission
from courrielleur.mailer import Block
from courrielleur.portal.guards import ActorRequest, require
from courrielleur.printing import Document, to_pdf


@require(Permission.SEE_DESK, Permission.SEE_PORTAL)
@require_safe
def page(request: ActorRequest, key: str) -> HttpResponse:
    statement = _statement(request, key)
    back = "desk:case" if request.actor.can(Permission.SEE_DESK) else "portal:request"
    return render(request, "statement.html", {"statement": statement, "record": _record(statement), "back": back})


@require(Permission.SEE_DESK, Permission.SEE_PORTAL)
@require_safe
def pdf(request: ActorRequest, key: str) -> HttpResponse:
    statement = _statement(request, key)
    case = statement.case
    document = Document(
        title=_("Statement of reasons"),
        subtitle=f"{case.account.name}, {case.key}",
        language=statement.language,
        blocks=[*statement.blocks, Block("heading", text=_("The decision")), Block("table", rows=_record(statement))],
        footer=f"Courrielleur, {case.key}",
        # Translators: at the foot of a printed page; leave {page} and {pages} as they are
        page_of=_("Page {page} of {pages}"),
    )
    response = HttpResponse(to_pdf(document, at=statement.stated_at), content_type="application/pdf")
    name = _("statement")
    response["Content-Disposition"] = f'attachment; filename="{case.key}-{name}.pdf"'
    return response


def _statement(request: ActorRequest, key: str) -> Statement:
    return statements.of(abuse.case_for(request.actor, key), (get_language() or "fr")[:2], timezone.now())


def _record(statement: Statement) -> list[tuple[str, str]]:
    """Return what names the decision, ready to read: name and value."""
    rows = [
        (_("Decided on"), date_format(localtime(statement.stated_at), "DATETIME_FORMAT")),
        (_("Decided by"), _("the decision rule, by itself") if statement.is_automated else _("a person of our team")),
    ]
    if decision := statement.decision:
        rows += [
            (_("Decision number"), decision["id"]),
            (_("Version of the policy"), decision["policy_version"]),
            (_("Version of the program"), decision["code_version"]),
        ]
        if decision["digest"]:
            # In fours, so that two people can compare it by telephone; the beginning is enough to tell two apart.
            rows.append((_("Seal (beginning)"), " ".join(decision["digest"][at : at + 4] for at in range(0, 32, 4))))
    return rows
