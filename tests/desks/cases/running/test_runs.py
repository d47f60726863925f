"""Runs: one at a time, cancelled at the next step, refused without authority, failures in words."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pytest_django import Settings
from tests.desks.cases.running.conftest import Desk, do_all, posts
from tests.desks.cases.sirocco import AT

from palermo.desks.cases import background, investigating, runs
from palermo.desks.cases.background import Beat, Busy, Cancelled, held
from palermo.desks.cases.material import Choices, keep_from_inbox
from palermo.desks.cases.models import Item, Material, Run
from palermo.desks.cases.progress import Progress
from palermo.desks.cases.runs import ask, take_up, work
from palermo.evidence import Outcome, verify_case


@pytest.fixture(autouse=True)
def _going() -> Iterator[None]:
    background.stopping.clear()
    yield
    background.stopping.clear()


def asked(desk: Desk, node_home: Path, *numbers: int) -> Run:
    name = f"{numbers[0]}.csv"
    (node_home / "inbox" / name).write_bytes(posts(*numbers))
    keep_from_inbox(desk.case, [name], Choices(), by=desk.lead, at=AT)
    return ask(desk.case, desk.opening(), at=AT)


def state(run: Run) -> str:
    run.refresh_from_db()
    return run.state


def idents(desk: Desk) -> set[str]:
    return set(Item.rows.of(desk.case).values_list("ident", flat=True))


@pytest.mark.parametrize("step", ["files sealed", "rows read", "networks", "items kept"])
def test_cancelling_leaves_the_case_as_it_was(
    desk: Desk, node_home: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    work.call(asked(desk, node_home, 1, 2).pk, desk.case.pk)
    files = {path: path.read_bytes() for path in (desk.folder / "tables").iterdir()}
    run = asked(desk, node_home, 3, 4)
    report = Beat.__call__

    def reporting(self: Beat, name: str, done: int, total: int) -> None:
        if name == step:
            self._cancelled.set()  # what its thread does when it finds the wish
        report(self, name, done, total)

    monkeypatch.setattr(Beat, "__call__", reporting)
    work.call(run.pk, desk.case.pk)
    assert state(run) == Run.State.CANCELLED
    assert idents(desk) == {"p1", "p2"}
    if (
        step != "items kept"
    ):  # then the outputs of the run are in the case, and only the rows are not
        assert {path: path.read_bytes() for path in (desk.folder / "tables").iterdir()} == files
    assert not [one for one in verify_case(desk.folder) if one.outcome is Outcome.FAIL]
    monkeypatch.undo()
    desk.client.post(desk.url("material/investigate/"))
    do_all(desk.case)
    assert idents(desk) == {"p1", "p2", "p3", "p4"}


def test_a_wish_to_cancel_is_found_within_a_second(desk: Desk, node_home: Path) -> None:
    run = asked(desk, node_home, 1)
    run.state = Run.State.RUNNING
    run.save()
    desk.client.post(desk.url(f"runs/{run.pk}/cancel/"))
    beat = Beat(run)
    beat("rows read", 1, 2)
    beat._once()
    run.refresh_from_db()
    assert (run.step, run.done, run.total) == ("rows read", 1, 2)
    with pytest.raises(Cancelled):
        beat("rows read", 2, 2)


def test_nothing_is_done_twice_at_once(
    desk: Desk, node_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = asked(desk, node_home, 1)
    done: list[int] = []
    do = investigating.do

    def doing(one: Run, beat: Beat) -> None:
        done.append(one.pk)
        # Somebody else tries while it is being done: another worker, and the look for lost ones.
        other = threading.Thread(target=lambda: (work.call(run.pk, desk.case.pk), take_up()))
        other.start()
        other.join()
        with pytest.raises(Busy), held(desk.case):
            pass
        do(one, beat)

    monkeypatch.setattr(runs, "DOING", {Run.Kind.INVESTIGATE: doing})
    work.call(run.pk, desk.case.pk)
    work.call(run.pk, desk.case.pk)
    assert done == [run.pk]
    assert (state(run), run.tries) == (Run.State.DONE, 1)


def test_an_authority_that_ended_meanwhile_refuses(
    desk: Desk, node_home: Path, settings: Settings
) -> None:
    run = asked(desk, node_home, 1)
    settings.PALERMO_CLOCK = lambda: AT + timedelta(days=400)
    work.call(run.pk, desk.case.pk)
    assert state(run) == Run.State.FAILED
    assert "eu/led-processing" in run.trouble
    assert not desk.folder.exists()
    page = desk.client.get(desk.url(f"runs/{run.pk}/"))
    assert page.status_code == 302  # and nobody sees it under that authority either


def test_a_withdrawn_authority_refuses(desk: Desk, node_home: Path) -> None:
    run = asked(desk, node_home, 1)
    desk.mandate.withdrawn_at = AT
    desk.mandate.save()
    work.call(run.pk, desk.case.pk)
    assert (state(run), run.trouble) == (Run.State.FAILED, "the authority was withdrawn")


def test_stopping_the_worker_leaves_the_run_to_be_taken_up(
    desk: Desk, node_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = asked(desk, node_home, 1)
    background.stopping.set()
    work.call(run.pk, desk.case.pk)
    assert state(run) == Run.State.RUNNING
    background.stopping.clear()
    assert take_up() == 1
    work.call(run.pk, desk.case.pk)
    assert (state(run), run.tries) == (Run.State.DONE, 2)


def test_what_ends_the_process_every_time_is_given_up(desk: Desk, node_home: Path) -> None:
    run = asked(desk, node_home, 1)
    for _ in range(runs.MOST_TRIES):
        background.stopping.set()
        work.call(run.pk, desk.case.pk)
    background.stopping.clear()
    work.call(run.pk, desk.case.pk)
    assert state(run) == Run.State.FAILED
    assert "cut off 4 times" in run.trouble
    assert take_up() == 0


def test_a_failure_of_the_program_is_said_and_logged(
    desk: Desk, node_home: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    work.call(asked(desk, node_home, 1).pk, desk.case.pk)
    run = asked(desk, node_home, 2)

    def broken(*_: object, **__: object) -> None:
        raise KeyError("no such thing")

    monkeypatch.setattr(investigating, "land", broken)
    work.call(run.pk, desk.case.pk)
    assert state(run) == Run.State.FAILED
    assert "The program failed (KeyError)" in run.trouble
    assert "no such thing" in caplog.text
    assert idents(desk) == {"p1"}


def test_a_run_that_failed_keeps_what_it_took_in_as_evidence(
    desk: Desk, node_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sealed and logged is sealed and logged; the plain copy goes, and a later run reads it."""
    run = asked(desk, node_home, 1)
    monkeypatch.setattr(
        "palermo.investigation.run.derive",
        lambda *_, **__: (_ for _ in ()).throw(OSError(28, "No space left")),
    )
    work.call(run.pk, desk.case.pk)
    assert state(run) == Run.State.FAILED
    assert "The disk or a file failed (No space left)" in run.trouble
    kept = Material.rows.of(desk.case).get()
    assert (kept.sealed, kept.path) == (True, "")
    assert not [one for one in verify_case(desk.folder) if one.outcome is Outcome.FAIL]
    monkeypatch.undo()
    again = ask(desk.case, desk.opening(), at=AT)
    work.call(again.pk, desk.case.pk)
    assert state(again) == Run.State.DONE
    assert idents(desk) == {"p1"}


