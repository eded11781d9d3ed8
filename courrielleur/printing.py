"""Set documents as PDF: tagged, so that a screen reader reads them, and without a word of their own.

Typst sets them, from fonts it carries: the same pages on every machine. What people wrote is handed over as data and
never read as markup.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import typst

from courrielleur.mailer import Block

TEMPLATE = Path(__file__).resolve().parent / "print" / "document.typ"


@dataclass(frozen=True)
class Document:
    """A document before it is set."""

    title: str
    language: str  # "fr" or "en"
    blocks: Sequence[Block]
    subtitle: str = ""
    footer: str = ""  # at the foot of each page, before its number
    page_of: str = "{page} / {pages}"


def to_pdf(document: Document, *, at: datetime) -> bytes:
    """Return *document* as PDF. The same document of the same moment is the same bytes."""
    told = json.dumps(asdict(document), ensure_ascii=False)
    return typst.compile(
        str(TEMPLATE),
        sys_inputs={"document": told},
        ignore_system_fonts=True,
        format="pdf",
        timestamp=int(at.astimezone(UTC).timestamp()),
    )
