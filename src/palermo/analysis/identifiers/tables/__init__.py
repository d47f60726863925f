"""Reading the room's own word lists: a list that does not have the expected shape is refused.

The lists are data (YAML) so that a speaker of a language can correct them without reading code.
"""

from functools import cache
from importlib import resources
from typing import Any

import yaml

from palermo.model import Unreadable

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def load(name: str) -> dict[str, Any]:
    """Return the list `name` (without `.yaml`). Treat it as read-only.

    Raises:
        Unreadable: the file is not a mapping with text keys.
    """
    source = resources.files(__name__).joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    table = yaml.load(source, Loader=_LOADER)  # noqa: S506 (a safe loader either way)
    if not isinstance(table, dict) or not all(isinstance(key, str) for key in table):
        raise Unreadable(f"{name}.yaml: expected a mapping with text keys; restore the file")
    return table


def words(name: str, at: str, value: object) -> list[str]:
    """Return `value` if it is a list of non-empty texts.

    Raises:
        Unreadable: it is not; the message names the file and the place `at`.
    """
    if not isinstance(value, list) or not all(isinstance(word, str) and word for word in value):
        raise Unreadable(f"{name}.yaml, {at}: expected a list of words; quote what YAML misreads")
    return value


def numbers(name: str, at: str, value: object) -> dict[str, int]:
    """Return `value` if it maps texts to whole numbers.

    Raises:
        Unreadable: it does not; the message names the file and the place `at`.
    """
    if not isinstance(value, dict) or not all(
        isinstance(key, str) and isinstance(number, int) for key, number in value.items()
    ):
        raise Unreadable(f"{name}.yaml, {at}: expected words with whole numbers")
    return value