def test_waiting_runs_of_a_case_follow_each_other(desk: Desk, node_home: Path) -> None:
    first = asked(desk, node_home, 1)
    assert ask(desk.case, desk.opening(), at=AT).pk == first.pk  # the one that waits is enough
    verification = ask(desk.case, desk.opening(), at=AT, kind=Run.Kind.VERIFY)
    do_all(desk.case)
    assert (state(first), state(verification)) == (Run.State.DONE, Run.State.DONE)


def test_the_time_left_is_the_rate_of_the_step() -> None:
    run = Run(state=Run.State.RUNNING, step="rows read", done=100, total=1000, step_began=AT)
    said = Progress.of_run(run, AT + timedelta(seconds=60))
    assert said.left == "about 9 minutes left in this step"
    assert (said.number, said.done) == (3, 100)
    run.total = 0
    assert Progress.of_run(run, AT + timedelta(seconds=60)).left == ""
    run.total, run.done = 1000, 999
    assert "less than a minute" in Progress.of_run(run, AT + timedelta(seconds=60)).left


def test_the_page_asks_for_progress_only_while_there_is_some(desk: Desk, node_home: Path) -> None:
    run = asked(desk, node_home, 1)
    assert 'hx-get="' in desk.client.get(desk.url(f"runs/{run.pk}/")).content.decode()
    do_all(desk.case)
    ended = desk.client.get(desk.url(f"runs/{run.pk}/progress/"))
    assert "hx-get" not in ended.content.decode()
    assert ended["HX-Refresh"] == "true"
