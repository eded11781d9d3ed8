"""The columns of an event file, in whatever order its heading names them, and what its figures may be."""

from collections.abc import Iterable, Iterator, Sequence

COLUMNS = (
    "seen_hour",
    "kind",
    "account",
    "parent",
    "campaign",
    "provider",
    "send_hour",
    "n",
    "event_id",
    "source",
    "recipient",
)
# What stands in for a column that the file does not have.
OPTIONAL = {"parent": "", "campaign": "", "provider": "", "event_id": "", "source": "live", "recipient": ""}

MOST_OF_A_ROW = 10**12  # mails: more is no count, and more digits than a float holds would break the evidence
FARTHEST_HOUR = 10**8  # the year 13377


class BadEvents(ValueError):
    """The event file cannot be judged; the message names the line and what is wrong with it."""


class BadHeading(BadEvents):
    """Its first line does not name the columns."""


def in_order(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterable[Sequence[str]]:
    """Return *rows* with their values in the order of COLUMNS; columns we do not know are left out.

    Raises `BadHeading` when a column is missing that no event can do without, or is there twice.
    """
    names = [name.strip().removeprefix("\ufeff") for name in heading]
    if tuple(names) == COLUMNS:
        return rows
    missing = [name for name in COLUMNS if name not in names and name not in OPTIONAL]
    if missing:
        raise BadHeading(f"The first line must name the columns; missing: {', '.join(missing)}.")
    if twice := [name for name in COLUMNS if names.count(name) > 1]:
        raise BadHeading(f"The first line names a column twice: {', '.join(twice)}.")
    return _picked(names, rows)


def _picked(names: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[Sequence[str]]:
    # Columns that are not there are read from a tail of stand-ins.
    tail = tuple(OPTIONAL.values())
    stand_ins = {name: len(names) + place for place, name in enumerate(OPTIONAL)}
    places = [names.index(name) if name in names else stand_ins[name] for name in COLUMNS]
    for line, row in enumerate(rows, start=2):
        if not row:
            yield row
            continue
        if len(row) != len(names):
            raise BadEvents(f"Line {line} is not an event: {len(row)} values under {len(names)} names.")
        full = (*row, *tail)
        yield [full[place] for place in places]


def hour_of(text: str) -> int:
    """Return an hour. Raises `ValueError` for one that no calendar knows."""
    hour = _whole(text)
    if not -FARTHEST_HOUR < hour < FARTHEST_HOUR:
        raise ValueError("an hour that no calendar knows")
    return hour


def count_of(text: str) -> int:
    """Return how many messages a row stands for. Raises `ValueError` for what is no count."""
    count = _whole(text)
    if not 0 <= count <= MOST_OF_A_ROW:
        raise ValueError(f"a count that is not between 0 and {MOST_OF_A_ROW}")
    return count


def _whole(text: str) -> int:
    """Return a whole number; "12.0" is one, as programs write it whose columns may be empty."""
    try:
        return int(text)
    except ValueError:
        number = float(text)
        if not number.is_integer():
            raise ValueError(f"{text!r} is not a whole number") from None
        return int(number)
