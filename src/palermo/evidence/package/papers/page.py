"""How the papers of a package become HTML.

Guarantees that everything quoted is escaped, that characters nobody can see are written as codes,
that every text exists in each language, and that a browser loads nothing: no script, no request.
"""

import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Literal, get_args

import yaml
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from palermo.model import Unreadable

Language = Literal["en", "fr"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_FRENCH_SPACING = ((" :", "\u00a0:"), (" ;", "\u202f;"), ("« ", "«\u00a0"), (" »", "\u00a0»"))


def visible(value: object) -> object:
    """Write characters that cannot be seen, or turn the text around, as codes."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return "".join(
        f"\u2039U+{ord(char):04X}\u203a" if unicodedata.category(char) in _UNSEEN else char
        for char in value
    )


def count(number: int) -> str:
    """Write a whole number with narrow spaces between thousands."""
    return f"{number:,}".replace(",", "\u202f")


def moment(value: datetime) -> str:
    """Write a time in UTC to the second."""
    return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


class Words:
    """The texts of the papers in one language."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._texts = {key: one[language] for key, one in _strings().items()}

    def __call__(self, key: str, **values: object) -> Markup:
        """Return the text `key` with `values` put in, escaped."""
        text = self._texts[key]
        if self.language == "fr":
            for plain, spaced in _FRENCH_SPACING:
                text = text.replace(plain, spaced)
        shown = {name: visible(value) for name, value in values.items()}
        return Markup("{}").format(escape(text)).format(**shown)

    def __contains__(self, key: str) -> bool:
        return key in self._texts


@cache
def _strings() -> Mapping[str, Mapping[str, str]]:
    raw = yaml.safe_load(files(__package__).joinpath("strings.yaml").read_text("utf-8"))
    for key, one in raw.items():
        if set(one) != set(LANGUAGES):
            raise Unreadable(f"strings.yaml: {key}: expected a text in each of {LANGUAGES}")
    checked: Mapping[str, Mapping[str, str]] = raw
    return checked


@cache
def environment() -> Environment:
    """Return the templates of this folder."""
    made = Environment(
        loader=PackageLoader("palermo.evidence.package.papers", "."),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "command": escape,
        "count": count,
        "moment": moment,
    }  # commands keep their lines
    style = files(__package__).joinpath("papers.css").read_text("utf-8")
    made.globals["css"] = Markup(style)  # noqa: S704 - our own file, in a <style> element
    return made
