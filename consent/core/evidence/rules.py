"""The weights, limits and words of the checks, read from consent/data/evidence.toml."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from consent.core.evidence.chance import holm
from consent.core.evidence.rows import Finding

DATA = Path(__file__).resolve().parent.parent.parent / "data" / "evidence.toml"


@dataclass(frozen=True)
class FindingText:
    title: str
    says: str
    benign: tuple[str, ...]


@cache
def limit(name: str) -> float:
    """Return a threshold of [limit.*]. Raises `KeyError`."""
    return float(_data()["limit"][name]["value"])


def found(
    code: str,
    count: int,
    rows: int,
    examples: Iterable[int] = (),
    *,
    value: str = "",
    p_value: float | None = None,
) -> Finding:
    """Return a finding with the weight and the benign explanations of its rule."""
    rule = _data()["finding"][code]
    few = tuple(examples)[: int(limit("examples"))]
    return Finding(code, count, rows, few, value, float(rule["weight"]), p_value, tuple(rule["benign"]))


def significant(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings that hold, heaviest first: plain rules, and tests that pass Holm's correction together.

    The chance that an honest file gets even one finding of a test is at most [limit.false_alarms].
    """
    plain: list[Finding] = []
    tests: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.p_value is None:
            plain.append(finding)
        else:
            tests.setdefault(finding.code, []).append(finding)
    surest = [_surest(same) for same in tests.values()]
    holds = holm([finding.p_value or 0.0 for finding in surest], limit("false_alarms"))
    kept = plain + [finding for finding, does in zip(surest, holds, strict=True) if does]
    return tuple(sorted(kept, key=lambda finding: (-finding.weight, finding.code)))


def family_of(code: str) -> str:
    """Return the family of a check: findings of one family have one cause, and weigh as the heaviest of them."""
    return str(_data()["finding"][code]["family"])


def finding_text(finding: Finding, language: str) -> FindingText:
    """Return what a finding says, with its figures, in `fr` or `en`."""
    rule = _data()["finding"][finding.code]
    share = f"{100 * finding.share:.1f}"
    if language == "fr":
        share = share.replace(".", ",")
    says = rule["says"][language].format(
        count=finding.count, rows=finding.rows, share=share, value=finding.value or "—"
    )
    benign = tuple(str(_data()["benign"][key][language]) for key in finding.benign)
    return FindingText(str(rule["title"][language]), says, benign)


def finding_codes() -> frozenset[str]:
    return frozenset(_data()["finding"])


@cache
def browser_releases() -> dict[str, tuple[tuple[int, date], ...]]:
    """Return, by name in user agents, the major versions we know with the day they came out, oldest first."""
    return {
        name: tuple(sorted((int(version), day) for version, day in releases.items()))
        for name, releases in _data()["browser"].items()
    }


def reasons_text(code: str, language: str) -> str:
    return str(_data()["reason"][code][language])


def _surest(same: list[Finding]) -> Finding:
    """Return the surest of one test made in several places; it pays for the others (Bonferroni)."""
    best = min(same, key=lambda finding: finding.p_value or 0.0)
    return replace(best, p_value=min(1.0, len(same) * (best.p_value or 0.0)))


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(DATA.read_text(encoding="utf-8"))
