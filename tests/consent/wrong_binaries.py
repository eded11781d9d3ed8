"""Files that are no table: other formats by their first bytes, what was packed, and workbooks that are broken."""

import gzip
import io
import random
import zipfile
from collections.abc import Iterator

from tests.consent.workbooks import MAIN, packed, workbook

CSV = b"Courriel;Date;IP\nmarie@example.com;2026-03-21 21:16:58 EST;192.0.2.17\n"


def files() -> Iterator[tuple[str, bytes, str]]:
    """Yield name, bytes and answer of each."""
    yield from _binary()
    yield from _packed()
    yield from _workbooks()


def _binary() -> Iterator[tuple[str, bytes, str]]:
    chance = random.Random(7)
    noise = bytes(chance.randrange(256) for _ in range(600)) + b"\0\1\2\3"
    for name, start in {
        "PDF": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
        "PNG": b"\x89PNG\r\n\x1a\n",
        "JPEG": b"\xff\xd8\xff\xe0\x00\x10JFIF\0",
        "GIF": b"GIF89a",
        "BMP": b"BM6\x03\0\0",
        "TIFF": b"II*\0",
        "WebP": b"RIFF\x24\0\0\0WEBPVP8 ",
        "icon": b"\0\0\1\0\1\0",
        "Photoshop": b"8BPS\0\1",
        "MP3": b"ID3\3\0\0",
        "MP4": b"\0\0\0\x18ftypmp42",
        "AVI": b"RIFF\x24\0\0\0AVI LIST",
        "Ogg": b"OggS\0\2",
        "FLAC": b"fLaC\0\0\0\x22",
        "Matroska": b"\x1aE\xdf\xa3\x01\0",
        "ELF": b"\x7fELF\2\1\1\0",
        "EXE": b"MZ\x90\0\3\0\0\0",
        "Mach-O": b"\xcf\xfa\xed\xfe\x07\0\0\1",
        "Java class": b"\xca\xfe\xba\xbe\0\0\0\x37",
        "WebAssembly": b"\0asm\1\0\0\0",
        "SQLite": b"SQLite format 3\0",
        "Outlook store": b"!BDN\x42\x1a\0\0SM",
        "Access": b"\0\1\0\0Standard Jet DB\0",
        "dBase": b"\3\x7a\5\x0f\x10\0\0\0",
        "RPM": b"\xed\xab\xee\xdb\3\0",
        "Debian package": b"!<arch>\ndebian-binary\0",
        "cabinet": b"MSCF\0\0\0\0",
        "disk image": b"CD001\1\0",
        "capture": b"\xd4\xc3\xb2\xa1\2\0\4\0",
        "Parquet": b"PAR1\x15\0",
        "Avro": b"Obj\1\4\x16avro\0",
        "ORC": b"ORC\0\1",
        "HDF5": b"\x89HDF\r\n\x1a\n\0",
        "Arrow": b"ARROW1\0\0",
        "NumPy": b"\x93NUMPY\1\0",
        "pickle": b"\x80\4\x95\0\0",
        "WOFF": b"wOFF\0\1\0\0",
        "TrueType": b"\0\1\0\0\0\x0f",
        "Flash": b"CWS\x0a\0\0",
        "certificate": b"0\x82\3\x0c0\x82\2\0",
        "OpenPGP": b"\x85\1\x0c\3\0",
        "LZ4": b"\x04\x22\x4d\x18\0",
        "tar": b"clients.csv" + b"\0" * 89 + b"0000644\0",
        "random": b"",
    }.items():
        yield name, start + noise, "file: not_text"
    for name, start in {
        "XLS": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "a workbook with a password": b"\xd0\xcf\x11\xe0",
    }.items():
        yield name, start + noise + name.encode(), "file: workbook"
    for name, text in {
        "HTML": "<!DOCTYPE html>\n<html><body><table><tr><td>marie@example.com</td></tr></table></body></html>\n",
        "XML": '<?xml version="1.0"?>\n<clients><client mail="marie@example.com"/></clients>\n',
        "RTF": "{\\rtf1\\ansi marie@example.com}\n",
        "PostScript": "%!PS-Adobe-3.0\n(marie@example.com) show\n",
        "SQL": "INSERT INTO clients VALUES ('marie@example.com', '2012-04-21');\n",
        "YAML": "---\n- marie@example.com\n- luc@example.com\n",
        "a letter": "Bonjour,\n\nvoici la liste que vous avez demandée.\n\nMarie\n",
        "addresses without a heading": "marie@example.com\nluc@example.com\n",
        "Base64": "TWFyaWVAZXhhbXBsZS5jb20sMjAxMi0wNC0yMQo=\n",
        "a log": "2012-04-21 21:16:58 INFO signup marie@example.com from 192.0.2.17\n",
        "vCard": "BEGIN:VCARD\nVERSION:3.0\nN:Tremblay;Marie\nEMAIL:marie@example.com\nEND:VCARD\n",
        "PHP": "<?php\nsystem('id');\n",
        "a script": "#!/bin/sh\nrm -rf /\n",
        "a comment alone": "# exporté le 21 avril\n",
    }.items():
        yield name, text.encode(), "file: no_headings"
    mbox = "From marie@example.com Sat Apr 21 21:16:58 2012\nSubject: liste\n\nBonjour\n"
    yield "mbox", mbox.encode(), "file: no_headings"


