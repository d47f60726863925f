"""The exhibit's own words in the six official languages of the United Nations.

Guarantees that every text exists in every language with the same placeholders, or nothing is
rendered; and that the English words of a rule are those of `rules.yaml`.
"""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal, get_args

import yaml
from markupsafe import Markup, escape

from palermo.analysis.money.tracing import rule_words

Language = Literal["en", "fr", "es", "ar", "ru", "zh"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
#: Written from right to left.
RIGHT_TO_LEFT: tuple[Language, ...] = ("ar",)
_FIELD = re.compile(r"\{(\w+)\}")
#: French puts narrow spaces before these.
_FRENCH = ((" :", "\u00a0:"), (" ;", "\u202f;"), ("« ", "«\u00a0"), (" »", "\u00a0»"))


class Texts:
    """All texts by key; calling it with a key gives the text of its language, fields filled in."""

    def __init__(self, entries: Mapping[str, Mapping[str, str]], language: Language) -> None:
        """Keep the texts of one language; `entries` have been checked."""
        self._texts = {key: entry[language] for key, entry in entries.items()}
        self._french = language == "fr"

    def __contains__(self, key: str) -> bool:
        return key in self._texts

    def __call__(self, key: str, **fields: object) -> Markup:
        """Return the text of `key`; fields are escaped, numbers kept together and left to right."""
        text = self._texts[key]
        for plain, spaced in _FRENCH if self._french else ():
            text = text.replace(plain, spaced)
        shown = {
            name: Markup("<bdi>{}</bdi>").format(f"{value:,}" if isinstance(value, int) else value)
            for name, value in fields.items()
        }
        return escape(text).format(**shown)


def checked(raw: Mapping[str, object]) -> dict[str, dict[str, str]]:
    """Return `raw` when it is whole.

    Raises:
        ValueError: naming the key that lacks a language, or whose placeholders differ.
    """
    found: dict[str, dict[str, str]] = {}
    for key, entry in raw.items():
        if not (isinstance(entry, dict) and tuple(entry) == LANGUAGES):
            raise ValueError(f"strings.yaml: {key}: expected {', '.join(LANGUAGES)}, in this order")
        if not all(isinstance(text, str) and text.strip() for text in entry.values()):
            raise ValueError(f"strings.yaml: {key}: expected a text in every language")
        if len({frozenset(_FIELD.findall(text)) for text in entry.values()}) > 1:
            raise ValueError(f"strings.yaml: {key}: the placeholders differ")
        found[key] = entry
    for name, rule in rule_words().items():
        for part in ("title", "words", "remark", "authority"):
            key = f"rule.{name}.{part}"
            # Citations stay as they are; only an authority that is words has translations.
            if key not in found and part == "authority":
                continue
            if found.get(key, {}).get("en") != getattr(rule, part):
                raise ValueError(f"strings.yaml: {key}: not the words of rules.yaml")
    return found


@cache
def texts(language: Language) -> Texts:
    """Load `strings.yaml`, check all of it, and return the texts of one language."""
    text = files(__package__).joinpath("strings.yaml").read_text("utf-8")
    return Texts(checked(yaml.safe_load(text)), language)
