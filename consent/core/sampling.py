"""Draw a sample that can be drawn again: chance comes from a seed that is kept, never from the hour of the day."""

import heapq
from collections.abc import Iterable
from hashlib import sha256


def rank(digest: bytes, seed: bytes) -> bytes:
    """Return the place of a recipient in the draw of *seed*; the smallest are drawn."""
    return sha256(seed + digest).digest()


def draw(digests: Iterable[bytes], size: int, seed: bytes) -> list[bytes]:
    """Return *size* distinct recipients, or all when there are fewer, in the order drawn.

    Every recipient has the same chance. Who joins or leaves the list later moves nobody else's place.
    """
    return heapq.nsmallest(size, set(digests), key=lambda digest: rank(digest, seed))
