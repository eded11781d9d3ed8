"""What the law makes of the records in a client's own file, so that they can be mended."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from consent import selectors as consent
from courrielleur.accounts import selectors as accounts_selectors
from courrielleur.accounts.permissions import Permission
from courrielleur.portal import answers
from courrielleur.portal.guards import ActorRequest, require


@require(Permission.SEE_PORTAL)
@require_safe
def record_law(request: ActorRequest, key: str, upload_id: UUID) -> HttpResponse:
    account = accounts_selectors.account_for(request.actor, key)
    upload = consent.uploads_for(account).get(pk=upload_id)
    opinion = consent.opinion_of(upload, timezone.now(), answers.language())
    return render(request, "client/record_law.html", {"account": account, "upload": upload, "opinion": opinion})
