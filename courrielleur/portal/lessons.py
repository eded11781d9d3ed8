"""What clients learn beside the words, from `data/lessons.toml`: their figures, frequent questions, safe lists."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parent / "data" / "lessons.toml"
ANY_PROVIDER = "*"


@dataclass(frozen=True)
class Lesson:
    title: str
    text: str


@dataclass(frozen=True)
class SafeList:
    """What a recipient does at one mailbox provider; `provider` is empty for all others."""

    provider: str
    steps: tuple[str, ...]


def figures(language: str) -> list[Lesson]:
    return [Lesson(*row[language]) for row in _data()["figures"]]


def questions(language: str) -> list[Lesson]:
    return [Lesson(*row[language]) for row in _data()["faq"]]


def safe_lists(language: str) -> list[SafeList]:
    return [
        SafeList("" if row["provider"] == ANY_PROVIDER else row["provider"], tuple(row[language]))
        for row in _data()["safe_list"]
    ]


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(DATA.read_text(encoding="utf-8"))
