"""Small XLSX workbooks, made part by part so that a test can break any of them."""

import io
import zipfile
from collections.abc import Iterable
from xml.sax.saxutils import escape

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
KINDS = "http://schemas.openxmlformats.org/package/2006/content-types"


def workbook(rows: Iterable[Iterable[str]], *, begins: str = "") -> bytes:
    """Return a workbook with text in its cells; `#44000.5` is a moment, in days since the end of 1899.

    *begins* is XML at the beginning of the workbook's own part.
    """
    told = "".join(
        f'<row r="{number}">{"".join(map(_cell, row))}</row>' for number, row in enumerate(rows, start=1) if row
    )
    return packed(f'<worksheet xmlns="{MAIN}"><sheetData>{told}</sheetData></worksheet>', begins=begins)


def packed(sheet: str, *, begins: str = "", **more: str) -> bytes:
    """Return a workbook whose first sheet is this XML, with *more* parts by path (`__` for a slash)."""
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{KINDS}"><Default Extension="xml" ContentType="application/xml"/>'
        "</Types>",
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="a" Type="{OFFICE}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{begins}<sheets>'
        '<sheet name="Feuille 1" sheetId="1" r:id="b"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}">'
        f'<Relationship Id="b" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="c" Type="{OFFICE}/styles" Target="styles.xml"/>'
        f'<Relationship Id="d" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><cellXfs><xf numFmtId="0"/><xf numFmtId="22"/></cellXfs>'
        "</styleSheet>",
        "xl/worksheets/sheet1.xml": sheet,
    } | {path.replace("__", "/"): text for path, text in more.items()}
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in parts.items():
            archive.writestr(path, text)
    return file.getvalue()


def _cell(value: str) -> str:
    if value.startswith("#"):
        return f'<c s="1"><v>{value[1:]}</v></c>'
    return f'<c t="inlineStr"><is><t>{escape(value)}</t></is></c>'
