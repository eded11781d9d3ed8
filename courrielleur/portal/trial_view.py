"""What a trial of the laboratory found, in sentences and rows made ready for its page."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from courrielleur.accounts.models import Account
from courrielleur.portal import figures
from courrielleur.portal.reasons import title
from courrielleur.portal.words import Word

STATES = {
    "waiting": Word(pgettext_lazy("state of a trial", "Waiting"), "heed", "clock"),
    "running": Word(pgettext_lazy("state of a trial", "Running"), "trial", "dots"),
    "done": Word(pgettext_lazy("state of a trial", "Done"), "good", "check"),
    "cancelled": Word(pgettext_lazy("state of a trial", "Cancelled"), "ended", "cross"),
    "failed": Word(pgettext_lazy("state of a trial", "Failed"), "stop", "cross"),
}

KINDS: dict[str, str | Promise] = {
    "added": gettext_lazy("The draft only"),
    "spared": gettext_lazy("The version in force only"),
    "earlier": gettext_lazy("Both, the draft earlier"),
    "later": gettext_lazy("Both, the draft later"),
}

ESTIMATES: dict[str, str | Promise] = {
    "complaints.dispersion": gettext_lazy("How alike the complaint rates of a sender's campaigns are"),
    "bounces.dispersion": gettext_lazy("How alike the bounce rates of a sender's campaigns are"),
    "maturity.median": gettext_lazy("Hours until half of the complaints are here"),
    "maturity.spread": gettext_lazy("How far the delays of complaints lie apart"),
    "suspend.evidence": gettext_lazy("Evidence that stops, for the false stops allowed"),
}


@dataclass(frozen=True)
class FindingLine:
    account: Account
    kind: str | Promise
    active_at: datetime | None
    draft_at: datetime | None
    reasons: list[str]
    mail: int
    was_stopped_at: datetime | None
    was_cleared_at: datetime | None


@dataclass(frozen=True)
class EstimateLine:
    name: str
    meaning: str | Promise
    current: str
    value: str
    low: str
    high: str
    n: int
    is_enough: bool


def progress(trial: Any) -> int:
    """Return how much of the trial is done, in percent."""
    return min(100, round(100 * trial.done / trial.total)) if trial.total else 0


def summary(trial: Any) -> list[str]:
    """Return what a back-test says, in sentences."""
    kinds = (trial.result or {}).get("kinds", {})
    if not kinds:
        return [_("The draft would have stopped the same accounts, in the same hours.")]
    said = []
    if added := kinds.get("added"):
        n = added["accounts"]
        said.append(
            ngettext("It would have stopped %(n)s more account.", "It would have stopped %(n)s more accounts.", n)
            % {"n": figures.whole(n)}
            + _cleared(added)
        )
    if spared := kinds.get("spared"):
        n = spared["accounts"]
        said.append(
            ngettext(
                "It would have left alone %(n)s account that the version in force stops.",
                "It would have left alone %(n)s accounts that the version in force stops.",
                n,
            )
            % {"n": figures.whole(n)}
            + _cleared(spared)
        )
    if earlier := kinds.get("earlier"):
        said.append(
            ngettext(
                "It would have stopped %(n)s account earlier, by %(span)s.",
                "It would have stopped %(n)s accounts earlier, by a median of %(span)s.",
                earlier["accounts"],
            )
            % _timed(earlier)
        )
    if later := kinds.get("later"):
        said.append(
            ngettext(
                "It would have stopped %(n)s account later, by %(span)s.",
                "It would have stopped %(n)s accounts later, by a median of %(span)s.",
                later["accounts"],
            )
            % _timed(later)
        )
    return said


def limits(trial: Any) -> list[str]:
    """Return what the stored history could not tell this trial."""
    result = trial.result or {}
    said = []
    complaints, bounces = result.get("undated_complaints", 0), result.get("undated_bounces", 0)
    if complaints or bounces:
        said.append(
            _("%(complaints)s complaints and %(bounces)s hard bounces have no date of arrival any more: left out.")
            % {"complaints": figures.whole(complaints), "bounces": figures.whole(bounces)}
        )
    if before := result.get("stopped_before", 0):
        said.append(
            ngettext(
                "%(n)s account had been stopped by one of the two before these days: left out.",
                "%(n)s accounts had been stopped by one of the two before these days: left out.",
                before,
            )
            % {"n": figures.whole(before)}
        )
    if alone := result.get("alone", 0):
        said.append(
            ngettext(
                "%(n)s account was judged by itself, not together with its reseller's.",
                "%(n)s accounts were judged by themselves, not together with their reseller's.",
                alone,
            )
            % {"n": figures.whole(alone)}
        )
    return [
        *said,
        _("Delivered mail counts at its hour of sending: when its count came is not kept."),
        _("What an account would have sent after it was stopped in truth, nobody knows."),
        _("Silent feeds, incidents, probations, traps and blocklists of the past are not part of it."),
    ]


def finding_lines(findings: Any) -> list[FindingLine]:
    return [
        FindingLine(
            account=one.account,
            kind=KINDS[one.kind],
            active_at=_moment(one.active_hour),
            draft_at=_moment(one.draft_hour),
            reasons=[title(code) for code in one.draft_reasons or one.active_reasons],
            mail=one.mail,
            was_stopped_at=one.was_stopped_at,
            was_cleared_at=one.was_cleared_at,
        )
        for one in findings
    ]


def estimate_lines(trial: Any) -> list[EstimateLine]:
    """Return the estimates of a calibration, in the order of the rule's story."""
    found = (trial.result or {}).get("estimates", {})
    return [
        EstimateLine(
            name=name,
            meaning=meaning,
            current=_figure(found[name]["current"]),
            value=_figure(found[name]["value"]),
            low=_figure(found[name]["low"]),
            high="∞" if found[name]["high"] is None else _figure(found[name]["high"]),
            n=found[name]["n"],
            is_enough=found[name]["is_enough"],
        )
        for name, meaning in ESTIMATES.items()
        if name in found
    ]


def _figure(value: float) -> str:
    """Return three digits that say something, written as the reader writes figures."""
    return str(number_format(f"{value:.3g}"))


def _cleared(kind: dict[str, int]) -> str:
    if not kind["cleared"]:
        return ""
    told = ngettext(
        "A person later cleared %(n)s of them.", "A person later cleared %(n)s of them.", kind["cleared"]
    ) % {"n": figures.whole(kind["cleared"])}
    return f" {told}"


def _timed(kind: dict[str, float]) -> dict[str, str]:
    return {"n": figures.whole(kind["accounts"]), "span": figures.duration(kind["median_hours"] * 3600)}


def _moment(hour: int | None) -> datetime | None:
    return None if hour is None else datetime.fromtimestamp(hour * 3600, UTC)
