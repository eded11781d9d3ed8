"""Make the mails we send: words from a template per language, set as text and as HTML.

`templates/emails/<language>/<name>-subject.txt` and `-body.txt` hold the words. The HTML part is the same text,
set: what a reader of either part is told can never differ.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.template import Context, Engine
from django.template.loader import render_to_string
from django.utils.translation import override

_PARTS = ("subject", "body")
_LINK = re.compile(r"https?://\S+\Z")
_ROW = re.compile(r"  (?P<name>[^:]+?)\s?: (?P<value>.+)")  # French sets a space before the colon, English none


@dataclass(frozen=True)
class Block:
    """One piece of a letter: a heading, a paragraph, a list, a table of figures, or the one link."""

    kind: str  # heading, paragraph, list, table, link
    text: str = ""
    items: Sequence[str] = ()
    rows: Sequence[tuple[str, str]] = field(default=())


def make_message(
    name: str,
    *,
    language: str,
    to: Sequence[str],
    context: Mapping[str, Any],
    reply_to: str = "",
    headers: Mapping[str, str] | None = None,
) -> EmailMultiAlternatives:
    """Return the mail *name* in *language* ("fr" or "en"), ready to send.

    Figures in *context* come ready to read; templates hold words and layout. Header values are refused by
    Django when they contain a line break, and the subject is folded into one line here.
    """
    subject, text = render_mail(name, language=language, context=context)
    with override(language):
        html = render_to_string(
            "emails/layout.html", {"language": language, "subject": subject, "blocks": blocks_of(text)}
        )
    message = EmailMultiAlternatives(
        subject=subject,
        body=text,
        to=list(to),
        reply_to=[reply_to] if reply_to else None,
        headers=dict(headers or {}),
    )
    message.attach_alternative(html, "text/html")
    return message


def render_mail(name: str, *, language: str, context: Mapping[str, Any]) -> tuple[str, str]:
    """Return subject and text of the mail *name*."""
    subject, text = (_render_text(f"emails/{language}/{name}-{part}.txt", language, context) for part in _PARTS)
    return re.sub(r"[ \t\r\n]+", " ", subject).strip(), _tidy(text)


def blocks_of(text: str) -> list[Block]:
    """Return the pieces of a letter's text.

    Pieces stand apart by a blank line. Lines that begin with "- " make a list, indented "name : value" lines a table, a
    line under which dashes run is a heading, and a line that is only an address is the link.

    >>> [block.kind for block in blocks_of("Facts\\n-----\\n\\nOne line.\\n\\n- a\\n- b\\n\\nhttps://example.com/x")]
    ['heading', 'paragraph', 'list', 'link']
    """
    blocks = []
    for piece in re.split(r"\n{2,}", text.strip()):
        lines = piece.split("\n")
        if len(lines) == 2 and set(lines[1]) == {"-"}:
            blocks.append(Block("heading", text=lines[0]))
        elif all(line.startswith("- ") for line in lines):
            blocks.append(Block("list", items=[line[2:] for line in lines]))
        elif all(rows := [_ROW.fullmatch(line) for line in lines]):
            blocks.append(Block("table", rows=[(row["name"], row["value"]) for row in rows if row]))
        elif len(lines) == 1 and _LINK.match(lines[0]):
            blocks.append(Block("link", text=lines[0]))
        else:
            blocks.append(Block("paragraph", text=piece))
    return blocks


def _render_text(template: str, language: str, context: Mapping[str, Any]) -> str:
    """Text is not HTML: nothing is escaped in it, whatever the template forgets to say."""
    with override(language):
        return Engine.get_default().get_template(template).render(Context(dict(context), autoescape=False))


def _tidy(text: str) -> str:
    """Return *text* without the holes that empty template branches leave."""
    lines = [line.rstrip() for line in text.splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"
