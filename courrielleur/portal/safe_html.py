"""The layout of a reported mail without anything that acts: what an analyst may look at in a frame.

Two sieves, one after the other. nh3 (html5ever, the parser of a browser) keeps plain elements and drops whatever runs,
loads, submits or styles. A writer of our own then turns each link into words with its broken target and each picture
into its alternative text, and nh3 looks at the result once more, now without a single attribute that could name an
address. The answer that carries it (desk_sample.py) forbids the rest to the browser.
"""

from collections.abc import Iterator
from html import escape
from html.parser import HTMLParser

import nh3

from courrielleur.portal.defang import MOST_CHARACTERS, defanged
from fbl.core.mime import Part, read_mail

MOST_MARKUP = 100_000  # characters of HTML that are looked at; elements in one another cost their number squared
DEEPEST = 60  # elements in one another that are kept; a browser gains nothing from more


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_PLAIN = _names(
    "p br hr div span b strong i em u s small big sub sup h1 h2 h3 h4 h5 h6 ul ol li dl dt dd blockquote pre code"
    " table thead tbody tfoot tr td th caption center font address"
)
_VOID = frozenset({"br", "hr"})
_SPANS = {"td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}}
_ACTING = _names(
    "script style svg math iframe frame frameset object embed applet template noscript noembed noframes title head"
    " textarea select option button audio video canvas map xmp plaintext"
)
_MOST_SPAN = 50  # columns or rows


def html_of(source: bytes) -> str:
    """Return the HTML of a mail, and of the mail inside it, as safe markup; empty when there is none."""
    kept = [leaf.decoded(MOST_MARKUP) for leaf in _leaves(source)]
    return sanitised("\n<hr>\n".join(kept)[:MOST_MARKUP]) if any(one.strip() for one in kept) else ""


def has_html(source: bytes) -> bool:
    """Say whether a mail, or the mail inside it, has a part with layout."""
    return any(leaf.content.strip() for leaf in _leaves(source))


def sanitised(markup: str) -> str:
    """Return *markup* reduced to plain elements, links and pictures told in words.

    >>> sanitised('<p onclick=x>See <a href="https://bad.example.com/a">here</a><img src=x alt="a cat">')
    '<p>See <u>here</u> <code>[hxxps://bad[.]example[.]com/a]</code><em>[a cat]</em></p>'
    """
    plain = nh3.clean(
        markup,
        tags={*_PLAIN, "a", "img"},
        clean_content_tags=set(_ACTING),
        attributes={**_SPANS, "a": {"href"}, "img": {"alt"}},
        url_schemes={"http", "https", "ftp", "mailto", "tel"},
        link_rel=None,
        strip_comments=True,
    )
    writer = _Writer()
    writer.feed(plain)
    writer.close()
    return nh3.clean(
        "".join(writer.written),
        tags=set(_PLAIN),
        clean_content_tags=set(_ACTING),
        attributes=_SPANS,
        url_schemes=set(),
        link_rel=None,
        generic_attribute_prefixes=set(),
    )


def _leaves(source: bytes) -> Iterator[Part]:
    for part in read_mail(source[: MOST_CHARACTERS * 20]).leaves:
        inner = Part(part.content.lstrip("\n")).leaves if part.content_type == "message/rfc822" else [part]
        yield from (leaf for leaf in inner if leaf.content_type == "text/html")


class _Writer(HTMLParser):
    """Writes what nh3 has left again, with nothing to press and nothing to fetch. It reads well-formed markup only."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.written: list[str] = []
        self.targets: list[str] = []
        self.depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a":
            self.targets.append(given.get("href", ""))
            self.written.append("<u>")
        elif tag == "img":
            words = given.get("alt", "").strip()
            self.written.append(f"<em>[{escape(defanged(words))}]</em>" if words else "<em>[…]</em>")
        elif tag in _VOID:
            self.written.append(f"<{tag}>")
        else:
            self.depth += 1
            if self.depth <= DEEPEST:
                self.written.append(f"<{tag}{_spans(given)}>")

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            target = self.targets.pop() if self.targets else ""
            self.written.append("</u>")
            if target:
                self.written.append(f" <code>[{escape(defanged(target))}]</code>")
        elif tag not in _VOID and tag != "img":
            if self.depth <= DEEPEST:
                self.written.append(f"</{tag}>")
            self.depth -= 1

    def handle_data(self, data: str) -> None:
        self.written.append(escape(defanged(data)))


def _spans(given: dict[str, str]) -> str:
    kept = {
        name: min(int(given[name]), _MOST_SPAN)
        for name in ("colspan", "rowspan")
        if given.get(name, "").isascii() and given.get(name, "").isdecimal() and len(given[name]) < 6
    }
    return "".join(f' {name}="{number}"' for name, number in kept.items())
