"""FollowTheMoney: a case as entities that other tools read, out and in again."""

from palermo.formats.ftm.entity import Entity, entity_id, read_ftm, write_ftm
from palermo.formats.ftm.export import Exported, export_case
from palermo.formats.ftm.importing import Imported, import_entities
from palermo.formats.ftm.making import Loss
from palermo.formats.ftm.schemata import problems, schemata
from palermo.formats.ftm.tables import FLOWS, CaseTables

__all__ = [
    "FLOWS",
    "CaseTables",
    "Entity",
    "Exported",
    "Imported",
    "Loss",
    "entity_id",
    "export_case",
    "import_entities",
    "problems",
    "read_ftm",
    "schemata",
    "write_ftm",
]
