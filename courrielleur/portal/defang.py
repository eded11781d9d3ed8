"""Make the text of a reported mail harmless: nothing in it can be pressed, fetched or run."""

import re

from fbl.core.mime import Part, read_mail

MOST_CHARACTERS = 20_000
_SCHEME = re.compile(r"(?i)\b(ht)tp(s?)://|\b(ft)p://")
_DOT_IN_HOST = re.compile(r"(?i)(?<=[a-z0-9])\.(?=[a-z]{2,}\b)")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_PART_HEADERS = re.compile(r"(?m)^--\S.*$")


def headers_of(source: bytes) -> str:
    """Return the header blocks of a mail and of its parts, defanged; bodies are left out.

    The end of a part's headers is its first empty line; an embedded mail's headers follow theirs, so lines are kept
    as long as they look like headers.
    """
    text = source[: MOST_CHARACTERS * 4].decode("utf-8", "replace").replace("\r\n", "\n")
    kept: list[str] = []
    in_headers = True
    for line in text.split("\n"):
        if _PART_HEADERS.match(line):
            in_headers = True
            kept += ["", line]
        elif in_headers and (_looks_like_header(line) or (line[:1] in " \t" and line.strip() and kept)):
            kept.append(line)
        elif line.strip():
            in_headers = False
    return defanged("\n".join(kept).strip())[:MOST_CHARACTERS]


def words_of(source: bytes) -> str:
    """Return the words of a mail and of the mail inside it as plain text, defanged: no markup, no link, no picture."""
    kept: list[str] = []
    for part in read_mail(source[: MOST_CHARACTERS * 20]).leaves:
        if part.content_type in ("text/plain", "text/html"):
            kept.append(part.text)
        elif part.content_type == "message/rfc822":
            inner = Part(part.content.lstrip("\n"))
            kept += [leaf.text for leaf in inner.leaves if leaf.content_type in ("text/plain", "text/html")]
        if sum(map(len, kept)) > MOST_CHARACTERS:
            break
    lines = [line.rstrip() for line in "\n\n".join(one.strip() for one in kept if one.strip()).split("\n")]
    return defanged(re.sub(r"\n{3,}", "\n\n", "\n".join(lines)))[:MOST_CHARACTERS]


def defanged(text: str) -> str:
    """Return *text* with schemes and dots of host names broken, and control characters taken out.

    >>> defanged("see https://login.example.com/a")
    'see hxxps://login[.]example[.]com/a'
    """
    text = _CONTROL.sub("\ufffd", text)
    text = _SCHEME.sub(lambda found: f"hxxp{found[2].lower()}://" if found[1] else "fxp://", text)
    return _DOT_IN_HOST.sub("[.]", text)


def _looks_like_header(line: str) -> bool:
    name, colon, _rest = line.partition(":")
    return bool(colon) and name.isascii() and name.replace("-", "").replace("_", "").isalnum()
