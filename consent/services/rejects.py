"""The rows of a file that were refused, each with what is wrong in it, for its sender to mend."""

from collections.abc import Iterator

import orjson

from consent.core.records import RowError, row_message
from consent.models import ConsentUpload
from consent.services import parts


def errors_of(upload: ConsentUpload) -> Iterator[RowError]:
    """Yield every error of the file in the order of its lines, addresses masked; a chunk of them in memory at once."""
    for kept in upload.rejects.order_by("line").iterator(chunk_size=1):
        for told in parts.opened(bytes(kept.sealed)).splitlines():
            yield RowError(**orjson.loads(told))


def table(upload: ConsentUpload, language: str) -> Iterator[tuple[object, ...]]:
    """Yield the rows of the reject file: line, column, code, value and what to do, in words of *language*.

    Of an upload read by a release that kept no more, only the first thousand.
    """
    errors = errors_of(upload) if upload.rejects.exists() else (RowError(**error) for error in upload.errors)
    for error in errors:
        yield error.line, error.column, error.code, error.value, row_message(error, language)
