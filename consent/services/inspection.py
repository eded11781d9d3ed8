"""Find how to read a file before a row of it is kept: its columns, its dates, and what only its sender can tell."""

from collections.abc import Mapping
from itertools import chain, islice
from typing import Any

import orjson

from consent.core.asks import Code, asks_of, settled
from consent.core.headings import plain
from consent.core.packing import Limits
from consent.core.records import check_plan
from consent.core.survey import survey_of
from consent.core.tables import Line, Plan, inspect, lines_of
from consent.models import ConsentUpload, KnownHeading
from consent.services import parts

PREVIEWED = 10  # rows
SAMPLED = 5_000  # rows
LONGEST_CELL = 100  # characters of one that is shown

State = ConsentUpload.State


def begin(upload: ConsentUpload, limits: Limits) -> bool:
    """Find how to read the file. False when its sender must answer first: then a few rows are kept for the preview.

    Raises `UnreadableFile`.
    """
    plan = inspect(lambda: parts.StoredFile(upload).buffered(), limits)
    plan = plan.with_columns(known_columns(upload.account_id, plan))
    plan = plan.with_columns(upload.answers.get(Code.COLUMNS, {}))
    upload.columns = plan.columns
    confirms = Code.CONFIRM in upload.answers
    if not confirms:
        check_plan(plan)
    lines = lines_of(parts.StoredFile(upload).buffered(), plan, limits=limits)
    first = list(islice(lines, SAMPLED))
    survey = survey_of(first, plan)
    # Nearly all files write every moment alike. If their first rows leave no doubt, the others are looked at as they
    # are read; `reading` comes back when they do.
    is_sampled = survey.is_clear and not upload.answers and not upload.plan.get("is_sampled")
    if not is_sampled:
        survey = survey_of(chain(first, lines), plan)
    asks = asks_of(survey, plan, upload.answers, confirms=confirms)
    plan = settled(plan, survey, upload.answers, is_sampled=is_sampled)
    found = {
        "plan": plan.as_json(),
        "columns": upload.columns,
        "asks": [ask.as_json() for ask in asks],
        "preview": _sealed(first[:PREVIEWED]) if asks else None,
        "state": State.NEEDS_ANSWER if asks else State.READING,
        "last_line": plan.first,
    }
    ConsentUpload.objects.filter(pk=upload.pk, state=State.STORED).update(**found)
    for name, value in found.items():
        setattr(upload, name, value)
    return not asks


def previewed(upload: ConsentUpload) -> list[Line]:
    """Return the first rows of a file that needs an answer, long cells cut short."""
    if upload.preview is None:
        return []
    kept = orjson.loads(parts.opened(bytes(upload.preview)))
    return [Line(number, end, tuple(cells), *rest) for number, end, cells, *rest in kept]


def known_columns(account_id: int, plan: Plan) -> dict[str, str]:
    """Return what the account's senders said before of columns that are called so."""
    names = {name: plain(name) for name in plan.names}
    said: Mapping[str, str] = dict(
        KnownHeading.objects.filter(account=account_id, heading__in=names.values()).values_list("heading", "field")
    )
    return {name: said[heading] for name, heading in names.items() if heading in said}


def _sealed(lines: list[Line]) -> bytes:
    rows: list[Any] = [
        line._replace(
            cells=tuple(cell[:LONGEST_CELL] for cell in line.cells),
            others={key: value[:LONGEST_CELL] for key, value in line.others.items()},
        )
        for line in lines
    ]
    return parts.sealed(orjson.dumps(rows, default=tuple))
