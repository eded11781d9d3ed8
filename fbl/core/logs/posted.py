"""What the hook of an MTA posts: unpacked within bounds, taken apart into records, each with a digest of its own."""

import hashlib
import zlib
from collections.abc import Iterator
from typing import NamedTuple

import orjson
import zstandard

MAX_BYTES = 16 * 1024 * 1024  # of one post, unpacked
DIGEST_BYTES = 16
_STEP = 64 * 1024
# The library can't be told how much may come out at once. Four bytes make a block of 128 KB at most (RFC 8878
# §3.1.1.2): a bomb yields 8 MB a step.
_ZSTD_STEP = 256
_ENCODINGS = {"": "", "identity": "", "gzip": "gzip", "x-gzip": "gzip", "zstd": "zstd"}


class Unpackable(ValueError):
    """The body is not packed as its Content-Encoding says."""


class UnknownPacking(ValueError):
    """A Content-Encoding that is not read here."""


class TooLarge(ValueError):
    """More than `MAX_BYTES` came out."""


class Record(NamedTuple):
    line: bytes  # one line of JSON, or what should have been one
    digest: bytes  # of what it says: the order and spacing of its JSON don't matter


def unpack(body: bytes, encoding: str) -> bytes:
    """Return the body without its Content-Encoding (RFC 9110 §8.4). Raises the three errors above.

    A bomb costs no more than `MAX_BYTES`: it is unpacked piece by piece, and dropped when it grows too large.
    """
    packing = _ENCODINGS.get(encoding.strip().lower())
    if packing is None:
        raise UnknownPacking(encoding)
    if not packing:
        if len(body) > MAX_BYTES:
            raise TooLarge
        return body
    unpacked = bytearray()
    try:
        for piece in _gunzip(body) if packing == "gzip" else _unzstd(body):
            unpacked += piece
            if len(unpacked) > MAX_BYTES:
                raise TooLarge
    except (zlib.error, zstandard.ZstdError, EOFError) as error:
        raise Unpackable(str(error)) from error
    return bytes(unpacked)


def records(body: bytes) -> Iterator[Record]:
    """Yield the records of a post: one JSON object, a list of them, or one a line."""
    body = body.strip()
    first = body.partition(b"\n")[0]
    if body.startswith(b"[") or (b"\n" in body and not _is_json(first)):
        try:
            whole = orjson.loads(body)
        except ValueError:
            whole = None
        if isinstance(whole, list):
            yield from (_record(orjson.dumps(one)) for one in whole)
            return
        if whole is not None:
            yield _record(orjson.dumps(whole))
            return
    for line in body.split(b"\n"):
        if line.strip():
            yield _record(line.strip())


def _record(line: bytes) -> Record:
    try:
        said = orjson.dumps(orjson.loads(line), option=orjson.OPT_SORT_KEYS)
    except ValueError:
        said = line
    return Record(line, hashlib.sha256(said).digest()[:DIGEST_BYTES])


def _is_json(line: bytes) -> bool:
    try:
        orjson.loads(line)
    except ValueError:
        return False
    return True


def _gunzip(body: bytes) -> Iterator[bytes]:
    while body:
        member = zlib.decompressobj(wbits=31)  # gzip alone, with its check at the end
        while not member.eof:
            yield (piece := member.decompress(body, _STEP))
            body = member.unconsumed_tail
            if not piece and not body and not member.eof:
                raise EOFError("it ends in the middle")
        body = member.unused_data


def _unzstd(body: bytes) -> Iterator[bytes]:
    while body:
        frame = zstandard.ZstdDecompressor(max_window_size=MAX_BYTES).decompressobj()
        for start in range(0, len(body), _ZSTD_STEP):
            yield frame.decompress(body[start : start + _ZSTD_STEP])
            if frame.eof:
                body = frame.unused_data + body[start + _ZSTD_STEP :]
                break
        else:
            raise EOFError("it ends in the middle")
