"""All checks in one pass: give every row once, in the order of the file, then ask for the findings."""

from collections.abc import Iterable, Sequence
from itertools import islice

from consent.core.evidence import browsers, copies, networks, order, recipients, rhythm
from consent.core.evidence.confirmations import Confirmations
from consent.core.evidence.copies import Sketch
from consent.core.evidence.counters import BlockSample, FrequentCounter, MomentSample
from consent.core.evidence.moments import Moments
from consent.core.evidence.networks import Unreachable
from consent.core.evidence.recipients import Domains
from consent.core.evidence.rows import Context, EvidenceRow, Finding
from consent.core.evidence.rules import significant

CHUNK = 4_096  # rows


class EvidenceReader:
    """Reads any number of rows in bounded memory: counters with a cap, and samples that keep neighbours together.

    Counts are of all rows where a pass can count them; order, browsers and recipients are judged on a sample
    of at most 20,000 rows, which is the whole of a smaller file. The same rows give the same findings.
    """

    def __init__(self, context: Context) -> None:
        self.context = context
        self.rows = 0
        self._ips: FrequentCounter[str] = FrequentCounter()
        self._browsers: FrequentCounter[str] = FrequentCounter(10_000)
        self._unreachable = Unreachable()
        self._moments = Moments(context)
        self._confirmations = Confirmations()
        self._domains = Domains(context)
        self._sample = BlockSample()
        self._by_moment = MomentSample()

    def add(self, rows: Sequence[EvidenceRow]) -> None:
        """Take some rows, best thousands at a time."""
        if not rows:
            return
        self.rows += len(rows)
        ips = [row.ip for row in rows]
        self._ips.update([ip for ip in ips if ip])
        self._browsers.update([row.user_agent for row in rows if row.user_agent])
        self._unreachable.update(ips, rows)
        self._moments.update([row.consented_at for row in rows], rows)
        self._confirmations.update(rows)
        self._domains.update(rows)
        self._sample.update(rows)
        self._by_moment.update(rows)

    def findings(self) -> tuple[Finding, ...]:
        """Return what was found, heaviest first; may be asked again after more rows."""
        blocks = list(self._sample.blocks.values())
        sample = self._sample.rows
        hours = self._moments.hours
        return significant(
            [
                *self._unreachable.findings(),
                *networks.shared(self._ips, sample),
                *networks.known_networks(sample, self.context),
                *self._moments.findings(),
                *self._rhythm(blocks, hours),
                *order.alphabetical_moments(sample),
                *order.constant_gaps(blocks),
                *order.sequential_ips(blocks),
                *browsers.one_browser(self._browsers, sample),
                *browsers.unborn_browsers(sample),
                *recipients.made_up(sample),
                *self._domains.findings(),
                *self._confirmations.findings(),
                *copies.repeated(self._by_moment.rows),
            ]
        )

    def sketch(self, *, key: bytes) -> Sketch:
        """Return what is kept to compare this file with those of other accounts (`copies.shared_evidence`)."""
        return copies.sketch(self._by_moment, key=key)

    def _rhythm(self, blocks: Sequence[Sequence[EvidenceRow]], hours: dict[int, int]) -> Iterable[Finding]:
        # Dates without a time of day have no rhythm of hours to judge.
        if 2 * self._moments.dates_only < self._moments.rows:
            yield from rhythm.without_rhythm(hours, blocks)
        yield from rhythm.too_even(hours)


def examine(rows: Iterable[EvidenceRow], context: Context) -> tuple[Finding, ...]:
    """Return the findings of an iterable of rows, read once."""
    reader = EvidenceReader(context)
    waiting = iter(rows)
    while chunk := list(islice(waiting, CHUNK)):
        reader.add(chunk)
    return reader.findings()
