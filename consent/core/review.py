"""What the crossing of records with a case tells a reviewer, as findings beside those of the file itself."""

import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from abuse.core.traps import BANDS
from consent.core.crossexam import CrossExamination
from consent.core.evidence.rows import Finding
from consent.core.evidence.rules import FindingText, finding_codes, finding_text

DATA = Path(__file__).resolve().parent.parent / "data" / "crossing.toml"
_LEAST_IN_BAND = {f"1-{BANDS[0]}": 1, f"{BANDS[0] + 1}-{BANDS[1]}": BANDS[0] + 1, f">{BANDS[1]}": BANDS[1] + 1}


def crossing_findings(crossing: CrossExamination) -> tuple[Finding, ...]:
    """Return what speaks against the records, heaviest first. Without records there is nothing to speak against."""
    if not crossing.records:
        return ()
    return tuple(sorted(_findings(crossing), key=lambda finding: (-finding.weight, finding.code)))


def text_of(finding: Finding, language: str) -> FindingText:
    """Return the words of any finding, of a file's checks or of the crossing. Raises `KeyError`."""
    if finding.code in finding_codes():
        return finding_text(finding, language)
    rule = _data()["finding"][finding.code]
    says = rule["says"][language].format(count=finding.count, rows=finding.rows, value=finding.value)
    benign = tuple(str(_data()["benign"][key][language]) for key in finding.benign)
    return FindingText(str(rule["title"][language]), says, benign)


def _findings(crossing: CrossExamination) -> Iterator[Finding]:
    complainers = crossing.complainers
    chance = crossing.chance
    if chance is not None and chance <= _limit("false_alarm"):
        yield _found("complainers_lack_records", complainers.without_record, complainers.recipients, p_value=chance)
    if complainers.after_send > max(1, _limit("late_share") * complainers.with_date):
        yield _found("consent_after_mail", complainers.after_send, complainers.with_date)
    covered = crossing.list_coverage
    if covered is not None and covered < _limit("uncovered_mailing"):
        beyond = crossing.largest_mailing - crossing.recipients_on_record
        yield _found("mailing_beyond_records", beyond, crossing.largest_mailing)
    for trap in crossing.traps:
        if trap.with_record in _LEAST_IN_BAND:
            # The least of each band, never the number: that would tell which addresses are traps.
            least, mailed = _LEAST_IN_BAND[trap.with_record], _LEAST_IN_BAND[trap.mailed]
            yield _found("traps_on_record", least, mailed, value=f"{trap.kind}: {trap.with_record}")


def _found(code: str, count: int, rows: int, *, value: str = "", p_value: float | None = None) -> Finding:
    rule = _data()["finding"][code]
    return Finding(code, count, rows, (), value, float(rule["weight"]), p_value, tuple(rule["benign"]))


def _limit(name: str) -> float:
    return float(_data()["limit"][name]["value"])


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(DATA.read_text(encoding="utf-8"))
