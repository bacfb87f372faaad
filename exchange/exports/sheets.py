"""Tables as files: CSV, made by PostgreSQL itself, and XLSX, written as it is read. Neither is ever held whole.

A cell of a CSV file that begins with a sign by which a spreadsheet knows a formula gets an apostrophe before it, and so
does one that begins with an apostrophe: taking one apostrophe away from every cell that begins with one gives back what
was there. Cells of XLSX say themselves that they are text, and stay as they are.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import escape

from django.db import connection

from exchange.exports.columns import Column, Table

#: What makes a formula of a cell, in half and in full width, and the apostrophe that hides it.
SIGNS = "=+-@\t\r\n'＝＋－＠"
BOM = "\ufeff"
#: How much is sent at a time, and how many rows are read at a time.
BLOCK, ROWS = 64 * 1024, 1000

#: The limits of Excel: rows of a sheet, and letters of a cell in its own count (UTF-16).
MOST_ROWS, MOST_LETTERS = 1_048_576, 32_767
#: The styles of a cell: its place in ``xl/styles.xml`` below.
WRAPPED, BOLD = 1, 2
#: Three lines. Left to itself a row of wrapped texts is as high as the longest of them.
HEIGHT = ' ht="45" customHeight="1"'
#: How wide columns of text are, in letters, by the end of their names.
USUAL, WIDEST, ABOUT = 28, 60, 30
WIDTHS = {
    "uid": 13, "uids": 28, "_edtf": 24, "title": WIDEST, "gist": WIDEST, "text": WIDEST, "summary": WIDEST,
    "notes": WIDEST, "note": WIDEST, "description": WIDEST, "translation": WIDEST, "url": 40, "urls": 40,
    "participants": 40, "topics": 40, "kind": 16, "mode": 12, "status": 12, "country": 9, "language": 10,
}  # fmt: skip


def protected(column: Column) -> str:
    """The SQL of a cell that no spreadsheet takes for a formula."""
    if column.kind != "text":
        return column.sql
    codes = ", ".join(str(ord(sign)) for sign in SIGNS)
    return f"CASE WHEN ascii({column.sql}) IN ({codes}) THEN '''' ELSE '' END || {column.sql}"


def unprotected(cell: str) -> str:
    """What a cell of our CSV held before it was protected."""
    return cell.removeprefix("'")


def csv(table: Table, records: Any, *, order: Any, site: str, bom: bool = False) -> Iterator[bytes]:
    """The table as CSV (RFC 4180, lines ended by a line feed), in blocks; run it inside a `snapshot`."""
    head = ",".join(table.names) + "\n"
    yield ((BOM if bom else "") + head).encode()
    query, parameters = table.query(records, order=order, site=site, cell=protected)
    # The driver's own cursor: the one that Django lays around it in debugging takes no parameters here.
    with connection.cursor() as cursor, connection.wrap_database_errors:
        block = bytearray()
        with cursor.cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT csv)", parameters) as copy:
            for row in copy:
                block += row
                if len(block) >= BLOCK:
                    yield bytes(block)
                    block.clear()
    if block:
        yield bytes(block)


def rows(table: Table, records: Any, *, order: Any, site: str) -> Iterator[tuple[str | None, ...]]:
    """The rows of the table as texts, from a cursor of the database; run it inside a `snapshot`."""
    query, parameters = table.query(records, order=order, site=site)
    with connection.chunked_cursor() as cursor:
        cursor.execute(query, parameters)
        while found := cursor.fetchmany(ROWS):
            yield from found


class _Outlet(io.RawIOBase):
    """Where a zip file is written: kept only until it is taken."""

    def __init__(self) -> None:
        self.kept = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.kept += data
        return len(data)

    def take(self) -> bytes:
        taken = bytes(self.kept)
        self.kept.clear()
        return taken


def xlsx(table: Table, found: Iterator[tuple[str | None, ...]], about: list[tuple[str, str]]) -> Iterator[bytes]:
    """A workbook of two sheets, the rows and what they are, as it is being written.

    A text that is longer than Excel allows is cut and says so; the permanent address of its row leads to the whole.
    """
    outlet = _Outlet()
    with zipfile.ZipFile(outlet, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as book:
        for name, content in _FRAME.items():
            book.writestr(name, content)
        with book.open("xl/worksheets/sheet2.xml", "w") as sheet:
            sheet.write(_sheet_head([ABOUT, WIDEST]))
            sheet.writelines(_row([Column("", "", "")] * 2, pair, height="") for pair in about)
            sheet.write(_SHEET_FOOT)
        with book.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            sheet.write(_sheet_head([_width(column) for column in table.columns], is_frozen=True))
            sheet.write(_row([Column("", "", "")] * len(table.columns), table.names, style=BOLD, height=""))
            waiting = bytearray()
            for cells in found:
                waiting += _row(table.columns, cells)
                if len(waiting) >= BLOCK:
                    sheet.write(bytes(waiting))
                    waiting.clear()
                    if len(outlet.kept) >= BLOCK:
                        yield outlet.take()
            sheet.write(bytes(waiting))
            sheet.write(_SHEET_FOOT)
    yield outlet.take()


def _width(column: Column) -> int:
    """How wide a column is, in letters: known before its first row is read, so it cannot follow what is in it."""
    kinds = {"date": 12, "moment": 22, "number": 10, "boolean": 10}
    of_text = next((width for end, width in WIDTHS.items() if column.name.endswith(end)), USUAL)
    return max(kinds.get(column.kind, of_text), len(column.name) + 2)


def _sheet_head(widths: list[int], *, is_frozen: bool = False) -> bytes:
    """The head of a sheet with columns of these widths, long texts wrapped; the first row stays in sight if frozen."""
    columns = "".join(
        f'<col min="{place}" max="{place}" width="{width}" style="{WRAPPED}" customWidth="1"/>'
        for place, width in enumerate(widths, start=1)
    )
    return f"{_SHEET_HEAD}{_FROZEN if is_frozen else ''}<cols>{columns}</cols><sheetData>".encode()


def _row(columns: list[Column], cells: Any, *, style: int = WRAPPED, height: str = HEIGHT) -> bytes:
    made = "".join(_xml_cell(column, cell, style) for column, cell in zip(columns, cells, strict=True))
    return f"<row{height}>{made}</row>".encode()


def _xml_cell(column: Column, cell: str | None, style: int) -> str:
    if cell is None or cell == "":
        return "<c/>"
    if column.kind == "number":
        return f'<c s="{style}"><v>{cell}</v></c>'
    if column.kind == "boolean":
        return f'<c s="{style}" t="b"><v>{int(cell == "true")}</v></c>'
    return f'<c s="{style}" t="inlineStr"><is><t xml:space="preserve">{_xml_text(fitting(cell))}</t></is></c>'


def fitting(cell: str) -> str:
    """The text, cut where Excel would refuse the file; a cut text says so at its end."""
    if len(cell) <= MOST_LETTERS // 2 or len(cell.encode("utf-16-le")) // 2 <= MOST_LETTERS:
        return cell
    end = " … [cut: Excel holds no more in a cell; the address of the row has the whole]"
    room = MOST_LETTERS - len(end)
    return cell.encode("utf-16-le")[: 2 * room].decode("utf-16-le", "ignore") + end


#: What XML cannot hold, and what would be read as the way to write that (ECMA-376, 22.9.2.19).
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0d\x0e-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


def _xml_text(text: str) -> str:
    return escape(_UNWRITABLE.sub(lambda found: f"_x{ord(found[0]):04X}_", text))


_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_SHEET_HEAD = f'{_XML}<worksheet xmlns="{_MAIN}">'
_FROZEN = (
    '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" '
    'state="frozen"/></sheetView></sheetViews>'
)
_AT_TOP = '<alignment vertical="top" wrapText="1"/>'
_PLAIN = 'numFmtId="0" fillId="0" borderId="0"'
_SHEET_FOOT = b"</sheetData></worksheet>"
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_FRAME = {
    "[Content_Types].xml": (
        f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_SHEET_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_SHEET_TYPE}.styles+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_SHEET_TYPE}.worksheet+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet2.xml" ContentType="{_SHEET_TYPE}.worksheet+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{_LINKS}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_LINKS}"><sheets><sheet name="Rows" sheetId="1" r:id="rId1"/>'
        '<sheet name="About" sheetId="2" r:id="rId2"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_LINKS}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{_LINKS}/worksheet" Target="worksheets/sheet2.xml"/>'
        f'<Relationship Id="rId3" Type="{_LINKS}/styles" Target="styles.xml"/></Relationships>'
    ),
    "xl/styles.xml": (
        f'{_XML}<styleSheet xmlns="{_MAIN}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
        '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill>'
        '<patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>'
        '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        f'<cellStyleXfs count="1"><xf {_PLAIN} fontId="0"/></cellStyleXfs><cellXfs count="3">'
        f'<xf {_PLAIN} fontId="0" xfId="0"/>'
        f'<xf {_PLAIN} fontId="0" xfId="0" applyAlignment="1">{_AT_TOP}</xf>'
        f'<xf {_PLAIN} fontId="1" xfId="0" applyFont="1" applyAlignment="1">{_AT_TOP}</xf></cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    ),
}
