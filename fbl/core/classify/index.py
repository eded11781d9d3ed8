"""Find which of some thousand wordings stand in a text, without asking for each of them.

A wording begins where a word begins and may end within one: "mailbox exceed" stands in "mailbox exceeded", and
"rbl" not in "marble"; only a last word of up to three Latin letters must be whole. " … " in it stands for up to 80
characters of one line, and what follows begins a word again. A wording that opens with "…" may begin anywhere.

The rarest piece of every wording is sought in one pass over the text (Aho and Corasick, 1975), as long as the text
and no longer, however many wordings there are. What is found there is then looked at closely: some five of them.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeVar

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

GAP = " … "
ANYWHERE = "…"
_MANY = 300

_SHORT_END = re.compile(r"(?<![^\W_])[a-zà-ÿ0-9]{1,3}$")  # of Latin letters: others join their words
_Payload = TypeVar("_Payload")
_Comparison = tuple[str, Callable[[str], object]]  # another piece, looked for first, and the search for the whole


class Index(Generic[_Payload]):
    """Wordings, each with what it stands for, in the order they were given."""

    __slots__ = ("_begins", "_comparisons", "_ends", "_payloads", "_search")

    def __init__(self, wordings: Iterable[tuple[str, _Payload]]) -> None:
        filed = [(wording, _pieces(wording), payload) for wording, payload in wordings]
        uses = Counter(piece for _wording, pieces, _payload in filed for piece in pieces)
        sought: list[str] = []
        # Of each wording: whether a word must begin, and whether one must end, with the piece that is sought; and the
        # comparison with the whole text, where the piece alone cannot tell.
        self._begins: list[bool] = []
        self._ends: list[bool] = []
        self._comparisons: list[_Comparison | None] = []
        self._payloads: list[_Payload] = []
        for wording, pieces, payload in filed:
            is_whole = len(pieces) == 1
            rarest, *others = sorted(pieces, key=lambda piece: (uses[piece], -len(piece)))
            sought.append(rarest)
            self._begins.append(is_whole and not wording.startswith(ANYWHERE) and _begins_a_word(wording))
            self._ends.append(is_whole and _SHORT_END.search(wording) is not None)
            self._comparisons.append(None if is_whole else (others[0], _comparison(wording)))
            self._payloads.append(payload)
        # The faster form of the automaton is as large as the wordings are many; then the processor's caches suffer.
        form = Implementation.DFA if len(sought) < _MANY else Implementation.ContiguousNFA
        self._search = AhoCorasick(sought, matchkind=MatchKind.Standard, implementation=form).find_matches_as_indexes

    def found(self, text: str) -> Iterator[_Payload]:
        """Yield what stands in the lower-case text, in order, each wording once."""
        try:
            hits = self._search(text, True)
        except UnicodeEncodeError:  # halves of surrogate pairs, as JSON and UTF-7 can write them
            hits = self._search(text.encode("utf-8", "replace").decode(), overlapping=True)
        if not hits:
            return
        begins, ends = self._begins, self._ends
        numbers = {
            number
            for number, start, end in hits
            if not (begins[number] and start and text[start - 1].isalnum())
            and not (ends[number] and text[end : end + 1].isalnum())
        }
        for number in sorted(numbers):
            comparison = self._comparisons[number]
            if comparison is None or (comparison[0] in text and comparison[1](text)):
                yield self._payloads[number]


def _pieces(wording: str) -> list[str]:
    return wording.removeprefix(ANYWHERE).split(GAP)


def _begins_a_word(piece: str) -> bool:
    """Return whether the piece begins with a letter or digit of a script that puts spaces between words.

    Japanese, Chinese and Thai, for example, do not.
    """
    first = piece[0]
    return first.isalnum() and not ("\u0e00" <= first <= "\u0eff" or first >= "\u1000")


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
