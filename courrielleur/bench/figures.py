"""The figure a measurement yields, and the median over its rounds."""

import json
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

ROUNDS = 5


@dataclass(frozen=True)
class Figure:
    """One result. *floor* has the same unit: what the bare work costs on this machine, measured beside it."""

    name: str
    figure: float
    unit: str
    floor: float

    def as_json(self) -> str:
        ratio = round(self.figure / self.floor, 3) if self.floor else None
        values = {"name": self.name, "figure": _short(self.figure), "unit": self.unit}
        return json.dumps({**values, "floor": _short(self.floor), "ratio": ratio})


def compare(
    name: str, unit: str, count: int, ours: Callable[[], object], bare: Callable[[], object], *, rounds: int = ROUNDS
) -> Figure:
    """Return how many of *count* things a second *ours* does, and *bare*; medians, the two taken turn by turn."""
    rates = [(count / seconds(ours), count / seconds(bare)) for _ in range(rounds)]
    return Figure(name, statistics.median(r[0] for r in rates), unit, statistics.median(r[1] for r in rates))


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _short(value: float) -> float:
    """Return *value* with four digits that count: more would pretend."""
    return float(f"{value:.4g}")
