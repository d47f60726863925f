"""A small sealed case that each attack damages in its own copy."""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from palermo.evidence import (
    Actor,
    CaseFolder,
    CustodyEvent,
    EventType,
    ExhibitRef,
    Ground,
    Keystore,
    Tool,
)

AT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
KEK = bytes(range(32))
EventMaker = Callable[..., CustodyEvent]


def make_event(kind: EventType = EventType.ACCESS, **more: object) -> CustodyEvent:
    """Build an event with everything an event needs."""
    return CustodyEvent(
        type=kind,
        actor=Actor(id="analyst-1", role="analyst", organisation="Example unit (fictional)"),
        ground=Ground(
            power="eu/dsa-own-initiative", legal_basis="Article 7", case="C-1", sha256="ab" * 32
        ),
        purpose="find recruitment by deceit",
        occurred_at=AT,
        logged_at=AT,
        tool=Tool(name="palermo", version="0.1.0"),
        **more,  # type: ignore[arg-type]  # only the optional fields are passed through
    )


@pytest.fixture(scope="session")
def event() -> EventMaker:
    return make_event


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("keys")


@pytest.fixture(scope="session")
def signer(keys: Path) -> Keystore:
    return Keystore.open(keys, actor="analyst-1")


@pytest.fixture(scope="session")
def sealed(tmp_path_factory: pytest.TempPathFactory, signer: Keystore) -> Path:
    """A finished case: two exhibits, five events, three outputs, a checkpoint over all."""
    base = tmp_path_factory.mktemp("case")
    case = CaseFolder(base / "case")
    with case.log(signer) as log:
        exhibits = []
        for name in ("ads.csv", "posts.jsonl"):
            source = base / name
            source.write_text(f"id,text\n1,{name}\n" * 200)
            exhibits.append(case.vault(KEK).seal(source, name=name, media_type="text/csv", at=AT))
        refs = tuple(ExhibitRef.of(exhibit) for exhibit in exhibits)
        for ref in refs:
            log.append(make_event(EventType.RECEIVE, exhibits=(ref,)))
        case.tables.mkdir()
        (case.tables / "items.parquet").write_bytes(bytes(range(256)) * 8)
        (case.path / "findings.json").write_text('{"networks": 2}')
        (case.path / "dossier.html").write_text("<!doctype html><title>x</title>")
        log.append(make_event(EventType.ANALYSE, exhibits=refs, outputs=case.outputs()))
        log.append(make_event(EventType.ACCESS, exhibits=refs[:1]))
        log.append(make_event(EventType.EXPORT, exhibits=refs))
    return case.path


@pytest.fixture
def case(sealed: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "case"
    shutil.copytree(sealed, copy)
    return copy
