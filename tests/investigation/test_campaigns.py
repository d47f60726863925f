"""Campaigns of files: the same as in memory, day after day, and a damaged store is told."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pytest
from bench.noisy_templates import RECIPES, generate

from palermo.analysis.campaigns import find_campaigns
from palermo.formats import Columns
from palermo.investigation import assign_against, assign_gathered, gather_texts
from palermo.investigation.campaign_store import read_store
from palermo.investigation.templates import texts_at
from palermo.model import Unreadable

TEXTS, TRUTH = generate(2500, RECIPES["words, all scripts"], 3)


def written(path: Path, first: int, end: int) -> Path:
    table = pa.table({"id": [f"t{k}" for k in range(first, end)], "text": TEXTS[first:end]})
    pyarrow.csv.write_csv(table, path)
    return path


@pytest.fixture
def store(tmp_path: Path) -> Path:
    gathered = gather_texts([written(tmp_path / "a.csv", 0, 2000)], columns=Columns())
    assign_gathered(gathered, store=tmp_path / "known")
    return tmp_path / "known"


def test_files_give_what_the_table_gives(tmp_path: Path) -> None:
    paths = [written(tmp_path / "a.csv", 0, 900), written(tmp_path / "b.csv", 900, 2500)]
    gathered = gather_texts(paths, columns=Columns(), keep=True, folder=tmp_path)
    items = pa.table({"id": [f"t{k}" for k in range(2500)], "text": TEXTS})
    assert assign_gathered(gathered) == find_campaigns(items).assignment
    assert gathered.texts is not None
    assert gathered.texts.to_pylist() == TEXTS
    assert texts_at(gathered.texts, [3, 899, 900, 2499]) == {
        k: TEXTS[k] for k in (3, 899, 900, 2499)
    }
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "b.csv"]


def test_days_add_up(tmp_path: Path, store: Path) -> None:
    day = gather_texts([written(tmp_path / "b.csv", 2000, 2500)], columns=Columns())
    addition = assign_against(day, store, store=store)
    again = assign_against(day, store)
    assert again.assignment == addition.assignment
    assert again.changes.num_rows == 0
    assert again.counts["campaigns_begun"] == 0
    index, seen = read_store(store)
    assert seen["id"].to_pylist() == [f"t{k}" for k in range(2500)]
    assert int(index.posts.sum()) == 2500
    for row in addition.changes.to_pylist():
        assert row["before"] != row["after"]


def test_a_known_item_with_another_text_counts(tmp_path: Path, store: Path) -> None:
    path = tmp_path / "b.csv"
    pyarrow.csv.write_csv(pa.table({"id": ["t1"], "text": ["something else entirely"]}), path)
    assign_against(gather_texts([path], columns=Columns()), store, store=tmp_path / "next")
    assert int(read_store(tmp_path / "next")[0].posts.sum()) == 2001


def _no_file(store: Path) -> None:
    (store / "token.npy").unlink()


def _cut(store: Path) -> None:
    data = (store / "token.npy").read_bytes()
    (store / "token.npy").write_bytes(data[: len(data) // 2])


def _other_version(store: Path) -> None:
    (store / "campaigns.json").write_text(json.dumps({"palermo_campaigns": 99}))


def _other_type(store: Path) -> None:
    np.save(store / "campaign.npy", np.load(store / "campaign.npy").astype(np.int64))


def _beyond(store: Path) -> None:
    array = np.load(store / "campaign.npy")
    array[0] = 10**6
    np.save(store / "campaign.npy", array)


def _pickled(store: Path) -> None:
    np.save(store / "posts.npy", np.array([{}], dtype=object))


def _no_items(store: Path) -> None:
    (store / "items.parquet").write_bytes(b"PAR1")


@pytest.mark.parametrize(
    "damage", [_no_file, _cut, _other_version, _other_type, _beyond, _pickled, _no_items]
)
def test_a_damaged_store_is_unreadable(tmp_path: Path, store: Path, damage: object) -> None:
    assert callable(damage)
    damage(store)
    with pytest.raises(Unreadable, match="known"):
        read_store(store)


def test_no_store_and_no_place_for_one(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="no store"):
        read_store(tmp_path)
    gathered = gather_texts([written(tmp_path / "a.csv", 0, 10)], columns=Columns())
    with pytest.raises(Unreadable, match="no store"):
        assign_gathered(gathered, store=tmp_path)
    assert (tmp_path / "a.csv").exists()
