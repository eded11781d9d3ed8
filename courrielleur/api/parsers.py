"""Bodies that are a file: the bytes as they are, or the one file of a multipart form."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.request import Request

from courrielleur.api.problems import Kind, Problem, too_large_text

MAX_FILE_NAME = 255  # characters


@dataclass(frozen=True)
class Body:
    """The bytes of a file, and what it was called (empty when nobody said)."""

    data: bytes
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


MAIL = [MessageParser, OctetParser, MultiPartParser]
TABLE = [CsvParser, OctetParser, MultiPartParser]


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


def _name(text: str) -> str:
    return "".join(character for character in text if character.isprintable())[:MAX_FILE_NAME]
