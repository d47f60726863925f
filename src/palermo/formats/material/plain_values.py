"""Lays nested values of a source out under its own names, so that `extra` keeps all of them.

`{"poll": {"total": 3, "answers": ["a"]}}` becomes `poll.total` = 3 and `poll.answers` = `["a"]`.
"""

import json
from collections.abc import Mapping
from typing import Any

from palermo.formats.material.found import Value

#: How much of one value goes into `extra`; all of it stays in the exhibit.
VALUE_CHARACTERS = 20_000
#: A text longer than this would be set aside as a whole.
TEXT_CHARACTERS = 1_000_000
_LEVELS = 4


def flat(value: Mapping[str, Any], prefix: str = "") -> dict[str, Value]:
    """Return the values of a JSON object by dotted name; lists as JSON; nulls left out."""
    result: dict[str, Value] = {}
    for key, item in value.items():
        name = f"{prefix}{key}"
        if isinstance(item, dict) and item and name.count(".") < _LEVELS:
            result.update(flat(item, f"{name}."))
        elif isinstance(item, (list, dict)):
            if item:
                result[name] = cut(json.dumps(item, ensure_ascii=False))
        elif isinstance(item, str):
            result[name] = cut(item)
        elif item is not None:
            result[name] = item
    return result


def cut(text: str, length: int = VALUE_CHARACTERS) -> str:
    """Shorten a long value, saying so at its end."""
    if len(text) <= length:
        return text
    return f"{text[:length]}… [{len(text) - length} more characters in the exhibit]"


def string(value: Any) -> str | None:
    """Return a string or number as text; None for everything else and for blanks."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    text = str(value)
    return text if text.strip() else None
