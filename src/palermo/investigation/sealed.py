"""Exhibits that a case holds already, to be read once more.

Guarantees that they are read as the recipe says: by the same name, columns and time zone.
"""

from pathlib import Path

from palermo.evidence import Vault
from palermo.investigation import custody
from palermo.investigation.intake import Sealed
from palermo.investigation.recipe import Recipe
from palermo.model import Exhibit, Unreadable


def sealed_before(folder: Path, vault: Vault, recipe: Recipe) -> Sealed:
    """Return the exhibits of `recipe` from the vault of the case in `folder`.

    Raises:
        Unreadable: one is no longer in the case.
    """

    def find(sha256: str, name: str) -> Exhibit:
        found = vault.find(sha256)
        if found is None:
            raise Unreadable(f"{folder}: the exhibit {name} ({sha256}) is no longer in the case")
        return found

    exhibits, beside, how = [], {}, {}
    for one in recipe.inputs:
        exhibit = find(one.sha256, one.name)
        exhibits.append(custody.read_as(exhibit, name=one.name, media_type=one.media_type))
        how[exhibit.id] = recipe.how(one)
        if one.beside:
            beside[exhibit.id] = {
                suffix: find(sha256, f"{one.name}{suffix}") for suffix, sha256 in one.beside.items()
            }
    return Sealed(exhibits=tuple(exhibits), beside=beside, how=how)


def together(before: Sealed, new: Sealed) -> Sealed:
    """Put exhibits of the case and new ones together; the same bytes given anew are read anew."""
    replaced = {one.id: one for one in new.exhibits}
    kept = [replaced.pop(one.id, one) for one in before.exhibits]
    return Sealed(
        exhibits=(*kept, *replaced.values()),
        beside={**before.beside, **new.beside},
        how={**before.how, **new.how},
    )
