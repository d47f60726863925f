"""`palermo package`, `palermo receive` and `palermo verify` on a package, as a user meets them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from palermo.doors.cli import run

AUTHORITY = """\
palermo_authority: 1
organisation: Example unit
power: {power}
legal_basis: a law
purpose: a test
case: T-1
authorised_by: {{name: A. Example, role: competent-authority}}
from: 2026-01-01T00:00:00Z
until: 2026-07-01T00:00:00Z
offences: [trafficking-in-persons]
scope: {{material: [posts], measures: [{measures}]}}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PALERMO_NOW", "2026-03-01T09:00:00Z")
    monkeypatch.setenv("PALERMO_HOME", str(tmp_path / "node"))
    for name, power, measures in (
        ("in", "eu/led-processing", "detect, preserve"),
        ("out", "eu/led-transmission", "disclose, preserve"),
    ):
        Path(f"{name}.yaml").write_text(AUTHORITY.format(power=power, measures=measures))
    Path("posts.csv").write_text("id,text\n1,Great pay abroad\n")
    assert run(["investigate", "posts.csv", "--authority", "in.yaml", "--out", "case"]) == 0
    return tmp_path


PACKAGE = ["package", "case", "--authority", "out.yaml", "--to", "Court"]


def test_from_case_to_package_to_case(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run([*PACKAGE, "--out", "package", "--with-outputs", "--json"]) == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (told["exhibits"], told["held_back"], told["event"]) == (1, 0, 2)
    assert run(["verify", "package", "--key", "case/custody.pub"]) == 0
    assert "package: holds" in capsys.readouterr().out

    monkeypatch.setenv("PALERMO_HOME", str(folder / "other-node"))
    take = ["receive", "package", "--authority", "in.yaml", "--key", "case/custody.pub"]
    kept = ["--checkpoint", "package/checkpoint.txt"]
    assert run([*take, *kept, "--out", "taken"]) == 0
    assert "Taken over: 1 exhibits (event 0)" in capsys.readouterr().out
    assert run(["verify", "taken", "--decrypt"]) == 0


def test_a_spoilt_package_is_exit_one(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*PACKAGE, "--out", "package"]) == 0
    Path("package/extra.txt").write_text("x")
    capsys.readouterr()
    assert run(["verify", "package"]) == 1
    assert "'extra.txt' is there but not in tagmanifest-sha256.txt" in capsys.readouterr().out
    take = ["receive", "package", "--authority", "in.yaml", "--key", "case/custody.pub"]
    assert run([*take, "--out", "taken"]) == 1
    assert "nothing was sealed" in capsys.readouterr().err
    assert not Path("taken").exists()


def test_wrong_use_is_one_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, code in (
        ([*PACKAGE, "--out", "case"], 2),
        ([*PACKAGE, "--out", "p", "--only", "0123456789"], 2),
        ([*PACKAGE, "--out", "p", "--hold-back-events", "99"], 2),
        (["package", "case", "--authority", "in.yaml", "--to", "X", "--out", "p"], 1),
        (["receive", "case", "--authority", "in.yaml", "--out", "taken"], 2),
        (["receive", "nowhere", "--authority", "in.yaml", "--out", "taken"], 2),
        (["receive", "case", "--authority", "in.yaml", "--out", "t", "--unknown-sender"], 1),
    ):
        capsys.readouterr()
        assert run(arguments) == code, arguments
        assert len(capsys.readouterr().err.strip().splitlines()) == 1
    assert not Path("p").exists()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("- a", "expected YAML"),
        ("declarant: [", "expected YAML"),
        ("declarant: A", "`position` is missing"),
        ("declarant: A\nage: 3", "unknown key `age`"),
        ("declarant: A\nposition: B\nqualification: C\nplace: D\nsources: {12: x}", "quoted"),
        ("declarant: A\nposition: B\nqualification: C\nplace: D\ninside_us: maybe", "true or"),
    ],
)
def test_a_wrong_declaration_is_told(
    folder: Path, capsys: pytest.CaptureFixture[str], text: str, why: str
) -> None:
    Path("declarant.yaml").write_text(text)
    assert run([*PACKAGE, "--out", "p", "--certificate", "declarant.yaml"]) == 2
    assert why in capsys.readouterr().err


def test_a_certificate_names_what_the_record_lacks(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "declarant: A\nposition: B\nqualification: C\nplace: D\n"
    Path("declarant.yaml").write_text(text)
    certified = [*PACKAGE, "--out", "p", "--certificate", "declarant.yaml"]
    assert run(certified) == 1
    assert "the device or person it came from" in capsys.readouterr().err
    assert run([*PACKAGE, "--out", "q"]) == 0
    ident = json.loads(Path("q/exhibits.json").read_text())["exhibits"][0]["id"]
    Path("declarant.yaml").write_text(f"{text}sources: {{'{ident[:12]}': 'a USB stick'}}\n")
    assert run(certified) == 0
    assert "a USB stick" in Path("p/CERTIFICATE.html").read_text()


def test_the_verifier_in_the_package_needs_nothing_of_ours(folder: Path) -> None:
    assert run([*PACKAGE, "--out", "package"]) == 0
    lone = [sys.executable, "-I", "package/palermo_verify.py", "package"]

    def judge() -> tuple[int, str]:
        done = subprocess.run(lone, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    code, said = judge()
    assert code == 0, said
    assert "PASS          originals" in said
    data = next(Path("package/data").rglob("posts.csv"))
    data.write_text("x")
    code, said = judge()
    assert code == 1
    assert "is not the original" in said
