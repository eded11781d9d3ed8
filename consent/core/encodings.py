"""Find how the text of a file is encoded, in one pass that keeps nothing of it."""

import codecs
from collections import Counter
from typing import BinaryIO

from consent.core.packing import Limits, UnreadableFile

_PIECE = 1024**2
_HEAD = 4096
_ENOUGH = 65_536  # bytes beyond ASCII are weighed; more tell nothing new
_ASCII = bytes(range(128))
# The letters and marks of French. The byte that is é in one is Ž, a control or nothing in the other.
_FRENCH = "éèêëàâçîïôùûœÉÈÊÀÇÎÔ’«»…"
_SINGLE_BYTE = ("cp1252", "mac_roman")


def encoding_of(stream: BinaryIO, limits: Limits) -> str:
    """Return the Python name of the encoding of all of *stream*. Raises `UnreadableFile`.

    UTF-8 when every byte fits it, for hardly any other text does; else the one of cp1252 and Mac Roman in which the
    bytes beyond ASCII are French letters.
    """
    head = stream.read(_HEAD)
    wide = _wide(head)
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    is_utf8, is_blank = not wide, True
    beyond: Counter[int] = Counter()
    piece, size, line = head, 0, 0
    while piece:
        size += len(piece)
        is_blank = is_blank and not piece.strip()
        if size > limits.unpacked_bytes:
            raise UnreadableFile("bomb")
        line = _line_so_far(piece, line, limits)
        if is_utf8:
            is_utf8 = _fits(decoder, piece)
        if not wide and beyond.total() < _ENOUGH:
            beyond.update(piece.translate(None, _ASCII)[:_ENOUGH])
        piece = stream.read(_PIECE)
    if is_blank:
        raise UnreadableFile("empty")
    if wide:
        return wide
    if is_utf8 and _fits(decoder, b"", final=True):
        return "utf-8-sig"
    return max(_SINGLE_BYTE, key=lambda name: sum(beyond[byte] for byte in _french_in(name)))


def _wide(head: bytes) -> str:
    """Return the kind of UTF-16, empty when it is none. Raises `UnreadableFile` for bytes that are no text at all."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if head and head.count(0) > len(head) // 4:  # UTF-16 without a mark: every second byte of Latin text is zero
        return "utf-16-be" if head[0] == 0 else "utf-16-le"
    if 0 in head:
        raise UnreadableFile("not_text")
    return ""


def _line_so_far(piece: bytes, before: int, limits: Limits) -> int:
    """Return how long the last line of *piece* is up to now; it began *before* bytes earlier."""
    last = max(piece.rfind(b"\n"), piece.rfind(b"\r"))
    line = len(piece) - last - 1 if last >= 0 else before + len(piece)
    if line > limits.line_bytes:
        raise UnreadableFile("long_line")
    return line


def _fits(decoder: codecs.IncrementalDecoder, piece: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(piece, final)
    except UnicodeDecodeError:
        return False
    return True


def _french_in(name: str) -> bytes:
    return _FRENCH.encode(name, "ignore")
