"""Killed at any line, the vault loses nothing it acknowledged and shows nothing half-made."""

import hashlib
import io
import os
import random
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.evidence.crash import Say, killed, lines_of

from palermo.evidence import FsspecStore, Incoming, Store, Vault
from palermo.evidence.vault import INCOMING
from palermo.evidence.vault.stream import CHUNK
from palermo.model import Exhibit, Refused

AT = datetime(2026, 11, 24, tzinfo=UTC)
OLD, NEW = bytes(range(32)), bytes(range(1, 33))
POINTS = 30  # for each job and store
KNOWN = [b"first", b"second" * 1000, bytes(CHUNK + 5)]
MORE = [b"%d" % number * 500 for number in range(20)] + [os.urandom(2 * CHUNK), KNOWN[1]]


def incoming(contents: list[bytes]) -> list[Incoming]:
    return [
        Incoming(source=io.BytesIO(content), name=f"{number}.txt", media_type="x", at=AT)
        for number, content in enumerate(contents)
    ]


def store_at(path: Path, kind: str) -> Store | None:
    return None if kind == "local" else FsspecStore(f"file://{path}-bucket")


Task = Callable[[Vault, Say], None]


def seal(vault: Vault, say: Say) -> None:
    for one in incoming([b"new", os.urandom(CHUNK + 1), KNOWN[0]]):
        say(vault.seal(one.source, name=one.name, media_type=one.media_type, at=one.at).sha256)


def seal_many(vault: Vault, say: Say) -> None:
    for exhibit in vault.seal_many(incoming(MORE)):
        say(exhibit.sha256)


def shred(vault: Vault, say: Say) -> None:
    for exhibit in list(vault.exhibits())[:2]:
        vault.shred(exhibit.id)
        say(exhibit.id)


def rekey(vault: Vault, say: Say) -> None:
    vault.rekey(NEW)
    say("rekeyed")
    vault.shred(next(iter(vault.exhibits())).id)


@pytest.fixture(scope="module", params=["local", "file bucket"])
def begun(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, str]:
    """A vault with three exhibits."""
    path = tmp_path_factory.mktemp("begun") / "vault"
    Vault(path, kek=OLD, store=store_at(path, request.param)).seal_many(incoming(KNOWN))
    return path, request.param


def copied(begun: Path, to: Path) -> Path:
    shutil.copytree(begun, to)
    bucket = Path(f"{begun}-bucket")
    if bucket.exists():
        shutil.copytree(bucket, f"{to}-bucket")
    return to


@pytest.mark.parametrize("task", [seal, seal_many, shred, rekey])
def test_a_crash_at_any_line_is_healed(task: Task, begun: tuple[Path, str], tmp_path: Path) -> None:
    original, kind = begun
    before = {
        one.id: one for one in Vault(original, kek=OLD, store=store_at(original, kind)).exhibits()
    }

    def job(path: Path) -> Callable[[Say], None]:
        return lambda say: task(Vault(path, kek=OLD, store=store_at(path, kind)), say)

    lines = lines_of(job(copied(original, tmp_path / "counted")))
    chance = random.Random(f"{task.__name__} {kind}")
    points = sorted({1, lines, *(chance.randint(1, lines) for _ in range(POINTS))})
    deaths = 0
    for point in points:
        path = copied(original, tmp_path / f"at{point}")
        said, died = killed(job(path), at=point)
        deaths += died
        if point % 2:  # healing may be interrupted too
            killed(opening(path, kind), at=chance.randint(1, 250))
        healed(path, kind, task, before, said)
        shutil.rmtree(path)
    assert deaths >= len(points) - 2  # with threads the last lines may come out differently


def healed(path: Path, kind: str, task: Task, before: dict[str, Exhibit], said: list[str]) -> None:
    """Open the vault after a crash and hold it to its promises."""
    vault = reopened(path, kind, rekeyed="rekeyed" in said)
    exhibits = {one.id: one for one in vault.exhibits()}
    for one in exhibits.values():
        assert vault.check(one.id) == one.size
        vault.check_sealed(one.id, one.sealed_sha256, one.size)
        assert hashlib.sha256(vault.open(one.id).read()).hexdigest() == one.sha256
    assert len({one.sha256 for one in exhibits.values()}) == len(exhibits)
    place = path if kind == "local" else Path(f"{path}-bucket")
    stored = {file.name for file in place.glob("[0-9a-f][0-9a-f]/*")}
    assert stored == exhibits.keys()
    assert not list((path / INCOMING).iterdir())
    gone = before.keys() - exhibits.keys()
    if task in (seal, seal_many):
        assert not gone
        assert set(said) <= {one.sha256 for one in exhibits.values()}
    elif task is shred:
        assert set(said) <= gone
        assert len(gone) <= len(said) + 1
    for id in gone:  # noqa: A001  # the field's name
        with pytest.raises(Refused, match="was shredded"):
            vault.open(id)
    again = vault.seal_many(incoming([*KNOWN, *MORE]))  # and it goes on working
    assert len({one.id for one in again}) == len({*KNOWN, *MORE})


def opening(path: Path, kind: str) -> Callable[[Say], None]:
    def job(_: Say) -> None:
        opened_by_either(path, kind)

    return job


def reopened(path: Path, kind: str, *, rekeyed: bool) -> Vault:
    """Open the vault under the new key, or the old one if the new one was not acknowledged."""
    vault, new = opened_by_either(path, kind)
    assert new or not rekeyed
    return vault


def opened_by_either(path: Path, kind: str) -> tuple[Vault, bool]:
    try:
        return Vault(path, kek=NEW, store=store_at(path, kind)), True
    except Refused:
        return Vault(path, kek=OLD, store=store_at(path, kind)), False
