"""How a file is understood, for its sender to set right: its columns, its first rows, and what has two meanings."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.utils import formats, timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from consent.core.asks import REFUSE, Code, Flaw, ask_text, choice_text
from consent.core.line import Line
from consent.core.records import DAY_ONLY, row_message, rows_of
from consent.core.tables import Plan
from courrielleur.portal import answers, words
from courrielleur.portal.forms import head

SHOWN_COLUMNS = 200  # a form has no more fields than Django takes; further columns stay as they were understood
SHOWN_CELLS = 3  # of each column, below its heading
# What a row waits for, by the code of its error: not wrong, as long as this is not answered.
WAITS_FOR = {"date_ambiguous": Code.DATE_ORDER, "zone_missing": Code.ZONE, "time_missing": Code.DAYS}

MISSED = {
    Code.DATE_ORDER: _("Say whether the day or the month comes first."),
    Code.DAYS: _("Say whether the times of day exist elsewhere."),
    Code.ZONE: _("Choose the time zone of the dates."),
}


@dataclass(frozen=True)
class ShownColumn:
    """A column of the file, what its first cells hold, and the field of the form that says what it is."""

    heading: str
    cells: tuple[str, ...]
    field: forms.BoundField


@dataclass(frozen=True)
class ShownRow:
    """A row as it would be recorded."""

    line: int
    email: str
    moment: str
    ip: str
    problems: tuple[str, ...]
    is_waiting: bool  # for an answer: nothing is known to be wrong with it


class AnswersForm(forms.Form):
    """What each column is, and an answer to each question; the questions come with the file."""

    def __init__(self, upload: Any, prefilled: Mapping[str, str], data: Any = None) -> None:
        super().__init__(data)
        self._plan = Plan.from_json(upload.plan)
        self._asks = {ask["code"]: ask for ask in upload.asks}
        said = {**prefilled, **upload.answers}
        for number, (name, field) in enumerate(zip(self._plan.names, self._plan.fields, strict=True)):
            if number < SHOWN_COLUMNS:
                self.fields[f"column{number}"] = _column_field(name, field)
        for code in (Code.DATE_ORDER, Code.DAYS):
            if code in self._asks:
                self.fields[code] = _choice_field(self._asks[code], said.get(code))
        if Code.ZONE in self._asks:
            self.fields[Code.ZONE] = _choice_field(self._asks[Code.ZONE], said.get(Code.ZONE))
            self.fields["other_zone"] = forms.CharField(
                label=_("Another time zone"),
                help_text=_("If it is not in the list: such as America/Mexico_City, or +02:00."),
                required=False,
                max_length=60,
            )

    def clean(self) -> dict[str, Any]:
        """Keep only what was answered; what must be answered before reading is missed only then."""
        cleaned = super().clean() or {}
        if self.data.get("act") == "read":
            given = {code for code in self._asks if cleaned.get(code)}
            if cleaned.get("other_zone") or cleaned.get(Code.DAYS) == REFUSE:  # the days that are refused need no zone
                given.add(Code.ZONE.value)
            for code in self._asks.keys() & self.fields.keys() - given:
                if self._asks[code]["required"]:
                    self.add_error(code, str(MISSED[code]))
        return cleaned

    def answered(self) -> dict[str, Any]:
        """Return the answers as the service takes them, once the form is valid."""
        told: dict[str, Any] = {
            code.value: self.cleaned_data[code]
            for code in (Code.DATE_ORDER, Code.DAYS, Code.ZONE)
            if self.cleaned_data.get(code)
        }
        if other := self.cleaned_data.get("other_zone"):
            told[Code.ZONE.value] = other
        told[Code.COLUMNS.value] = {
            name: self.cleaned_data[f"column{number}"] for number, name in enumerate(self._plan.names[:SHOWN_COLUMNS])
        }
        if Code.CONFIRM in self._asks or self.data.get("act") == "look":
            told[Code.CONFIRM.value] = self.data.get("act") == "read"
        return told

    def refuse(self, flaws: Mapping[str, Flaw]) -> None:
        """Say what does not fit, where it was chosen."""
        for code, flaw in flaws.items():
            if code == Code.COLUMNS:
                name = words.CONSENT_FIELDS.get(flaw.value)
                self.add_error(None, Flaw(flaw.code, str(name) if name else flaw.value).text(answers.language()))
            else:
                field = "other_zone" if code == Code.ZONE and self.cleaned_data.get("other_zone") else code
                self.add_error(field if field in self.fields else None, flaw.text(answers.language()))

    def columns(self, lines: list[Line]) -> Iterator[ShownColumn]:
        for number, name in enumerate(self._plan.names[:SHOWN_COLUMNS]):
            cells = [line.cells[number].strip() for line in lines if number < len(line.cells)]
            shown = tuple(cell for cell in cells if cell)[:SHOWN_CELLS]
            yield ShownColumn(name, shown, self[f"column{number}"])

    def questions(self) -> list[forms.BoundField]:
        order = (Code.DATE_ORDER, Code.DAYS, Code.ZONE, "other_zone")
        return [self[str(code)] for code in order if code in self.fields]

    @property
    def missing_column(self) -> str:
        """Return the question for the column of addresses when none is known, else nothing."""
        return ask_text("columns", answers.language()) if Code.COLUMNS in self._asks else ""

    @property
    def hidden_columns(self) -> int:
        return max(0, len(self._plan.names) - SHOWN_COLUMNS)


def shown_rows(upload: Any, lines: list[Line]) -> list[ShownRow]:
    """Return the first rows of the file as they would be recorded by what is known of it now."""
    plan = Plan.from_json(upload.plan)
    if "email" not in plan.fields:
        return []
    asked = {ask["code"] for ask in upload.asks}
    rows = []
    for line, row in zip(lines, rows_of(lines, plan), strict=False):
        told = dict(zip(plan.fields, line.cells, strict=False))
        wrong = [error for error in row.errors if WAITS_FOR.get(error.code) not in asked]
        record = row.record
        rows.append(
            ShownRow(
                line=row.line,
                email=record.email if record else told.get("email", ""),
                moment=_moment(record.consented_at, plan, DAY_ONLY in record.fields)
                if record and record.consented_at
                else told.get("consented_at", told.get("consent_date", "")),
                ip=record.ip if record else told.get("ip", ""),
                problems=tuple(row_message(error, answers.language()) for error in wrong),
                is_waiting=len(wrong) < len(row.errors),
            )
        )
    return rows


def _moment(at: datetime, plan: Plan, is_day: bool) -> str:
    local = at.astimezone(plan.habits.zone or timezone.get_current_timezone())
    if is_day:
        return formats.date_format(local, "DATE_FORMAT")
    offset = local.strftime("%z")
    return f"{formats.date_format(local, 'DATE_FORMAT')} {local:%H:%M:%S} (UTC{offset[:3]}:{offset[3:]})"


def _column_field(name: str, field: str) -> forms.ChoiceField:
    kept = [("", _("none of these: kept as it is"))]
    chosen = forms.ChoiceField(
        label=gettext("What “%(column)s” contains") % {"column": name},
        choices=[*kept, *words.CONSENT_FIELDS.items()],
        initial=field,
        required=False,
    )
    head(chosen)
    return chosen


def _choice_field(ask: Mapping[str, Any], said: str | None) -> forms.ChoiceField:
    language = answers.language()
    choices = [(choice, choice_text(choice, language)) for choice in ask["choices"]]
    is_zone = ask["code"] == Code.ZONE
    if is_zone:
        known = [(said, said)] if said and said not in ask["choices"] else []
        choices = [("", gettext("choose one")), *choices, *known]
    return forms.ChoiceField(
        label=ask_text(ask["text"], language),
        help_text=_concerned(ask),
        choices=choices,
        initial=said,
        required=False,
        widget=forms.Select if is_zone else forms.RadioSelect,
    )


def _concerned(ask: Mapping[str, Any]) -> str:
    rows = ask["rows"]
    examples = ", ".join(ask["examples"])
    told = ngettext("%(n)s row, such as %(examples)s.", "%(n)s rows, such as %(examples)s.", rows)
    return told % {"n": formats.number_format(rows, force_grouping=True), "examples": examples}
