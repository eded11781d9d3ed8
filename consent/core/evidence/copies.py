"""Copies: the same evidence for several recipients, in one file or in the files of two accounts.

Evidence is the moment with the IP address and the browser. Two accounts are compared by digests, so neither
file is opened: a `Sketch` keeps the smallest digests of a file, which two files with common rows have in common.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from heapq import nsmallest

from consent.core.evidence.counters import MomentSample, spread
from consent.core.evidence.rows import Finding
from consent.core.evidence.rules import found, limit

Sampled = tuple[int, str, str, int]  # moment, IP, user agent, line
SKETCH_SIZE = 1_024
_PREFIX_BYTES = 4
_DIGEST_BYTES = 12


def repeated(rows: Sequence[Sampled]) -> Iterator[Finding]:
    """Find many pieces of evidence that stand for several recipients each; one piece for many is a batch."""
    exact = [row for row in rows if row[0] % 3600]  # without dates that have no time
    pieces = Counter(row[:3] for row in exact)
    copied = {piece for piece, count in pieces.items() if count > 1}
    count = sum(pieces[piece] for piece in copied)
    addresses = {ip for _, ip, _ in copied}
    if len(addresses) < limit("copied_addresses") or count < limit("copied_share") * len(exact):
        return
    lines = [line for moment, ip, browser, line in exact if (moment, ip, browser) in copied]
    yield found("repeated_evidence", count, len(exact), lines)


@dataclass(frozen=True)
class Sketch:
    """The digests of a file's evidence, ascending. Each begins with a number made of its moment alone, so two
    files are compared over the part of these numbers that both have whole."""

    digests: tuple[bytes, ...]
    reach: bytes  # every piece of the file whose digest begins with this or less is here


def sketch(sample: MomentSample, *, key: bytes) -> Sketch:
    """Return the sketch of a sample. *key* is the platform's: without it nobody can test guesses."""
    pieces = {row[:3] for row in sample.rows if row[0] % 3600}
    smallest = nsmallest(SKETCH_SIZE + 1, (_digest(piece, key) for piece in pieces))
    reach = _prefix(sample.limit)
    if len(smallest) > SKETCH_SIZE:  # the last moment may not be whole
        reach = min(reach, _before(smallest[-1][:_PREFIX_BYTES]))
    return Sketch(tuple(digest for digest in smallest if digest[:_PREFIX_BYTES] <= reach), reach)


def shared_evidence(own: Sketch, others: Mapping[str, Sketch]) -> Iterator[Finding]:
    """Find accounts, by the keys of *others*, whose files hold the same evidence as *own*.

    The share is of the smaller file, as the part that both sketches cover shows it.
    """
    for account, other in others.items():
        reach = min(own.reach, other.reach)
        mine = {digest for digest in own.digests if digest[:_PREFIX_BYTES] <= reach}
        theirs = {digest for digest in other.digests if digest[:_PREFIX_BYTES] <= reach}
        both = len(mine & theirs)
        fewer = min(len(mine), len(theirs))
        if both >= limit("overlap_least") and both >= limit("overlap_share") * fewer:
            yield found("shared_evidence", both, fewer, value=account)


def _digest(piece: tuple[int, str, str], key: bytes) -> bytes:
    moment, ip, browser = piece
    own = blake2b(f"{moment}\0{ip}\0{browser}".encode(), key=key[:64], digest_size=_DIGEST_BYTES).digest()
    return _prefix(spread(moment)) + own


def _prefix(number: int) -> bytes:
    return (number >> (64 - 8 * _PREFIX_BYTES)).to_bytes(_PREFIX_BYTES, "big")


def _before(prefix: bytes) -> bytes:
    return max(0, int.from_bytes(prefix, "big") - 1).to_bytes(_PREFIX_BYTES, "big")
