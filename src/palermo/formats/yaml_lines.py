"""YAML from outside, as texts, with the line of every list entry; nothing that can surprise.

Guarantees that every value is the text that stands in the file; that aliases (and so expansion
bombs), tags (and so objects), deep nesting, a second document and a key twice are refused with
their line.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from palermo.model import Unreadable

MAX_BYTES = 256 << 20
MAX_DEPTH = 16
_EVENTS: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Value = str | list["Entry"] | dict[str, "Value"]


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a list and the line on which it begins."""

    value: Value
    line: int


def read_lines(path: Path) -> dict[str, Value]:
    """Read one YAML mapping.

    Raises:
        Unreadable: it cannot be read, or is not one plain mapping.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise Unreadable(f"{path}: cannot be read ({error.strerror}); give its path") from None
    if len(data) > MAX_BYTES:
        raise Unreadable(f"{path}: more than {MAX_BYTES >> 20} MiB; split the file")
    return parse_lines(data, str(path))


def parse_lines(data: bytes, name: str) -> dict[str, Value]:
    """Read one YAML mapping from `data`; `name` is what errors call it."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(f"{name}: not UTF-8 at byte {error.start}; save it as UTF-8") from None
    try:
        value = _Composer(_checked(text, name), name).document()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark is not None else ""
        problem = getattr(error, "problem", None) or "a character YAML does not allow"
        raise Unreadable(f"{name}{line}: not YAML ({problem}); correct that line") from None
    if not isinstance(value, dict):
        raise Unreadable(f"{name}: expected lines of the form `key: value` at the top level")
    return value


def _checked(text: str, name: str) -> Iterator[yaml.Event]:
    depth = documents = 0
    for event in yaml.parse(text, Loader=_EVENTS):
        problem = ""
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            problem = "anchors and aliases (& and *) are not allowed; write the value out"
        elif getattr(event, "tag", None):
            problem = "tags (!) are not allowed; write the plain value"
        elif isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            problem = "a second document begins; keep one a file" if documents > 1 else ""
        elif isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            problem = f"nested deeper than {MAX_DEPTH} levels" if depth > MAX_DEPTH else ""
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if problem:
            raise Unreadable(f"{name}, line {_line(event)}: {problem}")
        yield event


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 0


@dataclass(slots=True)
class _Composer:
    events: Iterator[yaml.Event]
    name: str

    def document(self) -> Value | None:
        for event in self.events:
            if isinstance(event, yaml.NodeEvent):
                value = self._value(event)
                for _ in self.events:  # the rest is checked too
                    pass
                return value
        return None

    def _value(self, event: yaml.Event) -> Value:
        if isinstance(event, yaml.ScalarEvent):
            return str(event.value)
        if isinstance(event, yaml.SequenceStartEvent):
            return [
                Entry(self._value(item), _line(item)) for item in self._until(yaml.SequenceEndEvent)
            ]
        found: dict[str, Value] = {}
        for key in self._until(yaml.MappingEndEvent):
            if not isinstance(key, yaml.ScalarEvent):
                raise Unreadable(f"{self.name}, line {_line(key)}: a key must be a word")
            if key.value in found:
                raise Unreadable(
                    f"{self.name}, line {_line(key)}: `{key.value}` stands here twice; keep one"
                )
            found[key.value] = self._value(next(self.events))
        return found

    def _until(self, end: type[yaml.Event]) -> Iterator[yaml.Event]:
        for event in self.events:
            if isinstance(event, end):
                return
            yield event


def plain(value: Value) -> Any:
    """Return the value without lines: texts, lists and dictionaries."""
    if isinstance(value, list):
        return [plain(entry.value) for entry in value]
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    return value
