"""Entity files as lists: each line an entry, a link that is counted, or set aside."""

import json
from pathlib import Path
from typing import Any

import pytest

from palermo.formats.entities import MAX_LINE, read_entities
from palermo.model import Unreadable
from palermo.model.screening import LISTED


def line(schema: str, number: int = 1, **properties: Any) -> str:
    return json.dumps(
        {"id": f"x{number}", "schema": schema, "properties": properties, "datasets": ["made_up"]}
    )


def write(folder: Path, *lines: str) -> Path:
    path = folder / "list.json"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def test_people_wallets_and_companies_are_entries(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        line(
            "Person",
            name=["Kim Sample", "Kim Sample"],
            alias=["K. S."],
            weakAlias=["Kimmy"],
            birthDate=["1990-01-02"],
            nationality=["xa"],
            country=["xb", "eu-xx"],
            topics=["sanction"],
            addressEntity=[{"id": "a", "schema": "Address", "properties": {}}],
        ),
        line("CryptoWallet", 2, publicKey=["1Archive1n2C579dMsAu3iC6tWzuQJz8dN"]),
        "",
        line("Ownership", 3, owner=["x1"], asset=["x2"]),
    )
    read = read_entities(path)
    assert read.table.schema == LISTED
    person, wallet = read.table.to_pylist()
    assert person["names"] == ["Kim Sample", "K. S."]
    assert (person["weak_names"], person["birth"]) == (["Kimmy"], ["1990-01-02"])
    assert person["countries"] == ["XA", "XB"]
    assert (person["kind"], person["source"], person["line"]) == ("person", "made_up", 1)
    assert (wallet["kind"], wallet["caption"]) == ("wallet", wallet["wallets"][0])
    assert read.not_compared == {"Ownership": 1}
    assert read.unused == {"addressEntity": 1}
    assert read.set_aside == ()


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("{", "not JSON"),
        ("[1]", "expected an object"),
        ('{"schema": "Person", "properties": {}}', "no `id`"),
        ('{"id": "a", "properties": {}}', "no `schema`"),
        ('{"id": "a", "schema": "Person", "properties": []}', "no `properties`"),
        ("[" * 100_000, "not JSON"),
        ('"' + "a" * (MAX_LINE + 10) + '"', "expected an object"),
        ("\ud800", "not JSON"),
        ('{"id": "\\ud800", "schema": "Person", "properties": {}}', "not JSON"),
    ],
)
def test_bad_lines_never_lose_good_ones(bad: str, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    text = f"{line('Person', name=['A'])}\n{bad}\n{line('Person', 2, name=['B'])}\n"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    read = read_entities(path)
    assert read.table["names"].to_pylist() == [["A"], ["B"]]
    (aside,) = read.set_aside
    assert aside.row == 2
    assert reason in aside.reason
    assert len(aside.value) <= 80


def test_values_that_are_no_texts_are_counted(tmp_path: Path) -> None:
    read = read_entities(write(tmp_path, line("Person", name=["A", 3, None], phone="+12025550143")))
    (row,) = read.table.to_pylist()
    assert (row["names"], row["phones"]) == (["A"], ["+12025550143"])
    assert read.unused == {"name": 2}


def test_a_byte_order_mark_and_a_missing_file(tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    path.write_bytes(b"\xef\xbb\xbf" + line("Person", name=["A"]).encode())
    assert read_entities(path).table.num_rows == 1
    with pytest.raises(Unreadable, match="give its path"):
        read_entities(tmp_path / "none.json")
