"""The parts: names, manifests, proofs, inventory, staging."""

import fcntl
import json
import os
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from palermo.evidence.merkle import consistency_proof, inclusion_proof, leaf_hash, root
from palermo.evidence.package.bag import read_bag
from palermo.evidence.package.bagging import BagWriter
from palermo.evidence.package.inventory import Disclosed, Inventory, Method, Named
from palermo.evidence.package.layout import decoded, encoded, safe_name
from palermo.evidence.package.proofs import Tree
from palermo.evidence.package.stage import staged
from palermo.model import Unreadable

TEXT = st.text(st.characters(codec=None), max_size=200)


@given(TEXT)
def test_a_safe_name_is_safe_on_every_system(name: str) -> None:
    made = safe_name(name)
    assert made
    assert len(made.encode()) <= 120
    assert made == unicodedata.normalize("NFC", made)
    assert not set(made) & set('\\/:*?"<>|%~\n\r\0')
    assert made.isprintable()
    assert made[0] not in ".- "
    assert made[-1] not in ". "
    assert safe_name(made) == made


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("ads.csv", "ads.csv"),
        ("..", "_"),
        ("", "_"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("-rf", "_-rf"),
        (".bashrc", "_.bashrc"),
        ("50%.csv", "50_.csv"),
        ("e\u0301.txt", "\u00e9.txt"),
        ("a\u202etxt.exe", "a_txt.exe"),
        ("x" * 300 + ".csv", "x" * 116 + ".csv"),
    ],
)
def test_safe_names(name: str, made: str) -> None:
    assert safe_name(name) == made


@given(st.text(max_size=50))
def test_a_path_in_a_manifest_reads_back(path: str) -> None:
    assert decoded(encoded(path)) == path
    assert "\n" not in encoded(path)


@given(st.integers(1, 70), st.data())
def test_proofs_are_those_of_the_rfc(size: int, data: st.DataObject) -> None:
    leaves = [leaf_hash(b"%d" % number) for number in range(size)]
    tree = Tree(leaves)
    index = data.draw(st.integers(0, size - 1))
    assert tree.head == root(leaves)
    assert tree.inclusion(index) == inclusion_proof(leaves, index)
    assert tree.consistency(index + 1) == consistency_proof(leaves, index + 1)
    assert tree.head_at(index) == root(leaves[:index])


def test_proofs_outside_the_tree_are_refused() -> None:
    tree = Tree([leaf_hash(b"x")])
    with pytest.raises(IndexError):
        tree.inclusion(1)
    with pytest.raises(IndexError):
        tree.consistency(0)


IDS = st.text("0123456789abcdef", min_size=64, max_size=64)
NAMED = st.builds(Named, id=IDS, media_type=st.text(), size=st.integers(0))
METHOD = st.builds(Method, event=st.integers(0), type=st.text(), tool=st.text(), version=st.text())
DISCLOSED = st.builds(
    Disclosed,
    id=IDS,
    name=st.text(),
    media_type=st.text(),
    size=st.integers(0),
    sha256=IDS,
    salt=st.binary(min_size=32, max_size=32),
    path=st.text(),
    parent=st.none() | IDS,
    method=st.none() | METHOD,
    sealed_at=st.text(),
    events=st.lists(st.integers(0)).map(tuple),
)


@given(st.lists(DISCLOSED, max_size=3), st.lists(NAMED, max_size=3))
def test_an_inventory_reads_back(some: list[Disclosed], others: list[Named]) -> None:
    made = Inventory(log="x", exhibits=tuple(some), held_back=tuple(others))
    assert Inventory.read(json.loads(made.text())) == made


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(JSON, st.sampled_from(["exhibits", "held_back", "erased", "log", "palermo_package"]))
def test_anything_else_is_unreadable_and_nothing_worse(value: object, key: str) -> None:
    whole = {
        "palermo_package": 1,
        "log": "x",
        "commitment": "y",
        "exhibits": [],
        "held_back": [],
        "erased": [],
        key: value,
    }
    for raw in (value, whole, {**whole, "exhibits": [value]}, {**whole, "held_back": [value]}):
        try:
            Inventory.read(raw)
        except Unreadable:
            continue


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["a.txt", "b%/c.txt", "d e/\u00e9.txt"]), st.binary()))
def test_a_bag_that_was_written_reads_back(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, bytes]
) -> None:
    folder = tmp_path_factory.mktemp("bag")
    writer = BagWriter(folder)
    for name, data in files.items():
        writer.add(f"data/{name}", [data[:3], data[3:]])
    writer.describe({"Source-Organization": "A\nPayload-Oxum: 9.9"})
    writer.close()

    bag = read_bag(folder)

    assert bag.problems == []
    assert bag.files == writer.files
    assert bag.payload().keys() == {f"data/{name}" for name in files}


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_for_a_manifest_end_in_problems(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    folder = tmp_path_factory.mktemp("bag")
    writer = BagWriter(folder)
    writer.add("data/a.txt", [b"x"])
    writer.describe({})
    writer.close()
    for name in ("manifest-sha256.txt", "bag-info.txt", "bagit.txt", "tagmanifest-sha256.txt"):
        before = (folder / name).read_bytes()
        (folder / name).write_bytes(data)
        assert read_bag(folder).problems or data == before
        (folder / name).write_bytes(before)


def test_a_folder_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    def fail() -> None:
        with staged(tmp_path / "out") as folder:
            (folder / "half").write_text("x")
            assert folder.stat().st_mode & 0o777 == 0o700
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert list(tmp_path.iterdir()) == []
    with staged(tmp_path / "out") as folder:
        (folder / "whole").write_text("x")
        assert not (tmp_path / "out").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_what_a_killed_process_left_is_removed_and_what_is_in_use_is_not(tmp_path: Path) -> None:
    left, used = tmp_path / ".palermo-package-left", tmp_path / ".palermo-package-used"
    for folder in (left, used):
        folder.mkdir()
        (folder / "plain.txt").write_text("x")
    descriptor = os.open(used, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        with staged(tmp_path / "out"):
            assert not left.exists()
            assert (used / "plain.txt").exists()
    finally:
        os.close(descriptor)


def test_a_folder_that_came_into_being_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    def late() -> None:
        with staged(tmp_path / "out") as folder:
            (folder / "mine").write_text("x")
            (tmp_path / "out").mkdir()
            (tmp_path / "out" / "theirs").write_text("y")

    with pytest.raises(Unreadable, match="came into being meanwhile"):
        late()
    assert (tmp_path / "out" / "theirs").read_text() == "y"


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(Unreadable), staged(tmp_path / "file" / "out"):
        pass
