"""Decodes JSON without losing a digit of a number or a value of a repeated key.

Bytes that were not UTF-8 arrive as halves of surrogate pairs (`surrogateescape`), and are read as
Windows-1252.
"""

import json
import re
from typing import Any

from palermo.formats.lines import read_text

#: Bytes that were not UTF-8.
RAW_BYTES = re.compile("[\udc80-\udcff]+")


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Build an object; later values of a repeated key are numbered, `key#2`."""
    result = dict(pairs)
    if len(result) == len(pairs):
        return result
    result = {}
    for key, value in pairs:
        name, number = key, 1
        while name in result:
            number += 1
            name = f"{key}#{number}"
        result[name] = value
    return result


def _whole_number(literal: str) -> int | str:
    return int(literal) if len(literal) <= 18 else literal


def _fraction(literal: str) -> float | str:
    """A number that would lose digits, and what no JSON may hold (`NaN`), stays text."""
    number = float(literal)
    return number if repr(number) == literal else literal


DECODER = json.JSONDecoder(
    object_pairs_hook=_pairs,
    parse_int=_whole_number,
    parse_float=_fraction,
    parse_constant=str,
    strict=False,
)


def mended(value: Any) -> Any:
    """Read the bytes that were no UTF-8 as Windows-1252."""
    if isinstance(value, str):
        return RAW_BYTES.sub(_windows, value)
    if isinstance(value, list):
        return [mended(item) for item in value]
    if isinstance(value, dict):
        return {mended(key): mended(item) for key, item in value.items()}
    return value


def _windows(match: re.Match[str]) -> str:
    return read_text(match[0].encode("utf-8", "surrogateescape")).text
