"""The small vocabulary of the templates: figures, chips, shapes, pages."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django import forms, template
from django.core.paginator import Page
from django.forms import BoundField
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from abuse.core.threshold_words import said, value_in
from abuse.selectors.order_answers import answered
from abuse.selectors.policies_in_force import in_force
from abuse.selectors.timeline import LETTERS
from courrielleur.accounts.actors import acts_for
from courrielleur.portal import answers, figures, policy_words, reasons, report_words, trial_view, words
from courrielleur.portal.words import Word
from courrielleur.templatetags import icons

register = template.Library()

_VOCABULARIES: dict[str, Mapping[Any, Word]] = {
    "level": words.LEVELS,
    "case": words.CASE_STATES,
    "request": words.REQUEST_STATES,
    "order": words.ORDER_STATES,
    "mta": words.MTA_CONDITIONS,
    "upload": words.UPLOAD_STATES,
    "priority": words.PRIORITIES,
    "feed": words.FEED_ALARMS,
    "incident": words.INCIDENT_STATES,
    "policy": policy_words.STATES,
    "trial": trial_view.STATES,
    "report": words.REPORT_STATES,
}

# Django's own sentences, which name no field.
_OF_ANY_FIELD = {"required", "invalid", "invalid_choice", "max_length", "min_length", "max_value", "min_value"}


@register.simple_tag
def icon(name: str) -> SafeString:
    return icons.draw(name)


@register.simple_tag
def chip(vocabulary: str, state: object) -> SafeString:
    """Show a state as shape, word and tone: `{% chip "case" case.state %}`."""
    word = _VOCABULARIES[vocabulary].get(state, words.UNKNOWN)
    return format_html('<span class="chip tone-{}">{}{}</span>', word.tone, icons.draw(word.icon), word.label)


@register.filter
def level_word(level: str) -> str:
    return str(words.LEVELS.get(level, words.UNKNOWN).label)


@register.filter
def tone(level: str) -> str:
    return words.LEVELS.get(level, words.UNKNOWN).tone


@register.filter
def move_word(move: str) -> str:
    return str(words.MOVES.get(move, move))


@register.filter
def action_word(action: str) -> str:
    return str(words.ORDER_ACTIONS.get(action, action))


@register.filter
def mta_kind(kind: str) -> str:
    return str(words.MTA_KINDS.get(kind, kind))


@register.filter
def kind_word(kind: str) -> str:
    return str(words.EVENT_KINDS.get(kind, kind))


@register.filter
def bounce_word(bounce_class: str) -> str:
    return str(words.BOUNCE_CLASSES.get(bounce_class, bounce_class))


@register.filter
def scope_word(scope: str) -> str:
    return str(words.SCOPES.get(scope, scope))


@register.simple_tag
def complaint_limit() -> str:
    return figures.percent(in_force([]).platform.complaints_limit)


@register.simple_tag
def bounce_limit() -> str:
    return figures.percent(in_force([]).platform.bounces_limit, 0)


@register.filter
def consent_field(name: str) -> str:
    return str(words.CONSENT_FIELDS.get(name, name))


@register.filter
def coded(text: str) -> SafeString:
    """Return a sentence in which `names` of the API stand between back ticks as markup."""
    parts = [
        format_html("<code>{}</code>" if number % 2 else "{}", part) for number, part in enumerate(str(text).split("`"))
    ]
    return format_html_join("", "{}", ((part,) for part in parts))


@register.filter
def lane_reason(reason: str) -> str:
    return report_words.why(reason)


@register.filter
def feed_kind(kind: str) -> str:
    return str(words.FEED_KINDS.get(kind, kind))


@register.filter
def door_word(door: str) -> str:
    return str(words.DOORS[door][0]) if door in words.DOORS else door


@register.filter
def door_meaning(door: str) -> str:
    return str(words.DOORS[door][1]) if door in words.DOORS else ""


@register.filter
def verdict_word(state: str) -> str:
    return str(words.VERDICTS.get(state, state))


@register.filter
def letter_word(name: str) -> str:
    return str(LETTERS.get(name, name))


@register.filter
def trap_word(kind: str) -> str:
    return str(words.TRAPS.get(kind, kind))


@register.filter
def order_answer(last_error: str) -> str:
    return answered(last_error)


@register.filter
def reason_word(code: str) -> str:
    return reasons.title(code)


@register.filter
def of_policy(sentence: str) -> str:
    """Say a unit, window, source or reason of the policy in the reader's language."""
    return said(sentence, answers.language())


@register.filter
def policy_value(value: str) -> str:
    return value_in(value, answers.language())


@register.filter
def whole(number: int | float | None) -> str:
    return figures.whole(number)


@register.filter
def percent(ratio: float | None, digits: int = 2) -> str:
    return figures.percent(ratio, digits)


@register.filter
def span(duration: timedelta | float | None) -> str:
    """Say a duration (or seconds) in its two largest units."""
    return figures.duration(duration)


@register.filter
def age(moment: datetime | None) -> str:
    """Say how long ago *moment* was."""
    return figures.duration(timezone.now() - moment) if moment else ""


@register.filter
def told_above(field: BoundField) -> list[str]:
    """Return the errors of *field* for the summary of a form: those that would fit any field name theirs."""
    return [
        gettext("%(field)s: %(error)s") % {"field": field.label, "error": words}
        if cause.code in _OF_ANY_FIELD
        else str(words)
        for words, cause in zip(field.errors, field.errors.as_data(), strict=True)
    ]


@register.inclusion_tag("components/field.html", name="field")
def field_with_words(field: BoundField) -> dict[str, Any]:
    """Show one form field with its label, help and error, in the house's classes."""
    widget = field.field.widget
    widget.attrs.pop("placeholder", None)  # allauth repeats the label there
    if isinstance(widget, forms.CheckboxInput):
        shape, css = "check", "form-check-input"
    elif isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        shape, css = "choices", "form-check-input"
        widget.attrs["class"] = css
    else:
        shape, css = "line", "form-select" if isinstance(widget, forms.Select) else "form-control"
    is_quiet = getattr(field.field, "label_is_heading", False)  # the page says it already, in larger letters
    return {"field": field, "shape": shape, "is_quiet": is_quiet, "control": field.as_widget(attrs={"class": css})}


@register.inclusion_tag("components/pages.html", takes_context=True)
def pages(context: template.Context, page: Page[Any]) -> dict[str, Any]:
    """Links to the previous and the next page, keeping the other parameters of the address."""
    query = context["request"].GET.copy()

    def address(number: int) -> str:
        query["page"] = str(number)
        return f"?{query.urlencode()}"

    return {
        "page": page,
        "previous": address(page.previous_page_number()) if page.has_previous() else "",
        "next": address(page.next_page_number()) if page.has_next() else "",
    }


@register.inclusion_tag("components/acting.html", takes_context=True)
def acting(context: template.Context, account: Any) -> dict[str, Any]:
    """Say above a page in whose place a person acts; nothing for a member of the account itself."""
    actor = context.get("actor")
    return {"account": account, "actor": actor, "is_acting": actor is not None and acts_for(actor, account)}
