"""Find which of some thousand wordings stand in a text, without asking for each of them.

A wording begins where a word begins and may end within one: "mailbox exceed" stands in "mailbox exceeded", and
"rbl" not in "marble"; only a last word of up to three letters must be whole. " … " in it stands for up to 80
characters of one line, and what follows begins a word again. A wording that opens with "…" may begin anywhere.

Each wording is filed under one of its words, the rarest; only those filed under the words of a text are compared
with it. That is some fifty of them, where a text of the usual length would else be searched for all.
"""

import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator
from itertools import chain
from typing import Generic, TypeVar

GAP = " … "
ANYWHERE = "…"
_HEAD = 4  # first letters under which a word is filed that may go on after the wording ends

_WORD = re.compile(r"[^\W_]+")
_SHORT_END = re.compile(r"(?<![^\W_])[^\W_]{1,3}$")
# Everything between ASCII words made a space; then bytes are split faster than any pattern finds words.
_SPACED = bytes(code if chr(code).isalnum() and code < 128 else ord(" ") for code in range(256))
_Payload = TypeVar("_Payload", bound=Hashable)
# Order, what it stands for, its longest piece (looked for first), and the full comparison.
_Entry = tuple[int, _Payload, str, Callable[[str], object]]


class Words:
    """A lower-case text and the words in it, told apart once for every index that is asked."""

    __slots__ = ("all", "heads", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        if text.isascii():
            self.all = set(text.encode().translate(_SPACED).decode().split())
        else:
            self.all = set(_WORD.findall(text))
        self.heads = {word[:_HEAD] for word in self.all}


class Index(Generic[_Payload]):
    """Wordings, each with what it stands for, in the order they were given."""

    def __init__(self, wordings: Iterable[tuple[str, _Payload]]) -> None:
        self._whole: dict[str, list[_Entry[_Payload]]] = {}  # under a word that is complete in the wording
        self._open: dict[str, list[_Entry[_Payload]]] = {}  # under the head of one that may go on
        self._always: list[_Entry[_Payload]] = []  # wordings without a word to file them under
        filed = [(text, payload, _keys(text)) for text, payload in wordings]
        uses = Counter(key for _text, _payload, keys in filed for key in keys)
        for order, (text, payload, keys) in enumerate(filed):
            entry = (order, payload, max(_pieces(text), key=len), _comparison(text))
            if not keys:
                self._always.append(entry)
                continue
            key, is_whole = min(keys, key=lambda one: (uses[one], -len(one[0])))
            (self._whole if is_whole else self._open).setdefault(key, []).append(entry)

    def found(self, words: Words, text: str | None = None) -> Iterator[_Payload]:
        """Yield what stands in the text, in order; *text* when it is not all that the words were taken from."""
        text = words.text if text is None else text
        filed = chain(
            self._always,
            *map(self._whole.__getitem__, self._whole.keys() & words.all),
            *map(self._open.__getitem__, self._open.keys() & words.heads),
        )
        entries = [entry for entry in filed if entry[2] in text]
        entries.sort()  # by order: no two are the same
        for _order, payload, _piece, stands_in in entries:
            if stands_in(text):
                yield payload


def _pieces(wording: str) -> list[str]:
    return wording.removeprefix(ANYWHERE).split(GAP)


def _keys(wording: str) -> list[tuple[str, bool]]:
    """Return the words under which the wording may be filed, and whether each is complete there."""
    keys: list[tuple[str, bool]] = []
    for number, piece in enumerate(_pieces(wording)):
        for match in _WORD.finditer(piece):
            is_begun = match.start() > 0 or number > 0 or not wording.startswith(ANYWHERE)
            if not is_begun or _has_no_words(match[0]):
                continue
            if match.end() < len(piece) or len(match[0]) < _HEAD:
                keys.append((match[0], True))
            else:
                keys.append((match[0][:_HEAD], False))
    return keys


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
    return rf"{literal}(?<![^\W_]{literal})" if piece[0].isalnum() and not _has_no_words(piece) else literal
