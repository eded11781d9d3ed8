"""Answers to the eight questions as people read them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import formats
from django.utils.translation import get_language, gettext

from consent import selectors as consent
from consent.core.contradictions import contradiction_text
from consent.core.questionnaire import Kind, Question, Words, check_answer, choices_of, question_set
from consent.services import documents as documents_service
from consent.services import scanning


@dataclass(frozen=True)
class Doubt:
    """One thing in the answers that does not fit, and how it may be harmless."""

    number: int  # of the question
    says: str
    benign: str


@dataclass(frozen=True)
class ShownDocument:
    id: UUID
    name: str
    size: int  # bytes
    by: str
    added_at: datetime
    link: str  # for ten minutes; empty while nobody may open it
    scan: str = ""  # what the antivirus said, in words, when there is something to say


@dataclass(frozen=True)
class Shown:
    """One question with its answer in words; `text` is empty when nothing was answered."""

    number: int
    key: str
    title: str
    text: str
    is_complete: bool
    by: str  # everybody who wrote at it, the last one last
    saved_at: datetime | None
    documents: tuple[ShownDocument, ...] = ()


def language() -> str:
    return "en" if (get_language() or "fr").startswith("en") else "fr"


def words(question: Question) -> Words:
    return question.words[language()]


def shown(questionnaire: Any) -> list[Shown]:
    """Return all questions in order with what was answered so far."""
    given = {answer.question: answer for answer in consent.answers_of(questionnaire)}
    documents = consent.documents_of(questionnaire)
    rows = []
    for question in question_set(questionnaire.version).questions:
        answer = given.get(question.key)
        value = answer.value if answer else {}
        rows.append(
            Shown(
                number=question.number,
                key=question.key,
                title=words(question).title,
                text=in_words(question, value),
                is_complete=bool(answer) and not check_answer(question, value),
                by=_author(answer),
                saved_at=answer.saved_at if answer else None,
                documents=tuple(_document(each) for each in documents if each.question == question.key),
            )
        )
    return rows


def doubts(case: Any) -> list[Doubt]:
    """Return what does not fit in the answers, heaviest first. For people of the abuse team only."""
    rows = []
    for one in consent.contradictions_of(case):
        told = contradiction_text(one, language())
        rows.append(Doubt(question_set().question(one.question).number, told.says, told.benign))
    return rows


def in_words(question: Question, value: Mapping[str, Any]) -> str:
    """Return an answer as text, one part per line."""
    parts: list[str] = []
    match question.kind:
        case Kind.DATE:
            parts = [_day(str(value.get("date", "")))]
        case Kind.URLS:
            parts = [str(url) for url in value.get("urls", [])]
        case Kind.METHODS:
            names = {method.key: method.names[language()] for method in question.methods}
            parts = [names.get(key, key) for key in value.get("methods", [])]
            parts.append(str(value.get("explanation", "")))
        case Kind.YES_NO_WHY | Kind.YES_NO_WHICH:
            parts = [{"yes": gettext("Yes"), "no": gettext("No")}.get(str(value.get("answer")), "")]
            parts.append(str(value.get("detail", "")))
        case Kind.TEXT | Kind.TEXT_LINK:
            parts = [str(value.get("text", "")), str(value.get("link", ""))]
    chosen = choices_of(question, value)
    for follow_up in question.follow_ups:
        said = str(value.get(follow_up.part, ""))
        if said and not follow_up.when.isdisjoint(chosen):
            parts.append(f"{follow_up.labels[language()]} {said}")
    return "\n".join(part for part in parts if part)


def _day(text: str) -> str:
    try:
        return formats.date_format(date.fromisoformat(text), "DATE_FORMAT")
    except ValueError:
        return text


def _author(answer: Any) -> str:
    if answer is None:
        return ""
    return ", ".join(row["label"] for row in answer.authors) or answer.answered_by_label


def _document(document: Any) -> ShownDocument:
    return ShownDocument(
        id=document.pk,
        name=document.name,
        size=document.size,
        by=document.added_by_label,
        added_at=document.added_at,
        link=reverse("answer_document", args=[documents_service.token_of(document)])
        if scanning.is_open_to(document.scan)
        else "",
        scan=document.get_scan_display() if document.scan not in ("", "clean") else "",
    )
