"""The questions as data, in versions: a case is finished with the questions it began with.

`consent/data/questionnaire.toml` is asked today; `consent/data/questionnaires/` keeps what was asked before.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parent.parent / "data"
LANGUAGES = ("fr", "en")


class Kind(StrEnum):
    DATE = "date"
    TEXT = "text"
    TEXT_LINK = "text_link"
    URLS = "urls"
    YES_NO_WHY = "yes_no_why"
    YES_NO_WHICH = "yes_no_which"
    METHODS = "methods"


class FollowUpKind(StrEnum):
    TEXT = "text"
    DOMAINS = "domains"  # one or several, with spaces or commas between


@dataclass(frozen=True)
class Words:
    title: str
    help: str
    why: str
    detail: str = ""  # what stands before the part `detail`; empty for the usual words


@dataclass(frozen=True)
class FollowUp:
    """A part that is asked for only after certain choices of the same question."""

    part: str
    kind: FollowUpKind
    when: frozenset[str]  # the choices (yes, no, a method's key) that ask for it
    labels: Mapping[str, str]  # by language


@dataclass(frozen=True)
class Method:
    """One way in which consent may have been obtained."""

    key: str
    names: Mapping[str, str]  # by language
    definitions: Mapping[str, str]
    needs_explanation: bool = False


@dataclass(frozen=True)
class Question:
    key: str
    number: int  # 1 to 8, in the order asked
    kind: Kind
    words: Mapping[str, Words]  # by language
    detail_needed: frozenset[str] = frozenset()  # the answers (yes, no) that need a detail
    follow_ups: tuple[FollowUp, ...] = ()
    methods: tuple[Method, ...] = ()  # what may be chosen, where methods are asked for


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


def question_set(version: str = "") -> QuestionSet:
    """Return the questions of *version*, without one those of today. Raises `KeyError` for one never asked."""
    if not version:
        return _read(DATA / "questionnaire.toml")
    return _by_version()[version]


@cache
def _by_version() -> dict[str, QuestionSet]:
    today = question_set()
    earlier = (_read(path) for path in sorted((DATA / "questionnaires").glob("*.toml")))
    return {asked.version: asked for asked in (*earlier, today)}


@cache
def _read(path: Path) -> QuestionSet:
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    methods = tuple(_method(row) for row in data["method"])
    return QuestionSet(
        version=data["version"],
        questions=tuple(_question(number, row, methods) for number, row in enumerate(data["question"], start=1)),
        methods=methods,
        problem_texts=data["problem"],
    )


def _question(number: int, row: dict[str, Any], methods: tuple[Method, ...]) -> Question:
    kind = Kind(row["kind"])
    return Question(
        key=row["key"],
        number=number,
        kind=kind,
        words={language: Words(**row[language]) for language in LANGUAGES},
        detail_needed=frozenset(row.get("detail_needed", ())),
        follow_ups=tuple(_follow_up(each) for each in row.get("follow_up", ())),
        methods=methods if kind is Kind.METHODS else (),
    )


def _follow_up(row: dict[str, Any]) -> FollowUp:
    return FollowUp(
        part=row["part"],
        kind=FollowUpKind(row["kind"]),
        when=frozenset(row["when"]),
        labels={language: row[language] for language in LANGUAGES},
    )


def _method(row: dict[str, Any]) -> Method:
    return Method(
        key=row["key"],
        names={language: row[language]["name"] for language in LANGUAGES},
        definitions={language: row[language]["definition"] for language in LANGUAGES},
        needs_explanation=row.get("explain", False),
    )
