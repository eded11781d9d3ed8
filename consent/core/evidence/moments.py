"""Moments: later than they can be, rounded, or the same for many records."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from urllib.parse import urlsplit

from consent.core.evidence.chance import at_least
from consent.core.evidence.counters import FrequentCounter
from consent.core.evidence.rows import Context, EvidenceRow, Finding
from consent.core.evidence.rules import found, limit

DAY = 86_400
_EPOCH = date(1970, 1, 1)


class Moments:
    """Counts the moments of all rows: how late, how round, how often the same."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.rows = 0
        self.seconds: Counter[int] = Counter()  # of the minute
        self.hours: Counter[int] = Counter()  # since 1970
        self.dates_only = 0  # moments at a full hour, to the second: a date without its time, in some zone
        self.same: FrequentCounter[int] = FrequentCounter(20_000)
        self.late: dict[str, list[int]] = {"after_upload": [], "after_send": [], "before_form": []}
        self.counted: Counter[str] = Counter()
        self.sent = 0
        self.with_form = 0
        self._upload = context.uploaded_at.timestamp() + limit("clock_tolerance_hours") * 3600
        self._forms = _form_starts(context)

    def update(self, moments: Sequence[float | None], rows: Sequence[EvidenceRow]) -> None:
        dated = [int(moment) for moment in moments if moment is not None]
        if not dated:
            return
        self.rows += len(dated)
        self.seconds.update([moment % 60 for moment in dated])
        self.hours.update([moment // 3600 for moment in dated])
        exact = [moment for moment in dated if moment % 3600]
        self.dates_only += len(dated) - len(exact)
        self.same.update(exact)
        if max(dated) > self._upload:
            self._note("after_upload", [row.line for row in rows if (row.consented_at or 0) > self._upload])
        sent = [row for row in rows if row.first_send_hour is not None and row.consented_at is not None]
        if sent:
            self.sent += len(sent)
            self._note("after_send", [row.line for row in sent if _is_after_send(row)])
        if self._forms:
            self._before_form(rows)
        if len(self.hours) > limit("most_hours"):  # dates of all centuries: what is rare says nothing
            self.hours = Counter(dict(self.hours.most_common(int(limit("most_hours")) // 2)))

    def findings(self) -> Iterator[Finding]:
        if not self.rows:
            return
        late = self.counted["after_upload"]
        if late:
            code = "after_upload" if late >= limit("after_upload_share") * self.rows else "few_after_upload"
            yield found(code, late, self.rows, self.late["after_upload"])
        if sent_before := self.counted["after_send"]:
            chance = at_least(sent_before, self.sent, limit("honest_after_send"))
            yield found("after_send", sent_before, self.sent, self.late["after_send"], p_value=chance)
        early = self.counted["before_form"]
        if early >= max(limit("before_form_least"), limit("before_form_share") * self.with_form):
            yield found("before_form", early, self.with_form, self.late["before_form"])
        yield from self._repeated()
        impossible = self.context.impossible_dates
        if impossible >= max(2, limit("impossible_share") * (self.rows + impossible)):
            yield found("impossible_dates", impossible, self.rows + impossible)

    def _repeated(self) -> Iterator[Finding]:
        round_ones = self.seconds[0]
        if self.rows >= limit("least_rows") and round_ones >= limit("round_share") * self.rows:
            yield found("round_moments", round_ones, self.rows)
        batches = sum(count for _, count in self.same.counts.items() if count >= limit("batch_least"))
        if batches >= max(limit("shared_least"), limit("batch_share") * self.rows):
            yield found("same_moment", batches, self.rows)
        if round_ones < limit("round_share") * self.rows:
            # The full minute is left out: people and programs round to it, other seconds nobody prefers.
            second, count = max(
                ((s, n) for s, n in self.seconds.items() if s), key=lambda item: item[1], default=(0, 0)
            )
            chance = min(1.0, 59 * at_least(count, self.rows, limit("honest_second")))
            if count and not batches:
                yield found("same_second", count, self.rows, value=f":{second:02d}", p_value=chance)

    def _before_form(self, rows: Sequence[EvidenceRow]) -> None:
        for row in rows:
            starts = self._forms.get(host_of(row.form_url)) if row.form_url else None
            if starts is not None and row.consented_at is not None:
                self.with_form += 1
                if row.consented_at < starts:
                    self._note("before_form", [row.line])

    def _note(self, code: str, lines: Sequence[int]) -> None:
        self.counted[code] += len(lines)
        self.late[code] += lines[: max(0, int(limit("examples")) - len(self.late[code]))]


def host_of(url: str) -> str:
    """Return the host of a form's address, with or without its scheme, empty when there is none."""
    try:
        return (urlsplit(url if "//" in url else f"//{url}").hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _is_after_send(row: EvidenceRow) -> bool:
    # A consent in the very hour of the mail is not called later: hours are all we know of the mail.
    return (row.consented_at or 0) >= ((row.first_send_hour or 0) + 1) * 3600


def _form_starts(context: Context) -> Mapping[str, float]:
    """Return the first second, anywhere on Earth, of the first day of each form."""
    return {
        host.removeprefix("www."): (day.toordinal() - 719_163) * DAY - 14 * 3600.0
        for host, day in context.forms.items()
    }
