"""The eight questions of the platform's practice: what is asked, why, and what counts as an answer.

The words are data (`consent/data/questionnaire.toml`), in French and English. An answer is a small dict whose
parts depend on the kind of the question:

    date           {"date": "2026-03-21"}
    text           {"text": "…"}
    text_link      {"text": "…", "link": "https://…"}       one of them is enough
    urls           {"urls": ["https://…", …]}
    yes_no_why     {"answer": "yes" or "no", "detail": "…"}  the detail says why
    yes_no_which   {"answer": "yes" or "no", "detail": "…"}  the detail says which
    methods        {"methods": ["single_opt_in", …], "explanation": "…"}
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

DATA = Path(__file__).resolve().parent.parent / "data" / "questionnaire.toml"
LONGEST_TEXT = 5_000  # characters
MOST_URLS = 20

Value = Mapping[str, object]


class Kind(StrEnum):
    DATE = "date"
    TEXT = "text"
    TEXT_LINK = "text_link"
    URLS = "urls"
    YES_NO_WHY = "yes_no_why"
    YES_NO_WHICH = "yes_no_which"
    METHODS = "methods"


@dataclass(frozen=True)
class Words:
    title: str
    help: str
    why: str


@dataclass(frozen=True)
class Question:
    key: str
    number: int  # 1 to 8, in the order asked
    kind: Kind
    words: Mapping[str, Words]  # by language
    detail_needed: frozenset[str] = frozenset()  # the answers (yes, no) that need a detail


@dataclass(frozen=True)
class Method:
    """One way in which consent may have been obtained."""

    key: str
    names: Mapping[str, str]  # by language
    definitions: Mapping[str, str]
    needs_explanation: bool = False


@dataclass(frozen=True)
class Problem:
    """What is wrong with one part of an answer; `problem_text` puts it in words."""

    part: str
    code: str
    value: str = ""


@dataclass(frozen=True)
class QuestionSet:
    version: str
    questions: tuple[Question, ...]
    methods: tuple[Method, ...]
    problem_texts: Mapping[str, Mapping[str, str]]  # by code, then by language

    def question(self, key: str) -> Question:
        """Return the question of that key. Raises `KeyError`."""
        for question in self.questions:
            if question.key == key:
                return question
        raise KeyError(key)


@cache
def question_set() -> QuestionSet:
    """Return the questions as they are asked today."""
    data = tomllib.loads(DATA.read_text(encoding="utf-8"))
    return QuestionSet(
        version=data["version"],
        questions=tuple(_question(number, row) for number, row in enumerate(data["question"], start=1)),
        methods=tuple(_method(row) for row in data["method"]),
        problem_texts=data["problem"],
    )


def problem_text(problem: Problem, language: str) -> str:
    return question_set().problem_texts[problem.code][language].format(value=problem.value)


def tidy_answer(question: Question, value: Value) -> dict[str, object]:
    """Return the parts of *value* that the question knows, trimmed, without the empty ones."""
    tidy: dict[str, object] = {}
    for part in _PARTS[question.kind]:
        given = value.get(part) if isinstance(value, Mapping) else None
        if part in _LISTS:
            items = given.split() if isinstance(given, str) else given if isinstance(given, list | tuple) else []
            kept: object = list(dict.fromkeys(str(item).strip() for item in items if str(item).strip()))
        else:
            kept = given.strip() if isinstance(given, str) else ""
        if kept:
            tidy[part] = kept
    return tidy


def check_answer(question: Question, value: Value, *, today: date | None = None) -> list[Problem]:
    """Return what is wrong with an answer, empty when it is complete. Dates after *today* are refused."""
    tidy = tidy_answer(question, value)
    if not tidy:
        return [Problem(_PARTS[question.kind][0], "unanswered")]
    too_long = [
        Problem(part, "text_too_long")
        for part, text in tidy.items()
        if isinstance(text, str) and len(text) > LONGEST_TEXT
    ]
    return too_long + _problems(question, tidy, today)


def missing(answers: Mapping[str, Value], *, today: date | None = None) -> list[str]:
    """Return the keys of the questions that have no complete answer yet, in the order asked."""
    return [
        question.key
        for question in question_set().questions
        if check_answer(question, answers.get(question.key, {}), today=today)
    ]


def _problems(question: Question, tidy: dict[str, object], today: date | None) -> list[Problem]:
    match question.kind:
        case Kind.DATE:
            return _date_problems(str(tidy.get("date", "")), today)
        case Kind.TEXT:
            return []
        case Kind.TEXT_LINK:
            return _url_problems("link", _items(tidy.get("link")))
        case Kind.URLS:
            return _url_problems("urls", _items(tidy.get("urls")))
        case Kind.YES_NO_WHY | Kind.YES_NO_WHICH:
            return _yes_no_problems(question, tidy)
        case Kind.METHODS:
            return _method_problems(tidy)


def _date_problems(text: str, today: date | None) -> list[Problem]:
    try:
        given = date.fromisoformat(text)
    except ValueError:
        return [Problem("date", "date_needed")]
    return [Problem("date", "date_in_future")] if today and given > today else []


def _url_problems(part: str, urls: list[str]) -> list[Problem]:
    if len(urls) > MOST_URLS:
        return [Problem(part, "too_many_urls")]
    return [Problem(part, "url_bad", url[:200]) for url in urls if not _is_url(url)]


def _yes_no_problems(question: Question, tidy: dict[str, object]) -> list[Problem]:
    answer = tidy.get("answer")
    if answer not in ("yes", "no"):
        return [Problem("answer", "yes_or_no_needed")]
    return [Problem("detail", "detail_needed")] if answer in question.detail_needed and "detail" not in tidy else []


def _method_problems(tidy: dict[str, object]) -> list[Problem]:
    known = {method.key: method for method in question_set().methods}
    chosen = _items(tidy.get("methods"))
    if not chosen:
        return [Problem("methods", "method_needed")]
    if unknown := [key for key in chosen if key not in known]:
        return [Problem("methods", "method_unknown", key[:40]) for key in unknown]
    needs_words = any(known[key].needs_explanation for key in chosen)
    return [Problem("explanation", "explanation_needed")] if needs_words and "explanation" not in tidy else []


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and "." in host.strip(".") and not any(c.isspace() for c in text)


def _items(value: object) -> list[str]:
    if isinstance(value, list):
        return [str(item) for item in value]
    return [value] if isinstance(value, str) else []


_LISTS = frozenset({"urls", "methods"})
_PARTS: dict[Kind, tuple[str, ...]] = {
    Kind.DATE: ("date",),
    Kind.TEXT: ("text",),
    Kind.TEXT_LINK: ("text", "link"),
    Kind.URLS: ("urls",),
    Kind.YES_NO_WHY: ("answer", "detail"),
    Kind.YES_NO_WHICH: ("answer", "detail"),
    Kind.METHODS: ("methods", "explanation"),
}


def _question(number: int, row: dict[str, Any]) -> Question:
    return Question(
        key=row["key"],
        number=number,
        kind=Kind(row["kind"]),
        words={language: Words(**row[language]) for language in ("fr", "en")},
        detail_needed=frozenset(row.get("detail_needed", ())),
    )


def _method(row: dict[str, Any]) -> Method:
    return Method(
        key=row["key"],
        names={language: row[language]["name"] for language in ("fr", "en")},
        definitions={language: row[language]["definition"] for language in ("fr", "en")},
        needs_explanation=row.get("explain", False),
    )
