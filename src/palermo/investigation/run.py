"""The main job: authority, seal, read, examine, explain, write, log. In that order.

Guarantees: without a grant nothing is taken in; the outputs of a run appear together; the custody
log names the hash of every input and output; the same input gives the same findings, byte for byte.
"""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from pathlib import Path

from palermo import __version__
from palermo.engine import EngineName, Progress, silent
from palermo.evidence import CaseFolder, EventType
from palermo.formats import Columns
from palermo.investigation import custody
from palermo.investigation.custody import Node, check_folder
from palermo.investigation.derive import derive
from palermo.investigation.dossier import Language
from palermo.investigation.intake import Given, Sealed, all_or_none, check_readable, seal
from palermo.investigation.outputs import put, record, settle, staged
from palermo.investigation.recipe import How, Input, Recipe, zone_name
from palermo.investigation.sealed import sealed_before, together
from palermo.law import Grant, check, law_book, read_authority
from palermo.model import Authority, Exhibit, Refused, Unreadable

#: What this job does with material, in the words of the law packs.
MEASURE = "detect"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked: which files, under which authority, into which folder.

    `inputs` are files read by `columns` and `zone`, the time zone of clocks in the material that
    state none, where somebody knows it. `given` are files with a name and a way of reading of their
    own, and `sealed` exhibits that the case holds already. The results are those of all three
    together, the sealed ones first. `node` is this installation, with its keys and clock.
    `material` is the kind of material in the words of the law packs; when empty, the first kind
    that the authority's scope names. `workers` is the number of processes (all cores by default)
    and `engine` runs kernels and plans; neither ever changes the result.
    """

    inputs: tuple[Path, ...] = ()
    given: tuple[Given, ...] = ()
    sealed: tuple[Input, ...] = ()
    authority: Path
    out: Path
    node: Node
    zone: tzinfo | None = None
    material: str = ""
    language: Language = "en"
    columns: Columns = field(default_factory=Columns)
    workers: int | None = None
    engine: EngineName = "duckdb"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a run left behind."""

    counts: dict[str, int]
    grant: Grant


def investigate(request: Request, *, at: datetime, progress: Progress = silent) -> Outcome:
    """Run the main job and leave a case folder at `request.out`.

    Args:
        request: what is asked.
        at: the time, timezone-aware; it goes into the custody log and decides whether the
            authority holds, and into nothing else.
        progress: told how far each step is.

    Raises:
        Refused: the authority does not cover this.
        Unreadable: an input, the authority file or the output folder cannot be used.
    """
    authority = read_authority(request.authority)
    authority_file = _authority_file(request.authority, authority)
    material = request.material or next(iter(authority.scope.material), "posts")
    grant = check(authority, law_book(), at=at, measure=MEASURE, material=material)
    check_folder(request.out)
    given = _given(request)
    check_readable(given)
    before = Recipe(
        tool=__version__,
        material=material,
        language=request.language,
        zone=zone_name(request.zone),
        columns=request.columns,
        inputs=request.sealed,
    )
    case = CaseFolder(request.out)
    node = request.node
    with case.log(node.signer()) as log:
        settle(request.out, log)
        vault = node.vault(case)
        with all_or_none(vault):
            new = seal(given, vault, at=at, progress=progress)
            if new.exhibits:
                log.append(
                    custody.event(
                        EventType.RECEIVE,
                        authority,
                        at=at,
                        node=node,
                        exhibits=new.everything,
                        match=True,
                    )
                )
        sealed = together(sealed_before(request.out, vault, before), new)
        exhibits = sealed.everything
        recipe = replace(before, inputs=_inputs(sealed, before))
        derived = derive(
            sealed,
            vault,
            recipe=recipe,
            grant=grant,
            workers=request.workers,
            engine=request.engine,
            progress=progress,
        )
        derived.files["authority.yaml"] = authority_file
        with staged(request.out) as stage:
            derived.write(stage)
            outputs = record(request.out, stage)
            log.append(
                custody.event(
                    EventType.ANALYSE,
                    authority,
                    at=at,
                    node=node,
                    exhibits=exhibits,
                    outputs=outputs,
                )
            )
        put(request.out)
    return Outcome(counts=derived.counts, grant=grant)


def _given(request: Request) -> tuple[Given, ...]:
    """Return all files that are new.

    Raises:
        Unreadable: there is nothing to read at all.
    """
    how = How(columns=request.columns, zone=request.zone)
    files = tuple(Given(path=path, name=path.name, how=how) for path in request.inputs)
    if not (files or request.given or request.sealed):
        raise Unreadable("nothing to investigate; name a file")
    return files + request.given


def _inputs(sealed: Sealed, recipe: Recipe) -> tuple[Input, ...]:
    return tuple(_input(one, sealed, recipe) for one in sealed.exhibits)


def _input(one: Exhibit, sealed: Sealed, recipe: Recipe) -> Input:
    how = sealed.how[one.id]
    zone = zone_name(how.zone)
    return Input(
        sha256=one.sha256,
        name=one.name,
        media_type=one.media_type,
        beside={suffix: other.sha256 for suffix, other in sealed.beside.get(one.id, {}).items()},
        columns=None if how.columns == recipe.columns else how.columns,
        zone=None if zone == recipe.zone else zone,
    )


def _authority_file(path: Path, authority: Authority) -> bytes:
    """Read the file again for the case's copy; it must be the very one that was judged."""
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != authority.sha256:
        raise Refused(f"{path}: changed while it was being read; run again with a file at rest.")
    return data
