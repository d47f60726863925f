"""Plain YAML: strings, lists and mappings, and nothing that can surprise.

Guarantees that what is read is exactly what a person sees in the file: no aliases (and so no
expansion bombs), no tags (and so no objects), no key twice, no second document, bounded size and
depth. Every error names the file, the line, what was expected and what to do.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from palermo.model import Unreadable

Plain = str | int | bool | None | list["Plain"] | dict[str, "Plain"]

MAX_BYTES = 1 << 20
MAX_DEPTH = 16

_EVENTS = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml where the wheel carries it
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}


def read_plain(
    data: bytes, *, name: str, typed: bool = False, max_bytes: int = MAX_BYTES
) -> dict[str, Plain]:
    """Read one YAML mapping from `data`; `name` is what errors call the file.

    With `typed`, unquoted whole numbers, `true`, `false` and `null` become values; otherwise every
    scalar stays the text that stands in the file, so that a case number `2026-01` or `NO` is safe.

    Raises:
        Unreadable: when it is not one plain mapping.
    """
    if len(data) > max_bytes:
        raise Unreadable(
            f"{name}: {len(data):,} bytes, expected at most {max_bytes:,}; "
            "check that this is the right file"
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(
            f"{name}: not UTF-8 at byte {error.start}; save the file as UTF-8"
        ) from None
    try:
        value = _Composer(_checked(text, name), name, typed).document()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark is not None else ""
        problem = getattr(error, "problem", None) or "a character YAML does not allow"
        raise Unreadable(f"{name}{line}: not YAML ({problem}); correct that line") from None
    if not isinstance(value, dict):
        raise Unreadable(f"{name}: expected lines of the form `key: value` at the top level")
    return value


def _checked(text: str, name: str) -> Iterator[yaml.Event]:
    """Yield the parser's events, refusing what a plain file has no use for."""
    depth = documents = 0
    for event in yaml.parse(text, Loader=_EVENTS):
        line = _line(event)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise Unreadable(
                f"{name}, line {line}: anchors and aliases (& and *) are not allowed; "
                "write the value out, or quote it if it is text"
            )
        if getattr(event, "tag", None):
            raise Unreadable(
                f"{name}, line {line}: tags (!) are not allowed; "
                "write the plain value, or quote it if it is text"
            )
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise Unreadable(f"{name}, line {line}: a second document begins; keep one a file")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise Unreadable(f"{name}, line {line}: nested deeper than {MAX_DEPTH} levels")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        yield event


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 0


@dataclass(slots=True)
class _Composer:
    """Builds plain values from checked events; depth is already bounded."""

    events: Iterator[yaml.Event]
    name: str
    typed: bool

    def document(self) -> Plain:
        for event in self.events:
            if isinstance(event, yaml.NodeEvent):
                value = self._value(event)
                for _ in self.events:  # the rest is checked too
                    pass
                return value
        return None

    def _value(self, event: yaml.Event) -> Plain:
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        if isinstance(event, yaml.SequenceStartEvent):
            return [self._value(item) for item in self._until(yaml.SequenceEndEvent)]
        found: dict[str, Plain] = {}
        for key in self._until(yaml.MappingEndEvent):
            line = _line(key)
            if not isinstance(key, yaml.ScalarEvent):
                raise Unreadable(f"{self.name}, line {line}: a key must be a word")
            if key.value in found:
                raise Unreadable(
                    f"{self.name}, line {line}: `{key.value}` stands here a second time; keep one"
                )
            found[key.value] = self._value(next(self.events))
        return found

    def _until(self, end: type[yaml.Event]) -> Iterator[yaml.Event]:
        for event in self.events:
            if isinstance(event, end):
                return
            yield event

    def _scalar(self, event: yaml.ScalarEvent) -> Plain:
        text = str(event.value)
        if not self.typed or event.style:
            return text
        if text in _WORDS:
            return _WORDS[text]
        return int(text) if text.isascii() and text.isdigit() else text
