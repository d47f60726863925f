"""Whether somebody asks about themselves: a word of theirs, never what they asked.

Guarantees that the audit learns no more than yes: the words of a search are contents of a case.
"""

import unicodedata

from palermo.desks.access.models import Person

#: The fact in an entry's details.
OWN_NAME = "own_name"
#: Shorter parts of a name are words of their own in too many languages.
_SHORTEST = 4


def names(person: Person, text: str) -> bool:
    """Whether `text` holds the whole name of `person`, their last name, or their user name."""
    asked = set(_words(text))
    whole = _words(person.full_name)
    telling = {whole[-1]} if whole else set()
    telling |= set(_words(person.get_username()))
    return any(len(word) >= _SHORTEST and word in asked for word in telling) or (
        len(whole) > 1 and set(whole) <= asked
    )


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(one if one.isalnum() else " " for one in plain if not unicodedata.combining(one))
    return kept.split()
