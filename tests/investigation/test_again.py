"""A run over what a case holds and what is new; outputs that move in whole or not at all."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from palermo.evidence import CaseFolder, Outcome, verify_case
from palermo.formats import Columns
from palermo.investigation import Given, How, Input, Node, Request, investigate, replay, settle
from palermo.investigation.outputs import put, staging
from palermo.investigation.recipe import Recipe
from palermo.model import Refused, Unreadable

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
AUTHORITY = """\
palermo_authority: 1
organisation: Example unit
power: eu/led-processing
legal_basis: a law
purpose: a test
case: T-1
authorised_by: {name: A. Example, role: competent-authority}
from: 2026-01-01T00:00:00Z
until: 2027-01-01T00:00:00Z
offences: [trafficking-in-persons]
scope: {material: [posts], measures: [detect, preserve]}
"""
OUTPUTS = ("findings.json", "dossier.html", "tables/items.parquet", "tables/links.parquet")


def table(column: str, *numbers: int) -> str:
    rows = [f"{n},Call +1 202 555 0{100 + n} for great pay" for n in numbers]
    return "\n".join([f"id,{column}", *rows]) + "\n"


@pytest.fixture
def request_(tmp_path: Path) -> Request:
    (tmp_path / "authority.yaml").write_text(AUTHORITY)
    (tmp_path / "a.csv").write_text(table("body", 1, 2))
    (tmp_path / "b.csv").write_text(table("said", 3, 4))
    return Request(
        authority=tmp_path / "authority.yaml",
        out=tmp_path / "case",
        node=Node(folder=tmp_path / "node"),
        workers=1,
    )


def given(tmp_path: Path, name: str, column: str) -> Given:
    return Given(path=tmp_path / name, name=name, how=How(columns=Columns(text=column)))


def contents(case: Path) -> dict[str, bytes]:
    return {name: (case / name).read_bytes() for name in OUTPUTS}


def failures(case: Path) -> list[str]:
    return [c.name for c in verify_case(case) if c.outcome is Outcome.FAIL]


def sealed(case: Path) -> tuple[Input, ...]:
    recipe = Recipe.read((case / "run.json").read_bytes())
    return tuple(
        replace(one, columns=one.columns or recipe.columns, zone=one.zone or "")
        for one in recipe.inputs
    )


def test_later_material_gives_what_all_at_once_would_have(
    tmp_path: Path, request_: Request
) -> None:
    """Each file is read by its own columns, in a first run, a later one, and a repetition."""
    a, b = given(tmp_path, "a.csv", "body"), given(tmp_path, "b.csv", "said")
    investigate(replace(request_, given=(a, b), out=tmp_path / "once"), at=AT)
    investigate(replace(request_, given=(a,)), at=AT)
    (tmp_path / "a.csv").unlink()  # from here on it is read from the vault
    investigate(replace(request_, given=(b,), sealed=sealed(request_.out)), at=AT)
    assert contents(request_.out) == contents(tmp_path / "once")
    assert failures(request_.out) == []
    again = replay(request_.out, authority=request_.authority, at=AT, node=request_.node, workers=1)
    assert again.different == ()


def test_nothing_to_read_is_said(request_: Request) -> None:
    with pytest.raises(Unreadable, match="nothing to investigate"):
        investigate(request_, at=AT)
    assert not request_.out.exists()


def test_an_exhibit_that_is_not_there_is_said(tmp_path: Path, request_: Request) -> None:
    investigate(replace(request_, given=(given(tmp_path, "a.csv", "body"),)), at=AT)
    strange = Input(sha256="0" * 64, name="x.csv", media_type="text/csv", beside={})
    before = contents(request_.out)
    with pytest.raises(Unreadable, match=r"the exhibit x\.csv .* is no longer in the case"):
        investigate(replace(request_, sealed=(strange,)), at=AT)
    assert contents(request_.out) == before
    assert failures(request_.out) == []


def test_what_was_sealed_in_vain_is_taken_out_again(tmp_path: Path, request_: Request) -> None:
    def stopping(step: str, done: int, total: int) -> None:
        if step == "files sealed" and done == 1:
            raise KeyboardInterrupt

    investigate(replace(request_, given=(given(tmp_path, "a.csv", "body"),)), at=AT)
    new = replace(request_, given=(given(tmp_path, "b.csv", "said"),))
    with pytest.raises(KeyboardInterrupt):
        investigate(new, at=AT, progress=stopping)
    vault = request_.node.vault(CaseFolder(request_.out))
    assert [one.name for one in vault.exhibits()] == ["a.csv"]
    assert failures(request_.out) == []


@pytest.mark.parametrize("logged", [True, False])
def test_an_interrupted_move_is_finished_or_undone(
    tmp_path: Path, request_: Request, monkeypatch: pytest.MonkeyPatch, *, logged: bool
) -> None:
    investigate(replace(request_, given=(given(tmp_path, "a.csv", "body"),)), at=AT)
    before = contents(request_.out)
    new = replace(request_, given=(given(tmp_path, "b.csv", "said"),))
    if logged:
        monkeypatch.setattr("palermo.investigation.run.put", lambda _: None)
        investigate(new, at=AT)
    else:
        # As a process leaves it that is killed when outputs are written and not yet named.
        monkeypatch.setattr("palermo.investigation.outputs.shutil.rmtree", lambda *_, **__: None)
        monkeypatch.setattr("palermo.investigation.run.record", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            investigate(new, at=AT)
    monkeypatch.undo()
    assert staging(request_.out).is_dir()
    with CaseFolder(request_.out).log(request_.node.signer()) as log:
        settle(request_.out, log)
    assert not staging(request_.out).exists()
    assert (contents(request_.out) != before) is logged
    assert failures(request_.out) == []


def test_staged_outputs_that_somebody_changed_do_not_move_in(
    tmp_path: Path, request_: Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    investigate(replace(request_, given=(given(tmp_path, "a.csv", "body"),)), at=AT)
    before = contents(request_.out)
    monkeypatch.setattr("palermo.investigation.run.put", lambda _: None)
    investigate(replace(request_, given=(given(tmp_path, "b.csv", "said"),)), at=AT)
    (staging(request_.out) / "dossier.html").write_text("another")
    with CaseFolder(request_.out).log(request_.node.signer()) as log:
        settle(request_.out, log)
    assert contents(request_.out) == before
    assert not staging(request_.out).exists()


def test_two_runs_at_once_do_not_mix(tmp_path: Path, request_: Request) -> None:
    first = replace(request_, given=(given(tmp_path, "a.csv", "body"),))

    def meanwhile(step: str, done: int, total: int) -> None:
        if step == "dossier" and done:
            staging(request_.out).mkdir()

    with pytest.raises(Refused, match="another run is at work"):
        investigate(first, at=AT, progress=meanwhile)
    staging(request_.out).rmdir()
    investigate(first, at=AT)
    assert failures(request_.out) == []
    put_again = pytest.raises(FileNotFoundError)
    with put_again:
        put(request_.out)  # there is nothing to put
