"""The draft of stricter thresholds that one of the cast has written, and what the laboratory makes of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from abuse.core.policy_layers import with_table
from abuse.core.policy_text import Table, read_document
from abuse.selectors.policies import shipped_text, versions
from abuse.services import laboratory, policies
from courrielleur.accounts.models import User
from courrielleur.demo.cast import Draft

DAYS = 30  # that it is tried on; the days before warm up
CALIBRATION_DAYS, FALSE_STOPS = 60, 5.0  # the whole history; stops to allow in 10,000 good months


def text_of(draft: Draft) -> str:
    """Return the shipped policy with the draft's thresholds in it."""
    shipped = shipped_text()
    tables: Mapping[str, Any] = read_document(shipped, whole=True).tables
    text = shipped
    for name, value in draft.thresholds.items():
        text = with_table(text, name, Table(value, tables[name].unit, draft.source, draft.why))
    return text


def try_it(draft: Draft, now: datetime) -> None:
    """Let the author write the draft, and ask the laboratory what it would have done; once. A worker finds out."""
    author = User.objects.get(email=draft.author)
    if versions().filter(author=author).exists():
        return
    version = policies.draft(text_of(draft), policies.For(), author=author, reason=draft.reason, now=now)
    laboratory.start_backtest(version, days=DAYS, by=author, now=now)
    laboratory.start_calibration(days=CALIBRATION_DAYS, target=FALSE_STOPS, by=author, now=now)
