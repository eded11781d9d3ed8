"""Header fields of mails, parts and report blocks (RFC 5322, RFC 2045, RFC 2047, RFC 2231), read leniently.

Text here is Latin-1 decoded bytes: one character is one byte, nothing is lost, and a charset is applied
only to what is really looked at.
"""

import binascii
import re
from urllib.parse import unquote_to_bytes

_FIELD = re.compile(r"^([!-9;-~]{1,76})[ \t]*:[ \t]*([^\n]*(?:\n[ \t][^\n]*)*)", re.MULTILINE)
_FOLD = re.compile(r"\n[ \t]+")
_WORD = re.compile(r"=\?([^?\s]{1,40})\?([bBqQ])\?([^?\n]{0,4096})\?=(?:\s+(?==\?))?")
_PARAMETER = re.compile(r';\s*([\w*.-]{1,40})\s*=\s*(?:"([^"]{0,2000})"?|([^\s;"]{0,2000}))')
_PLAIN = re.compile(r"\s*<?([\w.+=-]{1,128}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,200}[A-Za-z0-9])?)>?\s*\Z", re.ASCII)
# Bounded on both sides: an unbounded local part would make a long line without "@" quadratic.
ADDRESS = re.compile(
    r"""(?:"[^"\n]{1,64}"|(?<![^\s<>()\[\]{},;:"'|=])(?:mailto:)?[^\s<>()\[\],;:"'@|]{1,128})"""
    # The last label is in one script: "a@example.jp様" ends at "jp".
    r"""@(?:\[[0-9A-Fa-f.:]{3,60}\]|(?:[\w-]{1,63}\.){0,10}(?:[A-Za-z0-9][A-Za-z0-9-]{0,62}|[^\W\x00-\x7f]{1,63}))"""
)


# Codecs of Python that no mail means; some take quadratic time.
_NO_CHARSETS = frozenset({"punycode", "idna", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem"})


class Headers:
    """The fields of one header block, by lower-case name; values are unfolded, not decoded. Empty is false."""

    __slots__ = ("_first", "fields")

    def __init__(self, block: str, fields: list[tuple[str, str]] | None = None) -> None:
        self.fields: list[tuple[str, str]] = _FIELD.findall(block) if fields is None else fields
        self._first = {name.lower(): value for name, value in reversed(self.fields)}

    def __contains__(self, name: str) -> bool:
        return name in self._first

    def __len__(self) -> int:
        return len(self.fields)

    def get(self, name: str) -> str:
        """Return the first field of this name, unfolded and stripped; "" when there is none."""
        value = self._first.get(name)
        if value is None:
            return ""
        return _FOLD.sub(" ", value).strip() if "\n" in value else value.strip()

    def all(self, name: str) -> list[str]:
        """Return every field of this name, in order."""
        if name not in self._first:
            return []
        return [unfold(value) for known, value in self.fields if known.lower() == name]

    def text(self, name: str) -> str:
        """Return the first field with its encoded words and raw 8-bit bytes decoded."""
        return decode_words(self.get(name))


def unfold(value: str) -> str:
    return _FOLD.sub(" ", value).strip() if "\n" in value else value.strip()


def decode_words(value: str) -> str:
    """Decode RFC 2047 encoded words, and bare 8-bit text as UTF-8 when it is that."""
    if not value.isascii():
        value = decode_bytes(value, "utf-8")
    if "=?" not in value:
        return value
    return _WORD.sub(_decode_word, value)


def _decode_word(match: re.Match[str]) -> str:
    charset, encoding, text = match[1], match[2], match[3]
    raw = text.encode("utf-8", "replace")
    if encoding in "bB":
        return decode_bytes(decode_base64(raw).decode("latin-1"), charset)
    return decode_bytes(binascii.a2b_qp(raw, header=True).decode("latin-1"), charset)


def decode_base64(raw: bytes) -> bytes:
    """Decode base64 that may be cut, unpadded or sprinkled with other bytes."""
    raw = re.sub(rb"[^A-Za-z0-9+/]", b"", raw)
    if len(raw) % 4 == 1:
        raw = raw[:-1]
    return binascii.a2b_base64(raw + b"=" * (-len(raw) % 4))


def decode_bytes(text: str, charset: str) -> str:
    """Return Latin-1 carried bytes in the charset named; an unknown or wrong one falls back, never raises."""
    raw = text.encode("latin-1", "replace")
    charset = charset.partition("*")[0].strip("\"' ")[:40] or "utf-8"
    if charset.lower().replace("_", "-") in _NO_CHARSETS:
        charset = "utf-8"
    if "\x1b$" in text or "\x1b(" in text:
        charset = "iso-2022-jp"  # the escapes say so, whatever the label says
    elif charset.lower() in {"us-ascii", "ascii", "unknown-8bit", "7bit", "8bit"}:
        charset = "utf-8"
    try:
        return raw.decode(charset)
    except (UnicodeDecodeError, LookupError, ValueError):
        pass
    try:
        return raw.decode("utf-8") if charset != "iso-2022-jp" else raw.decode(charset, "replace")
    except UnicodeDecodeError:
        return text


def parameters(value: str) -> dict[str, str]:
    """Return the parameters of a Content-Type or Content-Disposition value, continuations joined (RFC 2231)."""
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, str]] = {}
    for name, quoted, token in _PARAMETER.findall(value[:8000]):
        name, text = name.lower(), quoted or token
        base, star, rest = name.partition("*")
        if not star:
            plain.setdefault(name, text.strip())
            continue
        if rest in ("", "0*") and text.count("'") >= 2:
            text = text.split("'", 2)[2]
        if rest.endswith("*") or not rest:
            text = unquote_to_bytes(text).decode("latin-1")
        number = rest.rstrip("*")
        pieces.setdefault(base, {})[int(number) if number.isdecimal() and len(number) < 4 else 0] = text
    for base, numbered in pieces.items():
        plain.setdefault(base, "".join(numbered[at] for at in sorted(numbered)))
    return plain


def addresses(text: str) -> list[str]:
    """Return the mail addresses written in the text, in order, each once."""
    if "@" not in text:
        return []
    return list(dict.fromkeys(found for one in ADDRESS.findall(text) if (found := clean_address(one))))


def clean_address(text: str) -> str:
    """Return the one address the text holds, without brackets, type prefix, source route or comment; "" if none."""
    if "@" not in text:
        return ""
    if plain := _PLAIN.match(text):
        return plain[1]
    match = ADDRESS.search(text)
    if match is None:
        return ""
    address = match[0].removeprefix("mailto:").rstrip(".")
    local, _at, domain = address.rpartition("@")
    local = local.lstrip("'") if not local.startswith('"') else local
    return f"{local}@{domain}" if local.strip('"') and domain else ""


def domain_of(address: str) -> str:
    return clean_address(address).rpartition("@")[2].lower()
