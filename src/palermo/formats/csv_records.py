"""Reads delimited records line by line: every line ends up in a record or in one set aside.

A quoted field may hold line breaks, but only if its record then ends as a record should. Otherwise
the quote is taken as never closed: its line is set aside, and reading resumes at the next line that
parses as a record. Work grows with the size of the file, not with the damage in it: a line with an
odd number of quotes always ends what an earlier one began.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from palermo.formats.csv_scan import Scan, State
from palermo.formats.lines import problem_notes, read_lines
from palermo.formats.notes import RAW_CHARACTERS, Note

#: So many lines in a row that each parse as a record are records, whatever quote stands before.
RUN = 20


@dataclass(slots=True)
class Damage:
    """Lines being set aside as one record. `large`: until its quotes close or a run of records."""

    row: int
    line: int
    raw: str
    large: bool = False
    lines: int = 0
    odd_quotes: bool = False

    def note(self) -> Note:
        """Say what is set aside, and where it stands in the file."""
        last = self.line + max(self.lines, 1) - 1
        where = f"line {self.line}" if last == self.line else f"lines {self.line} to {last}"
        if self.large:
            return Note(self.row, "field_too_large", f"{where}: larger than 8 MiB", self.raw)
        return Note(self.row, "unclosed_quote", f"{where}: a quote is not closed", self.raw)


@dataclass(slots=True)
class Parsed:
    """Records of the right width with their numbers, and notes on these and the others."""

    rows: list[int] = field(default_factory=list)
    fields: list[list[str]] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


@dataclass(slots=True)
class RecordReader:
    """Reads the records below a header of `width` fields. Keeps its place between calls."""

    delimiter: str
    width: int
    row: int = 0
    line: int = 1
    damage: Damage | None = None
    _cut_off: bool = False

    @property
    def at_record(self) -> bool:
        """Whether the next byte begins a record, with nothing damaged pending."""
        return self.damage is None and not self._cut_off

    def read(self, data: bytes, *, last: bool, full: bool) -> tuple[Parsed, int]:
        """Read what is complete in `data`; return it, and how many bytes of `data` it took.

        `last`: nothing follows `data`. `full`: more would follow, but `data` is as large as a
        record may be, so that something must be taken.
        """
        parsed = Parsed()
        taken = self._rest_of_line(data, parsed) if self._cut_off else 0
        if self._cut_off:
            return self._ended(parsed, last=last), taken
        raw = data[taken:].splitlines(keepends=True)
        if raw and not last and (raw[-1][-1:] not in b"\r\n" or raw[-1].endswith(b"\r")):
            raw.pop()
        texts, problems = read_lines(raw)
        used = self._read_lines(texts, problems, parsed, last=last, full=full)
        taken += sum(map(len, raw[:used]))
        if taken == 0 and full and not last:
            taken = self._cut_line(data)
        return self._ended(parsed, last=last), taken

    def _ended(self, parsed: Parsed, *, last: bool) -> Parsed:
        if last:
            self._finish_damage(parsed)
        return parsed

    def _read_lines(
        self,
        texts: list[str],
        problems: dict[int, tuple[str, ...]],
        parsed: Parsed,
        *,
        last: bool,
        full: bool,
    ) -> int:
        """Read lines into `parsed`; return how many were taken."""
        index, count = 0, len(texts)
        while index < count:
            text = texts[index]
            if self.damage is None and '"' not in text:
                used = 1
                if text not in {"\n", "\r\n", "\r", ""}:
                    self._plain(text, parsed)
                    if problems and index in problems:
                        parsed.notes += problem_notes(self.row, problems[index], text)
            else:
                must = last or (full and index == 0)
                used = self._difficult(texts, index, problems, parsed, last=last, must=must)
                if not used:
                    break
            index += used
            self.line += used
        return index

    def _plain(self, text: str, parsed: Parsed) -> None:
        """Read a record of one line without quotes."""
        self.row += 1
        fields = text.rstrip("\r\n").split(self.delimiter)
        if len(fields) == self.width:
            parsed.rows.append(self.row)
            parsed.fields.append(fields)
        else:
            parsed.notes.append(self._ragged(len(fields), text))

    def _ragged(self, fields: int, text: str) -> Note:
        detail = f"line {self.line}: {fields} fields where the header has {self.width}"
        return Note(self.row, "ragged", detail, text.rstrip("\r\n"))

    def _difficult(
        self,
        texts: list[str],
        index: int,
        problems: dict[int, tuple[str, ...]],
        parsed: Parsed,
        *,
        last: bool,
        must: bool,
    ) -> int:
        """Read the record with quotes, or the damaged one, that begins at `index`.

        Returns the number of lines it took; 0 when more must be read first to tell.
        """
        if self.damage is not None and self.damage.large:
            ready = self._run_ahead(texts, index, last=last)
            if ready is None and not must:
                return 0
            if not ready:
                return self._add_to_damage(texts[index], parsed)
        scan, state, used = self._scan(texts, index)
        if state is State.OPEN and not scan.stray and not must:
            return 0
        sound = self._sound(texts, index, scan, state, used)
        if self.damage is not None:
            if not sound or len(scan.fields) != self.width:
                return self._add_to_damage(texts[index], parsed)
            self._finish_damage(parsed)
            detail = "read again after the damaged record before it"
            parsed.notes.append(Note(self.row + 1, "after_damage", detail))
        elif used > 1 and not sound:
            self._start_damage(
                texts[index], large=state is State.OPEN and not scan.stray and not last
            )
            return self._add_to_damage(texts[index], parsed)
        self._accept(texts[index : index + used], scan, state, parsed)
        for number in range(index, index + used):
            if number in problems:
                parsed.notes += problem_notes(self.row, problems[number], texts[number])
        return used

    def _scan(self, texts: list[str], index: int) -> tuple[Scan, State, int]:
        scan = Scan(self.delimiter)
        for number in range(index, len(texts)):
            state = scan.feed(texts[number])
            if state is not State.OPEN:
                return scan, state, number - index + 1
            if scan.stray:
                break  # whatever follows, this is no sound record
        # Counted as more than one line, since the quote is open at the end of the last of them.
        return scan, State.OPEN, max(len(texts) - index, 2)

    def _sound(self, texts: list[str], index: int, scan: Scan, state: State, used: int) -> bool:
        """Tell whether quotes were closed by those who opened them, as far as one can tell."""
        if state is not State.DONE:
            return False
        if used == 1:
            return self.damage is None or not scan.stray
        return not scan.stray and not self.has_run(texts[index + 1 : index + used])

    def has_run(self, texts: Sequence[str]) -> bool:
        """Tell whether `RUN` lines in a row parse as records; never for a single column."""
        if self.width < 2 or len(texts) < RUN:
            return False
        run = 0
        for text in texts:
            run = run + 1 if self._is_record(text) else 0
            if run == RUN:
                return True
        return False

    def _is_record(self, text: str) -> bool:
        if text.count(self.delimiter) < self.width - 1:
            return False
        scan = Scan(self.delimiter)
        done = scan.feed(text) is State.DONE
        return done and not scan.stray and len(scan.fields) == self.width

    def _run_ahead(self, texts: list[str], index: int, *, last: bool) -> bool | None:
        """Tell whether a run of records begins here; None when there are too few lines to tell."""
        ahead = texts[index : index + RUN]
        if not self._is_record(ahead[0]):
            return False
        if len(ahead) < RUN and not last and all(map(self._is_record, ahead)):
            return None
        return self.has_run(ahead)

    def _accept(self, lines: list[str], scan: Scan, state: State, parsed: Parsed) -> None:
        """Take a record that ends where it should, if its quotes and width are right."""
        self.row += 1
        if state is State.BROKEN:
            detail = f"line {self.line}: characters follow a closing quote"
            parsed.notes.append(Note(self.row, "bad_quotes", detail, "".join(lines)))
        elif len(scan.fields) != self.width:
            parsed.notes.append(self._ragged(len(scan.fields), "".join(lines)))
        else:
            parsed.rows.append(self.row)
            parsed.fields.append(scan.fields)

    def _start_damage(self, text: str, *, large: bool) -> None:
        self.row += 1
        self.damage = Damage(self.row, self.line, text[:RAW_CHARACTERS], large=large)

    def _add_to_damage(self, text: str, parsed: Parsed) -> int:
        """Set one more line aside; a large field is over when its quotes are closed."""
        damage = self.damage
        if damage is None:
            return 0
        if damage.lines and len(damage.raw) < RAW_CHARACTERS:
            damage.raw = (damage.raw + text)[:RAW_CHARACTERS]
        damage.lines += 1
        damage.odd_quotes ^= text.count('"') % 2 == 1
        if damage.large and not damage.odd_quotes:
            self._finish_damage(parsed)
        return 1

    def _finish_damage(self, parsed: Parsed) -> None:
        if self.damage is not None:
            parsed.notes.append(self.damage.note())
            self.damage = None

    def _cut_line(self, data: bytes) -> int:
        """Begin to set aside a line that is larger than a record may be."""
        if self.damage is None:
            start = data[: 4 * RAW_CHARACTERS].decode("utf-8", "replace").replace("\0", "")
            self._start_damage(start, large=True)
        self._cut_off = True
        return self._skip(data)

    def _skip(self, data: bytes) -> int:
        if self.damage is not None:
            self.damage.odd_quotes ^= data.count(b'"') % 2 == 1
        return len(data)

    def _rest_of_line(self, data: bytes, parsed: Parsed) -> int:
        """Skip to the end of a line that is too large; return how many bytes that took."""
        ends = [place for place in (data.find(b"\n"), data.find(b"\r")) if place >= 0]
        if not ends:
            return self._skip(data)
        taken = self._skip(data[: min(ends) + 1])
        self._cut_off = False
        self.line += 1
        damage = self.damage
        if damage is not None:
            damage.lines += 1
            if damage.large and not damage.odd_quotes:
                self._finish_damage(parsed)
        return taken
