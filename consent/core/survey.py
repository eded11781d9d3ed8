"""Go over the dates of a file once, before it is read: what has two meanings in them, and does the file itself tell?"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from consent.core.dates import MomentError, Shape, take_apart
from consent.core.line import Line
from consent.core.moments import DateOrder, is_plain
from consent.core.records import written_moment
from consent.core.tables import Plan

EXAMPLES = 3  # of each kind
_LONGEST_EXAMPLE = 60  # characters
_DATE_FIELDS = ("consented_at", "consent_date", "consent_time", "zone")


@dataclass
class Survey:
    """How the moments of a file are written, counted over all its rows. Each kind has the first few as examples.

    Kinds: the shapes of `dates.Shape` but the sure one; `days` without a time; `zoneless` times, and `zoneless_days`.
    """

    dated: int = 0  # rows in which something readable as a date is written
    found: Counter[str] = field(default_factory=Counter)  # see below
    examples: dict[str, list[str]] = field(default_factory=dict)

    @property
    def order(self) -> DateOrder | None:
        """Return the order of day and month that all unambiguous rows have; None when there are none, or of both."""
        if bool(self.found["day_first"]) == bool(self.found["month_first"]):
            return None
        return DateOrder.DAY_FIRST if self.found["day_first"] else DateOrder.MONTH_FIRST

    @property
    def is_clear(self) -> bool:
        """Return whether every moment names its zone and has one meaning whatever other rows hold."""
        return not self.found.total()

    def note(self, kind: str, text: str) -> None:
        self.found[kind] += 1
        known = self.examples.setdefault(kind, [])
        if len(known) < EXAMPLES and (shown := text[:_LONGEST_EXAMPLE]) not in known:
            known.append(shown)


def survey_of(lines: Iterable[Line], plan: Plan) -> Survey:
    """Return how moments are written in *lines*, read to their end unless nothing in the file is dated."""
    survey = Survey()
    serials_from = plan.habits.serials_from
    has_zone = "zone" in plan.fields
    for written, zone in _moments(lines, plan):
        plain, names_zone = is_plain(written)
        if plain:
            survey.dated += 1
            if not (names_zone or zone):
                survey.note("zoneless", written)
            continue
        try:
            parts = take_apart(written, serials_from=serials_from)
        except MomentError:  # told when its row is read
            continue
        survey.dated += 1
        if parts.shape is not Shape.SURE:
            survey.note(parts.shape, written)
        if parts.clock is None:
            survey.note("days", written)
        if not (parts.zone or (has_zone and zone)):
            survey.note("zoneless_days" if parts.clock is None else "zoneless", written)
    return survey


def _moments(lines: Iterable[Line], plan: Plan) -> Iterator[tuple[str, str]]:
    """Yield what each row tells of its moment, and the zone it names in a column of its own."""
    places = {name: place for place, name in enumerate(plan.fields) if name in _DATE_FIELDS}
    if not places.keys() & {"consented_at", "consent_date"}:
        return
    alone = next(iter(places.values())) if len(places) == 1 else None
    for line in lines:
        cells = line.cells
        if alone is not None:  # most files: one column tells it all
            if alone < len(cells) and (written := cells[alone].strip()):
                yield written, ""
            continue
        values = {name: told for name, place in places.items() if place < len(cells) and (told := cells[place].strip())}
        _name, written = written_moment(values)
        if written:
            yield written, values.get("zone", "")
