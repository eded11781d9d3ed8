"""Mails: their words, set twice."""

import pytest

from courrielleur.mailer import Block, blocks_of, make_message, render_mail

CONTEXT = {"account": "Acme", "case": "C-7K3Q9F", "link": "https://example.com/x", "text": "Un & deux"}


def test_pieces_of_a_text() -> None:
    text = (
        "First line.\nStill it.\n\nFacts\n-----\n\n- one\n- two\n\n"
        "  Plaintes\u00a0: 3\n  Delivered: 1,000 (a: b)\n\nhttps://example.com/x\n"
    )
    assert blocks_of(text) == [
        Block("paragraph", text="First line.\nStill it."),
        Block("heading", text="Facts"),
        Block("list", items=["one", "two"]),
        Block("table", rows=[("Plaintes", "3"), ("Delivered", "1,000 (a: b)")]),
        Block("link", text="https://example.com/x"),
    ]


@pytest.mark.parametrize("text", ["", "\n\n", "-", "---", "a\n---\nb", "  x", "https://a b"])
def test_odd_text_is_set_somehow(text: str) -> None:
    assert all(block.kind in {"paragraph", "list", "heading"} for block in blocks_of(text))


def test_text_is_not_escaped_and_html_is() -> None:
    message = make_message("message", language="fr", to=["a@example.com"], context=CONTEXT)
    assert "Un & deux" in message.body
    assert "Un &amp; deux" in message.alternatives[0][0]


def test_a_subject_is_one_line_whatever_a_name_holds() -> None:
    context = CONTEXT | {"account": "Acme\r\nBcc: x@example.com"}
    subject, _ = render_mail("message", language="en", context=context)
    assert "\n" not in subject
    message = make_message("message", language="en", to=["a@example.com"], context=context)
    assert message.message()["Bcc"] is None


def test_french_keeps_its_narrow_spaces() -> None:
    subject, _ = render_mail("message", language="fr", context=CONTEXT)
    assert "\u00a0:" in subject
