"""Capturing into a case: authority first, everything sealed and logged, a stop leaves a notice."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.evidence.capture.conftest import BRIEF
from tests.evidence.capture.site import RULES, Names, Site, png, serving

from palermo.doors.cli import run
from palermo.evidence import CaseFolder, Keystore, Outcome, verify_case
from palermo.evidence.capture import Order
from palermo.investigation import Node
from palermo.investigation.capturing import CaptureRequest, capture_page
from palermo.model import Refused, Unreadable

AT = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
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
scope: {material: [pages], platforms: [site.example], measures: [detect, preserve]}
"""
LISTED = png(42, 64)


@pytest.fixture
def site() -> Iterator[Site]:
    page = b"<!doctype html><title>An offer</title><p>words <img src=/p.png>"
    with serving(Site({"/": (page, "text/html"), "/p.png": (LISTED, "image/png")})) as opened:
        yield opened


def asked(site: Site, folder: Path, *, host: str = "site.example", **more: Any) -> CaptureRequest:
    path = folder / "authority.yaml"
    if not path.exists():
        path.write_text(AUTHORITY)
    order = Order(url=site.url(host=host), rules=RULES, resolver=Names(), limits=BRIEF)
    order = replace(order, method=more.pop("method", "plain"), suspected=more.pop("suspected", ""))
    return CaptureRequest(
        order=order, authority=path, out=folder / "case", node=Node(folder=folder / "node"), **more
    )


def holds(case: Path) -> bool:
    return all(one.outcome is not Outcome.FAIL for one in verify_case(case))


def events(folder: Path) -> list[Any]:
    signer = Keystore.open(folder / "node" / "keys", actor="node")
    with CaseFolder(folder / "case").log(signer) as log:
        return [entry.event for entry in log.entries()]


@pytest.mark.parametrize("method", ["plain", pytest.param("auto", marks=pytest.mark.browser)])
def test_a_capture_is_sealed_logged_and_verifies(site: Site, tmp_path: Path, method: str) -> None:
    done = capture_page(asked(site, tmp_path, method=method), at=AT)
    assert holds(tmp_path / "case")
    first, second = events(tmp_path)
    assert (first.type, second.type) == ("capture", "receive")
    assert len(first.exhibits) == len(done.capture.files)
    assert first.occurred_at == AT <= first.logged_at
    assert second.refers_to
    record = json.loads(done.record.read_bytes())
    assert record == json.loads(json.dumps(done.capture.record))
    by_hash = {one.sha256: one for one in done.exhibits}
    archive = record["files"]["archive"]["sha256"]
    for one in record["files"].values():
        parent = by_hash[one["parent"]].id if one["parent"] else None
        assert by_hash[one["sha256"]].parent == parent
    assert done.exhibits[-1].parent == by_hash[archive].id
    assert record["authority"]["sha256"] == hashlib.sha256(AUTHORITY.encode()).hexdigest()
    capture_page(asked(site, tmp_path), at=AT)
    assert holds(tmp_path / "case")
    assert len(events(tmp_path)) == 4


def test_an_altered_exhibit_or_record_is_found(site: Site, tmp_path: Path) -> None:
    done = capture_page(asked(site, tmp_path), at=AT)
    data = done.record.read_bytes()
    done.record.write_bytes(data.replace(b"An offer", b"No offer"))
    assert not holds(tmp_path / "case")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("until: 2026-07-01", "until: 2026-02-01"), "the authority ended"),
        (("material: [pages]", "material: [messages]"), "does not reach the material `pages`"),
        (("measures: [detect, preserve]", "measures: [detect]"), "does not reach the measure"),
        (
            ("platforms: [site.example]", "platforms: [other.example]"),
            "does not reach the platform",
        ),
    ],
)
def test_without_a_grant_nothing_is_asked_of_anybody(
    site: Site, tmp_path: Path, change: tuple[str, str], words: str
) -> None:
    (tmp_path / "authority.yaml").write_text(AUTHORITY.replace(*change))
    with pytest.raises(Refused, match=words):
        capture_page(asked(site, tmp_path), at=AT)
    assert site.seen == []
    assert not (tmp_path / "case").exists()


