"""A run of the main job in the background, from the request to the rows of the case.

Guarantees that a run lands whole or not at all; that one which was cut off is taken up again; and
that it is done under the authority and in the name of whoever asked for it.
"""

import hashlib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django_tasks import task

from palermo.desks.access.models import Case, Opening, Person
from palermo.desks.cases.landing import land
from palermo.desks.cases.models import Material, Run
from palermo.investigation import Request, investigate
from palermo.model import Refused, Unreadable

#: A run that has not given a sign of life for so long was cut off.
SILENCE = timedelta(minutes=2)
_BEAT = timedelta(seconds=1)


class Cancelled(Exception):
    """Somebody asked the run to stop."""


def folder_of(case: Case) -> Path:
    """Return where the node keeps the case folder and, beside it, material not sealed yet."""
    folder: Path = settings.PALERMO_CASES / case.key
    return folder


def keep(case: Case, upload: UploadedFile[bytes], by: Person, at: datetime) -> Material:
    """Write an upload to disk beside the case folder, hashed on the way."""
    folder = folder_of(case) / "incoming"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    name = Path(upload.name or "file").name
    place = folder / f"{Material.rows.of(case).count():04d}" / name
    place.parent.mkdir(mode=0o700)
    with place.open("xb") as file:
        for chunk in upload.chunks():
            digest.update(chunk)
            size += len(chunk)
            file.write(chunk)
    return Material.rows.create(
        case=case,
        name=name,
        path=str(place),
        size=size,
        sha256=digest.hexdigest(),
        added_at=at,
        added_by=by,
    )


def ask(case: Case, opening: Opening, *, at: datetime, **options: Any) -> Run:
    """Ask for a run over all the material of `case`."""
    run: Run = Run.rows.create(
        case=case,
        mandate=opening.mandate,
        purpose=opening.purpose,
        asked_at=at,
        asked_by=opening.person,
        options=options,
    )
    work.enqueue(run.pk)
    return run


@task()
def work(pk: int) -> None:
    """Do the run."""
    run = Run.rows.select_related("case", "mandate").get(pk=pk)
    if run.state not in {Run.State.WAITING, Run.State.RUNNING}:
        return
    now = settings.PALERMO_CLOCK
    run.state, run.began_at, run.beat = Run.State.RUNNING, now(), now()
    run.tries += 1
    run.save()
    out = folder_of(run.case) / "case"
    authority = folder_of(run.case) / f"authority-{run.mandate.pk}.yaml"
    try:
        authority.write_bytes(bytes(run.mandate.document))
        outcome = investigate(
            Request(
                inputs=tuple(Path(one.path) for one in Material.rows.of(run.case)),
                authority=authority,
                out=out,
                node=settings.PALERMO_NODE,
                language="fr" if run.language == "fr" else "en",
            ),
            at=now(),
            progress=_Beating(run),
        )
        land(run.case, out, progress=_Beating(run))
        run.counts, run.state = outcome.counts, Run.State.DONE
    except Cancelled:
        run.state = Run.State.CANCELLED
    except (Refused, Unreadable) as problem:
        run.state, run.trouble = Run.State.FAILED, str(problem)
    run.ended_at = now()
    run.save()


class _Beating:
    """Progress, written to the run once a second, where a wish to cancel is read as well."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def __call__(self, step: str, done: int, total: int) -> None:
        run, now = self._run, settings.PALERMO_CLOCK()
        if step == run.step and run.beat is not None and now - run.beat < _BEAT and done < total:
            return
        if step != run.step:
            run.step, run.step_began = step, now
        run.done, run.total, run.beat = done, total, now
        run.save(update_fields=["step", "step_began", "done", "total", "beat"])
        if Run.rows.filter(pk=run.pk).exclude(cancel_asked_by=None).exists():
            raise Cancelled


def take_up() -> int:
    """Ask again for every run that was cut off; return how many there were."""
    now = settings.PALERMO_CLOCK()
    lost = Run.rows.filter(state=Run.State.RUNNING, beat__lt=now - SILENCE)
    for run in lost:
        work.enqueue(run.pk)
    return len(lost)
