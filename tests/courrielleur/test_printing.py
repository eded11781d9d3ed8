"""Documents set as PDF."""

from datetime import UTC, datetime
from io import BytesIO

from pypdf import PdfReader

from courrielleur.mailer import Block, blocks_of
from courrielleur.printing import Document, to_pdf

AT = datetime(2026, 3, 3, 14, 2, tzinfo=UTC)


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)


def document(*blocks: Block, title: str = "Exposé des motifs") -> Document:
    return Document(title=title, language="fr", blocks=blocks, footer="C-7K3Q9F", page_of="Page {page} de {pages}")


def test_every_kind_of_block_is_set() -> None:
    letter = "Les faits\n---------\n\nUne phrase.\n\n- un\n- deux\n\n  Plaintes : 12\n\nhttps://example.com/c"
    text = text_of(to_pdf(document(*blocks_of(letter)), at=AT))
    for words in (
        "Exposé des motifs",
        "Les faits",
        "Une phrase.",
        "un",
        "deux",
        "Plaintes",
        "12",
        "https://example.com/c",
    ):
        assert words in text
    assert "Page 1 de 1" in text


def test_words_of_people_are_never_read_as_markup() -> None:
    hostile = '*gras* _it_ $x$ #read("/etc/passwd") = titre @ref <x> // rien \\ "'
    text = text_of(to_pdf(document(Block("paragraph", text=hostile), title=hostile), at=AT))
    assert text.count('#read("/etc/passwd")') == 2
    assert "*gras*" in text


def test_it_is_tagged_and_says_its_language_and_title() -> None:
    reader = PdfReader(BytesIO(to_pdf(document(Block("heading", text="Les faits")), at=AT)))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "fr-CA"
    assert reader.metadata is not None
    assert reader.metadata.title == "Exposé des motifs"


def test_the_same_document_of_the_same_moment_is_the_same_bytes() -> None:
    assert to_pdf(document(), at=AT) == to_pdf(document(), at=AT)