def test_a_host_belongs_to_the_platform_of_its_domain_alone(site: Site, tmp_path: Path) -> None:
    capture_page(asked(site, tmp_path, host="www.site.example"), at=AT)
    with pytest.raises(Refused, match="platform"):
        capture_page(asked(site, tmp_path, host="evilsite.example"), at=AT)
    capture_page(asked(site, tmp_path, host="cdn.example", platform="site.example"), at=AT)


@pytest.mark.parametrize("method", ["plain", pytest.param("rendered", marks=pytest.mark.browser)])
def test_a_stopped_page_leaves_a_notice_and_nothing_else(
    site: Site, tmp_path: Path, method: str
) -> None:
    site.routes["/"] = (
        (LISTED, "image/png")
        if method == "plain"
        else (b"secret words <img src=/p.png>", "text/html")
    )
    lists = tmp_path / "node" / "stop-lists"
    lists.mkdir(parents=True)
    digest = hashlib.sha256(LISTED).hexdigest()
    (lists / "known.txt").write_text(f"{digest}\n")
    with pytest.raises(Refused) as caught:
        capture_page(asked(site, tmp_path, method=method), at=AT)
    message = str(caught.value)
    for words in ("stop list known.txt", "Nothing of the page was kept", "INHOPE", "PHAROS"):
        assert words in message
    case = tmp_path / "case"
    assert holds(case)
    (event,) = events(tmp_path)
    assert event.type == "capture"
    assert "stopped" in event.purpose
    assert event.exhibits == ()
    assert not (case / "vault").exists()
    files = {path.name for path in case.rglob("*") if path.is_file()}
    assert {"stopped.json", "authority.yaml"} <= files
    for path in (one for one in case.rglob("*") if one.is_file()):
        held = path.read_bytes()
        assert LISTED[100:140] not in held
        assert b"secret words" not in held
    notice = json.loads(next(case.rglob("stopped.json")).read_bytes())
    assert (notice["sha256"], notice["size"], notice["list"]) == (digest, len(LISTED), "known.txt")


def test_a_suspected_address_is_noted_and_never_asked_for(site: Site, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="suspected: told so") as caught:
        capture_page(asked(site, tmp_path, suspected="told so"), at=AT)
    assert "report it to" in str(caught.value)
    assert site.seen == []
    assert holds(tmp_path / "case")


def test_somebody_s_other_folder_is_left_alone(site: Site, tmp_path: Path) -> None:
    (tmp_path / "case").mkdir()
    (tmp_path / "case" / "letter.txt").write_text("mine")
    with pytest.raises(Unreadable, match="not a case folder"):
        capture_page(asked(site, tmp_path), at=AT)
    assert site.seen == []


def test_the_command(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PALERMO_NOW", "2026-03-01T09:00:00Z")
    monkeypatch.setenv("PALERMO_HOME", str(tmp_path / "node"))
    path = tmp_path / "authority.yaml"
    path.write_text(AUTHORITY.replace(", platforms: [site.example]", ""))
    url = f"http://127.0.0.1:{site.port}/"
    common = ["--authority", str(path), "--out", str(tmp_path / "case"), "--method", "plain"]
    assert run(["capture", url, *common]) == 1
    assert "this machine itself; give --allow-private" in capsys.readouterr().err
    assert run(["capture", url, *common, "--allow-private"]) == 0
    shown = capsys.readouterr().out
    assert "missing screenshot: not-rendered" in shown
    assert run(["verify", str(tmp_path / "case")]) == 0
    capsys.readouterr()
    assert run(["capture", url, *common, "--allow-private", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert Path(found["record"]).is_file()
    digest = tmp_path / "list.txt"
    digest.write_text(hashlib.md5(site.routes["/"][0]).hexdigest())  # type: ignore[index]  # noqa: S324
    assert run(["capture", url, *common, "--allow-private", "--stop-list", str(digest)]) == 1
    assert "report it to" in capsys.readouterr().err
    for wrong in (["--proxy", "http://127.0.0.1:1"], ["--viewport", "wide"], ["--seconds", "1"]):
        assert run(["capture", url, *common, *wrong]) == 2
        assert len(capsys.readouterr().err.strip().splitlines()) == 1
    assert run(["capture", "nonsense://x", *common]) == 1
