"""The archive of letters: each one that was sent, readable again."""

from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from abuse.services import archive
from courrielleur.accounts.permissions import Permission
from courrielleur.portal.guards import ActorRequest, require

PER_PAGE = 50


@require(Permission.SEE_PORTAL)
@require_safe
def letters(request: ActorRequest) -> HttpResponse:
    page = Paginator(archive.letters_for(request.actor), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "client/letters.html", {"page": page})


@require(Permission.SEE_PORTAL)
@require_safe
def letter(request: ActorRequest, letter_id: UUID) -> HttpResponse:
    found = archive.letter_for(request.actor, letter_id)
    subject, text = archive.letter_text(found)
    return render(request, "client/letter.html", {"letter": found, "subject": subject, "text": text})