def _packed() -> Iterator[tuple[str, bytes, str]]:
    whole = gzip.compress(CSV * 50, mtime=0)
    yield "gzip cut short", whole[:-20], "file: damaged"
    yield "gzip cut in its head", whole[:5], "file: damaged"
    yield "gzip with a wrong sum", whole[:-8] + b"\1\2\3\4" + whole[-4:], "file: damaged"
    yield "gzip with garbage behind it", whole + b"garbage", "file: damaged"
    yield "gzip with noise inside", whole[:30] + b"\xff" * 20 + whole[50:], "file: damaged"
    yield "gzip of gzip", gzip.compress(whole), "file: packed_twice"
    yield "gzip of gzip of gzip", gzip.compress(gzip.compress(whole)), "file: packed_twice"
    yield "gzip of a PDF", gzip.compress(b"%PDF-1.7\n"), "file: not_text"
    yield "gzip bomb", gzip_bomb(), "file: long_line"
    yield "gzip bomb of letters", gzip.compress(b"Courriel\n" + b"a\n" * 20_000_000, 9), "file: bomb"
    for name, start in {
        "Zstandard": b"\x28\xb5\x2f\xfd\x04\0",
        "bzip2": b"BZh91AY&SY",
        "xz": b"\xfd7zXZ\0\0\4",
        "7z": b"7z\xbc\xaf\x27\x1c\0\4",
        "RAR": b"Rar!\x1a\7\1\0",
    }.items():
        yield name, start + bytes(range(200)), "file: other_packing"
    yield "ZIP with a CSV file", _zip({"clients.csv": CSV}), "file: archive"
    yield "ZIP with nothing", _zip({"a/": b""}), "file: archive"
    yield "ZIP in a ZIP", _zip({"inner.zip": _zip({"clients.csv": CSV})}), "file: archive"
    yield "ZIP that leaves its folder", _zip({"../../clients.csv": CSV}), "file: archive"
    yield "ZIP cut short", _zip({"clients.csv": CSV})[:-30], "file: damaged"
    yield "the beginning of a ZIP", b"PK\x03\x04....", "file: damaged"
    yield "Word", _zip({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"}), "file: archive"
    yield "OpenDocument", _zip({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}), "file: archive"
    yield "Java archive", _zip({"META-INF/MANIFEST.MF": b"Manifest-Version: 1.0"}), "file: archive"
    yield "binary workbook", _zip({"xl/workbook.bin": b"\0\1", "xl/worksheets/sheet1.bin": b"\0"}), "file: archive"


def _workbooks() -> Iterator[tuple[str, bytes, str]]:
    good = workbook([["Courriel", "Date"], ["marie@example.com", "2012-04-21 21:16:58 EST"]])
    sheet = f'<worksheet xmlns="{MAIN}"><sheetData>%s</sheetData></worksheet>'
    yield "workbook cut short", good[: len(good) // 2], "file: damaged"
    yield "workbook with broken XML", packed(sheet % "<row r='1'><c></row>"), "file: damaged"
    yield "workbook without XML", packed("Courriel;Date"), "file: damaged"
    yield "workbook with an entity", packed('<!DOCTYPE x [<!ENTITY a "aaaa">]>' + sheet % "&a;"), "file: bomb"
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
    yield "a billion laughs", packed(f'<!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]>' + sheet % "&l8;"), "file: bomb"
    outside = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    yield "workbook with an outside entity", packed(outside + sheet % "&a;"), "file: bomb"
    corner = sheet % '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    yield "a cell in the last corner", packed(corner), "file: too_many_columns"
    yield (
        "workbook of ten thousand columns",
        workbook([["Courriel", *map(str, range(9_999))]]),
        "file: too_many_columns",
    )
    yield "empty workbook", workbook([]), "file: empty"
    yield "workbook with headings alone", workbook([["Courriel", "Date"]]), "file: no_rows"
    yield "workbook without headings", workbook([["marie@example.com", "#41020.5"]]), "file: no_headings"
    yield "workbook without addresses", workbook([["Nom", "Ville"], ["Marie", "Laval"]]), "file: no_email_column"
    yield "workbook with an error for an address", workbook([["Courriel"], ["#REF!".lstrip("#")]]), "rows: email_bad"
    yield "workbook with numbers for addresses", workbook([["Courriel"], ["#41020.5"]]), "rows: email_bad"
    macros = packed(sheet % '<row r="1"><c t="inlineStr"><is><t>Nom</t></is></c></row>', xl__vbaProject__bin="Sub a()")
    yield "workbook with macros, without addresses", macros, "file: no_email_column"
    many = packed(sheet % "", **{f"xl__media__{n}": "x" for n in range(2_100)})
    yield "workbook of thousands of parts", many, "file: bomb"
    nested = packed(sheet % ("<row>" * 20_000))
    yield "workbook nested without end", nested, "file: damaged"


def gzip_bomb() -> bytes:
    return gzip.compress(b"\0" * 40_000_000, 9)


def _zip(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return made.getvalue()
