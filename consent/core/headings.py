"""Which of our fields a heading means, in French and English."""

import tomllib
import unicodedata
from functools import cache
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "data" / "headings.toml"


def plain(heading: str) -> str:
    """Return a heading as it is compared: no accents, case, spaces or punctuation.

    >>> plain("Prov/État")
    'provetat'
    """
    letters = unicodedata.normalize("NFKD", heading).casefold()
    return "".join(letter for letter in letters if letter.isalnum())


def fields_of(headings: tuple[str, ...]) -> tuple[str, ...]:
    """Return our field for each heading; of two columns with one meaning the first has it."""
    fields: list[str] = []
    taken: set[str] = set()
    for heading in headings:
        field = field_of(heading)
        fields.append("" if field in taken else field)
        taken.add(field)
    return tuple(fields)


def names_of(headings: tuple[str, ...]) -> tuple[str, ...]:
    """Return what each column is called where it must have a name of its own: two may bear one heading, or none.

    >>> names_of(("Courriel", "Chien", "Chien", ""))
    ('Courriel', 'Chien', 'Chien (3)', '(4)')
    """
    names: dict[str, None] = {}
    for number, heading in enumerate(headings, start=1):
        name = heading if heading and heading not in names else f"{heading} ({number})".strip()
        while name in names:
            name += "’"
        names[name] = None
    return tuple(names)


def field_of(heading: str) -> str:
    """Return our field for one heading, empty when we do not know it."""
    return _known().get(plain(heading), "")


def known_fields() -> frozenset[str]:
    return frozenset(_known().values())


@cache
def _known() -> dict[str, str]:
    table = tomllib.loads(DATA.read_text(encoding="utf-8"))
    known = {plain(field): field for field in table}
    return known | {plain(heading): field for field, headings in table.items() for heading in headings}
