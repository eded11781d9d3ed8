"""Confirmations of a double opt-in: at once, before the request, or always after the same time."""

from collections import Counter
from collections.abc import Iterator, Sequence

from consent.core.evidence.chance import at_least
from consent.core.evidence.rows import EvidenceRow, Finding
from consent.core.evidence.rules import found, limit


class Confirmations:
    def __init__(self) -> None:
        self.rows = 0
        self.instant = 0
        self.backwards = 0
        self.delays: Counter[int] = Counter()
        self.lines: dict[str, list[int]] = {"instant": [], "backwards": []}

    def update(self, rows: Sequence[EvidenceRow]) -> None:
        for row in rows:
            if row.confirmed_at is None or row.consented_at is None:
                continue
            self.rows += 1
            delay = row.confirmed_at - row.consented_at
            if delay < -1:
                self.backwards += 1
                self._note("backwards", row)
            elif delay <= limit("instant_seconds"):
                self.instant += 1
                self._note("instant", row)
            elif delay < limit("longest_delay"):
                self.delays[int(delay)] += 1

    def findings(self) -> Iterator[Finding]:
        if self.rows < limit("least_confirmations"):
            return
        if self.backwards >= max(2, limit("backwards_share") * self.rows):
            yield found("confirmed_before", self.backwards, self.rows, self.lines["backwards"])
        if self.instant:
            chance = at_least(self.instant, self.rows, limit("honest_instant"))
            yield found("instant_confirmations", self.instant, self.rows, self.lines["instant"], p_value=chance)
        if self.delays and not all(delay % 60 == 0 for delay in self.delays):
            delay, count = self.delays.most_common(1)[0]
            chance = min(1.0, len(self.delays) * at_least(count, self.rows, limit("honest_delay")))
            yield found("constant_confirmations", count, self.rows, value=f"{delay} s", p_value=chance)

    def _note(self, kind: str, row: EvidenceRow) -> None:
        if len(self.lines[kind]) < limit("examples"):
            self.lines[kind].append(row.line)
