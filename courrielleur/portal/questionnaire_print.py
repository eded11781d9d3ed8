"""The questionnaire on paper: a page to print and a PDF, with the answers so far, or to prepare them."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from abuse import selectors as abuse
from consent import selectors as consent
from consent.core.questionnaire import question_set
from courrielleur.accounts.permissions import Permission
from courrielleur.mailer import Block
from courrielleur.portal import answers
from courrielleur.portal.guards import ActorRequest, require
from courrielleur.printing import Document, to_pdf


@require(Permission.SEE_DESK, Permission.SEE_PORTAL)
@require_safe
def page(request: ActorRequest, key: str) -> HttpResponse:
    case = abuse.case_for(request.actor, key)
    back = "desk:case" if request.actor.can(Permission.SEE_DESK) else "portal:request"
    shown = {"case": case, "blocks": _blocks(consent.questionnaire_for(case)), "back": back}
    return render(request, "questionnaire.html", shown)


@require(Permission.SEE_DESK, Permission.SEE_PORTAL)
@require_safe
def pdf(request: ActorRequest, key: str) -> HttpResponse:
    case = abuse.case_for(request.actor, key)
    questionnaire = consent.questionnaire_for(case)
    document = Document(
        title=_("Questionnaire"),
        subtitle=f"{case.account.name}, {case.key}",
        language=answers.language(),
        blocks=_blocks(questionnaire),
        footer=f"Courrielleur, {case.key}",
        # Translators: at the foot of a printed page; leave {page} and {pages} as they are
        page_of=_("Page {page} of {pages}"),
    )
    at = (questionnaire.submitted_at if questionnaire else None) or timezone.now()
    response = HttpResponse(to_pdf(document, at=at), content_type="application/pdf")
    name = _("questionnaire")
    response["Content-Disposition"] = f'attachment; filename="{case.key}-{name}.pdf"'
    return response


def _blocks(questionnaire: Any) -> list[Block]:
    if questionnaire is None:
        return _blank()
    blocks = [Block("table", rows=_facts(questionnaire))]
    for row in answers.shown(questionnaire):
        blocks.append(Block("heading", text=f"{row.number}. {row.title}"))
        blocks.append(Block("paragraph", text=row.text or _("no answer yet")))
        if row.documents:
            names = [f"{each.name} ({filesizeformat(each.size)}, {each.by})" for each in row.documents]
            blocks.append(Block("list", items=names))
        if row.by:
            blocks.append(Block("paragraph", text=_("Written by %(by)s") % {"by": row.by}))
    return blocks


def _blank() -> list[Block]:
    """Return the questions as they are asked today, to prepare the answers on paper."""
    blocks = []
    for question in question_set().questions:
        words = answers.words(question)
        blocks.append(Block("heading", text=f"{question.number}. {words.title}"))
        blocks.append(Block("paragraph", text=words.help))
        blocks.append(Block("paragraph", text=words.why))
    language = answers.language()
    methods = [(each.names[language], each.definitions[language]) for each in question_set().methods]
    return [*blocks, Block("heading", text=_("What these methods mean")), Block("table", rows=methods)]


def _facts(questionnaire: Any) -> list[tuple[str, str]]:
    rows = [(_("Version of the questions"), questionnaire.version)]
    if questionnaire.submitted_at:
        handed_in = date_format(localtime(questionnaire.submitted_at), "DATETIME_FORMAT")
        rows += [
            (_("Handed in"), handed_in),
            (_("Declared by"), questionnaire.declared_name),
            (_("Your receipt number"), questionnaire.receipt),
        ]
    else:
        rows.append((_("State"), _("Not handed in yet")))
    return rows
