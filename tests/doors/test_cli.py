"""The command as a user meets it: exit codes, one clear line, never a stack trace."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from palermo.doors.cli import COMMANDS, run

AUTHORITY = """\
palermo_authority: 1
organisation: Example board
power: eu/dsa-own-initiative
legal_basis: Regulation (EU) 2022/2065, Article 7
purpose: a test
case: T-1
authorised_by: {name: A. Example, role: head-of-trust-and-safety}
from: 2026-01-01T00:00:00Z
until: 2026-07-01T00:00:00Z
offences: [trafficking-in-persons]
scope: {material: [posts], platforms: [board.example], measures: [detect, preserve]}
"""

POSTS = """\
id,text,platform
1,Great pay abroad call +1 202 555 0143 now,board.example
2,Great pay abroad call +1 202 555 0143 today,board.example
3,I sell a bicycle,board.example
4,,board.example
5,From elsewhere,other.example
"""


@pytest.fixture(autouse=True)
def _day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PALERMO_NOW", "2026-03-01T09:00:00Z")


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "authority.yaml").write_text(AUTHORITY)
    (tmp_path / "posts.csv").write_text(POSTS)
    return tmp_path


@pytest.fixture
def investigate(files: Path) -> Callable[..., int]:
    def call(*more: str, source: str = "posts.csv", out: str = "case") -> int:
        return run(
            [
                "investigate",
                str(files / source),
                "--authority",
                str(files / "authority.yaml"),
                "--out",
                str(files / out),
                "--quiet",
                *more,
            ]
        )

    return call


def one_line(text: str) -> str:
    lines = text.strip().splitlines()
    assert len(lines) == 1, text
    assert lines[0].startswith("palermo: ")
    assert "Traceback" not in text
    return lines[0]


def test_every_command_has_help_with_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    for name in COMMANDS:
        assert run([name, "--help"]) == 0
        shown = capsys.readouterr().out
        assert "Example" in shown, name
        assert f"palermo {name}" in shown, name


def test_the_installed_command_starts_quickly_and_shows_help() -> None:
    command = Path(sys.executable).with_name("palermo")
    done = subprocess.run([command, "--help"], capture_output=True, text=True, check=True)
    assert "investigate" in done.stdout


def test_no_command_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) == 2
    assert "Usage" in capsys.readouterr().err


def test_unknown_option_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["verify", "--nonsense", "x"]) == 2
    assert "--nonsense" in one_line(capsys.readouterr().err)


def test_the_whole_job(
    files: Path, investigate: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert investigate("--json") == 0
    counts = json.loads(capsys.readouterr().out)["counts"]
    assert counts["rows_read"] == 5
    assert counts["items"] == 3
    assert counts["rows_set_aside"] == 2
    case = files / "case"
    names = {p.name for p in (case / "tables").iterdir()}
    assert {
        f"{n}.parquet"
        for n in ("items", "identifiers", "campaigns", "links", "networks", "rejected")
    } <= names
    reasons = pq.read_table(case / "tables" / "rejected.parquet")["reason"].to_pylist()
    assert sorted(reasons) == ["empty_text", "out_of_scope"]
    assert run(["verify", str(case)]) == 0
    networks = pq.read_table(case / "tables" / "networks.parquet")
    assert networks["id"].to_pylist() == ["1", "2"]


def test_an_altered_finding_fails_verification(
    files: Path, investigate: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert investigate() == 0
    path = files / "case" / "findings.json"
    path.write_text(path.read_text().replace('"items": 3', '"items": 4', 1))
    assert run(["verify", str(files / "case")]) == 1
    assert "findings.json" in capsys.readouterr().out


def test_findings_are_the_same_bytes_on_another_day(
    files: Path, investigate: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert investigate(out="one") == 0
    monkeypatch.setenv("PALERMO_NOW", "2026-04-01T09:00:00Z")
    assert investigate(out="two") == 0
    assert investigate(out="two") == 0  # again into the same folder
    for name in ("findings.json", "dossier.html", "tables/links.parquet", "tables/items.parquet"):
        assert (files / "one" / name).read_bytes() == (files / "two" / name).read_bytes(), name
    assert run(["verify", str(files / "two")]) == 0


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("until: 2026-07-01", "until: 2026-02-01"), "Article 7"),
        (("eu/dsa-own-initiative", "eu/no-such-power"), "eu/no-such-power"),
        (("head-of-trust-and-safety", "intern"), "Article 7"),
        (("material: [posts]", "material: [messages]"), "Article 7"),
        (("platforms: [board.example]", "platforms: [elsewhere.example]"), "scope"),
    ],
)
def test_what_the_authority_does_not_cover_is_refused(
    files: Path,
    investigate: Callable[..., int],
    capsys: pytest.CaptureFixture[str],
    change: tuple[str, str],
    expected: str,
) -> None:
    (files / "authority.yaml").write_text(AUTHORITY.replace(*change))
    assert investigate("--material", "posts") == 1
    assert expected in one_line(capsys.readouterr().err)
    assert not (files / "case" / "findings.json").exists()


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("missing.csv", None, "missing.csv"),
        ("empty.csv", b"", "empty.csv"),
        ("picture.png", b"\x89PNG", ".csv"),
        ("notext.csv", b"a,b\n1,2\n", "--text-column"),
        ("broken.parquet", b"PAR1 nonsense", "broken.parquet"),
    ],
)
def test_unreadable_input_is_one_clear_line_and_leaves_no_case(
    files: Path,
    investigate: Callable[..., int],
    capsys: pytest.CaptureFixture[str],
    name: str,
    content: bytes | None,
    expected: str,
) -> None:
    if content is not None:
        (files / name).write_bytes(content)
    assert investigate(source=name) == 2
    assert expected in one_line(capsys.readouterr().err)
    assert not (files / "case").exists()


def test_somebody_elses_folder_is_left_alone(
    files: Path, investigate: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    (files / "home").mkdir()
    (files / "home" / "letter.txt").write_text("mine")
    assert investigate(out="home") == 2
    assert "another folder" in one_line(capsys.readouterr().err)
    assert [p.name for p in (files / "home").iterdir()] == ["letter.txt"]


def test_a_missing_authority_file(
    files: Path, investigate: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    (files / "authority.yaml").unlink()
    assert investigate() == 2
    assert "authority.yaml" in one_line(capsys.readouterr().err)


def test_identifiers_and_campaigns_as_tables(files: Path) -> None:
    out = files / "identifiers.parquet"
    assert run(["identifiers", str(files / "posts.csv"), "-o", str(out), "--json"]) == 0
    table = pq.read_table(out)
    assert table.column_names[:6] == ["id", "kind", "value", "raw", "start", "end"]
    assert set(zip(table["kind"].to_pylist(), table["value"].to_pylist(), strict=True)) >= {
        ("phone", "+12025550143")
    }
    out = files / "campaigns.parquet"
    templates = files / "templates.json"
    command = ["campaigns", str(files / "posts.csv"), "-o", str(out), "--json"]
    assert run([*command, "--templates", str(templates)]) == 0
    assert pq.read_table(out).column_names == ["id", "campaign"]
    assert isinstance(json.loads(templates.read_text()), dict)


def test_campaigns_against_a_store(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    posts, out, store = files / "posts.csv", files / "c.parquet", files / "known"
    assert run(["campaigns", str(posts), "-o", str(out), "--store", str(store), "--json"]) == 0
    name = pq.read_table(out)["campaign"].to_pylist()[0]
    (files / "new.csv").write_text(
        "id,text\n9,Great pay abroad call +1 202 555 0199 tonight\n10,i sell a BICYCLE\n"
    )
    changes = files / "changes.csv"
    command = ["campaigns", str(files / "new.csv"), "-o", str(out), "--json"]
    capsys.readouterr()
    assert run([*command, "--against", str(store), "--changes", str(changes)]) == 0
    counts = json.loads(capsys.readouterr().out)
    assert counts["campaigns_grown"] == counts["campaigns_begun"] == 1
    found = pq.read_table(out)["campaign"].to_pylist()
    assert found[0] == name is not None
    assert changes.read_text().splitlines() == ["id,before,after", f"3,,{found[1]}"]
    assert run([*command, "--changes", str(changes)]) == 2
    assert "--against" in one_line(capsys.readouterr().err)
    assert run([*command, "--against", str(files)]) == 2
    assert "no store" in one_line(capsys.readouterr().err)


def test_an_internal_error_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("planted")

    monkeypatch.setattr("palermo.evidence.verify.verify", broken)
    assert run(["verify", str(tmp_path)]) == 2
    assert "please report" in one_line(capsys.readouterr().err)


def test_a_wrong_clock_setting(
    investigate: Callable[..., int],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("PALERMO_NOW", "2026-03-01")
    assert investigate() == 2
    assert "PALERMO_NOW" in one_line(capsys.readouterr().err)


def test_law_check(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["law", "check", str(files / "authority.yaml"), "--material", "posts"]) == 0
    assert "2026-07-01" in capsys.readouterr().out
    assert run(["law", "powers"]) == 0
    assert "eu/dsa-own-initiative" in capsys.readouterr().out


def test_scenario_that_does_not_exist(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["scenario", "mistral", "--out", str(tmp_path / "x")]) == 2
    assert "sirocco" in one_line(capsys.readouterr().err)
