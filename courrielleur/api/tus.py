"""The headers of tus 1.0.0, by which a file is sent in pieces and resumed: core, creation, expiration, termination.

Source: https://tus.io/protocols/resumable-upload. A client that leaves `Tus-Resumable` out is served all the same.
"""

import binascii
from base64 import b64decode
from dataclasses import dataclass
from datetime import datetime

from django.utils.http import http_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from courrielleur.api.problems import Kind, Problem

VERSION = "1.0.0"
MOST_DIGITS = 15

LENGTH = OpenApiParameter(
    "Upload-Length",
    OpenApiTypes.INT64,
    OpenApiParameter.HEADER,
    description=gettext_lazy("Bytes of a file that is sent in pieces; then without a body."),
)
METADATA = OpenApiParameter(
    "Upload-Metadata",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description=gettext_lazy("`filename` and `sha256` (hexadecimal) of such a file, each followed by its Base64."),
)
OFFSET = OpenApiParameter(
    "Upload-Offset",
    OpenApiTypes.INT64,
    OpenApiParameter.HEADER,
    required=True,
    description=gettext_lazy("The byte that the piece begins with, counted from 0."),
)


@dataclass(frozen=True)
class Announced:
    """What a client says of the file that it will send."""

    size: int  # bytes
    file_name: str
    sha256: bytes | None


def announced(request: Request) -> Announced | None:
    """Return what *request* announces; None when it brings its file itself. Raises `Problem`."""
    check_version(request)
    if "Upload-Length" not in request.headers:
        return None
    size = number(request, "Upload-Length")
    if size == 0 or request.headers.get("Content-Length") not in (None, "", "0"):
        raise Problem(Kind.INVALID, _("Announce at least one byte with Upload-Length, without a body; then send it."))
    told = _metadata(request.headers.get("Upload-Metadata", ""))
    sha256 = told.get("sha256", b"")
    try:
        digest = bytes.fromhex(sha256.decode("ascii")) if sha256 else None
    except ValueError:
        digest = b""
    if digest is not None and len(digest) != 32:
        raise Problem(Kind.INVALID, _("Write `sha256` as 64 hexadecimal digits, encoded with Base64."))
    name = told.get("filename", b"").decode("utf-8", "replace")
    return Announced(size, name or request.query_params.get("file_name", ""), digest)


def number(request: Request, header: str) -> int:
    """Return the whole number in *header*. Raises `Problem`."""
    written = request.headers.get(header, "")
    if not written.isascii() or not written.isdigit() or len(written) > MOST_DIGITS:
        raise Problem(Kind.INVALID, _("%(header)s: write a whole number of bytes.") % {"header": header})
    return int(written)


def check_version(request: Request) -> None:
    """Raise `Problem` when the client speaks another version."""
    if request.headers.get("Tus-Resumable", VERSION) != VERSION:
        told = _("Pieces of files are taken by version %(n)s of tus.") % {"n": VERSION}
        raise Problem(Kind.PRECONDITION_FAILED, told, headers={"Tus-Version": VERSION})


def headers(offset: int, size: int | None, expires_at: datetime | None) -> dict[str, str]:
    """Return how far a file is, as an answer tells it."""
    told = {"Tus-Resumable": VERSION, "Upload-Offset": str(offset)}
    if size is not None:
        told["Upload-Length"] = str(size)
    if expires_at is not None:
        told["Upload-Expires"] = http_date(expires_at.timestamp())
    return told


def _metadata(written: str) -> dict[str, bytes]:
    """Return the pairs of an Upload-Metadata header. Raises `Problem`."""
    pairs: dict[str, bytes] = {}
    for pair in filter(None, (part.strip() for part in written.split(","))):
        key, _space, value = pair.partition(" ")
        try:
            pairs[key] = b64decode(value.strip(), validate=True)
        except (binascii.Error, ValueError) as error:
            told = _("Upload-Metadata: write a key, a space and the value in Base64, with commas between pairs.")
            raise Problem(Kind.INVALID, told) from error
    return pairs
