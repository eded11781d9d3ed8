"""What a trial on a simulated platform found, in sentences and rows made ready for its page."""

from dataclasses import dataclass
from typing import Any

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from courrielleur.portal import figures

FAMILIES: dict[str, str | Promise] = {
    "small": gettext_lazy("Small senders"),
    "large": gettext_lazy("Large senders"),
    "one_bad_campaign": gettext_lazy("One campaign that annoyed"),
    "one_bad_list": gettext_lazy("One old list, mailed once"),
    "clicks_of_the_same": gettext_lazy("Organised complaints, the same people each time"),
    "clicks_of_others": gettext_lazy("Organised complaints, other people each time"),
    "doubled_reports": gettext_lazy("Reports that come twice"),
    "late_feed": gettext_lazy("A feed that was silent for three days"),
    "borderline": gettext_lazy("A little below the complaint limit"),
    "purchased": gettext_lazy("Purchased lists"),
    "compromised": gettext_lazy("Compromised accounts"),
    "slow_burner": gettext_lazy("A little above the complaint limit for months"),
    "snowshoe": gettext_lazy("A spammer behind many accounts of a reseller"),
    "honest_reseller": gettext_lazy("Honest accounts of a reseller"),
}
TRUTHS: dict[str, str | Promise] = {
    "good": pgettext_lazy("what simulated senders are", "Good"),
    "grey": pgettext_lazy("what simulated senders are", "Between good and bad"),
    "bad": pgettext_lazy("what simulated senders are", "Bad"),
}


@dataclass(frozen=True)
class FamilyLine:
    """A family, and what happened to it: in force, then with the draft."""

    name: str | Promise
    truth: str | Promise
    senders: int
    stopped: tuple[str, str]  # how many; of the bad, the share caught
    rate: tuple[str, str]  # good: stops per 10,000 account-months; bad: typical mails until the stop
    is_bad: bool


def family_lines(trial: Any) -> list[FamilyLine]:
    return [_line(told) for told in (trial.result or {}).get("families", [])]


def summary(trial: Any) -> list[str]:
    """Return what the trial says of all good and all bad senders, in sentences."""
    result, said = trial.result or {}, []
    good, bad = result["good"], result["bad"]
    if good["active"]["senders"]:
        said.append(
            _(
                "The draft stops %(draft)s good senders by mistake in 10,000 months of theirs; "
                "the version in force stops %(active)s."
            )
            % {side: _rate(good[side], is_bad=False) for side in ("draft", "active")}
        )
    if bad["active"]["senders"]:
        said.append(
            _("The draft catches %(draft)s of the bad senders; the version in force catches %(active)s.")
            % {side: figures.percent(bad[side]["share_stopped"], 1) for side in ("draft", "active")}
        )
        said.append(
            _(
                "Until the stop, a typical bad sender gets %(draft)s mails out under the draft, "
                "and %(active)s under the version in force."
            )
            % {side: _rate(bad[side], is_bad=True) for side in ("draft", "active")}
        )
    return said


def _line(told: dict[str, Any]) -> FamilyLine:
    active, draft = told["active"], told["draft"]
    is_bad = told["truth"] == "bad"
    return FamilyLine(
        name=FAMILIES.get(told["family"], told["family"]),
        truth=TRUTHS[told["truth"]],
        senders=active["senders"],
        stopped=(_stopped(active, is_bad=is_bad), _stopped(draft, is_bad=is_bad)),
        rate=(_rate(active, is_bad=is_bad), _rate(draft, is_bad=is_bad)),
        is_bad=is_bad,
    )


def _stopped(side: dict[str, Any], *, is_bad: bool) -> str:
    return figures.percent(side["share_stopped"], 1) if is_bad else figures.whole(side["stopped"])


def _rate(side: dict[str, Any], *, is_bad: bool) -> str:
    if is_bad:
        return figures.whole(side["typical_mails"])
    return str(number_format(side["per_10_000_months"], decimal_pos=1, use_l10n=True, force_grouping=True))
