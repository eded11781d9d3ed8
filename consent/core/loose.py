"""Rows that name each value themselves: a JSON object in each line, or `Key: value` lines."""

import re
from collections.abc import Iterable, Iterator, Mapping

import orjson

from consent.core.headings import field_of
from consent.core.line import Line

MOST_ROWS_FOR_HEADINGS = 1_000

_PAIR = re.compile(r"\s*(?P<key>[^:\r\n]{1,60}?)\s*:(?P<value>.*)", re.DOTALL)


def json_headings(head: Iterable[str]) -> tuple[str, ...]:
    """Return the keys of the first objects, in the order they come up."""
    found: dict[str, None] = {}
    for _number, text in zip(range(MOST_ROWS_FOR_HEADINGS), head, strict=False):
        found.update(dict.fromkeys(_object(text) or {}))
    return tuple(found)


def json_lines(text: Iterator[str], before: int, headings: tuple[str, ...]) -> Iterator[Line]:
    for number, line in enumerate(text, start=before + 1):
        if not line.strip():
            continue
        values = _object(line)
        if values is None:
            yield Line(number, number, (), is_readable=False)
        else:
            yield _line(number, number, values, headings)


def pair_headings(head: Iterable[str]) -> tuple[str, ...]:
    """Return the keys of the first blocks; none when this is no such file: its first line has to name our field."""
    found: dict[str, None] = {}
    for text in head:
        pair = _PAIR.fullmatch(text.lstrip("\ufeff"))
        if pair is None and text.strip():
            break
        if pair is not None:
            if not found and not field_of(pair["key"]):
                return ()
            found[pair["key"]] = None
    return tuple(found)


def pair_lines(text: Iterator[str], before: int, headings: tuple[str, ...]) -> Iterator[Line]:
    """Yield one line for each block; a block ends at an empty line, or where a key comes again."""
    block: dict[str, str] = {}
    begun, is_readable, number = 0, True, before
    for number, line in enumerate(text, start=before + 1):
        pair = _PAIR.fullmatch(line.lstrip("\ufeff"))
        is_empty = not line.strip()
        if begun and (is_empty or (pair is not None and pair["key"] in block)):
            # An empty line belongs to the block before it, a key that comes again to the next.
            yield _block(begun, number if is_empty else number - 1, block, headings, is_readable=is_readable)
            block, begun, is_readable = {}, 0, True
        if is_empty:
            continue
        begun = begun or number
        if pair is None:
            is_readable = False
        else:
            block[pair["key"]] = pair["value"].strip()
    if begun:
        yield _block(begun, number, block, headings, is_readable=is_readable)


def _block(begun: int, end: int, block: Mapping[str, str], headings: tuple[str, ...], *, is_readable: bool) -> Line:
    return _line(begun, end, block, headings) if is_readable else Line(begun, end, (), is_readable=False)


def _line(number: int, end: int, values: Mapping[str, str], headings: tuple[str, ...]) -> Line:
    cells = tuple(values.get(heading, "") for heading in headings)
    known = set(headings)
    return Line(number, end, cells, others={key: value for key, value in values.items() if key not in known})


def _object(text: str) -> dict[str, str] | None:
    try:
        values = orjson.loads(text.lstrip("\ufeff"))
    except orjson.JSONDecodeError:
        return None
    return {key.strip(): _text(value) for key, value in values.items()} if isinstance(values, dict) else None


def _text(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else orjson.dumps(value).decode()
