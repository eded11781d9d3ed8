"""More than two hundred wrong files, each with the answer it must get. Made here, small enough to be made anew.

An answer is the code of why the whole file failed (`file: damaged`), the codes of its refused rows (`rows: ip_bad`), or
what its sender is asked (`asks: zone`).
"""

import gzip
import json
from collections.abc import Iterator
from typing import NamedTuple

from tests.consent import wrong_binaries, wrong_tables
from tests.consent.wrong_binaries import CSV

ROW = b"marie@example.com;2026-03-21 21:16:58 EST;192.0.2.17\n"


class WrongFile(NamedTuple):
    name: str
    data: bytes
    answer: str


def wrong_files() -> Iterator[WrongFile]:
    for make in (_empty, wrong_binaries.files, _json, _encodings, _headings, _quotes, _huge, wrong_tables.rows):
        yield from (WrongFile(*one) for one in make())


def _empty() -> Iterator[tuple[str, bytes, str]]:
    for name, data in {
        "nothing": b"",
        "a space": b" ",
        "spaces": b"   \t  ",
        "empty lines": b"\n\n\r\n\n",
        "a mark of UTF-8 alone": b"\xef\xbb\xbf",
        "a mark and spaces": b"\xef\xbb\xbf \n",
        "gzip of nothing": gzip.compress(b""),
        "gzip of spaces": gzip.compress(b"  \n"),
    }.items():
        yield name, data, "file: empty"
    yield "a mark of UTF-16 alone", b"\xff\xfe", "file: empty"
    yield "separators alone", b";;;\n;;;\n", "file: empty"
    yield "a separator line alone", b"sep=;\n", "file: no_headings"
    yield "only NUL bytes", b"\0" * 500, "file: no_headings"  # as UTF-16 without a mark begins


def _json() -> Iterator[tuple[str, bytes, str]]:
    good = json.dumps({"courriel": "marie@example.com", "date": "2012-04-21 21:16:58 EST"})
    yield "a JSON list", f"[{good},\n{good}]".encode(), "file: json_list"
    yield "an empty JSON list", b"[]", "file: json_list"
    yield "JSON over several lines", json.dumps(json.loads(good), indent=2).encode(), "file: no_headings"
    yield "JSON without our fields", b'{"a": 1}\n{"a": 2}\n', "file: no_headings"
    yield "JSON without addresses", b'{"nom": "Marie"}\n', "file: no_email_column"
    yield "empty objects", b"{}\n{}\n", "file: no_headings"
    for name, line in {
        "a list for an object": b"[1, 2]",
        "a text for an object": b'"marie@example.com"',
        "an object cut short": b'{"courriel": "luc@exam',
        "single quotation marks": b"{'courriel': 'luc@example.com'}",
        "a comma too many": b'{"courriel": "luc@example.com",}',
        "not a number": b'{"courriel": "luc@example.com", "x": NaN}',
        "two objects in a line": b'{"courriel":"luc@example.com"}{"courriel":"zoe@example.com"}',
        "half a surrogate": b'{"courriel": "\\ud800luc@example.com"}',
        "a comment": b"// Luc",
        "nested without end": b'{"courriel": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        "a NUL byte in JSON": b'{"courriel": "luc\\u0000@example.com"} x',
    }.items():
        yield name, good.encode() + b"\n" + line + b"\n", "rows: unreadable"
    for name, value in {"a number": "7", "a truth": "true", "a list": '["luc@example.com"]', "an object": "{}"}.items():
        line = f'{{"courriel": {value}}}'
        yield f"{name} for an address", f"{good}\n{line}\n".encode(), "rows: email_bad"
    yield "nothing for an address", f'{good}\n{{"courriel": null, "nom": "Luc"}}\n'.encode(), "rows: email_missing"
    yield "the same key twice", b'{"courriel": "luc@example.com", "courriel": "luc"}\n', "rows: email_bad"
    yield "JSON after a table's heading", b"Courriel\n" + good.encode(), "rows: too_many_cells"


def _encodings() -> Iterator[tuple[str, bytes, str]]:
    odd = "Courriel;Date\nzoé@@example.com;21 févr. 2012\n"
    for encoding in ("utf-8", "utf-8-sig", "cp1252", "mac_roman", "utf-16", "utf-16-le", "utf-16-be"):
        yield (
            f"a wrong address in {encoding}",
            odd.split(";21")[0].replace(";Date", "").encode(encoding),
            "rows: email_bad",
        )
    yield "UTF-16 with an odd byte", "Courriel\nx\n".encode("utf-16") + b"\0", "rows: email_bad"
    yield (
        "UTF-16 with a mark and half a surrogate",
        b"\xff\xfe" + "Courriel\nx".encode("utf-16-le") + b"\0\xd8",
        "rows: email_bad",
    )
    yield (
        "UTF-32",
        "Courriel\nmarie@example.com\n".encode("utf-32"),
        "rows: email_missing",
    )  # the line of a NUL at the end
    yield (
        "two encodings in one file",
        "Courriel\nzoé@@a.example\n".encode() + "zoé@@b.example\n".encode("cp1252"),
        "rows: email_bad",
    )
    yield "UTF-8 cut in a letter", "Courriel\nluc@@exampleé".encode()[:-1], "rows: email_bad"
    yield "bytes no encoding has", b"Courriel\nluc\x81\x8d@@\x9d.com\n", "rows: email_bad"
    yield "EBCDIC", "Courriel\nmarie@example.com\n".encode("cp037"), "file: no_headings"
    yield "two marks", b"\xef\xbb\xbf\xef\xbb\xbfCourriel\nluc@@example.com\n", "rows: email_bad"
    yield "a NUL byte in UTF-8", b"Courriel\nluc@exa\0mple.com\n", "file: not_text"
    yield "a NUL byte in the heading", b"Cour\0riel\nluc@example.com\n", "file: not_text"
    yield "a NUL byte far behind", CSV + ROW * 200 + b"lu\0c@@example.com;;\n", "rows: email_bad"
    yield "a terminal's codes", b"Courriel\n\x1b[31mluc@example.com\x1b[0m\n", "rows: email_bad"


