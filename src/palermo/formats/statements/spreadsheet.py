"""Spreadsheets (`.xlsx`) as rows of text, read as a stream and without a float.

Guarantees that nothing is unpacked beyond a bound, however small the file; that a far-off cell
costs no memory for those between; that a number stands as the file writes it, to the fifteen digits
that a spreadsheet keeps; and that a cell with a date format becomes that date in ISO form.
Source: ECMA-376 part 1, 18.2 (workbook), 18.3 (sheets), 18.4 (shared strings), 18.8 (styles).
"""

import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal

from palermo.formats.statements.parts import Source, Wrong
from palermo.formats.statements.profiled import Cells, PlainNumber
from palermo.formats.statements.xml_records import Broken, Fields, Record, XmlFile
from palermo.model import Unreadable

#: What a part may unpack to.
_LARGEST = 128 << 20
_COLUMNS = 500
_PARTS = 10_000
_PLACE = re.compile(r"([A-Z]{1,3})[0-9]{1,7}")
_NUMBER = re.compile(r"[+-]?[0-9]{0,20}(?:\.[0-9]{0,25})?(?:[eE][+-]?[0-9]{1,3})?")
#: Formats 14 to 22 and 45 to 47 are dates and times in every language, 27 to 36 and 50 to 58 in
#: those of East Asia.
_DATES = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_NOT_CODE = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
_DIGITS = 15

_RELATION = Record("relation", fields={"@Id": "id", "@Target": "target"})
_SETTINGS = Record("settings", fields={"@date1904": "date1904"})
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STRICT = "http://purl.oclc.org/ooxml/officeDocument/relationships"
_SHEET = Record("sheet", fields={"@name": "name", f"@{_OFFICE}}}id": "id", f"@{_STRICT}}}id": "id"})
#: How a text is pronounced (`rPh`) is left out; pieces in different letters are joined.
_STRING = Record("string", fields={"t": "text+", "r/t": "text+"})
_STYLES = Record(
    "styles",
    within={
        "numFmts/numFmt": Record("code", fields={"@numFmtId": "id", "@formatCode": "code"}),
        "cellXfs/xf": Record("style", fields={"@numFmtId": "id"}),
    },
)
_CELL = Record(
    "cell",
    fields={
        "@r": "place", "@t": "kind", "@s": "style", "v": "value", "is/t": "text+", "is/r/t": "text+"
    },
)  # fmt: skip
_DATA = Record("data", within={"row": Record("row", fields={"@r": "number"}, within={"c": _CELL})})


@contextmanager
def opened_workbook(source: Source) -> Iterator[zipfile.ZipFile]:
    """Open a workbook.

    Raises:
        Unreadable: it is damaged, or no archive of a spreadsheet.
    """
    try:
        archive = zipfile.ZipFile(source.path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError) as error:
        raise Unreadable(
            f"{source.name}: the workbook is damaged ({error}); save it anew"
        ) from None
    with archive:
        if len(archive.infolist()) > _PARTS:
            raise Unreadable(f"{source.name}: more parts than any workbook has")
        yield archive


def workbook_cells(archive: zipfile.ZipFile, source: Source, sheet: str | None) -> Cells:
    """Yield the rows of one sheet, the first one if none is named.

    Raises:
        Unreadable: a part is missing or damaged, or no sheet has that name.
    """
    book = _Book(archive, source.name)
    yield from book.rows(book.place_of(sheet))


