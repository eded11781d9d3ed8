"""Keys for machines: made here, shown once, revoked here."""

from datetime import date, datetime, time
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from courrielleur.accounts import selectors, services
from courrielleur.accounts.actors import Actor, narrowed
from courrielleur.accounts.permissions import Permission, Scope
from courrielleur.portal.forms import KeyForm
from courrielleur.portal.guards import ActorRequest, require

PLATFORM = "platform"


@require(Permission.MANAGE_KEYS)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def keys(request: ActorRequest) -> HttpResponse:
    """List the keys and issue one. The secret is in this one answer only: never in a session, never in a log."""
    manager = manager_of(request.actor)
    owners = _owners(manager)
    form = KeyForm(request.POST or None, owners=owners, is_platform=manager.is_staff)
    secret, issued = "", None
    if request.method == "POST" and form.is_valid():
        try:
            issued, secret = services.issue_key(
                label=form.cleaned_data["label"],
                scopes=[Scope(scope) for scope in form.cleaned_data["scopes"]],
                expires_at=_end_of(form.cleaned_data["expires_on"]),
                allowed_networks=form.cleaned_data["networks"].split(),
                created_by=request.user,
                **_owner(manager, form.cleaned_data["owner"]),
            )
        except ValidationError as error:
            for part, problems in error.message_dict.items():
                form.add_error({"allowed_networks": "networks", "scopes": "scopes"}.get(part), problems)
        else:
            form = KeyForm(owners=owners, is_platform=manager.is_staff)
    return render(
        request,
        "client/keys.html",
        {"keys": selectors.keys_for(manager), "form": form, "secret": secret, "issued": issued},
        status=422 if form.errors else 200,
    )


@require(Permission.MANAGE_KEYS)
@require_POST
def revoke(request: ActorRequest, key_id: int) -> HttpResponse:
    services.revoke_key(selectors.keys_for(manager_of(request.actor)).get(pk=key_id))
    messages.success(request, _("The key is revoked. Calls with it are refused from now on."))
    return redirect("portal:keys")


def manager_of(actor: Actor) -> Actor:
    """Return the actor narrowed to whom they may make keys for: each role gives the right for its own place only."""
    return narrowed(actor, Permission.MANAGE_KEYS)


def _owners(actor: Actor) -> list[tuple[str, str]]:
    """Return to whom a key may belong: the platform, a reseller the person owns, an account they see."""
    if actor.is_staff:
        return [(PLATFORM, _("the platform"))]
    resellers = selectors.resellers_for(actor)
    accounts = selectors.accounts_for(actor)
    return [(f"reseller:{reseller.key}", reseller.name) for reseller in resellers] + [
        (f"account:{account.key}", account.name) for account in accounts
    ]


def _owner(actor: Actor, choice: str) -> dict[str, Any]:
    kind, _colon, key = choice.partition(":")
    if kind == "reseller":
        return {"reseller": selectors.reseller_for(actor, key)}
    if kind == "account":
        return {"account": selectors.account_for(actor, key)}
    return {}


def _end_of(day: date | None) -> datetime | None:
    return timezone.make_aware(datetime.combine(day, time.max)) if day else None
