"""The tables of one investigation, and how they are written: all of them, or none.

Every table has the schema of the model, so a reader can rely on column names and types. Rows stand
in the order of the input; two runs over the same input write the same bytes.
"""

from dataclasses import dataclass, fields
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from palermo.model import (
    CAMPAIGNS,
    IDENTIFIERS,
    INDICATIONS,
    ITEMS,
    LINKS,
    NETWORKS,
    PHOTOS,
    QUALITY,
    REJECTED,
    SAME_PHOTO,
)

SCHEMAS = {
    "items": ITEMS,
    "rejected": REJECTED,
    "identifiers": IDENTIFIERS,
    "campaigns": CAMPAIGNS,
    "indications": INDICATIONS,
    "links": LINKS,
    "networks": NETWORKS,
    "quality": QUALITY,
    "photos": PHOTOS,
    "same_photo": SAME_PHOTO,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """All tables of a case, one attribute each; see the schemas of the model."""

    items: pa.Table
    rejected: pa.Table
    identifiers: pa.Table
    campaigns: pa.Table
    indications: pa.Table
    links: pa.Table
    networks: pa.Table
    quality: pa.Table
    photos: pa.Table
    same_photo: pa.Table

    def __post_init__(self) -> None:
        for entry in fields(self):
            found = getattr(self, entry.name).schema
            if not found.equals(SCHEMAS[entry.name]):
                raise ValueError(
                    f"table {entry.name}: expected {SCHEMAS[entry.name]}, found {found}"
                )

    def write(self, directory: Path) -> None:
        """Write every table as `<name>.parquet` into an existing directory."""
        for entry in fields(self):
            pq.write_table(
                getattr(self, entry.name),
                directory / f"{entry.name}.parquet",
                compression="zstd",
                store_schema=False,
            )


def read_tables(directory: Path) -> Tables:
    """Read what `Tables.write` wrote."""
    return Tables(
        **{
            name: pq.read_table(directory / f"{name}.parquet").cast(s)
            for name, s in SCHEMAS.items()
        }
    )
