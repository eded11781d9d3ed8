"""Where signed orders go: add an endpoint, try it, change its secret, disable it, and see what was delivered."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from abuse import selectors as abuse
from abuse.services import endpoints, enforcement, trials
from courrielleur.accounts import selectors as accounts
from courrielleur.accounts.actors import Actor
from courrielleur.accounts.permissions import Permission
from courrielleur.portal.client_keys import PLATFORM, manager_of
from courrielleur.portal.forms import WebhookForm
from courrielleur.portal.guards import ActorRequest, require

LATEST_ORDERS = 20


@require(Permission.MANAGE_KEYS)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def webhooks(request: ActorRequest) -> HttpResponse:
    """List the endpoints and add one. The secret is in this one answer only."""
    manager = _owner(request)
    owners = _owners(manager)
    form = WebhookForm(request.POST or None, owners=owners)
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data["owner"]
        reseller = None if chosen == PLATFORM else accounts.reseller_for(manager, chosen.removeprefix("reseller:"))
        try:
            endpoint, secret = enforcement.create_endpoint(url=form.cleaned_data["url"], reseller=reseller)
        except ValidationError as error:
            form.add_error("url", error.messages)
        else:
            return _page(request, manager, WebhookForm(owners=owners), shown=endpoint, secret=secret)
    return _page(request, manager, form, status=422 if form.errors else 200)


@require(Permission.MANAGE_KEYS)
@require_POST
def test(request: ActorRequest, endpoint_id: UUID) -> HttpResponse:
    found = trials.of(abuse.webhook_for(_owner(request), endpoint_id))
    (messages.success if found.is_confirmed else messages.error)(request, found.detail)
    return redirect("portal:webhooks")


@require(Permission.MANAGE_KEYS)
@never_cache
@require_POST
def rotate(request: ActorRequest, endpoint_id: UUID) -> HttpResponse:
    """Change the secret; the new one is in this one answer only."""
    manager = _owner(request)
    endpoint = abuse.webhook_for(manager, endpoint_id)
    secret = endpoints.rotate_secret(endpoint, timezone.now())
    return _page(request, manager, WebhookForm(owners=_owners(manager)), shown=endpoint, secret=secret, is_former=True)


@require(Permission.MANAGE_KEYS)
@require_POST
def disable(request: ActorRequest, endpoint_id: UUID) -> HttpResponse:
    endpoint = abuse.webhook_for(_owner(request), endpoint_id)
    enforcement.disable_endpoint(endpoint, request.actor.label)
    messages.success(request, _("Nothing more is sent there. What still waited for it is skipped."))
    return redirect("portal:webhooks")


def _page(
    request: ActorRequest,
    manager: Actor,
    form: WebhookForm,
    *,
    shown: Any = None,
    secret: str = "",
    is_former: bool = False,
    status: int = 200,
) -> HttpResponse:
    return render(
        request,
        "client/webhooks.html",
        {
            "webhooks": abuse.webhooks_for(manager),
            "orders": abuse.orders(actor=manager)[:LATEST_ORDERS],
            "form": form,
            "shown": shown,
            "secret": secret,
            "is_former": is_former,
            "is_staff": manager.is_staff,
        },
        status=status,
    )


def _owner(request: ActorRequest) -> Actor:
    """Return the person narrowed to whose endpoints they manage. Raises `ObjectDoesNotExist`: an account owns none."""
    manager = manager_of(request.actor)
    if not manager.is_staff and not manager.reseller_ids:
        raise ObjectDoesNotExist
    return manager


def _owners(manager: Actor) -> list[tuple[str, str]]:
    if manager.is_staff:
        return [(PLATFORM, _("the platform"))]
    return [(f"reseller:{reseller.key}", reseller.name) for reseller in accounts.resellers_for(manager)]
