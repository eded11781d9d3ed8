"""Files of consent records to measure with: every row another recipient, one in a hundred wrong, written as it goes."""

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

HEADINGS = (
    *("Nom", "Courriel", "Adresse", "Ville", "Prov/État", "Pays", "Code postal", "Téléphone jour", "Site"),
    *("DateHeureCommande", "IP", "Hôte"),
)
CITIES = ("Québec", "Montréal", "Trois-Rivières", "Gatineau", "Saguenay")
BLOCK = 5_000  # rows written at once

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def write_csv(path: Path, rows: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADINGS)
        writer.writerows(_row(number) for number in range(rows))


def write_workbook(path: Path, rows: int) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("_rels/.rels", _links("officeDocument", "xl/workbook.xml"))
        archive.writestr("xl/_rels/workbook.xml.rels", _links("worksheet", "worksheets/sheet1.xml"))
        sheets = '<sheets><sheet name="Feuille 1" sheetId="1" r:id="a"/></sheets>'
        archive.writestr("xl/workbook.xml", f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">{sheets}</workbook>')
        with archive.open("xl/worksheets/sheet1.xml", "w") as sheet:
            sheet.write(f'<worksheet xmlns="{_MAIN}"><sheetData>'.encode())
            for block in _blocks(rows):
                sheet.write(block.encode())
            sheet.write(b"</sheetData></worksheet>")


def _row(number: int) -> Sequence[str]:
    day, second = number // 86_400 % 28 + 1, number % 86_400
    clock = f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
    wrong = number % 100 == 99
    return [
        f"Marie Tremblay {number}",
        "marie à example.com" if wrong else f"marie.{number}@client{number % 3_000}.example.com",
        f"{number % 900 + 1}, rue Principale",
        CITIES[number % len(CITIES)],
        "QC",
        "Canada",
        "G1R 2B5",
        "418-555-0134",
        "https://www.example.com/infolettre",
        f"2024-{number // 2_419_200 % 12 + 1:02}-{day:02} {clock}.090 EST",
        f"203.0.113.{number % 256}",
        f"h{number}.example.net",
    ]


def _blocks(rows: int) -> Iterator[str]:
    text = io.StringIO()
    for number in range(-1, rows):
        cells = HEADINGS if number < 0 else _row(number)
        written = "".join(f'<c t="inlineStr"><is><t>{escape(cell)}</t></is></c>' for cell in cells)
        text.write(f'<row r="{number + 2}">{written}</row>')
        if number % BLOCK == 0 or number == rows - 1:
            yield text.getvalue()
            text = io.StringIO()


def _links(kind: str, target: str) -> str:
    link = f'<Relationship Id="a" Type="{_OFFICE}/{kind}" Target="{target}"/>'
    return f'<Relationships xmlns="{_PACKAGE}">{link}</Relationships>'
