"""Bodies that are a file: the bytes as they are, or the one file of a multipart form."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import IO, Any, cast

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail, ParseError, ValidationError
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.request import Request

from courrielleur.api.problems import Kind, Problem, too_large_text

MAX_FILE_NAME = 255  # characters


@dataclass(frozen=True)
class Body:
    """The bytes of a file, and what it was called (empty when nobody said)."""

    data: bytes
    file_name: str


@dataclass(frozen=True)
class Pieces:
    """The bytes of a file as they arrive, and what it was called (empty when nobody said)."""

    pieces: Iterator[bytes]
    file_name: str


class BytesParser(BaseParser):
    """Gives the body as it came."""

    def parse(
        self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:  # bytes, where the framework's own parsers give mappings
        return stream.read()


class MessageParser(BytesParser):
    media_type = "message/rfc822"


class CsvParser(BytesParser):
    media_type = "text/csv"


class JsonBytesParser(BytesParser):
    """For JSON that is stored as it came, and read later."""

    media_type = "application/json"


class NdjsonParser(BytesParser):
    media_type = "application/x-ndjson"


class OctetParser(BytesParser):
    media_type = "application/octet-stream"


class StreamParser(BaseParser):
    """Leaves the body where it is, to be read piece by piece."""

    media_type = "*/*"

    def parse(
        self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:  # a stream, where the framework's own parsers give mappings
        return stream


class CsvStreamParser(StreamParser):
    media_type = "text/csv"


class TsvStreamParser(StreamParser):
    media_type = "text/tab-separated-values"


class TextStreamParser(StreamParser):
    media_type = "text/plain"


class NdjsonStreamParser(StreamParser):
    media_type = "application/x-ndjson"


class GzipStreamParser(StreamParser):
    media_type = "application/gzip"


class WorkbookStreamParser(StreamParser):
    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class OctetStreamParser(StreamParser):
    media_type = "application/octet-stream"


class OffsetStreamParser(StreamParser):
    """A piece of a file, as tus 1.0.0 sends it."""

    media_type = "application/offset+octet-stream"


class WholeMultiPartParser(MultiPartParser):
    """Refuses a form whose connection broke: to Django, the piece of a file that came would be the file."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        counting = _Counting(stream)
        size = int((parser_context or {})["request"].headers.get("Content-Length") or 0)
        try:
            parsed = super().parse(cast(IO[bytes], counting), media_type, parser_context)  # it is read, no more
        except ParseError as error:
            raise (cut_short() if counting.size < size else error) from error
        if counting.size < size:
            raise cut_short()
        return parsed


class _Counting:
    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.size = 0  # bytes read

    def read(self, *size: int) -> bytes:
        piece: bytes = self._stream.read(*size)
        self.size += len(piece)
        return piece


def cut_short() -> Problem:
    return Problem(Kind.MALFORMED, _("The body ends before its Content-Length: the connection broke. Send it again."))


MAIL = [MessageParser, OctetParser, MultiPartParser]
TABLE = [
    CsvStreamParser,
    TsvStreamParser,
    TextStreamParser,
    NdjsonStreamParser,
    GzipStreamParser,
    WorkbookStreamParser,
    OctetStreamParser,
    WholeMultiPartParser,
]
PIECE_BYTES = 256 * 1024


def body_of(request: Request, *, limit: int) -> Body:
    """Return the file of *request*: the raw body, or the form's part `file`. Refuses more than *limit* bytes."""
    sent: Any = request.data
    if isinstance(sent, bytes):
        body = Body(sent, _name(request.query_params.get("file_name", "")))
    else:
        part = sent.get("file") if isinstance(sent, Mapping) else None
        if not isinstance(part, UploadedFile):
            told = _("Send the file as the body, or as the part `file` of a form.")
            raise ValidationError({"file": [ErrorDetail(told, code="missing")]})
        if part.size is not None and part.size > limit:
            raise Problem(Kind.TOO_LARGE, too_large_text(limit))
        body = Body(part.read(), _name(part.name or ""))
    if len(body.data) > limit:
        raise Problem(Kind.TOO_LARGE, too_large_text(limit))
    if not body.data.strip():
        raise ValidationError([ErrorDetail(_("The body is empty."), code="empty")])
    return body


def pieces_of(request: Request, *, limit: int) -> Pieces:
    """Return the file of *request* piece by piece, as `body_of` would whole. A form has been received by then."""
    sent: Any = request.data
    if hasattr(sent, "read"):
        size, name = int(request.headers.get("Content-Length") or 0), request.query_params.get("file_name", "")
        pieces = _whole(stream_of(request), size)
    else:
        part = sent.get("file") if isinstance(sent, Mapping) else None
        if not isinstance(part, UploadedFile):
            told = _("Send the file as the body, or as the part `file` of a form.")
            raise ValidationError({"file": [ErrorDetail(told, code="missing")]})
        size, name, pieces = part.size or 0, part.name or "", iter(part.chunks(PIECE_BYTES))
    if size > limit:
        raise Problem(Kind.TOO_LARGE, too_large_text(limit))
    first = next(pieces, b"")
    if not first.strip():
        raise ValidationError([ErrorDetail(_("The body is empty."), code="empty")])
    return Pieces(chain([first], pieces), _name(name))


def stream_of(request: Request) -> Iterator[bytes]:
    """Yield the body of a request whose parser leaves it where it is."""
    sent: Any = request.data
    return iter(lambda: sent.read(PIECE_BYTES), b"") if hasattr(sent, "read") else iter(())


def _whole(pieces: Iterator[bytes], size: int) -> Iterator[bytes]:
    """Yield *pieces*; a body that ends early is refused, for a server may take a broken connection for the end."""
    for piece in pieces:
        size -= len(piece)
        yield piece
    if size > 0:
        raise cut_short()


def _name(text: str) -> str:
    return "".join(character for character in text if character.isprintable())[:MAX_FILE_NAME]
