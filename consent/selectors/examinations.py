"""What the newest examination of a case found, in words; and earlier cases that are like it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from abuse.models import Case
from consent.core.evidence.rows import Finding as Found
from consent.core.evidence.rules import FindingText, reasons_text
from consent.core.law_rules import law_rules, law_text, missing_text
from consent.core.review import text_of
from consent.models import ConsentUpload, Examination, Finding, Proposal, Review

SIMILAR = 8  # earlier cases shown
_LOOKED_AT = 200  # newest cases with the same reseller or account, or of the same reasons


@dataclass(frozen=True)
class FindingShown:
    text: FindingText
    weight: float
    p_value: float | None
    file_name: str  # empty for what concerns all files
    lines: tuple[int, ...]
    count: int
    rows: int

    @property
    def is_heavy(self) -> bool:
        return self.weight >= 3


@dataclass(frozen=True)
class ReasonShown:
    text: str
    is_against: bool


@dataclass(frozen=True)
class LawShown:
    """What one law makes of all records, and of how many recipients we know that they are under it."""

    name: str
    outcomes: dict[str, int]
    missing: tuple[tuple[str, int], ...]  # in words, with how many records lack it
    recipients: int
    is_ours: bool  # the recommendation rests on it


@dataclass(frozen=True)
class ExaminationShown:
    version: int
    examined_at: datetime
    rows: int
    is_whole: bool
    findings: tuple[FindingShown, ...]  # heaviest first
    judged: int
    laws: tuple[LawShown, ...]  # those of most recipients first
    disclaimer: str
    crossing: dict[str, Any]
    list_coverage: float | None
    advice: str  # an outcome of a review
    reasons: tuple[ReasonShown, ...]


@dataclass(frozen=True)
class Similar:
    case: Case
    outcome: str  # of its last review, empty when nobody decided
    same_account: bool
    same_reseller: bool
    same_evidence: bool
    reasons: tuple[str, ...]  # codes in common


def examination_of(case: Case, language: str) -> ExaminationShown | None:
    """Return the newest examination in words, None when the case was never examined."""
    examination = Examination.objects.filter(case=case).order_by("-version").first()
    return in_words(examination, list(examination.findings.all()), language) if examination else None


def in_words(examination: Examination, findings: list[Finding], language: str) -> ExaminationShown:
    """Return an examination, stored or not, with its findings as people read them."""
    figures = examination.figures
    rows = sorted(findings, key=lambda row: (-row.weight, row.code))
    names = dict(
        ConsentUpload.objects.filter(pk__in={row.upload_id for row in rows if row.upload_id}).values_list(
            "pk", "file_name"
        )
    )
    return ExaminationShown(
        version=examination.version,
        examined_at=examination.examined_at,
        rows=figures["rows"],
        is_whole=figures["is_whole"],
        findings=tuple(_finding(row, names, language) for row in rows),
        judged=sum(figures["opinions"].values()),
        laws=_laws(figures, language),
        disclaimer=law_text("disclaimer", language),
        crossing=figures["crossing"],
        list_coverage=figures["list_coverage"],
        advice=figures["advice"],
        reasons=tuple(
            ReasonShown(reasons_text(one["code"], language), one["is_against"]) for one in figures["reasons"]
        ),
    )


def _laws(figures: dict[str, Any], language: str) -> tuple[LawShown, ...]:
    # An examination of an earlier release judged under one law alone.
    told = figures.get("laws") or {figures["regime"]: {"outcomes": figures["opinions"], "missing": [], "recipients": 0}}
    shown = [
        LawShown(
            name=law_rules().regimes[key].names[language],
            outcomes=one["outcomes"],
            missing=tuple((missing_text(what, language), count) for what, count in one["missing"]),
            recipients=one["recipients"],
            is_ours=key == figures["regime"],
        )
        for key, one in told.items()
    ]
    return tuple(sorted(shown, key=lambda one: (-one.recipients, not one.is_ours, one.name)))


def proposal_of(case: Case) -> Proposal | None:
    """Return the decision that waits for a second person."""
    return Proposal.objects.filter(case=case, settled_at=None).select_related("proposed_by").first()


def similar_cases(case: Case) -> list[Similar]:
    """Return earlier cases of the account, of its reseller, with the same evidence or of the same reasons.

    The most alike first: an account is like itself, then one with the same evidence, then the same reseller.
    """
    reasons = _reasons(case)
    sharing = _sharing(case)
    near = Q(account=case.account_id) | Q(account__reseller=case.account.reseller_id) | Q(account__key__in=sharing)
    for reason in reasons:
        near |= Q(suspension__assessment__reasons__contains=[reason])
    earlier = (
        Case.objects.filter(near, opened_at__lte=case.opened_at)
        .exclude(pk=case.pk)
        .select_related("account__reseller", "suspension__assessment")
        .order_by("-opened_at")[:_LOOKED_AT]
    )
    found = [_similar(one, case, reasons, sharing) for one in earlier]
    found.sort(key=lambda one: (one.same_account, one.same_evidence, one.same_reseller, len(one.reasons)), reverse=True)
    outcomes = dict(
        Review.objects.filter(case__in=[one.case.pk for one in found[:SIMILAR]])
        .order_by("decided_at")
        .values_list("case", "outcome")
    )
    words = dict(Review.Outcome.choices)
    return [
        Similar(
            one.case,
            str(words.get(outcomes.get(one.case.pk, ""), "")),
            one.same_account,
            one.same_reseller,
            one.same_evidence,
            one.reasons,
        )
        for one in found[:SIMILAR]
    ]


def _similar(one: Case, case: Case, reasons: list[str], sharing: set[str]) -> Similar:
    return Similar(
        case=one,
        outcome="",
        same_account=one.account_id == case.account_id,
        same_reseller=one.account.reseller_id == case.account.reseller_id,
        same_evidence=one.account.key in sharing,
        reasons=tuple(reason for reason in reasons if reason in _reasons(one)),
    )


def _reasons(case: Case) -> list[str]:
    assessment = case.suspension.assessment if case.suspension else None
    return list(assessment.reasons) if assessment else []


def _sharing(case: Case) -> set[str]:
    """Return the keys of the accounts whose files hold the same evidence."""
    newest = Examination.objects.filter(case=case).order_by("-version").first()
    return set(newest.findings.filter(code="shared_evidence").values_list("value", flat=True)) if newest else set()


def _finding(row: Any, names: dict[Any, str], language: str) -> FindingShown:
    found = Found(
        row.code, row.count, row.rows, tuple(row.examples), row.value, row.weight, row.p_value, tuple(row.benign)
    )
    return FindingShown(
        text=text_of(found, language),
        weight=row.weight,
        p_value=row.p_value,
        file_name=names.get(row.upload_id, ""),
        lines=tuple(row.examples[:10]),
        count=row.count,
        rows=row.rows,
    )
