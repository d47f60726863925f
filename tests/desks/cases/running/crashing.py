"""A node in a process of its own, which can be killed at a chosen point of a run.

    python -m tests.desks.cases.running.crashing prepare        a case, one run done, one waiting
    python -m tests.desks.cases.running.crashing work POINT     do what waits; SIGKILL at POINT
    python -m tests.desks.cases.running.crashing finish         start again, as the worker does;
                                                                what was and is there, as JSON

The node is the folder PALERMO_HOME.
"""

import hashlib
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from palermo.doors.web.serving import set_up

set_up()

from django.core.management import call_command  # noqa: E402
from django_tasks_db.models import DBTaskResult  # noqa: E402

from palermo.desks.access.models import Case, Opening, Unit  # noqa: E402
from palermo.desks.access.row_security import working_for  # noqa: E402
from palermo.desks.cases import bulk, investigating, landing, models  # noqa: E402
from palermo.desks.cases.background import Beat, case_folder, folder_of  # noqa: E402
from palermo.desks.cases.material import Choices, keep_from_inbox  # noqa: E402
from palermo.desks.cases.runs import ask, take_up, work  # noqa: E402
from palermo.evidence import CustodyLog, EventType, verify_case  # noqa: E402

#: Points named by a step are at its first report of progress.
STEPS = ("files sealed", "rows read", "dossier", "items kept")


def main() -> None:
    what = sys.argv[1]
    if what == "prepare":
        call_command("migrate", verbosity=0)
    with working_for(None):
        {"prepare": _prepare, "work": _work, "finish": _finish}[what]()


def _prepare() -> None:
    from django.conf import settings
    from tests.desks.cases.running.conftest import authority, posts
    from tests.desks.cases.sirocco import let_in, person

    from palermo.desks.access import mandates

    at = settings.PALERMO_CLOCK()
    unit = Unit.objects.create(name="Unit")
    lead = person("lead", unit)
    case = Case.objects.create(
        reference="T-1", title="A test", unit=unit, created_at=at, created_by=lead
    )
    mandates.add(case, authority(), by=lead, at=at)
    let_in(case, lead, "lead", at=at)
    inbox = settings.PALERMO_NODE.folder / "inbox"
    inbox.mkdir()
    for name, numbers in (("first.csv", range(20)), ("second.csv", range(10, 50))):
        (inbox / name).write_bytes(posts(*numbers, day=1 if name == "first.csv" else 2))
        brought = keep_from_inbox(case, [name], Choices(), by=lead, at=at)
        assert not brought.refused, brought
        asked = ask(case, Opening.objects.get(case=case), at=at)
        if name == "first.csv":
            work.call(asked.pk, case.pk)
            assert case_folder(case).is_dir()
    DBTaskResult.objects.all().delete()


def _work() -> None:
    _at(sys.argv[2])
    case = Case.objects.get()
    waiting = models.Run.rows.of(case).get(state="waiting")
    work.call(waiting.pk, case.pk)


def _finish() -> None:
    before = _shown()
    take_up()
    call_command("db_worker", batch=True, verbosity=0, startup_delay=False, reload=False)
    json.dump({"before": before, "after": _shown()}, sys.stdout, default=str, sort_keys=True)


def _shown() -> dict[str, Any]:
    case = Case.objects.get()
    folder = case_folder(case)
    last = models.Run.rows.of(case).first()
    assert last is not None
    return {
        "state": last.state,
        "trouble": last.trouble,
        "tries": last.tries,
        "sealed": list(models.Material.rows.of(case).values_list("name", "sealed")),
        "rows": {
            "items": list(models.Item.rows.of(case).values_list("ident", "text", "network")),
            "identifiers": list(
                models.Identifier.rows.of(case).values_list("kind", "value", "items", "used")
            ),
            "mentions": list(
                models.Mention.rows.of(case)
                .order_by("id")
                .values_list("item__ident", "identifier__value", "start")
            ),
            "links": list(models.Link.rows.of(case).values_list("a__ident", "b__ident", "reason")),
            "networks": list(models.Network.rows.of(case).values_list("key", "items")),
            "facts": list(models.Fact.rows.of(case).values_list("name", "value", "number")),
            "exhibits": list(
                models.Exhibit.rows.of(case).order_by("name").values_list("name", "rows_read")
            ),
        },
        "files": {
            str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in [
                *sorted((folder / "tables").glob("*")),
                *(folder / name for name in ("findings.json", "dossier.html", "run.json")),
            ]
        },
        "failed": [
            f"{one.name}: {one.detail}" for one in verify_case(folder) if one.outcome == "fail"
        ],
        "left": sorted(
            str(path.relative_to(folder_of(case)))
            for path in folder_of(case).rglob("*")
            if "incoming" in path.parts or ".run" in path.name or path.name == "leaving"
        ),
    }


def _kill(*_: Any, **__: Any) -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError  # never


def _at(point: str) -> None:
    """Have this process killed at `point`."""
    if point in STEPS:
        _before(Beat, "__call__", lambda _, step, *__: step == point)
    elif point == "within the transaction, after everything":
        _before(investigating, "take_stock", lambda *_: True)
    elif point == "just after the transaction":
        land = landing.land

        def landed(*args: Any, **kwargs: Any) -> None:
            land(*args, **kwargs)
            _kill()

        setattr(investigating, "land", landed)  # noqa: B010  a name that is imported there
    else:
        _POINTS[point]()


def _log_point(kind: EventType, *, after: bool) -> Callable[[], None]:
    def patch() -> None:
        append = CustodyLog.append

        def killing(self: CustodyLog, event: Any, **more: Any) -> Any:
            if event.type is kind and not after:
                _kill()
            logged = append(self, event, **more)
            if event.type is kind:
                _kill()
            return logged

        CustodyLog.append = killing  # type: ignore[method-assign]

    return patch


def _amid_moving() -> None:
    rename, count = Path.rename, [0]

    def renaming(self: Path, target: Path) -> Path:
        if self.parent.name.endswith(".run"):
            count[0] += 1
            if count[0] == 3:
                _kill()
        return rename(self, target)

    Path.rename = renaming  # type: ignore[method-assign,assignment]


def _amid_rows() -> None:
    """Within the transaction, when some rows are gone and others are not."""
    clear, count = bulk.clear, [0]

    def clearing(model: Any, case: int) -> None:
        clear(model, case)
        count[0] += 1
        if count[0] == 5:
            _kill()

    bulk.clear = clearing


#: Points that are no report of progress.
_POINTS: dict[str, Callable[[], None]] = {
    "sealed, not logged": _log_point(EventType.RECEIVE, after=False),
    "received": _log_point(EventType.RECEIVE, after=True),
    "staged, not logged": _log_point(EventType.ANALYSE, after=False),
    "logged, not moved": _log_point(EventType.ANALYSE, after=True),
    "amid moving": _amid_moving,
    "amid rows": _amid_rows,
}
OTHER_POINTS = (
    *_POINTS, "within the transaction, after everything", "just after the transaction",
)  # fmt: skip


def _before(owner: Any, name: str, when: Callable[..., bool]) -> None:
    original = getattr(owner, name)

    def replaced(*args: Any, **kwargs: Any) -> Any:
        if when(*args):
            _kill()
        return original(*args, **kwargs)

    setattr(owner, name, replaced)


if __name__ == "__main__":
    main()
