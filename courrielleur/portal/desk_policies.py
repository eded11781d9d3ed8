"""Rules and thresholds: the versions of the policy, an editor, what a draft changes, and the second person."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from abuse.core.policy_text import BadPolicy
from abuse.selectors import policies as selectors
from abuse.services import policies
from abuse.services.policies import For, PolicyRefused
from abuse.services.policy_flaws import told
from courrielleur.accounts.permissions import Permission
from courrielleur.portal import desk_lab, policy_words
from courrielleur.portal.guards import ActorRequest, require
from courrielleur.portal.policy_form import FlawedLine, PolicyForm, WhomForm, whom_of

PER_PAGE = 30


@require(Permission.SEE_DESK)
@require_safe
def versions(request: ActorRequest) -> HttpResponse:
    rows = selectors.versions().filter(retired_at__isnull=False)
    return render(
        request,
        "desk/policies.html",
        {
            "in_force": _lines(selectors.versions_in_force()),
            "drafts": _lines(selectors.drafts()),
            "page": (page := Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))),
            "past": _lines(page.object_list),
            "whom_form": WhomForm(),
            "may_write": request.actor.can(Permission.WRITE_POLICIES),
        },
    )


@require(Permission.SEE_DESK)
@require_safe
def thresholds(request: ActorRequest) -> HttpResponse:
    """Every constant as it holds for the platform, a reseller or an account, and which version says so."""
    whom = whom_of(request.GET, request.actor)
    return render(
        request,
        "desk/thresholds.html",
        {
            "whom": policy_words.whom(whom),
            "account": whom.account,
            "stream": selectors.stream_of(whom.account) if whom.account else "",
            "rows": selectors.thresholds(whom.account, whom.reseller.pk if whom.reseller else None),
        },
    )


@require(Permission.SEE_DESK)
@require_safe
def version(request: ActorRequest, number: int) -> HttpResponse:
    return _page(request, number)


@require(Permission.WRITE_POLICIES)
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: ActorRequest) -> HttpResponse:
    """Write a draft, beginning with what is in force there, or with an earlier version (`from`)."""
    try:
        whom = whom_of(request.GET, request.actor)
    except ObjectDoesNotExist:
        messages.error(request, _("There is nobody with this key. Copy it from the address of the account's page."))
        return redirect("desk:policies")
    if request.method != "POST":
        form = PolicyForm(initial={"text": _beginning(whom, request.GET.get("from", ""))})
        return _editor(request, whom, form)
    form = PolicyForm(request.POST)
    flawed: list[FlawedLine] = []
    is_sound = False
    if form.is_valid():
        text = form.cleaned_data["text"]
        try:
            if request.POST.get("action") == "check":
                policies.check(text.replace("\r\n", "\n"), whom)
                is_sound = True
            else:
                reason = form.cleaned_data["reason"]
                draft = policies.draft(text, whom, author=request.user, reason=reason, now=timezone.now())
                messages.success(request, _("The draft is kept. Somebody else may put it in force."))
                return redirect("desk:policy", draft.number)
        except BadPolicy as error:
            flawed = form.add_flaws(error.flaws)
        except policies.AlreadyDrafted as already:  # sent twice
            messages.info(request, str(already))
            return redirect("desk:policy", already.number)
        except PolicyRefused as refused:
            form.add_error("reason", str(refused))
    return _editor(request, whom, form, flawed=flawed, is_sound=is_sound)


@require(Permission.ACTIVATE_POLICIES)
@require_POST
def activate(request: ActorRequest, number: int) -> HttpResponse:
    """Put somebody else's draft in force, over the version it was compared with on the page."""
    over = request.POST.get("over", "")
    try:
        policies.activate(
            number, by=request.user, over=int(over) if over.isdecimal() and len(over) < 10 else None, now=timezone.now()
        )
    except PolicyRefused as refused:
        messages.error(request, str(refused))
    except BadPolicy as error:
        messages.error(request, " ".join(told(flaw) for flaw in error.flaws[:5]))
    else:
        messages.success(request, _("It is in force. Each account is judged by it within the hour."))
    return redirect("desk:policy", number)


@require(Permission.WRITE_POLICIES)
@require_POST
def withdraw(request: ActorRequest, number: int) -> HttpResponse:
    try:
        policies.withdraw(number, by=request.user, now=timezone.now())
    except PolicyRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The draft is withdrawn. Its text stays in the history."))
    return redirect("desk:policy", number)


def _page(request: ActorRequest, number: int) -> HttpResponse:
    found = selectors.version(number)
    beside = selectors.beside(found)
    changes = selectors.changes(found, beside)
    return render(
        request,
        "desk/policy.html",
        {
            "version": found,
            "whom": policy_words.whom(found),
            "beside": beside,
            "changes": [one for one in changes if one.changes_value],
            "reworded": [one for one in changes if not one.changes_value],
            "events": selectors.history(found),
            "is_draft": found.state == "draft",
            "is_own": found.author_id == request.user.pk,
            "may_write": request.actor.can(Permission.WRITE_POLICIES),
            "may_activate": request.actor.can(Permission.ACTIVATE_POLICIES),
            "query": _query(found),
            "can_be_tried": found.state in ("draft", "retired"),
            **desk_lab.of_version(found),
        },
    )


def _editor(
    request: ActorRequest,
    whom: For,
    form: PolicyForm,
    *,
    flawed: list[FlawedLine] | None = None,
    is_sound: bool = False,
) -> HttpResponse:
    return render(
        request,
        "desk/policy_editor.html",
        {
            "whom": policy_words.whom(whom),
            "is_whole": whom.is_whole,
            "form": form,
            "flawed": flawed or [],
            "is_sound": is_sound,
            "inherited": [] if whom.is_whole else selectors.inherited(*whom.place),
        },
        status=422 if form.errors else 200,
    )


def _beginning(whom: For, number: str) -> str:
    """Return the text that a person begins with."""
    if number.isdecimal() and len(number) < 10:
        return selectors.version(int(number)).text
    current = selectors.version_at(*whom.place)
    if current is not None:
        return current.text
    if whom.is_whole:
        return selectors.shipped_text()
    name = whom.account.key if whom.account else whom.reseller.key if whom.reseller else whom.stream
    return f'name = "{name[:40]}"\n'


def _query(version: Any) -> str:
    """Return the question of the editor's address for the place of *version*."""
    owner = ""
    if version.account is not None:
        owner = f"account={version.account.key}&"
    elif version.reseller is not None:
        owner = f"reseller={version.reseller.key}&"
    return f"{owner}stream={version.stream}"


def _lines(found: Any) -> list[tuple[Any, str]]:
    return [(one, policy_words.whom(one)) for one in found]
