"""`palermo photos`: a table, hits on a list, and plain refusals."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from palermo.analysis.images import hash_image
from palermo.doors.cli import run
from palermo.scenario.pictures import ALTERATIONS, draw, saved


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photos")
    (folder / "pictures").mkdir()
    for number in range(3):
        (folder / "pictures" / f"{number}.jpg").write_bytes(saved(draw(number, (320, 240))))
    turned = hash_image(saved(ALTERATIONS["mirrored"](draw(1, (320, 240)))))
    (folder / "list.txt").write_text(f"# list\n{turned.hex}\n")
    return folder


def test_a_table_and_the_hits_on_a_list(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [str(folder / "pictures"), "--against", str(folder / "list.txt")]
    assert run(["photos", *arguments, "-o", str(folder / "out.parquet"), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["files"], said["hashed"], said["with_note"], said["on_list"]) == (3, 3, 0, 1)
    assert (Path(said["hits"][0]["path"]).name, said["hits"][0]["line"]) == ("1.jpg", 2)
    table = pq.read_table(folder / "out.parquet")
    assert table.column_names == ["path", "sha256", "pdq", "quality", "note"]
    assert run(["photos", *arguments]) == 0
    assert "1.jpg: on the list, line 2" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["{}/pictures"], "nothing to do"),
        (["{}/missing", "-o", "{}/o.csv"], "no such file"),
        (["{}/pictures", "--against", "{}/pictures/0.jpg"], "cannot be read"),
        (["{}/pictures", "--against", "{}/missing.txt"], "cannot be read"),
    ],
)
def test_wrong_use_is_told_in_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert run(["photos", *(word.format(folder) for word in arguments)]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("palermo:") == 1
