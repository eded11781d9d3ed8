"""The pages that belong to everybody: the front door, preferences, language and colours."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from courrielleur.accounts import services
from courrielleur.accounts.permissions import Permission
from courrielleur.portal.guards import ActorRequest, actor_of, require
from courrielleur.portal.navigation import THEME_COOKIE, THEMES, after

YEAR = 365 * 24 * 3600


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Send a person to where their work is."""
    actor = actor_of(request)
    if actor is None:
        return redirect("account_login")
    if actor.can(Permission.SEE_DESK):
        return redirect("desk:today")
    if actor.can(Permission.SEE_PORTAL):
        return redirect("portal:home")
    return redirect("preferences")  # a person without a role: nothing to see yet, and the page says so


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Remember the language on this device and, for a person, on every device."""
    language = request.POST.get("language", "")
    if language not in dict(settings.LANGUAGES) or not check_for_language(language):
        return HttpResponse(status=400)
    if request.user.is_authenticated:
        services.set_language(request.user, language)
    response = _back(request)
    response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, max_age=YEAR, samesite="Lax", secure=settings.HTTPS)
    return response


@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    theme = request.POST.get("theme", "")
    if theme not in THEMES:
        return HttpResponse(status=400)
    response: HttpResponse
    if request.headers.get("Accept") == "application/json":
        response = JsonResponse({"theme": theme, "next": after(theme), "label": str(THEMES[theme])})
    else:
        response = _back(request)
    response.set_cookie(THEME_COOKIE, theme, max_age=YEAR, samesite="Lax", secure=settings.HTTPS)
    return response


@require()
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: ActorRequest) -> HttpResponse:
    """What a person sets for themself: the language they read in, and single-key shortcuts."""
    if request.method == "POST":
        language = request.POST.get("language", "")
        if language in dict(settings.LANGUAGES):
            services.set_language(request.user, language)
        services.set_shortcuts(request.user, enabled="shortcuts" in request.POST)
        with override(request.user.language):
            messages.success(request, _("Your preferences are saved."))
        return redirect("preferences")
    return render(request, "preferences.html", {"languages": settings.LANGUAGES})


def own_address(request: HttpRequest) -> HttpResponse:
    """Nobody changes the address they were invited to: a role given to an address must not reach somebody else.

    Stands in front of allauth's page, where one could take an address that is about to be invited.
    """
    raise Http404


def _back(request: HttpRequest) -> HttpResponseRedirect:
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return redirect(target if safe else "home")
