"""Every word of the dossier's own exists in English and French, or the dossier is not rendered.

Both languages stand in the file; a style rule hides the one that was not chosen, from the eye and
from a screen reader alike. Quoted material is never translated and stands there once.
"""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import cast, get_args

import yaml
from markupsafe import Markup, escape

from palermo.investigation.dossier.content import Language, Wording, Words
from palermo.investigation.dossier.visible import visible
from palermo.model import Unreadable

LANGUAGES: tuple[Language, ...] = get_args(Language)

#: One string in one language: its form for one and for any other number (often the same).
Forms = tuple[str, str]

_FIELD = re.compile(r"\{(\w+)\}")
_FRENCH_SPACING = (
    (" :", "\u00a0:"),
    (" ;", "\u202f;"),
    (" ?", "\u202f?"),
    (" !", "\u202f!"),
    (" %", "\u202f%"),
    ("« ", "«\u00a0"),
    (" »", "\u00a0»"),
)


def count(number: int) -> str:
    """Write a whole number with narrow spaces between thousands, as both languages read it."""
    return f"{number:,}".replace(",", "\u202f")


def _field(value: object) -> object:
    if isinstance(value, int):
        return count(value)
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _plural(language: Language, number: object) -> int:
    if not isinstance(number, int):
        return 1
    return 0 if number == 1 or (language == "fr" and number == 0) else 1


def _forms(where: str, language: Language, value: object) -> Forms:
    if isinstance(value, str):
        value = {"one": value, "other": value}
    if not (isinstance(value, dict) and set(value) == {"one", "other"}):
        raise Unreadable(f"{where}: expected a text, or 'one' and 'other'; write the missing one")
    forms = []
    for form in ("one", "other"):
        text = value[form]
        if not (isinstance(text, str) and text.strip()):
            raise Unreadable(f"{where}.{form}: expected a text that is not empty; write it")
        if language == "fr":
            for plain, spaced in _FRENCH_SPACING:
                text = text.replace(plain, spaced)
        forms.append(text.strip())
    return forms[0], forms[1]


class Strings:
    """The dossier's own words. Calling it with a key gives both languages as HTML."""

    def __init__(self, entries: Mapping[str, object]) -> None:
        """Check and keep `entries`: key to `{en: text, fr: text}`.

        Raises `Unreadable` when a language, a form or a placeholder is missing in one of them.
        """
        self._entries: dict[str, dict[Language, Forms]] = {}
        self._written: dict[str, Markup] = {}
        for key, entry in entries.items():
            if not (isinstance(entry, dict) and set(entry) == set(LANGUAGES)):
                raise Unreadable(
                    f"strings.yaml: {key}: expected exactly the languages "
                    f"{' and '.join(LANGUAGES)}; write the missing translation"
                )
            both = {
                language: _forms(f"strings.yaml: {key}.{language}", language, entry[language])
                for language in LANGUAGES
            }
            if len({frozenset(_FIELD.findall(" ".join(forms))) for forms in both.values()}) > 1:
                raise Unreadable(f"strings.yaml: {key}: the placeholders differ; make them equal")
            self._entries[key] = both

    def __contains__(self, key: str) -> bool:
        return key in self._entries

    def keys(self) -> frozenset[str]:
        """All keys."""
        return frozenset(self._entries)

    def plain(self, key: str, language: Language) -> str:
        """One language's text as it stands, without fields."""
        return self._entries[key][language][1]

    def __call__(self, key: str, **fields: object) -> Markup:
        """Both languages of `key`, with `fields` set in (escaped; whole numbers are spaced).

        A field named `n` chooses between the forms for one and for any other number.
        """
        if not fields:
            if key not in self._written:
                self._written[key] = both(*(self.plain(key, language) for language in LANGUAGES))
            return self._written[key]
        entry = self._entries[key]
        shown = {name: _field(value) for name, value in fields.items()}
        texts = [
            escape(entry[language][_plural(language, fields.get("n"))]).format(**shown)
            for language in LANGUAGES
        ]
        return both(*texts)

    def word(self, group: str, value: str) -> Markup:
        """Both languages of `group.value`; the value itself when it is not among the strings."""
        key = f"{group}.{value}"
        return self(key) if key in self._entries else escape(visible(value))


def both(en: str, fr: str) -> Markup:
    """Both texts in the page, each marked with its language; equal texts stand there once."""
    if en == fr:
        return escape(en)
    return Markup('<span class="t" lang="en">{}</span><span class="t" lang="fr">{}</span>').format(
        en, fr
    )


def wording(text: Wording) -> Markup:
    """HTML of a wording that was handed in."""
    return (
        both(visible(text.en), visible(text.fr))
        if isinstance(text, Words)
        else escape(visible(text))
    )


def decimal(number: float, digits: int = 2) -> Markup:
    """Write a number with a decimal point in English and a decimal comma in French."""
    text = f"{number:.{digits}f}"
    return both(text, text.replace(".", ","))


def size(octets: int) -> Markup:
    """Write a size in bytes in the largest decimal unit that leaves at least one whole."""
    for power, (en, fr) in ((3, ("GB", "Go")), (2, ("MB", "Mo")), (1, ("kB", "ko"))):
        if octets >= 1000**power:
            text = f"{octets / 1000**power:.1f}"
            return both(f"{text} {en}", f"{text.replace('.', ',')} {fr}")
    return both(f"{count(octets)} B", f"{count(octets)} o")


@cache
def strings() -> Strings:
    """Load `strings.yaml`, once."""
    text = files(__package__).joinpath("strings.yaml").read_text(encoding="utf-8")
    return Strings(cast("dict[str, object]", yaml.safe_load(text)))
