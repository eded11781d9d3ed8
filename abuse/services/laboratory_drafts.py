"""Put what a calibration found into a draft of the platform's policy, with where it comes from and why."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from django.utils.translation import gettext as _

from abuse.core.policy import default_document
from abuse.core.policy_layers import with_table
from abuse.core.policy_text import Table, written
from abuse.models import PolicyVersion, Trial
from abuse.selectors.policies import shipped_text, version_at
from abuse.selectors.policies_in_force import document_of
from abuse.services import policies
from abuse.services.laboratory import TrialRefused
from courrielleur.accounts.models import User


def draft_from(trial: Trial, names: Collection[str], *, author: User, now: datetime) -> PolicyVersion:
    """Write a draft of the platform's policy with the estimates called *names*, rounded to what is known of them.

    Raises `TrialRefused` when nothing usable is named, `BadPolicy` when the estimates do not fit together.
    """
    estimates = (trial.result or {}).get("estimates", {})
    chosen = {name: estimates[name] for name in estimates if name in names and estimates[name]["is_enough"]}
    if not chosen:
        raise TrialRefused(_("Choose at least one estimate that has enough data."))
    current = version_at(None, None, "")
    text = current.text if current else shipped_text()
    tables = dict(default_document().tables)
    if current:
        tables.update(document_of(current).tables)
    told = []
    for name, estimate in chosen.items():
        value = float(f"{estimate['value']:.3g}")
        text = with_table(text, name, _table(tables[name], value, estimate, trial))
        told.append(f"{name} {written(name, tables[name].value)} → {written(name, value)}")
    reason = _("Calibration over our own history from %(first)s to %(last)s: %(changes)s.") % {
        "first": trial.first_day.isoformat(),
        "last": trial.last_day.isoformat(),
        "changes": "; ".join(told),
    }
    return policies.draft(text, policies.For(), author=author, reason=reason, now=now)


def _table(old: Table, value: float, estimate: dict[str, float], trial: Trial) -> Table:
    high = f"{estimate['high']:.3g}" if estimate["high"] is not None else "∞"
    source = f"calibration {trial.first_day}/{trial.last_day}, n = {estimate['n']}, 95 %: {estimate['low']:.3g}–{high}"
    return replace(old, value=value, source=source)
