"""Where a text is likely from: the caller's regions first, else what its language suggests."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from palermo.analysis.identifiers.tables import load, words
from palermo.model import Unreadable


@dataclass(frozen=True, slots=True, eq=False)
class Hints:
    """The language of a text (lower case, without region; empty if unknown) and its likely regions.

    `given` says that the regions come from the caller or from a tag like `en-AU`, not from the
    language alone. Made by `hints` only, so that equal ones are one object.
    """

    language: str
    regions: tuple[str, ...]
    given: bool


def language_regions(language: str) -> tuple[str, ...]:
    """Return the regions where `language` is usual, the likeliest first."""
    table = load("regions").get("languages")
    if not isinstance(table, dict):
        raise Unreadable("regions.yaml: expected `languages`; restore the file")
    return tuple(words("regions", language, table.get(language, [])))


@lru_cache(maxsize=4096)
def hints(lang: str | None, regions: tuple[str, ...]) -> Hints:
    """Return the hints for a language tag (`fr`, `en-AU`, `zh_Hant_TW`) and regions asked for."""
    parts = (lang or "").replace("_", "-").split("-")
    language = parts[0].lower()
    tagged = tuple(part.upper() for part in parts[1:] if len(part) == 2 and part.isalpha())
    asked = tuple(region.upper() for region in regions)
    if asked or tagged:
        return Hints(language, tuple(dict.fromkeys(tagged + asked)), given=True)
    return Hints(language, language_regions(language), given=False)


def checked_regions(regions: Sequence[str]) -> tuple[str, ...]:
    """Return `regions` as a tuple of two-letter codes.

    Raises:
        Unreadable: one is not an ISO 3166-1 alpha-2 code.
    """
    for region in regions:
        if len(region) != 2 or not (region.isascii() and region.isalpha()):
            raise Unreadable(f"region {region!r}: expected two letters of ISO 3166-1, such as FR")
    return tuple(region.upper() for region in regions)
