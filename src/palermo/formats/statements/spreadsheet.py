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
from xml.etree.ElementTree import Element

from palermo.formats.statements.parts import Source, Wrong
from palermo.formats.statements.profiled import Cells
from palermo.formats.statements.xml_pull import Broken, XmlFile
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

    def _part(self, part: str) -> XmlFile:
        name = f"{self.name}, {part}"
        return XmlFile(lambda: self.archive.open(part), name, limit=_LARGEST)

    def _elements(self, part: str, wanted: frozenset[str]) -> Iterator[tuple[str, Element]]:
        """Yield elements by local name as they end; nothing if the part is not there."""
        if part not in self.archive.namelist():
            return
        xml = self._part(part)
        try:
            for event, element in xml.events():
                local = element.tag.rpartition("}")[2]
                if event == "end" and local in wanted:
                    yield local, element
                    element.clear()
                    xml.record_done()
        except (Broken, RuntimeError, NotImplementedError) as broken:
            raise Unreadable(f"{xml.name}: {broken}; save the workbook anew") from None

    def _sheets(self) -> dict[str, str]:
        targets = {
            one.get("Id", ""): one.get("Target", "")
            for _, one in self._elements("xl/_rels/workbook.xml.rels", frozenset({"Relationship"}))
        }
        found = {}
        for local, one in self._elements("xl/workbook.xml", frozenset({"workbookPr", "sheet"})):
            if local == "workbookPr":
                self.since_1904 = one.get("date1904") in {"1", "true"}
                continue
            key = next((one.attrib[key] for key in one.attrib if key.endswith("}id")), "")
            target = targets.get(key, "")
            place = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            if place in self.archive.namelist():
                found[one.get("name", "")] = place
        if not found:
            raise Unreadable(f"{self.name}: a ZIP archive, but no workbook (.xlsx) with a sheet")
        return found

    def _strings(self) -> list[str]:
        return [
            _text_of(one) for _, one in self._elements("xl/sharedStrings.xml", frozenset({"si"}))
        ]

    def _dates(self) -> list[bool]:
        """Return for each style whether it shows a number as a date."""
        codes: dict[str, str] = {}
        styles: list[bool] = []
        for local, one in self._elements("xl/styles.xml", frozenset({"numFmt", "cellXfs"})):
            if local == "numFmt":
                codes[one.get("numFmtId", "")] = one.get("formatCode", "")
            else:
                styles = [_is_date(xf.get("numFmtId", "0"), codes) for xf in one]
        return styles

    def rows(self, part: str) -> Cells:
        """Yield the rows of a sheet as text; one that is too wide is set aside."""
        xml = self._part(part)
        last = 0
        data: Element | None = None
        try:
            for event, element in xml.events():
                local = element.tag.rpartition("}")[2]
                if event == "start":
                    data = element if local == "sheetData" else data
                elif local == "row":
                    stated = element.get("r", "")
                    last = int(stated) if stated.isdigit() and len(stated) < 9 else last + 1
                    try:
                        yield last, self._cells(element)
                    except Wrong as wrong:
                        yield wrong.at(last)
                    if data is not None:
                        data.clear()
                    xml.record_done()
        except (Broken, RuntimeError, NotImplementedError) as broken:
            yield Wrong("", "", f"the sheet breaks off: {broken}").at(last + 1)

    def _cells(self, row: Element) -> list[str | None]:
        values: list[str | None] = []
        for cell in row:
            place = _PLACE.fullmatch(cell.get("r", ""))
            column = _column(place[1]) if place else len(values)
            if column >= _COLUMNS:
                raise Wrong("", cell.get("r", ""), f"a cell beyond column {_COLUMNS}")
            values += [None] * (column + 1 - len(values))
            values[column] = self._value(cell)
        return values

    def _value(self, cell: Element) -> str | None:
        kind = cell.get("t", "n")
        if kind == "inlineStr":
            return _text_of(cell)
        text = next((one.text for one in cell if one.tag.endswith("}v")), None)
        if text is None or kind in {"str", "b", "d"}:
            return text
        if kind == "e":
            raise Wrong(cell.get("r", ""), text, "the cell shows an error")
        if kind == "s":
            if text.isdigit() and len(text) < 9 and int(text) < len(self.strings):
                return self.strings[int(text)]
            raise Wrong(cell.get("r", ""), text, "names a text that the workbook does not have")
        style = cell.get("s", "0")
        if style.isdigit() and len(style) < 6 and int(style) < len(self.dates):
            return self._number(text, cell, date=self.dates[int(style)])
        return self._number(text, cell, date=False)

    def _number(self, text: str, cell: Element, *, date: bool) -> str:
        if not _NUMBER.fullmatch(text) or not any(char.isdigit() for char in text):
            raise Wrong(cell.get("r", ""), text, "expected a number")
        number = Decimal(text)
        if number and not -30 < number.adjusted() < 20:
            raise Wrong(cell.get("r", ""), text, "is larger or smaller than any amount")
        if date:
            return self._date(number, cell)
        if number:
            # More digits than a spreadsheet keeps are the noise of its binary fractions.
            number = round(number, _DIGITS - 1 - number.adjusted())
        plain = f"{number:f}"
        return plain.rstrip("0").rstrip(".") if "." in plain else plain

    def _date(self, days: Decimal, cell: Element) -> str:
        start = datetime(1904, 1, 1) if self.since_1904 else datetime(1899, 12, 30)  # noqa: DTZ001
        try:
            moment = start + timedelta(seconds=round(days * 86_400))
        except OverflowError:
            raise Wrong(cell.get("r", ""), str(days), "there is no such date") from None
        if 0 < days < 1:
            return moment.time().isoformat()
        return moment.date().isoformat() if days == int(days) else moment.isoformat()


def _text_of(element: Element) -> str:
    """Join the texts of an element; how they are pronounced is left out."""
    pieces = []
    for one in element:
        local = one.tag.rpartition("}")[2]
        if local == "t":
            pieces.append(one.text or "")
        elif local in {"r", "is"}:
            pieces.append(_text_of(one))
    return "".join(pieces)


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _is_date(identity: str, codes: dict[str, str]) -> bool:
    if identity in codes:
        return any(char in "ymdhs" for char in _NOT_CODE.sub("", codes[identity]).lower())
    return identity.isdigit() and len(identity) < 6 and int(identity) in _DATES
