"""Count and sample rows of any number in bounded memory, the same way each time."""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from typing import Generic, TypeVar

from consent.core.evidence.rows import EvidenceRow

Key = TypeVar("Key", bound=Hashable)

BLOCK = 256  # consecutive rows that a sample keeps together
_MIX = 0x9E3779B97F4A7C15  # Knuth's multiplicative hash, 64 bits
_WORD = (1 << 64) - 1


class FrequentCounter(Generic[Key]):
    """Counts the frequent of any number of keys (Misra and Gries 1982): none is overstated, and none understated
    by more than the rows seen / *capacity*."""

    def __init__(self, capacity: int = 50_000) -> None:
        self.capacity = capacity
        self.total = 0
        self.counts: Counter[Key] = Counter()
        self.is_exact = True

    def update(self, keys: Sequence[Key]) -> None:
        self.total += len(keys)
        self.counts.update(keys)
        if len(self.counts) > 2 * self.capacity:
            self._shrink()

    def most_common(self, number: int) -> list[tuple[Key, int]]:
        return self.counts.most_common(number)

    def _shrink(self) -> None:
        self.is_exact = False
        cut = sorted(self.counts.values(), reverse=True)[self.capacity]
        self.counts = Counter({key: count - cut for key, count in self.counts.items() if count > cut})


class BlockSample:
    """Keeps whole blocks of consecutive rows, spread over the file; all rows of a file under *capacity*.

    Which blocks stay is decided by their place alone, so the same file gives the same sample.
    """

    def __init__(self, capacity: int = 20_000) -> None:
        self.capacity = capacity
        self.seen = 0
        self.blocks: dict[int, list[EvidenceRow]] = {}
        self._kept = 0
        self._level = 0  # one block of 2**level is kept

    @property
    def rows(self) -> list[EvidenceRow]:
        return [row for block in self.blocks.values() for row in block]

    def update(self, rows: Sequence[EvidenceRow]) -> None:
        start = 0
        while start < len(rows):
            block, place = divmod(self.seen, BLOCK)
            part = rows[start : start + BLOCK - place]
            if self._is_kept(block):
                self.blocks.setdefault(block, []).extend(part)
                self._kept += len(part)
                while self._kept > self.capacity:
                    self._thin()
            self.seen += len(part)
            start += len(part)

    def _is_kept(self, block: int) -> bool:
        return spread(block) >> (64 - self._level) == 0

    def _thin(self) -> None:
        self._level += 1
        self.blocks = {number: rows for number, rows in self.blocks.items() if self._is_kept(number)}
        self._kept = sum(map(len, self.blocks.values()))


class MomentSample:
    """Keeps the rows of some moments, all of each: rows with equal evidence stay together, in any two files too."""

    def __init__(self, capacity: int = 20_000) -> None:
        self.capacity = capacity
        self.rows: list[tuple[int, str, str, int]] = []  # moment, IP, user agent, line
        self.limit = _WORD  # moments whose `spread` is at most this are kept

    def update(self, rows: Iterable[EvidenceRow]) -> None:
        limit = self.limit
        for line, _local, _domain, moment, ip, user_agent, *_rest in rows:
            if moment is not None and ip and spread(second := int(moment)) <= limit:
                self.rows.append((second, ip, user_agent, line))
                if len(self.rows) > self.capacity and self.limit > 1:
                    self._thin()
                    limit = self.limit

    def _thin(self) -> None:
        self.limit >>= 1
        kept = [row for row in self.rows if spread(row[0]) <= self.limit]
        # One moment shared by everything can't be thinned: the first rows of it are enough.
        self.rows = kept[: self.capacity // 2] if len(kept) > self.capacity else kept


def spread(number: int) -> int:
    """Return a number of 64 bits that looks random, the same for the same *number*."""
    mixed = (number * _MIX + _MIX) & _WORD
    mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _WORD
    return mixed ^ (mixed >> 31)
