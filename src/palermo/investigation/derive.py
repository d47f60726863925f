"""From sealed exhibits to outputs: the part of the main job that can be repeated at any time.

Guarantees that the outputs are a function of exhibits, recipe, authority and program: no clock, no
chance, no dependence on the number of processes.
"""

from dataclasses import dataclass
from pathlib import Path

from palermo.engine import EngineName, Progress
from palermo.evidence import CaseFolder, Vault
from palermo.investigation.content import dossier_content, shown_templates
from palermo.investigation.dossier import render_dossier
from palermo.investigation.findings import as_json, counts, findings
from palermo.investigation.intake import Sealed, read
from palermo.investigation.laboratory import examine
from palermo.investigation.looking import Looking
from palermo.investigation.recipe import RECIPE_FILE, Recipe
from palermo.investigation.summary import summarise
from palermo.investigation.tables import Tables
from palermo.law import Grant


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """The outputs of a run: tables, files by name, and the counts that are told on the screen."""

    tables: Tables
    files: dict[str, bytes]
    counts: dict[str, int]

    def write(self, folder: Path) -> None:
        """Write everything into `folder`, which is empty."""
        tables = CaseFolder(folder).tables
        tables.mkdir()
        self.tables.write(tables)
        for name, data in self.files.items():
            (folder / name).write_bytes(data)


def derive(
    sealed: Sealed,
    vault: Vault,
    *,
    recipe: Recipe,
    grant: Grant,
    workers: int | None,
    progress: Progress,
    engine: EngineName = "duckdb",
) -> Derived:
    """Read, examine and explain sealed exhibits.

    Raises:
        Unreadable: an exhibit as a whole cannot be read.
        Refused: no row lies within the authority's platforms.
    """
    authority = grant.authority
    with Looking(workers) as looking:
        intake = read(
            sealed,
            vault,
            authority=authority,
            photo_seen=looking,
            progress=progress,
        )
        looked = looking.result()
    results = examine(intake.items, looked, progress=progress, workers=workers, engine=engine)
    # One piece a column: picking rows out of many pieces is slow.
    tables = Tables(
        items=intake.items.combine_chunks(),
        rejected=intake.rejected,
        identifiers=results.identifiers.combine_chunks(),
        campaigns=results.campaigns.combine_chunks(),
        indications=results.indications.combine_chunks(),
        links=results.links,
        networks=results.networks,
        quality=results.quality,
        photos=results.photos.photos,
        same_photo=results.photos.same_photo,
    )
    summaries = summarise(tables)
    tally = counts(tables, summaries, intake.inputs)
    templates = shown_templates(tables, summaries)
    progress("dossier", 0, 1)
    content = dossier_content(
        grant=grant,
        inputs=intake.inputs,
        tables=tables,
        summaries=summaries,
        templates=templates,
        counts=tally,
    )
    found = findings(
        authority=authority,
        power_article=grant.power.origin.article,
        inputs=intake.inputs,
        tables=tables,
        summaries=summaries,
        templates=templates,
        counts=tally,
    )
    files = {
        "findings.json": as_json(found),
        "dossier.html": render_dossier(content, language=recipe.language).encode(),
        RECIPE_FILE: recipe.to_bytes(),
    }
    progress("dossier", 1, 1)
    return Derived(tables=tables, files=files, counts=tally)