def _headings() -> Iterator[tuple[str, bytes, str]]:
    for name, text in {
        "headings alone": "Nom;Courriel;Date\n",
        "headings and empty lines": "Nom;Courriel\n\n \n;;\n",
        "headings of a TSV file alone": "Nom\tCourriel\n",
        "headings behind a separator line": "sep=;\nNom;Courriel\n",
        "one heading": "Courriel",
    }.items():
        yield name, text.encode(), "file: no_rows"
    yield "one unknown column", b"Chien\nRex\nMedor\n", "file: no_headings"
    yield "unknown columns", b"Chien;Chat\nRex;Minou\n", "file: no_headings"
    yield "names without addresses", b"Nom;Ville\nMarie;Laval\n", "file: no_email_column"
    yield "headings behind a title", b"Liste de nos clients\nCourriel;Date\n" + ROW, "file: no_headings"
    columns = ";".join(f"colonne {number}" for number in range(9_999))
    yield "ten thousand columns", f"Courriel;{columns}\nluc@example.com\n".encode(), "file: too_many_columns"
    yield (
        "a thousand and one columns",
        ("Courriel" + ";x" * 1_000 + "\nluc@example.com\n").encode(),
        "file: too_many_columns",
    )
    yield "separators mixed", b"Courriel;Date\nluc@example.com,2012-04-21 21:16:58 EST\n", "rows: email_bad"
    yield "spaces for separators", b"Courriel Date\nluc@example.com 2012-04-21\n", "file: no_headings"
    yield "carets for separators", b"Nom^Ville\nLuc^Laval\n", "file: no_headings"
    yield "old line ends", b"Courriel\rluc@@example.com\r", "rows: email_bad"
    yield "the heading again in each row", b"Courriel\nCourriel\nCourriel\n", "rows: email_bad"


def _quotes() -> Iterator[tuple[str, bytes, str]]:
    yield (
        "a quotation mark never closed",
        b'Courriel;Nom\n"luc@example.com;Luc\nzoe@example.com;Zoe\n',
        "rows: email_bad",
    )
    yield "an open quotation mark in the heading", b'"Courriel;Nom\nluc@example.com;Luc\n', "file: no_headings"
    yield "quotation marks inside", b'Courriel;Nom\nlu"c"@@example.com;Luc\n', "rows: email_bad"
    yield (
        "single quotation marks around",
        b"Courriel;Nom\n'luc@example.com';'Luc'\n'zoe@@example.com';1\n",
        "rows: email_bad",
    )
    yield (
        "backslashes before quotation marks",
        b'Courriel;Nom\nl@@example.com;"Luc \\"le grand\\""\n',
        "rows: email_bad",
    )
    yield "a line end in an address", b'Courriel\n"luc@\nexample.com"\n', "rows: email_bad"
    yield "too many cells", b"Courriel;Nom\nluc@example.com;Luc;Laval;QC\n", "rows: too_many_cells"
    yield "a separator in a value", b"Courriel,Nom\nluc@example.com,Tremblay, Luc\n", "rows: too_many_cells"
    yield "too few cells", b"Nom;Courriel\nLuc\n", "rows: email_missing"
    yield "a formula", b'Courriel\n=HYPERLINK("http://example.com")\n', "rows: email_bad"


def _huge() -> Iterator[tuple[str, bytes, str]]:
    yield "a line of two megabytes", b"Courriel;Nom\nluc@example.com;" + b"x" * 2_000_000 + b"\n", "file: long_line"
    yield "a heading of two megabytes", b"x" * 2_000_000, "file: long_line"
    yield "a cell of half a megabyte", b"Courriel;Nom\nluc@example.com;" + b"x" * 500_000 + b"\n", "rows: unreadable"
    yield "an address of 60,000 letters", b"Courriel\n" + b"a" * 60_000 + b"@example.com\n", "rows: email_bad"
    yield (
        "a quoted value over many lines",
        b'Courriel;Nom\nl@example.com;"' + b"x\n" * 66_000,
        "rows: email_bad unreadable",
    )
