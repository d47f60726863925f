"""The verifier in one file gives the same answers, with nothing of Palermo installed."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from palermo.evidence import verify_case
from palermo.evidence.standalone import modules, standalone_source

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def verifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("alone") / "palermo_verify.py"
    path.write_text(standalone_source(), "utf-8")
    return path


def alone(verifier: Path, *arguments: object) -> "subprocess.CompletedProcess[str]":
    """Run it where no Palermo can be imported: isolated, in its own folder, no environment."""
    # The finder of an editable installation is taken out, as on somebody else's machine.
    start = (
        "import sys, runpy; sys.meta_path = [f for f in sys.meta_path if '__editable__' not in "
        "repr(f)]; sys.path = [p for p in sys.path if 'palermo' not in p and not p.endswith('/src')"
        "]; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
    )
    return subprocess.run(
        [sys.executable, "-I", "-c", start, str(verifier), *map(str, arguments)],
        capture_output=True, text=True, timeout=120, check=False, cwd=verifier.parent, env={},
    )  # fmt: skip


def test_the_same_answers(verifier: Path, case: Path) -> None:
    done = alone(verifier, case, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    said = [
        (one["name"], one["outcome"], one["detail"]) for one in json.loads(done.stdout)["checks"]
    ]
    assert said == [(c.name, str(c.outcome), c.detail) for c in verify_case(case)]


def test_a_damaged_case_fails(verifier: Path, case: Path) -> None:
    (case / "findings.json").write_text("{}")
    done = alone(verifier, case)
    assert done.returncode == 1
    assert re.search(r"^FAIL +outputs: ", done.stdout, re.MULTILINE)
    assert "FAILED: 1 of" in done.stdout


def test_wrong_use_is_one_line(verifier: Path, tmp_path: Path) -> None:
    for arguments in ([tmp_path / "nothing"], [tmp_path, "--key", tmp_path / "nothing"]):
        done = alone(verifier, *arguments)
        assert done.returncode == 2
        assert len(done.stderr.strip().splitlines()) == 1


def test_it_holds_the_modules_word_for_word(verifier: Path) -> None:
    text = verifier.read_text("utf-8")
    for name, source in modules().items():
        path = REPOSITORY / "src" / f"{name.replace('.', '/')}.py"
        assert source == path.read_text("utf-8")
        assert source in text


def test_it_uses_no_palermo_that_may_be_installed(verifier: Path, tmp_path: Path) -> None:
    fake = tmp_path / "palermo"
    fake.mkdir()
    (fake / "__init__.py").write_text("raise SystemExit('a planted module ran')")
    script = tmp_path / "palermo_verify.py"
    script.write_text(verifier.read_text("utf-8"), "utf-8")
    done = subprocess.run(
        [sys.executable, str(script), "--help"], capture_output=True, text=True, check=False,
        cwd=tmp_path, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0
    assert "planted" not in done.stdout + done.stderr
