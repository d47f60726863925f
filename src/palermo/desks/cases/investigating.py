"""The main job, done for a case in the background.

Guarantees that it is done over all the material of the case that was not left out, sealed already
or new; that the rows of the case and the word that the run is done appear in one transaction; and
that plain copies are removed as soon as the vault and the log have what they hold.
"""

from pathlib import Path

from django.conf import settings
from django.db import transaction

from palermo.desks.access.models import Case
from palermo.desks.cases.background import Beat, case_folder, folder_of
from palermo.desks.cases.exhibits import take_stock, taken_in
from palermo.desks.cases.landing import land
from palermo.desks.cases.material import Choices, hash_missing, remove_plain
from palermo.desks.cases.models import Material, Run
from palermo.evidence import CaseFolder
from palermo.investigation import Given, Input, Node, Request, investigate


def do(run: Run, beat: Beat) -> None:
    """Investigate, and land what was found."""
    case, out = run.case, case_folder(run.case)
    try:
        outcome = investigate(_request(run, out, beat), at=settings.PALERMO_CLOCK(), progress=beat)
    except BaseException:
        # What was taken in is evidence all the same, and its plain copy goes.
        settle_material(case)
        with transaction.atomic():
            take_stock(case, out)
        raise
    settle_material(case)
    run.counts = outcome.counts

    def done() -> None:
        take_stock(case, out)
        run.state, run.ended_at = Run.State.DONE, settings.PALERMO_CLOCK()
        run.save(update_fields=["counts", "state", "ended_at"])

    land(case, out, progress=beat, also=done)


def settle_material(case: Case) -> None:
    """Note which files are sealed and in the log by now, and remove their plain copies."""
    folder = CaseFolder(case_folder(case))
    if not (folder.path / "custody.sqlite3").is_file():
        return
    node: Node = settings.PALERMO_NODE
    vault = node.vault(folder)
    with folder.log(node.signer()) as log:
        logged = taken_in(log.entries())
    for one in Material.rows.of(case).filter(sealed=False).exclude(sha256=""):
        exhibit = vault.find(one.sha256)
        if exhibit is not None and exhibit.id in logged:
            remove_plain(one)
            one.exhibit, one.sealed = exhibit.id, True
            one.save(update_fields=["path", "exhibit", "sealed"])
        elif exhibit is not None and one.left_out_at is not None:
            # Sealed by a process that was killed before it could say so, and wanted no more.
            vault.shred(exhibit.id)


def _request(run: Run, out: Path, beat: Beat) -> Request:
    material = list(Material.rows.of(run.case).filter(left_out_at=None))
    for number, one in enumerate(material, start=1):
        hash_missing(one)
        beat("files hashed", number, len(material))
    authority = folder_of(run.case) / f"authority-{run.mandate.pk}.yaml"
    authority.write_bytes(bytes(run.mandate.document))
    sealed: dict[str, Input] = {}
    new: dict[str, Given] = {}
    for one in material:
        if one.lies_beside_id is not None:
            continue
        # Brought in again, the same bytes are read as was said last.
        if one.sealed:
            sealed[one.sha256] = _input(one, material)
        else:
            how = Choices(columns=one.columns, zone=one.zone).how
            new[one.sha256] = Given(path=Path(one.path), name=one.name, how=how)
    return Request(
        given=tuple(new.values()),
        sealed=tuple(sealed.values()),
        authority=authority,
        out=out,
        node=settings.PALERMO_NODE,
        language="fr" if run.language == "fr" else "en",
    )


def _input(one: Material, material: list[Material]) -> Input:
    return Input(
        sha256=one.sha256,
        name=one.name,
        media_type=one.media_type,
        beside={
            other.suffix: other.sha256
            for other in material
            if other.lies_beside_id == one.pk and other.sealed
        },
        columns=Choices(columns=one.columns).how.columns,
        zone=one.zone,
    )
