"""The photos of a case: what each item carries, and which of them are the same picture.

Guarantees that every photo among the items has a row, compared or not, and says why not; and that
only photos of items within the authority's scope are in the result.
"""

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from palermo.analysis.images import LEAST_QUALITY, LEAST_SIDE, ImageHashes, same_photos
from palermo.investigation.carrying import carried
from palermo.investigation.looking import Looked
from palermo.model import IDENTIFIERS, PHOTOS

_VALUES = pa.schema([IDENTIFIERS.field(name) for name in ("id", "kind", "value")])
_NOT_SHOWN = "the photo was not decoded"


@dataclass(frozen=True, slots=True)
class Photos:
    """Tables with the schemas `PHOTOS` and `SAME_PHOTO` of the model."""

    photos: pa.Table
    same_photo: pa.Table

    def values(self) -> pa.Table:
        """What links: the columns id, kind and value of the table of identifiers."""
        linking = self.photos.filter(
            pc.and_(self.photos["stands_for"], pc.is_valid(self.photos["photo"]))
        )
        kind = pa.array(["photo"] * linking.num_rows, pa.string())
        return pa.table([linking["id"], kind, linking["photo"]], schema=_VALUES)


def find_photos(items: pa.Table, looked: Looked) -> Photos:
    """Say which of `items` (schema `ITEMS`) carry which photos, and which are the same."""
    found = carried(items)
    within_scope = {one.sha256 for one in found}
    same = same_photos(
        {sha256: hashes for sha256, hashes in looked.hashes.items() if sha256 in within_scope}
    )
    ids = items["id"].take(pa.array([one.position for one in found], pa.int64())).to_pylist()
    rows = []
    for one, item in zip(found, ids, strict=True):
        hashes = looked.hashes.get(one.sha256)
        rows.append(
            {
                "id": item,
                "sha256": one.sha256,
                "pdq": None if hashes is None else hashes.hex,
                "quality": None if hashes is None else hashes.quality,
                "photo": same.name.get(one.sha256),
                "stands_for": one.stands_for,
                "note": looked.troubles.get(one.sha256, _NOT_SHOWN)
                if hashes is None
                else why_not(hashes),
            }
        )
    return Photos(pa.Table.from_pylist(rows, schema=PHOTOS), same.links)


def why_not(hashes: ImageHashes) -> str | None:
    """Say why a photo is not compared; None if it is."""
    if hashes.usable:
        return None
    if min(hashes.width, hashes.height) < LEAST_SIDE:
        why = f"smaller than {LEAST_SIDE} pixels"
    else:
        why = f"too flat to be told from others: quality {hashes.quality} of {LEAST_QUALITY}"
    if hashes.inner is not None:
        return f"compared without its border only: {why}"
    return f"not compared: {why}"