class _Book:
    """A workbook: its strings, which of its styles are dates, and where its sheets are."""

    def __init__(self, archive: zipfile.ZipFile, name: str) -> None:
        self.archive, self.name = archive, name
        self.parts = frozenset(archive.namelist())
        self.since_1904 = False
        self.sheets = self._sheets()
        self.strings = self._strings()
        self.dates = self._dates()

    def place_of(self, sheet: str | None) -> str:
        """Return the part that holds a sheet.

        Raises:
            Unreadable: there is none.
        """
        if sheet is None and self.sheets:
            return next(iter(self.sheets.values()))
        if sheet in self.sheets:
            return self.sheets[sheet]
        listed = ", ".join(self.sheets)[:200] or "none"
        raise Unreadable(f"{self.name}: no sheet {sheet!r}; there is {listed}")

    def _records(self, part: str, within: dict[str, Record]) -> Iterator[tuple[str, Fields]]:
        """Yield the records of a part; nothing if it is not there.

        Raises:
            Broken: it cannot be read on.
        """
        if part in self.parts:
            name = f"{self.name}, {part}"
            xml = XmlFile(lambda: self.archive.open(part), name, limit=_LARGEST)
            try:
                for record, fields in xml.records(Record("part", within=within), None):
                    yield record, fields or {}
            except (RuntimeError, NotImplementedError) as error:
                raise Broken(str(error)) from None

    def _whole(self, part: str, within: dict[str, Record]) -> list[tuple[str, Fields]]:
        try:
            return list(self._records(part, within))
        except Broken as broken:
            raise Unreadable(f"{self.name}, {part}: {broken}; save the workbook anew") from None

    def _sheets(self) -> dict[str, str]:
        """Return the part that holds each sheet."""
        relations = self._whole("xl/_rels/workbook.xml.rels", {"Relationship": _RELATION})
        targets = {fields.get("id", ""): fields.get("target", "") for _, fields in relations}
        found = {}
        within = {"sheet": _SHEET, "workbookPr": _SETTINGS}
        for record, fields in self._whole("xl/workbook.xml", within):
            if record == "settings":
                self.since_1904 = fields.get("date1904") in {"1", "true"}
                continue
            target = targets.get(fields.get("id", ""), "")
            place = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            if place in self.parts:
                found[fields.get("name", "")] = place
        if not found:
            raise Unreadable(f"{self.name}: a ZIP archive, but no workbook (.xlsx) with a sheet")
        return found

    def _strings(self) -> list[str]:
        read = self._whole("xl/sharedStrings.xml", {"si": _STRING})
        return [fields.get("text", "") for _, fields in read]

    def _dates(self) -> list[bool]:
        """Return for each style whether it shows a number as a date."""
        codes: dict[str, str] = {}
        styles: list[bool] = []
        for record, fields in self._whole("xl/styles.xml", {"styleSheet": _STYLES}):
            if record == "code":
                codes[fields.get("id", "")] = fields.get("code", "")
            elif record == "style":
                styles.append(_is_date(fields.get("id", "0"), codes))
        return styles

    def rows(self, part: str) -> Cells:
        """Yield the rows of a sheet as text; one that is too wide is set aside."""
        last = 0
        cells: list[Fields] = []
        try:
            for record, fields in self._records(part, {"sheetData": _DATA}):
                if record == "cell":
                    cells.append(fields)
                elif record == "row":
                    stated = fields.get("number", "")
                    last = int(stated) if stated.isdigit() and len(stated) < 9 else last + 1
                    read, cells = cells, []
                    try:
                        yield last, self._cells(read)
                    except Wrong as wrong:
                        yield wrong.at(last)
        except Broken as broken:
            yield Wrong("", "", f"the sheet breaks off: {broken}").at(last + 1)

    def _cells(self, row: list[Fields]) -> list[str | None]:
        values: list[str | None] = []
        for cell in row:
            place = _PLACE.fullmatch(cell.get("place", ""))
            column = _column(place[1]) if place else len(values)
            if column >= _COLUMNS:
                raise Wrong("", cell.get("place", ""), f"a cell beyond column {_COLUMNS}")
            values += [None] * (column + 1 - len(values))
            values[column] = self._value(cell)
        return values

    def _value(self, cell: Fields) -> str | None:
        kind, place = cell.get("kind", "n"), cell.get("place", "")
        text = cell.get("text" if kind == "inlineStr" else "value")
        if text is None or kind in {"inlineStr", "str", "b", "d"}:
            return text
        if kind == "e":
            raise Wrong(place, text, "the cell shows an error")
        if kind == "s":
            if text.isdigit() and len(text) < 9 and int(text) < len(self.strings):
                return self.strings[int(text)]
            raise Wrong(place, text, "names a text that the workbook does not have")
        style = cell.get("style", "0")
        if style.isdigit() and len(style) < 6 and int(style) < len(self.dates):
            return self._number(text, place, date=self.dates[int(style)])
        return self._number(text, place, date=False)

    def _number(self, text: str, place: str, *, date: bool) -> str:
        if not _NUMBER.fullmatch(text) or not any(char.isdigit() for char in text):
            raise Wrong(place, text, "expected a number")
        number = Decimal(text)
        if number and not -30 < number.adjusted() < 20:
            raise Wrong(place, text, "is larger or smaller than any amount")
        if date:
            return self._date(number, place)
        if number:
            # More digits than a spreadsheet keeps are the noise of its binary fractions.
            number = round(number, _DIGITS - 1 - number.adjusted())
        plain = f"{number:f}"
        return PlainNumber(plain.rstrip("0").rstrip(".") if "." in plain else plain)

    def _date(self, days: Decimal, place: str) -> str:
        start = datetime(1904, 1, 1) if self.since_1904 else datetime(1899, 12, 30)  # noqa: DTZ001
        try:
            moment = start + timedelta(seconds=round(days * 86_400))
        except OverflowError:
            raise Wrong(place, str(days), "there is no such date") from None
        if 0 < days < 1:
            return moment.time().isoformat()
        return moment.date().isoformat() if days == int(days) else moment.isoformat()


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _is_date(identity: str, codes: dict[str, str]) -> bool:
    if identity in codes:
        return any(char in "ymdhs" for char in _NOT_CODE.sub("", codes[identity]).lower())
    return identity.isdigit() and len(identity) < 6 and int(identity) in _DATES
