"""A case with everything a package can hold, and the tools of somebody who tampers with one."""

import hashlib
import io
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from palermo.evidence import (
    NODE,
    Actor,
    ActorKey,
    CaseFolder,
    CustodyEvent,
    EventType,
    ExhibitRef,
    Ground,
    Keystore,
    Signer,
    Tool,
)
from palermo.evidence.package.bag import Hashed
from palermo.evidence.package.layout import STATEMENT_FILE, TAG_MANIFEST_FILE, encoded
from palermo.evidence.package.selection import Selection
from palermo.evidence.package.statement import Statement, stated
from palermo.evidence.package.write import Order, Packed, write_package
from palermo.model import Exhibit

AT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
KEK = bytes(range(32))
TOOL = Tool(name="palermo", version="0.1.0", sha256="cd" * 32)
GROUND = Ground(power="eu/led-transmission", legal_basis="a law", case="C-1", sha256="ab" * 32)
TOLD = "her name is Ines"
CHOICES = {"only", "hold_back", "hold_back_events"}
#: What the log of `make_case` holds, by number.
RECEIVED, CAPTURED, DERIVED, BATCH, ANALYSED = 1, 2, 3, 7, 8


def make_event(kind: EventType, actor: str = NODE, **more: object) -> CustodyEvent:
    given: dict[str, object] = {
        "purpose": "find recruitment by deceit",
        "occurred_at": AT,
        "logged_at": AT,
        **more,
    }
    return CustodyEvent(
        type=kind,
        actor=Actor(id=actor, role="analyst", organisation="Example unit (fictional)"),
        ground=GROUND,
        tool=TOOL,
        **given,  # type: ignore[arg-type]  # only fields of the event are passed
    )


@dataclass(frozen=True, slots=True)
class Made:
    """A finished case: the folder, the keys, and its exhibits by name."""

    case: CaseFolder
    signer: Keystore
    ada: Keystore
    exhibits: dict[str, Exhibit]

    def id(self, name: str) -> str:
        return self.exhibits[name].id

    def at(self, path: Path) -> "Made":
        """Copy the case."""
        shutil.copytree(self.case.path, path)
        return replace(self, case=CaseFolder(path))


def make_case(folder: Path, keys: Path, page: bytes = b"PK a page" * 50) -> Made:
    """Seal five exhibits and log ten leaves, with a kept checkpoint in between."""
    signer, ada = Keystore.open(keys, actor=NODE), Keystore.open(keys, actor="ada")
    case = CaseFolder(folder)
    vault = case.vault(KEK)

    def seal(name: str, data: bytes, media: str, parent: str | None = None) -> Exhibit:
        return vault.seal(io.BytesIO(data), name=name, media_type=media, at=AT, parent=parent)

    record = json.dumps({"url": "https://site.example/", "captured": AT.isoformat()})
    some = {
        "ads.csv": seal("ads.csv", b"id,text\n1,work abroad\n" * 300, "text/csv"),
        "capture.json": seal("capture.json", record.encode(), "application/json"),
        "page.wacz": seal("page.wacz", page, "application/wacz"),
        "statement.txt": seal("statement.txt", TOLD.encode(), "text/plain"),
        "empty \u202e.bin": seal("empty \u202e.bin", b"", "application/octet-stream"),
    }
    some["page.txt"] = seal("page.txt", b"words of the page", "text/plain", some["page.wacz"].id)
    refs = {name: ExhibitRef.of(one) for name, one in some.items()}
    with case.log(signer) as log:
        key = ActorKey(actor="ada", public_key=ada.public_key.hex())
        log.append(make_event(EventType.KEY_ADD, key=key))
        first = (refs["ads.csv"], refs["statement.txt"], refs["empty \u202e.bin"])
        log.append(make_event(EventType.RECEIVE, exhibits=first, sender="Job board", match=True))
        pages = (refs["capture.json"], refs["page.wacz"])
        log.append(make_event(EventType.CAPTURE, exhibits=pages, place="Paris", match=True))
        log.append(make_event(EventType.DERIVE, exhibits=(refs["page.txt"],), match=True))
        log.append_many(
            [make_event(EventType.ACCESS, exhibits=first[:1], purpose=f"look {n}") for n in "abc"]
        )
        log.checkpoint(keep=True)
        case.tables.mkdir()
        (case.tables / "items.parquet").write_bytes(bytes(range(256)) * 8)
        (case.path / "dossier.html").write_text("<!doctype html><title>x</title>")
        log.append(
            make_event(EventType.ANALYSE, exhibits=tuple(refs.values()), outputs=case.record())
        )
        log.append(
            make_event(EventType.ACCESS, "ada", exhibits=(refs["statement.txt"],)), signer=ada
        )
    return Made(case, signer, ada, some)


def pack(made: Made, out: Path, *, event: CustodyEvent | None = None, **more: object) -> Packed:
    """Write a package an hour later; keywords are those of `Selection` and `Order`."""
    later = AT + timedelta(hours=1)
    chosen = {name: more.pop(name) for name in CHOICES & more.keys()}
    order = Order(
        event=event
        or make_event(
            EventType.TRANSFER_OUT, recipient="Court of Example", occurred_at=later, logged_at=later
        ),
        selection=Selection(**chosen),  # type: ignore[arg-type]  # tuples of the right kind
        **more,  # type: ignore[arg-type]  # named by the tests
    )
    return write_package(made.case, made.case.vault(KEK), out, order, signer=made.signer)


def resave(package: Path) -> None:
    """Make the bag valid again after a change, as `bagit` does: anybody can."""
    payload = _hashed(package, lambda name: name.startswith("data/"))
    size = sum(one.size for one in payload.values())
    info = (package / "bag-info.txt").read_text().splitlines()
    lines = [line for line in info if not line.startswith("Payload-Oxum")]
    oxum = f"Payload-Oxum: {size}.{len(payload)}"
    (package / "bag-info.txt").write_text("\n".join([*lines, oxum]) + "\n")
    _manifest(package / "manifest-sha256.txt", payload)
    tags = _hashed(package, lambda n: not n.startswith("data/") and n != TAG_MANIFEST_FILE)
    _manifest(package / TAG_MANIFEST_FILE, tags)


def resign(package: Path, signer: Signer, *, hand_over: int | None = None) -> None:
    """Sign the changed package again, as the holder of `signer` could, and re-save the bag."""
    resave(package)
    old, _ = Statement.read((package / STATEMENT_FILE).read_bytes())
    files = stated(_hashed(package, lambda _: True))
    new = replace(old, files=files, hand_over=old.hand_over if hand_over is None else hand_over)
    (package / STATEMENT_FILE).write_bytes(new.sign(signer))
    resave(package)


def _hashed(package: Path, wanted: Callable[[str], bool]) -> dict[str, Hashed]:
    names = (p.relative_to(package).as_posix() for p in package.rglob("*") if p.is_file())
    return {
        name: Hashed(hashlib.sha256(data).hexdigest(), len(data))
        for name in sorted(names)
        if wanted(name)
        for data in [(package / name).read_bytes()]
    }


def _manifest(path: Path, files: dict[str, Hashed]) -> None:
    path.write_text("".join(f"{one.sha256}  {encoded(name)}\n" for name, one in files.items()))
