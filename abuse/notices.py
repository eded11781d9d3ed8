"""The letters of the abuse team: one function each, saying what the letter tells; the words are templates.

A letter says what changed and until when, the facts and the rule, why at all, that the account can come back,
and how to answer. It never names complainers, traps or reporters. What it tells is frozen with its row when it
is written: sent later, it still says what was true.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from abuse.core.probation import rules, weekly_caps
from abuse.core.verdict import Verdict
from abuse.core.wording import words
from abuse.models import Case, Notice
from courrielleur.mailer import make_message, render_mail

LOCALES = {"fr": "fr_CA", "en": "en_CA"}
_MOMENT = {"fr": "d MMMM y 'à' HH 'h' mm z", "en": "MMMM d, y 'at' HH:mm z"}
_DAY = {"fr": "d MMMM y", "en": "MMMM d, y"}


@dataclass(frozen=True)
class Letter:
    """A letter before it is addressed: its name, and what it tells, as JSON values."""

    name: str
    context: Mapping[str, Any] = field(default_factory=dict)


def suspended(*, since: datetime, facts: str, verdict: Verdict | None, code: str = "") -> Letter:
    """The statement of reasons. *facts* is the explanation in the reader's language, without scores.

    *code* says why when neither figures nor a person do: probation_broken.
    """
    return Letter("suspended", {"since": since.isoformat(), "facts": facts, "figures": _plain(verdict), "code": code})


def held(*, since: datetime, facts: str, verdict: Verdict | None) -> Letter:
    """A campaign is paused and the client is asked about it."""
    return Letter("held", {"since": since.isoformat(), "facts": facts, "figures": _plain(verdict)})


def submitted_receipt(*, receipt: str) -> Letter:
    return Letter("submitted_receipt", {"receipt": receipt})


def info_requested(*, reason: str) -> Letter:
    return Letter("info_requested", {"reason": reason})


def reinstated(
    *, reason: str, probation_ends_at: datetime, daily_volume: int | None, conditions: Mapping[str, Any] | None = None
) -> Letter:
    """The account sends again, on probation. *conditions*: needs_proof and form_url, when the reviewer set them."""
    figures = None
    if daily_volume:
        caps = weekly_caps(daily_volume, rules())
        figures = {f"week_{number}": cap for number, cap in enumerate(caps, start=1)}
    told = {"needs_proof": False, "form_url": ""} | {
        name: value for name, value in (conditions or {}).items() if name in {"needs_proof", "form_url"}
    }
    return Letter("reinstated", {"reason": reason, "until": probation_ends_at.isoformat(), "figures": figures, **told})


def probation_breached(*, text: str, ends_at: datetime) -> Letter:
    """A condition of the probation was not kept; the next time ends it."""
    return Letter("probation_breached", {"text": text, "until": ends_at.isoformat()})


def probation_completed() -> Letter:
    return Letter("probation_completed")


def released(*, reason: str) -> Letter:
    """A hold that the client was told about is over."""
    return Letter("released", {"reason": reason})


def refused(*, reason: str, can_appeal: bool) -> Letter:
    return Letter("refused", {"reason": reason, "can_appeal": can_appeal})


def terminated(*, reason: str) -> Letter:
    return Letter("terminated", {"reason": reason})


def message(*, text: str) -> Letter:
    """Words of the abuse team, written in the case."""
    return Letter("message", {"text": text})


def render(letter: Letter, case: Case, language: str) -> tuple[str, str]:
    """Return subject and text of *letter* about *case*."""
    return render_mail(letter.name, language=language, context=_words(letter, case, language))


def compose(notice: Notice, *, reply_to: str) -> EmailMultiAlternatives:
    """Return the mail of *notice*. Its Message-ID is the row's: a letter sent twice is seen as one."""
    case, domain = notice.case, settings.CASE_DOMAIN
    thread = f"<{case.key.lower()}@{domain}>"
    return make_message(
        notice.name,
        language=notice.language,
        to=[notice.to],
        context=_words(Letter(notice.name, notice.context), case, notice.language),
        reply_to=reply_to,
        headers={
            "Message-ID": f"<{notice.pk.hex}@{domain}>",
            "In-Reply-To": thread,
            "References": thread,
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",  # Exchange reads this one; absences don't belong into the case
        },
    )


def case_link(case: Case) -> str:
    """Return the one link of a letter. It asks for a login and decides nothing by itself."""
    return f"{settings.PUBLIC_URL}/portal/requests/{case.key}/"


def _words(letter: Letter, case: Case, language: str) -> dict[str, Any]:
    """Return the context of the templates: everything ready to read in *language*."""
    told = dict(letter.context)
    for name in ("since", "until"):
        if told.get(name):
            moment = datetime.fromisoformat(told[name])
            told[name] = _format(moment, _MOMENT[language], language)
            told[f"{name}_day"] = _format(moment, _DAY[language], language)
    if told.get("figures"):
        told["figures"] = _in_words(told["figures"], language)
    return told | {
        "account": case.account.name,
        "reseller": case.account.reseller.name,
        "case": case.key,
        "is_suspended": case.suspension_id is not None,
        "link": case_link(case),
    }


def _format(moment: datetime, pattern: str, language: str) -> str:
    local = moment.astimezone(ZoneInfo(settings.TIME_ZONE))
    text = format_datetime(local, pattern, locale=LOCALES[language])
    return text.replace("1", "1er", 1) if language == "fr" and local.day == 1 else text


def _plain(verdict: Verdict | None) -> dict[str, Any] | None:
    """Return what a letter shows of a verdict: plain figures, no scores."""
    if verdict is None:
        return None
    return {
        "delivered": verdict.delivered,
        "reporting": verdict.reporting,
        "complaints": verdict.complaints,
        "complaint_rate": verdict.complaint_rate,
        "complaints_limit": verdict.complaints_limit,
        "bounces": verdict.bounces,
        "bounce_rate": verdict.bounce_rate,
        "bounces_limit": verdict.bounces_limit,
    }


def _in_words(figures: Mapping[str, Any], language: str) -> dict[str, str]:
    """Return the figures ready to read. A rate of nothing has no value, and the templates leave it out."""
    say = words(language)
    return {
        name: "" if value is None else say.share(value) if name.endswith(("_rate", "_limit")) else say.number(value)
        for name, value in figures.items()
    }
