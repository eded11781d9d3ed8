"""Add up what speaks for and against a sender's proof, as a recommendation to the person who decides.

Nothing here refuses anybody: a reviewer reads the reasons, and decides otherwise where they know better.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from consent.core.coverage import Coverage
from consent.core.evidence.rows import Finding
from consent.core.evidence.rules import family_of, limit, reasons_text
from consent.core.law import Outcome


class Advice(StrEnum):
    """What is recommended; the values are outcomes of a review."""

    REINSTATE = "reinstate"
    ASK = "ask"
    REFUSE = "refuse"


@dataclass(frozen=True)
class Reason:
    """One thing that counted; `is_against` tells on which side. `reason_text` puts it in words."""

    code: str  # a key of [reason.*] in consent/data/evidence.toml
    is_against: bool


@dataclass(frozen=True)
class Recommendation:
    outcome: Advice
    reasons: tuple[Reason, ...]  # those against first


def doubt(findings: Iterable[Finding]) -> float:
    """Return how much the findings weigh together: the heaviest of each family, as a family has one cause."""
    heaviest: dict[str, float] = {}
    for finding in findings:
        family = family_of(finding.code)
        heaviest[family] = max(heaviest.get(family, 0.0), finding.weight)
    return sum(heaviest.values())


def is_doubtful(findings: Iterable[Finding]) -> bool:
    """Whether the evidence needs an explanation before anything rests on it."""
    return doubt(findings) >= limit("doubtful")


def recommend(
    findings: Iterable[Finding],
    opinions: Mapping[Outcome, int],
    coverage: Coverage | None,
    contradictions: int = 0,
) -> Recommendation:
    """Return what the evidence speaks for.

    *opinions* counts the records by what the law makes of them on the day of the mail; *contradictions* are answers
    of the questionnaire that the platform's own data contradict. Refusing is recommended only when most records are
    of a forbidden method, or when grave doubts of unlike kinds meet a second witness: contradicted answers, or
    complainers without proof.
    """
    weight = doubt(findings)
    judged = sum(opinions.values())
    reasons: list[Reason] = []
    if not judged:
        return Recommendation(Advice.ASK, (Reason("no_records", is_against=True),))
    forbidden = opinions.get(Outcome.FORBIDDEN, 0)
    if forbidden:
        reasons.append(Reason("forbidden_methods", is_against=True))
    if weight >= limit("doubtful"):
        reasons.append(Reason("doubtful_evidence", is_against=True))
    elif weight >= limit("weak"):
        reasons.append(Reason("weak_evidence", is_against=True))
    else:
        reasons.append(Reason("clean_evidence", is_against=False))
    enough = opinions.get(Outcome.VALID, 0) >= limit("enough_valid") * judged
    reasons.append(Reason("mostly_valid", is_against=False) if enough else Reason("too_few_valid", is_against=True))
    is_uncovered = False
    if coverage is not None and coverage.complainers.recipients:
        tally = coverage.complainers
        is_uncovered = tally.with_record - tally.after_send < limit("enough_covered") * tally.recipients
        code = "complainers_uncovered" if is_uncovered else "complainers_covered"
        reasons.append(Reason(code, is_against=is_uncovered))
    if contradictions:
        reasons.append(Reason("contradictions", is_against=True))
    is_grave = weight >= 2 * limit("doubtful") and bool(contradictions or is_uncovered)
    if 2 * forbidden >= judged or is_grave:
        outcome = Advice.REFUSE
    else:
        outcome = Advice.ASK if any(reason.is_against for reason in reasons) else Advice.REINSTATE
    return Recommendation(outcome, tuple(sorted(reasons, key=lambda reason: not reason.is_against)))


def reason_text(reason: Reason, language: str) -> str:
    return reasons_text(reason.code, language)
