"""Recipients: addresses that a program made, and domains that take no mail or are younger than the consent."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from consent.core.evidence.chance import at_least
from consent.core.evidence.rows import Context, DomainFacts, EvidenceRow, Finding
from consent.core.evidence.rules import found, limit

_NUMBERED = re.compile(r"([^\W\d_][\w.-]*?)[._-]?(\d{3,})")
_LETTERS = re.compile(r"[^a-z]+")
_UNSPEAKABLE = re.compile(r"[bcdfghjklmnpqrstvwxz]{5}")
_HEXADECIMAL = re.compile(r"(?=.*\d)(?=.*[a-f])[0-9a-f]{8,}")
_SHORTEST = 6  # letters
_UNKNOWN = DomainFacts()


def made_up(rows: Sequence[EvidenceRow]) -> Iterator[Finding]:
    """Find local parts of one pattern, or that nobody could pronounce. *rows* is a sample."""
    total = len(rows)
    if total < limit("least_rows"):
        return
    patterns: dict[str, list[EvidenceRow]] = defaultdict(list)
    unspeakable: list[int] = []
    for row in rows:
        local = row.local.casefold()
        if match := _NUMBERED.fullmatch(local):
            patterns["…" + "9" * len(match[2])].append(row)
            patterns[match[1][:40] + "…"].append(row)
        if is_unspeakable(local):
            unspeakable.append(row.line)
    conventional: set[int] = set()
    for kind, is_number in (("honest_numbered", True), ("honest_stem", False)):
        found_here = [(name, users) for name, users in patterns.items() if name.startswith("…") is is_number]
        name, same = max(found_here, key=lambda item: len(item[1]), default=("", []))
        same = [row for row in same if row.line not in conventional]
        if not same:
            continue
        # The commonest of all patterns is looked at, so the test pays for having chosen it.
        chance = min(1.0, len(patterns) * at_least(len(same), total, limit(kind)))
        is_convention = _is_convention(same, rows)
        if is_convention:
            conventional = {row.line for row in same}
        code = "assigned_addresses" if is_convention else "numbered_addresses"
        yield found(code, len(same), total, [row.line for row in same], value=name, p_value=chance)
    if unspeakable:
        chance = at_least(len(unspeakable), total, limit("honest_unspeakable"))
        yield found("random_addresses", len(unspeakable), total, unspeakable, p_value=chance)


def is_unspeakable(local: str) -> bool:
    """Whether a local part looks drawn at random: five consonants in a row, no vowel at all, or hexadecimal.

    >>> is_unspeakable("marie.tremblay"), is_unspeakable("xkqvzrtp"), is_unspeakable("3f9a0c77e1")
    (False, True, True)
    """
    if _HEXADECIMAL.fullmatch(local):
        return True
    words = [word for word in _LETTERS.split(local) if word]
    letters = "".join(words)
    if len(letters) < _SHORTEST:  # initials
        return False
    return any(_UNSPEAKABLE.search(word) for word in words) or not any(vowel in letters for vowel in "aeiouy")


def _is_convention(same: Sequence[EvidenceRow], rows: Sequence[EvidenceRow]) -> bool:
    """Whether a pattern is how one organisation names its people: nearly all at one domain, and most of that domain."""
    domain, count = Counter(row.domain for row in same).most_common(1)[0]
    there = sum(row.domain == domain for row in rows)
    return count >= limit("convention_share") * max(len(same), there)


class Domains:
    """Counts recipients by domain, with the first consent of each: what is known of the domain may contradict it."""

    def __init__(self, context: Context) -> None:
        self.facts = context.domains
        self.rows = 0
        self.lines: dict[str, list[int]] = {"dead_domains": [], "young_domains": [], "disposable_domains": []}
        self.counts: Counter[str] = Counter()

    def update(self, rows: Sequence[EvidenceRow]) -> None:
        self.rows += len(rows)
        if not self.facts:
            return
        for row in rows:
            facts = self.facts.get(row.domain, _UNKNOWN)
            if facts.accepts_mail is False:
                self._note("dead_domains", row)
            if facts.is_disposable:
                self._note("disposable_domains", row)
            if facts.registered_on and row.consented_at is not None:
                day = datetime.fromtimestamp(row.consented_at, UTC).date()
                if (facts.registered_on - day).days > 1:
                    self._note("young_domains", row)

    def findings(self) -> Iterator[Finding]:
        for code, count in self.counts.items():
            if count >= max(limit("domain_least"), limit("domain_share") * self.rows):
                yield found(code, count, self.rows, self.lines[code])

    def _note(self, code: str, row: EvidenceRow) -> None:
        self.counts[code] += 1
        if len(self.lines[code]) < limit("examples"):
            self.lines[code].append(row.line)
