"""The history of a case as people read it: what happened, when, by whom."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from abuse.models import Case, CaseEvent, EnforcementOrder, Notice
from abuse.selectors.order_answers import answered
from courrielleur.accounts.actors import Actor
from courrielleur.accounts.models import User
from courrielleur.accounts.permissions import Permission, Role


@dataclass(frozen=True)
class TimelineLine:
    """One line. *kind* is the move, `letter` or `order`, for an icon; *text* are a person's own words."""

    at: datetime
    who: str
    title: str
    text: str = ""
    is_internal: bool = False
    data: dict[str, Any] = field(default_factory=dict)
    kind: str = ""


TITLES: dict[str, str | Promise] = {
    "opened": pgettext_lazy("line of a case", "Case opened"),
    "suspended": pgettext_lazy("line of a case", "Account suspended"),
    "held": pgettext_lazy("line of a case", "Campaign paused"),
    "released": pgettext_lazy("line of a case", "Campaign resumed"),
    "notify": pgettext_lazy("line of a case", "Reseller told, questions asked"),
    "infected": pgettext_lazy("line of a case", "A file was deleted: the antivirus found something in it"),
    "submit": pgettext_lazy("line of a case", "Answers handed in"),
    "take": pgettext_lazy("line of a case", "Taken into review"),
    "ask": pgettext_lazy("line of a case", "More information asked for"),
    "reinstate": pgettext_lazy("line of a case", "Reinstated"),
    "refuse": pgettext_lazy("line of a case", "Refused"),
    "terminate": pgettext_lazy("line of a case", "Account closed for good"),
    "appeal": pgettext_lazy("line of a case", "Appealed"),
    "reopen": pgettext_lazy("line of a case", "Reopened: the stop would not happen today"),
    "probation_breached": pgettext_lazy("line of a case", "A condition of the probation was not kept"),
    "probation_completed": pgettext_lazy("line of a case", "Probation completed"),
    "repair": pgettext_lazy("line of a case", "Read again, this stop would not have happened"),
    "message": pgettext_lazy("line of a case", "Message"),
    "note": pgettext_lazy("line of a case", "Internal note"),
    "auto_reply": pgettext_lazy("line of a case", "Automatic answer to our letter"),
    "assigned": pgettext_lazy("line of a case", "Assigned"),
    "sample_asked": pgettext_lazy("line of a case", "Proof asked for a sample of recipients"),
    "sample_answered": pgettext_lazy("line of a case", "Proof of the sample handed in"),
    "proposed": pgettext_lazy("line of a case", "Decision proposed, a second person must confirm it"),
    "declined": pgettext_lazy("line of a case", "Proposed decision declined"),
    "letter_lost": pgettext_lazy("line of a case", "A letter could not be delivered"),
    "order_replayed": pgettext_lazy("line of a case", "Order sent again"),
    "order_skipped": pgettext_lazy("line of a case", "Order skipped"),
}

LETTERS: dict[str, str | Promise] = {
    "suspended": pgettext_lazy("name of a letter", "Statement of reasons"),
    "held": pgettext_lazy("name of a letter", "Campaign on hold"),
    "released": pgettext_lazy("name of a letter", "Campaign resumed"),
    "submitted_receipt": pgettext_lazy("name of a letter", "Receipt of the answers"),
    "info_requested": pgettext_lazy("name of a letter", "Request for more information"),
    "reinstated": pgettext_lazy("name of a letter", "Reinstatement"),
    "refused": pgettext_lazy("name of a letter", "Refusal"),
    "terminated": pgettext_lazy("name of a letter", "Account closed"),
    "probation_breached": pgettext_lazy("name of a letter", "Warning during the probation"),
    "probation_completed": pgettext_lazy("name of a letter", "End of the probation"),
    "message": pgettext_lazy("name of a letter", "Message"),
}

SYSTEM_NAME = "Courrielleur"
TEAM = gettext_lazy("Abuse team")


def timeline(case: Case, actor: Actor) -> list[TimelineLine]:
    """Return the lines that *actor* may see, oldest first.

    The abuse team sees all of it. A client sees neither notes nor orders, and the team as a team.
    """
    is_team = actor.can(Permission.SEE_DESK)
    events = case.events.select_related("actor").prefetch_related("actor__memberships").order_by("at", "pk")
    lines = [_of_event(event, is_team=is_team) for event in events if is_team or not event.is_internal]
    sent = case.notices.filter(state=Notice.State.SENT)
    lines += [_of_notice(notice) for notice in sent]
    if is_team and case.suspension_id is not None:
        orders = EnforcementOrder.objects.filter(suspension=case.suspension_id, ended_at__isnull=False)
        lines += [_of_order(order) for order in orders.select_related("endpoint")]
    return sorted(lines, key=lambda line: line.at)


def _of_event(event: CaseEvent, *, is_team: bool) -> TimelineLine:
    title = str(TITLES.get(event.move, event.move))
    if event.move == "assigned":
        to = event.data.get("to")
        title = _("Assigned to %(name)s") % {"name": to} if to else _("Back in the queue")
    return TimelineLine(
        at=event.at,
        who=_who(event, is_team=is_team),
        title=title,
        text=_text_of(event),
        is_internal=event.is_internal,
        data=event.data if is_team else {},
        kind=event.move,
    )


def _text_of(event: CaseEvent) -> str:
    names = event.data.get("attachments")
    if not names:
        return event.text
    # Translators: below a message that came by e-mail with files
    told = _("Files attached to an e-mail are not kept (%(names)s). Hand consent records in on the page of the case.")
    return f"{event.text}\n\n{told % {'names': ', '.join(map(str, names))}}".strip()


def _of_notice(notice: Notice) -> TimelineLine:
    name = LETTERS.get(notice.name, notice.name)
    return TimelineLine(
        at=notice.sent_at or notice.created_at,
        who=SYSTEM_NAME,
        title=_("Letter sent to %(address)s: %(name)s") % {"address": notice.to, "name": name},
        kind="letter",
    )


def _of_order(order: EnforcementOrder) -> TimelineLine:
    words = {"action": order.get_action_display(), "endpoint": str(order.endpoint)}
    templates = {
        EnforcementOrder.State.DELIVERED: _("Order confirmed: %(action)s (%(endpoint)s)"),
        EnforcementOrder.State.DEAD: _("Order given up: %(action)s (%(endpoint)s)"),
        EnforcementOrder.State.SKIPPED: _("Order skipped: %(action)s (%(endpoint)s)"),
    }
    return TimelineLine(
        at=order.ended_at or order.created_at,
        who=SYSTEM_NAME,
        title=templates.get(EnforcementOrder.State(order.state), "%(action)s (%(endpoint)s)") % words,
        text=answered(order.last_error),
        is_internal=True,
        data={"order": str(order.pk), "attempts": order.attempts},
        kind="order",
    )


def _who(event: CaseEvent, *, is_team: bool) -> str:
    if event.actor is None:
        who = event.actor_label or SYSTEM_NAME
    else:
        who = str(event.actor) if is_team or not _is_team_member(event.actor) else str(TEAM)
    if "acts_for" not in event.data:
        return who
    # Translators: beside a line of a case; the client is the one in whose place the person acted
    return _("%(who)s, for %(client)s") % {"who": who, "client": event.case.account.name}


def _is_team_member(user: User) -> bool:
    return any(Role(membership.role).is_staff for membership in user.memberships.all())
