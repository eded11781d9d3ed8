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

and the parts of the follow-ups that the choices ask for.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from consent.core.question_sets import FollowUp, FollowUpKind, Kind, Question, QuestionSet, Words, question_set

__all__ = [
    "FollowUp",
    "FollowUpKind",
    "Kind",
    "Problem",
    "Question",
    "QuestionSet",
    "Words",
    "check_answer",
    "choices_of",
    "domains_in",
    "missing",
    "problem_text",
    "question_set",
    "tidy_answer",
]

LONGEST_TEXT = 5_000  # characters
MOST_URLS = 20
_DOMAIN = re.compile(r"(?=.{4,253}$)([^\W_]([\w-]{0,61}[^\W_])?\.)+[^\W\d_][\w-]*")

Value = Mapping[str, object]


@dataclass(frozen=True)
class Problem:
    """What is wrong with one part of an answer; `problem_text` puts it in words."""

    part: str
    code: str
    value: str = ""


def problem_text(problem: Problem, language: str) -> str:
    return question_set().problem_texts[problem.code][language].format(value=problem.value)


def tidy_answer(question: Question, value: Value) -> dict[str, object]:
    """Return the parts of *value* that the question knows, trimmed, without the empty ones."""
    tidy: dict[str, object] = {}
    for part in (*_PARTS[question.kind], *(follow_up.part for follow_up in question.follow_ups)):
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
    return too_long + _problems(question, tidy, today) + _follow_up_problems(question, tidy)


def choices_of(question: Question, value: Value) -> list[str]:
    """Return what was chosen: yes or no, or methods. Follow-ups hang on it."""
    return _items(value.get("methods" if question.kind is Kind.METHODS else "answer"))


def missing(answers: Mapping[str, Value], *, version: str = "", today: date | None = None) -> list[str]:
    """Return the keys of the questions that have no complete answer yet, in the order asked."""
    return [
        question.key
        for question in question_set(version).questions
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
            return _method_problems(question, tidy)


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


def _method_problems(question: Question, tidy: dict[str, object]) -> list[Problem]:
    known = {method.key: method for method in question.methods}
    chosen = _items(tidy.get("methods"))
    if not chosen:
        return [Problem("methods", "method_needed")]
    if unknown := [key for key in chosen if key not in known]:
        return [Problem("methods", "method_unknown", key[:40]) for key in unknown]
    needs_words = any(known[key].needs_explanation for key in chosen)
    return [Problem("explanation", "explanation_needed")] if needs_words and "explanation" not in tidy else []


def _follow_up_problems(question: Question, tidy: dict[str, object]) -> list[Problem]:
    chosen = choices_of(question, tidy)
    problems = []
    for follow_up in question.follow_ups:
        if follow_up.when.isdisjoint(chosen):
            continue
        given = str(tidy.get(follow_up.part, ""))
        if not given:
            problems.append(Problem(follow_up.part, "follow_up_needed"))
        elif follow_up.kind is FollowUpKind.DOMAINS:
            wrong = [name for name in domains_in(given) if not _DOMAIN.fullmatch(name)]
            problems += [Problem(follow_up.part, "domain_bad", name[:200]) for name in wrong[:MOST_URLS]]
    return problems


def domains_in(text: str) -> list[str]:
    """Return the names of a part of the kind `domains`, as typed, in lower case.

    >>> domains_in("shop.example.net, Example.org")
    ['shop.example.net', 'example.org']
    """
    return [name.rstrip(".").lower() for name in re.split(r"[\s,;]+", text) if name.rstrip(".")]


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
