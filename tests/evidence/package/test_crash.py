"""Killed at any line, nothing half-made has the package's name, and the case still holds."""

import random
import shutil
from pathlib import Path

import pytest
from tests.evidence.crash import Say, killed, lines_of
from tests.evidence.package.making import Made, pack

from palermo.evidence import Outcome
from palermo.evidence.package.verify import verify_package
from palermo.evidence.verify import verify_case

POINTS = 30


@pytest.mark.slow
def test_killed_anywhere(made_once: Made, tmp_path: Path) -> None:
    made = made_once.at(tmp_path / "base")

    def job(folder: Path) -> None:
        there = Made(made.case.__class__(folder / "case"), made.signer, made.ada, made.exhibits)
        pack(there, folder / "package")

    def fresh() -> Path:
        folder = tmp_path / "try"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        shutil.copytree(made.case.path, folder / "case")
        return folder

    folder = fresh()
    lines = lines_of(lambda _: job(folder))
    chance = random.Random(11)
    points = sorted(chance.sample(range(1, lines), POINTS - 5) + list(range(lines - 5, lines)))
    whole = 0
    for point in points:
        folder = fresh()

        def again(say: Say, folder: Path = folder) -> None:
            job(folder)
            say("done")

        killed(again, at=point)
        package = folder / "package"
        if package.exists():
            whole += 1
            failed = [c for c in verify_package(package) if c.outcome is Outcome.FAIL]
            assert failed == [], point
        after = [c for c in verify_case(folder / "case") if c.outcome is Outcome.FAIL]
        assert after == [], point
        shutil.rmtree(package, ignore_errors=True)
        job(folder)  # the next one succeeds, and removes what was left
        assert sorted(p.name for p in folder.iterdir()) == ["case", "package"], point
    assert 0 < whole < POINTS
