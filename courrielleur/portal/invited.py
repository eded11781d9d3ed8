"""The page a letter of invitation leads to. Looking changes nothing: mail filters follow links too."""

from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from courrielleur.accounts import invitations
from courrielleur.accounts.invitations import InvitationGone
from courrielleur.accounts.models import Invitation, User
from courrielleur.accounts.permissions import Role
from courrielleur.portal.guards import actor_of, has_nul
from courrielleur.portal.people_forms import ComeInForm

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Let a new person choose a password, and a known one come in after their login."""
    now = timezone.now()
    try:
        found = invitations.invitation_in(token, now)
        actor = actor_of(request)
        if actor is not None and actor.user is not None:
            return _known(request, found, actor.user)
        if invitations.is_known(found):
            return _page(request, found, "known")
        form = ComeInForm(
            None if has_nul(request) else request.POST or None,
            email=found.email,
            initial={"language": found.language},
        )
        if request.method == "POST" and form.is_valid():
            told = form.cleaned_data
            user = invitations.come_in_new(
                found, name=told["name"], password=told["password"], language=told["language"], now=now
            )
            login(request, user, backend=BACKEND)
            return _welcome(request, user)
    except InvitationGone:
        return render(request, "account/invitation.html", {"state": "gone"}, status=404)
    return _page(request, found, "new", form=form, status=422 if request.method == "POST" else 200)


def _known(request: HttpRequest, found: Invitation, user: User) -> HttpResponse:
    if user.email != found.email:
        return _page(request, found, "other", status=409 if request.method == "POST" else 200)
    if request.method == "POST":
        invitations.come_in(found, user, timezone.now())
        return _welcome(request, user)
    return _page(request, found, "ready")


def _page(
    request: HttpRequest, found: Invitation, state: str, *, form: ComeInForm | None = None, status: int = 200
) -> HttpResponse:
    owner = found.reseller or found.account
    told = {
        "state": state,
        "invitation": found,
        "where": owner.name if owner else _("the abuse team"),
        "role": Role(found.role).label,
        "form": form,
    }
    return render(request, "account/invitation.html", told, status=status)


def _welcome(request: HttpRequest, user: User) -> HttpResponse:
    with override(user.language):
        messages.success(request, _("Welcome to Courrielleur."))
    return redirect("home")
