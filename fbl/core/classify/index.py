"""Find which of some thousand wordings stand in a text, without asking for each of them.

A wording begins where a word begins and may end within one: "mailbox exceed" stands in "mailbox exceeded", and
"rbl" not in "marble"; only a last word of up to three letters must be whole. " … " in it stands for up to 80
characters of one line, and what follows begins a word again. A wording that opens with "…" may begin anywhere.

The longest piece of every wording is sought in one pass over the text (Aho and Corasick, 1975), as long as the text
and no longer, however many wordings there are. What is found there is then looked at closely: some five of them.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeVar

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

GAP = " … "
ANYWHERE = "…"

_SHORT_END = re.compile(r"(?<![^\W_])[^\W_]{1,3}$")
_Payload = TypeVar("_Payload")
# Order, what it stands for, whether a word must begin and whether one must end with the piece, and the comparison
# with the whole text where the piece alone cannot tell.
_Entry = tuple[int, _Payload, bool, bool, Callable[[str], object] | None]


class Index(Generic[_Payload]):
    """Wordings, each with what it stands for, in the order they were given."""

    __slots__ = ("_entries", "_search")

    def __init__(self, wordings: Iterable[tuple[str, _Payload]]) -> None:
        entries: dict[str, list[_Entry[_Payload]]] = {}
        for order, (wording, payload) in enumerate(wordings):
            pieces = _pieces(wording)
            piece = max(pieces, key=len)
            begins = not wording.startswith(ANYWHERE) and _begins_a_word(piece)
            ends = _SHORT_END.search(wording) is not None
            entries.setdefault(piece, []).append(
                (order, payload, begins, ends, None if len(pieces) == 1 else _comparison(wording))
            )
        self._entries = list(entries.values())
        self._search = AhoCorasick(
            list(entries), matchkind=MatchKind.Standard, implementation=Implementation.ContiguousNFA
        ).find_matches_as_indexes

    def found(self, text: str) -> Iterator[_Payload]:
        """Yield what stands in the lower-case text, in order, each wording once."""
        try:
            hits = self._search(text, overlapping=True)
        except UnicodeEncodeError:  # halves of surrogate pairs, as JSON and UTF-7 can write them
            hits = self._search(text.encode("utf-8", "replace").decode(), overlapping=True)
        if not hits:
            return
        found: list[_Entry[_Payload]] = []
        length = len(text)
        for number, start, end in hits:
            for entry in self._entries[number]:
                _order, _payload, begins, ends, compare = entry
                if compare is not None or not (
                    (begins and start and text[start - 1].isalnum()) or (ends and end < length and text[end].isalnum())
                ):
                    found.append(entry)
        found.sort(key=_by_order)
        last = -1
        for order, payload, _begins, _ends, compare in found:
            if order != last and (compare is None or compare(text)):
                yield payload
            last = order


def _by_order(entry: _Entry[_Payload]) -> int:
    return entry[0]


def _pieces(wording: str) -> list[str]:
    return wording.removeprefix(ANYWHERE).split(GAP)


def _begins_a_word(piece: str) -> bool:
    return piece[0].isalnum() and not _has_no_words(piece)


def _has_no_words(text: str) -> bool:
    """Return whether the script writes no spaces between words (Japanese, Chinese, Thai …)."""
    return any("\u0e00" <= one <= "\u0eff" or one >= "\u1000" for one in text)


def _comparison(wording: str) -> Callable[[str], object]:
    pieces = [_begun(piece) for piece in _pieces(wording)]
    if wording.startswith(ANYWHERE):
        pieces[0] = re.escape(_pieces(wording)[0])
    end = r"(?![^\W_])" if _SHORT_END.search(wording) else ""
    return re.compile(".{0,80}?".join(pieces) + end).search


def _begun(piece: str) -> str:
    """Return the pattern of a piece that begins a word. The look back stands behind it: `re` seeks literals fast."""
    literal = re.escape(piece)
    return rf"{literal}(?<![^\W_]{literal})" if _begins_a_word(piece) else literal
