"""People: who may look into a place, who was asked in, and who let whom in or out."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from courrielleur.accounts import invitations
from courrielleur.accounts import people as places
from courrielleur.accounts import selectors as accounts_selectors
from courrielleur.accounts.invitations import InvitationRefused
from courrielleur.accounts.models import Account
from courrielleur.accounts.people import Place
from courrielleur.accounts.permissions import Permission, Role
from courrielleur.jobs.queue import nudge
from courrielleur.portal.guards import ActorRequest, require
from courrielleur.portal.people_forms import InviteForm

PER_PAGE = 50
SHOWN_EVENTS = 50


@require(Permission.MANAGE_PEOPLE)
@require_http_methods(["GET", "HEAD", "POST"])
def people(request: ActorRequest) -> HttpResponse:
    """The people of the own places: the platform's team, or a reseller's with those of its clients."""
    return _page(request, places.places_for(request.actor), None)


@require(Permission.MANAGE_PEOPLE)
@require_http_methods(["GET", "HEAD", "POST"])
def people_of(request: ActorRequest, key: str) -> HttpResponse:
    """The people of one account."""
    account = accounts_selectors.account_for(places.manager(request.actor), key)
    return _page(request, [Place(Role.CLIENT, account=account)], account)


@require(Permission.MANAGE_PEOPLE)
@require_POST
def again(request: ActorRequest, invitation_id: UUID) -> HttpResponse:
    found = places.invitation_for(request.actor, invitation_id)
    try:
        invitations.send_again(found, request.actor, timezone.now())
    except InvitationRefused as error:
        messages.error(request, str(error))
    else:
        nudge("deliver")
        told = _("A new letter goes to %(email)s. The link before it is no longer good.")
        messages.success(request, told % {"email": found.email})
    return _back(found.account)


@require(Permission.MANAGE_PEOPLE)
@require_POST
def take_back(request: ActorRequest, invitation_id: UUID) -> HttpResponse:
    found = places.invitation_for(request.actor, invitation_id)
    invitations.take_back(found, request.actor, timezone.now())
    messages.success(request, _("The invitation of %(email)s is taken back.") % {"email": found.email})
    return _back(found.account)


@require(Permission.MANAGE_PEOPLE)
@require_POST
def remove(request: ActorRequest, membership_id: int) -> HttpResponse:
    found = places.membership_for(request.actor, membership_id)
    try:
        invitations.remove(found, request.actor, timezone.now())
    except InvitationRefused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("%(name)s no longer has access.") % {"name": found.user})
    return _back(found.account)


def _page(request: ActorRequest, offered: list[Place], account: Account | None) -> HttpResponse:
    now = timezone.now()
    initial = {"language": account.language if account else request.user.language}
    form = InviteForm(request.POST or None, places=offered, initial=initial)
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"]
        try:
            invitations.invite_by_mail(form.chosen, email, form.cleaned_data["language"], request.actor, now)
        except InvitationRefused as error:
            form.add_error(None, str(error))
        else:
            nudge("deliver")
            messages.success(request, _("The invitation goes to %(email)s.") % {"email": email.lower()})
            return _back(account)
    return render(
        request,
        "client/people.html",
        {
            "account": account,
            "form": form,
            "page": Paginator(places.members(request.actor, account), PER_PAGE).get_page(request.GET.get("page")),
            "waiting": places.waiting(request.actor, account),
            "events": places.history(request.actor, account)[:SHOWN_EVENTS],
            "now": now,
        },
        status=422 if form.errors else 200,
    )


def _back(account: Account | None) -> HttpResponse:
    return redirect("portal:people_of", account.key) if account else redirect("portal:people")
