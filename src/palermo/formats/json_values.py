"""Reads one JSON object and loses nothing: no digit of a number, no value of a repeated key.

Nothing is interpreted that need not be. A number is its own literal, so that an id of forty digits
or a price of 1.10 stays what it is.
"""

import json
import re
from typing import Any, NamedTuple

from palermo.formats.canonical import literal

#: Deeper nesting than this is no data but an attack on whoever reads it.
DEPTH = 100

_STRINGS = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_ESCAPED_TROUBLE = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
_SURROGATES = re.compile("[\ud800-\udfff]")
_JSON_KINDS = {str: "a string", list: "a list", bool: "true or false", type(None): "null"}


class Number(str):
    """The literal of a JSON number."""

    __slots__ = ()


class Pairs(list[Any]):
    """A JSON object as its key-value pairs, in the order and number in which they stand."""

    __slots__ = ()


class Misread(Exception):
    """A text that is no JSON object; `reason` is one of the reasons for setting a row aside."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class Object(NamedTuple):
    """A JSON object read: its pairs, and the reasons for notes on it."""

    pairs: Pairs
    problems: tuple[str, ...]


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _decoder(*, strict: bool) -> json.JSONDecoder:
    return json.JSONDecoder(
        object_pairs_hook=Pairs,
        parse_int=Number,
        parse_float=Number,
        parse_constant=_no_constant,
        strict=strict,
    )


_STRICT, _LENIENT = _decoder(strict=True), _decoder(strict=False)


def read_object(text: str) -> Object:
    """Read `text`, which has no blanks around it, as one JSON object, or raise `Misread`."""
    if ("[" in text or "{" in text[1:]) and _depth(text) > DEPTH:
        raise Misread("bad_json", f"nested more than {DEPTH} levels deep")
    problems: tuple[str, ...] = ()
    try:
        try:
            value, end = _STRICT.raw_decode(text)
        except json.JSONDecodeError as error:
            if not error.msg.startswith("Invalid control character"):
                raise
            value, end = _LENIENT.raw_decode(text)
            problems = ("control_characters",)
    except (ValueError, RecursionError) as error:
        raise Misread("bad_json", str(error)) from None
    if end != len(text):
        raise Misread("bad_json", f"something follows the value, at character {end + 1}")
    if type(value) is not Pairs:
        kind = "a number" if isinstance(value, Number) else _JSON_KINDS[type(value)]
        raise Misread("not_an_object", f"this is {kind}, not an object")
    if "\\u" in text and _ESCAPED_TROUBLE.search(text):
        found: set[str] = set()
        value = _mended(value, found)
        problems = (*problems, *sorted(found))
    if len(dict(value)) < len(value):
        problems = (*problems, "duplicate_key")
    return Object(value, problems)


def _depth(text: str) -> int:
    """Levels of nesting; 0 when there are too few brackets to count."""
    if text.count("[") + text.count("{") <= DEPTH:
        return 0
    deepest = depth = 0
    for character in re.findall(r"[\[\]{}]", _STRINGS.sub("", text)):
        depth += 1 if character in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _mended(value: Any, found: set[str]) -> Any:
    """Take out what no text may hold: NUL, and halves of surrogate pairs."""
    if isinstance(value, Number):
        return value
    if isinstance(value, str):
        if "\0" in value:
            found.add("nul")
            value = value.replace("\0", "")
        mended = _SURROGATES.sub("\ufffd", value)
        if mended != value:
            found.add("surrogate")
        return mended
    if isinstance(value, Pairs):
        return Pairs((_mended(key, found), _mended(item, found)) for key, item in value)
    if isinstance(value, list):
        return [_mended(item, found) for item in value]
    return value


def json_form(value: Any) -> str:
    """Write a value that was read here as compact JSON."""
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, str):
        return literal(value)
    if isinstance(value, Pairs):
        return f"{{{','.join(f'{literal(key)}:{json_form(item)}' for key, item in value)}}}"
    if isinstance(value, list):
        return f"[{','.join(map(json_form, value))}]"
    return {True: "true", False: "false", None: "null"}[value]


def text_form(value: Any) -> str | None:
    """Write a value as the text of a column: a string as it is, null as None, others as JSON."""
    if value is None:
        return None
    if type(value) is str:
        return value
    return json_form(value)
