"""Header fields of mails, parts and report blocks (RFC 5322, RFC 2045, RFC 2047, RFC 2231), read leniently.

Text here is Latin-1 decoded bytes: one character is one byte, nothing is lost, and a charset is applied
only to what is really looked at.
"""

import binascii
import re
from ipaddress import ip_address
from urllib.parse import unquote_to_bytes

# Nothing to go back to in it: possessive quantifiers spare `re` the bookkeeping.
_FIELD = re.compile(r"^([!-9;-~]{1,76}+)[ \t]*+:[ \t]*+([^\n]*+(?:\n[ \t][^\n]*+)*+)", re.MULTILINE)
_FOLD = re.compile(r"\n[ \t]+")
_WORD = re.compile(r"=\?([^?\s]{1,40})\?([bBqQ])\?([^?\n]{0,4096})\?=(?:\s+(?==\?))?")
_PARAMETER = re.compile(r';\s*([\w*.-]{1,40})\s*=\s*(?:"([^"]{0,2000})"?|([^\s;"]{0,2000}))')
_SIMPLE = r"([\w.+=-]{1,128}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,200}[A-Za-z0-9])?)"
_PLAIN = re.compile(rf"\s*<?{_SIMPLE}>?\s*\Z", re.ASCII)
_IN_BRACKETS = re.compile(rf"<{_SIMPLE}>", re.ASCII)
# Bounded on both sides: an unbounded local part would make a long line without "@" quadratic.
ADDRESS = re.compile(
    r"""(?:"[^"\n]{1,64}"|(?<![^\s<>()\[\]{},;:"'|=])(?:mailto:)?[^\s<>()\[\],;:"'@|]{1,128})"""
    # The last label is in one script: "a@example.jp様" ends at "jp".
    r"""@(?:\[[0-9A-Fa-f.:]{3,60}\]|(?:[\w-]{1,63}\.){0,10}(?:[A-Za-z0-9][A-Za-z0-9-]{0,62}|[^\W\x00-\x7f]{1,63}))"""
)


# Codecs of Python that no mail means; some take quadratic time.
_NO_CHARSETS = frozenset({"punycode", "idna", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem"})


class Headers:
    """The fields of one header block, asked for by lower-case name; values are unfolded, not decoded.

    A block without fields is false.
    """

    __slots__ = ("_known", "fields")

    def __init__(self, block: str) -> None:
        self.fields = fields(block)
        self._known: dict[str, str] = {name.lower(): value for name, value in reversed(self.fields)}

    def __contains__(self, name: str) -> bool:
        return name in self._known

    def __bool__(self) -> bool:
        return bool(self._known)

    def get(self, name: str) -> str:
        """Return the first field of this name, unfolded and stripped; "" when there is none."""
        value = self._known.get(name)
        if value is None:
            return ""
        return _FOLD.sub(" ", value).strip() if "\n" in value else value.strip()

    def all(self, name: str) -> list[str]:
        """Return every field of this name, in order."""
        if name not in self._known:
            return []
        if len(self.fields) == len(self._known):
            return [self.get(name)]
        return [unfold(value) for written, value in self.fields if written.lower() == name]

    def text(self, name: str) -> str:
        """Return the first field with its encoded words and raw 8-bit bytes decoded."""
        return decode_words(self.get(name))


def fields(block: str) -> list[tuple[str, str]]:
    """Return every field of the block, as written and in order, not unfolded."""
    return _FIELD.findall(block)


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
    if plain := _PLAIN.match(text):
        return [plain[1]]
    # Only words with an "@" are looked at closely, unless one may hold a space: "a b"@example.com
    found: list[str] = []
    for word in [text] if '"@' in text else [word for word in text.split() if "@" in word]:
        if plain := _PLAIN.match(word):
            found.append(plain[1])
        else:
            found += [address for one in ADDRESS.findall(word) if (address := clean_address(one))]
    return list(dict.fromkeys(found))


def clean_address(text: str) -> str:
    """Return the one address the text holds, without brackets, type prefix, source route or comment; "" if none."""
    if "@" not in text:
        return ""
    if plain := _PLAIN.match(text) or _IN_BRACKETS.search(text):
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


def read_ip(text: str) -> str:
    """Return the IP address in its usual form, without brackets, "IPv6:" or comment; "" when it is none."""
    text = text.strip(" []<>").partition(" ")[0].removeprefix("IPv6:").strip("[]")
    try:
        return str(ip_address(text))
    except ValueError:
        return ""
