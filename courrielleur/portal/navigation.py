"""What the frame of every page shows: where one can go, where one is, and how the page looks."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from courrielleur.accounts.actors import Actor
from courrielleur.accounts.permissions import Permission
from courrielleur.portal.guards import actor_of

THEME_COOKIE = "theme"
THEMES = {"auto": _("Colours: as the system"), "light": _("Colours: light"), "dark": _("Colours: dark")}


@dataclass(frozen=True)
class Room:
    label: str | Promise
    view: str
    permission: Permission
    inside: frozenset[str] = frozenset()  # other views that belong to it
    is_for: Callable[[Actor], bool] = lambda actor: True


ROOMS = [
    Room(_("Today"), "desk:today", Permission.SEE_DESK),
    Room(_("Queue"), "desk:queue", Permission.SEE_DESK, frozenset({"desk:case", "desk:letter"})),
    Room(_("Accounts"), "desk:accounts", Permission.SEE_DESK, frozenset({"desk:account"})),
    Room(
        _("Reports"),
        "desk:lanes",
        Permission.SEE_DESK,
        frozenset(
            {
                "desk:lane",
                "desk:report",
                "desk:reread",
                "desk:feeds",
                "desk:doors",
                "desk:door",
                "desk:incidents",
                "desk:incident",
            }
        ),
    ),
    Room(_("Orders"), "desk:orders", Permission.SEE_DESK, frozenset({"desk:enforcement"})),
    Room(
        pgettext_lazy("a page", "Rules"),
        "desk:policies",
        Permission.SEE_DESK,
        frozenset({"desk:thresholds", "desk:write_policy", "desk:policy", "desk:laboratory", "desk:trial"}),
    ),
    Room(pgettext_lazy("a page", "Home"), "portal:home", Permission.SEE_PORTAL),
    Room(
        pgettext_lazy("a page", "Requests"),
        "portal:requests",
        Permission.SEE_PORTAL,
        frozenset({"portal:request", "portal:question", "portal:check", "portal:receipt"}),
    ),
    Room(_("My clients"), "portal:clients", Permission.SEE_PORTAL, frozenset({"portal:client"})),
    Room(
        _("Consent records"),
        "portal:consent",
        Permission.SEE_PORTAL,
        frozenset({"portal:consent_of", "portal:upload", "portal:record_law"}),
    ),
    Room(_("Letters"), "portal:letters", Permission.SEE_PORTAL, frozenset({"portal:letter"})),
    Room(_("Keys"), "portal:keys", Permission.MANAGE_KEYS),
    Room(
        _("Webhooks"),
        "portal:webhooks",
        Permission.MANAGE_KEYS,
        frozenset({"portal:rotate_webhook"}),
        is_for=lambda actor: actor.is_staff or bool(actor.reseller_ids),
    ),
]


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Context processor. The 404 of a person who isn't logged in has no rooms."""
    actor = actor_of(request) if hasattr(request, "user") else None
    theme = request.COOKIES.get(THEME_COOKIE, "auto")
    theme = theme if theme in THEMES else "auto"
    return {
        "actor": actor,
        "rooms": rooms_of(actor, request) if actor else [],
        "manages_people": actor is not None and actor.can(Permission.MANAGE_PEOPLE),
        "theme": theme,
        "theme_label": THEMES[theme],
        "next_theme": after(theme),
        "here": request.get_full_path(),
    }


def rooms_of(actor: Actor, request: HttpRequest) -> list[dict[str, Any]]:
    here = request.resolver_match.view_name if request.resolver_match else ""
    return [
        {
            "label": room.label,
            "url": reverse(room.view),
            "is_here": here == room.view,
            "is_inside": here in room.inside,
        }
        for room in ROOMS
        if actor.can(room.permission) and room.is_for(actor)
    ]


def after(theme: str) -> str:
    """Return the theme that the switch turns to next."""
    names = list(THEMES)
    return names[(names.index(theme) + 1) % len(names)]
