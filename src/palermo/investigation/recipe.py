"""The recipe of a run: everything besides the exhibits and the program that its outputs depend on.

Guarantees that a run can be repeated from the case alone: `run.json` names the exhibits in their
order and every setting that changes the result, and nothing that does not, such as the time or the
number of processes.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import tzinfo
from typing import Any, Self, get_args
from zoneinfo import ZoneInfo

from palermo.formats import Columns
from palermo.investigation.dossier import Language
from palermo.model import Unreadable

RECIPE_FILE = "run.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class How:
    """How an exhibit is read: its columns, and the time zone of clocks in it that state none."""

    columns: Columns = field(default_factory=Columns)
    zone: tzinfo | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """An exhibit by the SHA-256 of its bytes, the name it was read by, and what lay beside it.

    `columns` and `zone` are there where this exhibit was read by others than the rest of its run.
    """

    sha256: str
    name: str
    media_type: str
    beside: Mapping[str, str]
    columns: Columns | None = None
    zone: str | None = None

    def written(self) -> dict[str, Any]:
        """Return the exhibit as it stands in the recipe."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    @classmethod
    def from_written(cls, raw: dict[str, Any]) -> Self:
        """Read what `written` gave."""
        columns = {"columns": Columns(**raw["columns"])} if "columns" in raw else {}
        return cls(**(raw | columns))


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """The settings of a run. `zone` is the name of a time zone, or empty."""

    tool: str
    material: str
    language: Language
    zone: str
    columns: Columns
    inputs: tuple[Input, ...]

    def how(self, one: Input) -> How:
        """Return how `one` is read in this run."""
        zone = self.zone if one.zone is None else one.zone
        columns = self.columns if one.columns is None else one.columns
        return How(columns=columns, zone=ZoneInfo(zone) if zone else None)

    def to_bytes(self) -> bytes:
        """Write the recipe as JSON, the same for the same run."""
        written = {
            "palermo_run": 1,
            "tool": self.tool,
            "material": self.material,
            "language": self.language,
            "zone": self.zone,
            "columns": asdict(self.columns),
            "inputs": [one.written() for one in self.inputs],
        }
        return json.dumps(written, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"

    @classmethod
    def read(cls, data: bytes) -> Self:
        """Read what `to_bytes` wrote.

        Raises:
            Unreadable: it is no recipe of this form.
        """
        try:
            raw: dict[str, Any] = json.loads(data)
            raw.pop("palermo_run")
            columns = Columns(**raw["columns"])
            inputs = tuple(Input.from_written(one) for one in raw["inputs"])
            recipe = cls(**(raw | {"columns": columns, "inputs": inputs}))
            zones = (one.zone or "" for one in inputs)
            texts = (recipe.tool, recipe.material, recipe.zone, *zones)
            known = recipe.language in get_args(Language) and all(type(t) is str for t in texts)
            whole = known and recipe.to_bytes() == data
        except (ValueError, KeyError, TypeError, AttributeError):
            whole = False
        if not whole:
            raise Unreadable(f"{RECIPE_FILE}: not the recipe of a run of this version")
        return recipe


def zone_name(zone: tzinfo | None) -> str:
    """Return the name of a time zone.

    Raises:
        Unreadable: when it has none, so that a later reader could not find it again.
    """
    if zone is None:
        return ""
    if not isinstance(zone, ZoneInfo) or not zone.key:
        raise Unreadable(f"time zone {zone}: expected one with a name, such as Europe/Paris")
    return zone.key
