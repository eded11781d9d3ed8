"""Damage as it is done on purpose, to bytes, lines and the structure of mails. The same seed, the same damage."""

import base64
import random
import re
from collections.abc import Callable

MOST_BYTES = 60_000  # of a mutated input: bombs are another matter (bombs.py)

_BOUNDARY = re.compile(rb'boundary="?([^"\s;]+)', re.IGNORECASE)
_HEADER = re.compile(rb"^([A-Za-z-]{2,40}):[^\n]*\n", re.MULTILINE)
# fmt: off
_TOKENS = (
    b"\n\n", b"\r", b"\r\n", b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"\x1b$B", b"\xc2\xad", b"\xe2\x80\xae", b"--",
    b"@", b"<", b">", b"<<<<", b'"', b'""', b";", b",", b":", b"=", b"=?utf-8?B?", b"=?x?Q?=?=", b"charset=punycode",
    b"charset=utf-7", b"charset=undefined", b"boundary*0*=''%", b"{", b"[", b"]}", b"\\u0000", b"\\ud800", b"1e999",
    b"NaN", b"-1", b"0", b"9" * 30, b"550 5.1.1 ", b"Action: failed\n", b"Final-Recipient: rfc822;",
    b"Feedback-Type: abuse\n", b"%00", b"\t" * 40, b"a" * 300, b"( " * 200, b"Content-Transfer-Encoding: base64\n",
    b"Content-Type: message/rfc822\n\n", b"From ", b"1969-12-31", b"9999-12-31T23:59:59-14:00", b"0001-01-01",
    b"+99:99", b"null", b"true", b'{"a":', b"\xe2\x80\xa8",
)
# fmt: on
_CHARSETS = (
    b"utf-16",
    b"utf-7",
    b"punycode",
    b"iso-2022-jp",
    b"x-unknown",
    b"hex",
    b"rot13",
    b"base64",
    b"idna",
    b"\xff",
)
_ENCODINGS = (b"base64", b"quoted-printable", b"x-uuencode", b"binary", b"8bit", b"")


def damaged(raw: bytes, chance: random.Random, *, is_mail: bool, other: bytes = b"") -> bytes:
    """Return *raw* with one to six mutations; *other* is a second seed from which pieces are taken."""
    for _ in range(chance.randint(1, 6)):
        mutate = chance.choice(_OF_MAILS + _OF_BYTES if is_mail else _OF_BYTES)
        raw = mutate(raw, chance, other)[:MOST_BYTES]
    return raw


def _span(raw: bytes, chance: random.Random, longest: int = 200) -> tuple[int, int]:
    start = chance.randint(0, len(raw))
    return start, min(len(raw), start + chance.randint(0, longest))


def _remove(raw: bytes, chance: random.Random, _other: bytes) -> bytes:
    start, end = _span(raw, chance)
    return raw[:start] + raw[end:]


def _cut(raw: bytes, chance: random.Random, _other: bytes) -> bytes:
    return raw[: chance.randint(0, len(raw))]


def _insert(raw: bytes, chance: random.Random, _other: bytes) -> bytes:
    at = chance.randint(0, len(raw))
    return raw[:at] + chance.choice(_TOKENS) + raw[at:]


def _repeat(raw: bytes, chance: random.Random, _other: bytes) -> bytes:
    start, end = _span(raw, chance, 60)
    return raw[:start] + raw[start:end] * chance.choice((2, 3, 50, 400)) + raw[end:]


def _flip(raw: bytes, chance: random.Random, _other: bytes) -> bytes:
    if not raw:
        return raw
    at = chance.randrange(len(raw))
    return raw[:at] + bytes([raw[at] ^ 1 << chance.randrange(8)]) + raw[at + 1 :]


def _swap_lines(raw: bytes, chance: random.Random, _other: bytes) -> bytes:
    lines = raw.split(b"\n")
    first, second = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[first], lines[second] = lines[second], lines[first]
    return b"\n".join(lines)


def _splice(raw: bytes, chance: random.Random, other: bytes) -> bytes:
    at = chance.randint(0, len(raw))
    start, end = _span(other, chance, 2_000)
    return raw[:at] + other[start:end] + raw[at:]


def _number(raw: bytes, chance: random.Random, _other: bytes) -> bytes:
    found = list(re.finditer(rb"\d+", raw))
    if not found:
        return raw
    match = chance.choice(found)
    number = chance.choice((b"0", b"-1", b"99999999999999999999", b"1e400", b"007", "١٢".encode(), b"2147483648"))
    return raw[: match.start()] + number + raw[match.end() :]


def _lie_about_boundary(raw: bytes, chance: random.Random, _other: bytes) -> bytes:
    match = _BOUNDARY.search(raw)
    if match is None:
        return raw
    lie = chance.choice((b"", b"-", b"--", match[1][:-1], match[1] + b"x", b"b" * 300, b"\xff", match[1] + b"--"))
    return raw.replace(match[1], lie, chance.randint(1, 3))


def _change_field(raw: bytes, chance: random.Random, _other: bytes) -> bytes:
    """Drop, repeat, empty, fold or misspell a header field."""
    fields = list(_HEADER.finditer(raw))
    if not fields:
        return raw
    field = chance.choice(fields)
    line = field[0]
    changed = chance.choice(
        (b"", line * 2, field[1] + b":\n", field[1] + b" :\n\t" + line, line.replace(b" ", b"\r\n\t"), line.upper(),
         line.replace(b"-", b"_"), line.rstrip(b"\n"), line.replace(b":", b": " + b" " * 500, 1))
    )  # fmt: skip
    return raw[: field.start()] + changed + raw[field.end() :]


def _wrong_encoding(raw: bytes, chance: random.Random, _other: bytes) -> bytes:
    named = b"Content-Transfer-Encoding: " + chance.choice(_ENCODINGS) + b"\n"
    charset = b'Content-Type: text/plain; charset="' + chance.choice(_CHARSETS) + b'"\n'
    head, blank, body = raw.partition(b"\n\n")
    if chance.random() < 0.5:
        body = base64.encodebytes(body)[: chance.randint(0, len(body) * 2)]  # truly in base64, and cut
    return head + b"\n" + chance.choice((named, charset, named + charset)) + blank[1:] + body


def _wrap(raw: bytes, chance: random.Random, other: bytes) -> bytes:
    """Put the mail into another one, as a part of some type, a few levels deep."""
    for level in range(chance.randint(1, 12)):
        kind = chance.choice((b"message/rfc822", b"text/plain", b"multipart/report", b"message/delivery-status"))
        mark = b"w%d" % level
        head = b"From: MAILER-DAEMON@example.com\nContent-Type: multipart/mixed; boundary=" + mark
        raw = head + b"\n\n--" + mark + b"\nContent-Type: " + kind + b"\n\n" + raw
    return raw


_Mutation = Callable[[bytes, random.Random, bytes], bytes]
_OF_BYTES: tuple[_Mutation, ...] = (_remove, _cut, _insert, _insert, _repeat, _flip, _swap_lines, _splice, _number)
_OF_MAILS: tuple[_Mutation, ...] = (_lie_about_boundary, _change_field, _change_field, _wrong_encoding, _wrap)
