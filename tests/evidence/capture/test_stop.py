"""The stop rule: of material on a list nothing stays, not a byte, not anywhere.

All pictures here are harmless noise made for the test.
"""

import base64
import contextlib
import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.evidence.capture.site import AT, CONTEXT, Site, png

from palermo.evidence.capture import Capture, Order, StopList, StopNotice, collect
from palermo.evidence.capture.scratch import Scratch
from palermo.model import Unreadable

Orders = Callable[..., Order]
LISTED = png(99, 64)
SHA256 = hashlib.sha256(LISTED).hexdigest()


def stop_list(folder: Path, *lines: str) -> StopList:
    path = folder / "list.txt"
    path.write_text("\n".join(lines))
    return StopList.read([path])


def inline() -> str:
    return f"<img src='data:image/png;base64,{base64.b64encode(LISTED).decode()}'>"


def traces(*folders: Path) -> list[Path]:
    """Find files that hold any piece of the listed picture, as it is or in base64."""
    encoded = base64.b64encode(LISTED)
    pieces = [LISTED[i : i + 48] for i in range(60, len(LISTED) - 60, 100)]
    pieces += [encoded[i : i + 64] for i in range(80, len(encoded) - 80, 100)]
    assert len(pieces) > 3
    assert min(map(len, pieces)) == 48
    found = []
    for folder in folders:
        for here, _, names in os.walk(folder):  # other programs' folders may vanish meanwhile
            for path in (Path(here) / name for name in names):
                with contextlib.suppress(OSError):
                    if path.is_file() and not path.is_symlink():
                        held = path.read_bytes()
                        found += [path] if any(piece in held for piece in pieces) else []
    return found


def others() -> set[Path]:
    """Return what lies in the common temporary folder, apart from what tests make themselves."""
    mine = ("pt-", "pytest-", "pymp-")
    return {one for one in Path(tempfile.gettempdir()).iterdir() if not one.name.startswith(mine)}


def test_a_trace_would_be_found(tmp_path: Path) -> None:
    (tmp_path / "raw").write_bytes(b"before" + LISTED[50:] + b"after")
    (tmp_path / "coded").write_text(inline())
    (tmp_path / "clean").write_bytes(png(3, 64))
    assert {one.name for one in traces(tmp_path)} == {"raw", "coded"}


PAGES = {
    "image": "<img src=/listed.png>",
    "fetched": "<script>fetch('/listed.png')</script>",
    "redirected": "<img src=/moved.png>",
    "inline": inline(),
    "script": f"<script>document.write(atob('{base64.b64encode(inline().encode()).decode()}'))"
    "</script>",
    "frame": "<iframe src=/inner></iframe>",
    "late": "<script>setTimeout(() => { new Image().src = '/listed.png' }, 600)</script>",
}


@pytest.fixture
def pages(site: Site) -> Site:
    site.routes |= {
        "/listed.png": (LISTED, "image/png"),
        "/moved.png": lambda request: request.give(b"", status=302, Location="/listed.png"),
        "/inner": (b"<img src=/listed.png>", "text/html"),
        "/good.png": (png(3), "image/png"),
    }
    for name, body in PAGES.items():
        page = f"<!doctype html><title>t</title><img src=/good.png><p>words {body}"
        site.routes[f"/{name}"] = (page.encode(), "text/html")
    return site


@pytest.mark.browser
@pytest.mark.parametrize("name", PAGES)
def test_a_page_with_listed_material_is_stopped_and_leaves_no_trace(
    pages: Site, order: Orders, tmp_path: Path, scratch: Path, chromium: str, name: str
) -> None:
    assert chromium
    known = stop_list(tmp_path, SHA256)
    before = others()
    found = collect(order(pages.url(f"/{name}"), stop_list=known), CONTEXT, at=AT)
    assert isinstance(found, StopNotice)
    assert (found.sha256, found.size, found.list_name) == (SHA256, len(LISTED), "list.txt")
    assert found.kind == "sha256"
    assert list(scratch.iterdir()) == []
    assert traces(scratch, tmp_path, *(one for one in others() - before)) == []


@pytest.mark.browser
def test_without_the_list_the_same_page_is_kept(pages: Site, order: Orders, chromium: str) -> None:
    assert chromium
    found = collect(order(pages.url("/image")), CONTEXT, at=AT)
    assert isinstance(found, Capture)
    assert SHA256 in {one["sha256"] for one in found.record["media"]}


@pytest.mark.parametrize("kind", ["md5", "sha1", "sha256"])
def test_plain_capture_stops_too_by_any_hash(
    pages: Site, order: Orders, tmp_path: Path, kind: str
) -> None:
    digest = hashlib.new(kind, LISTED, usedforsecurity=False).hexdigest()
    known = stop_list(tmp_path, "# a comment", "", digest.upper())
    for path in ("/listed.png", "/moved.png", "/inline"):
        asked = order(pages.url(path), stop_list=known, method="plain")
        found = collect(asked, CONTEXT, at=AT)
        assert isinstance(found, StopNotice)
        assert (found.kind, found.value) == (kind, digest)
        assert found.url == pages.url(path.replace("moved", "listed"))


def test_a_suspected_address_is_never_asked_for(pages: Site, order: Orders) -> None:
    found = collect(order(pages.url("/image"), suspected="told by a hotline"), CONTEXT, at=AT)
    assert isinstance(found, StopNotice)
    assert "told by a hotline" in found.reason
    assert pages.seen == []
    assert found.sha256 == ""


@pytest.mark.parametrize("line", ["xyz", "abcd", SHA256[:63], SHA256 + "0", "hash: " + SHA256])
def test_a_list_that_is_not_understood_is_refused(tmp_path: Path, line: str) -> None:
    with pytest.raises(Unreadable, match=r"list\.txt, line 2: expected an MD5"):
        stop_list(tmp_path, SHA256, line)
    with pytest.raises(Unreadable, match="cannot be read"):
        StopList.read([tmp_path / "none.txt"])


def test_a_list_may_say_more_after_the_hash(tmp_path: Path) -> None:
    known = stop_list(tmp_path, f"{SHA256}  name.png", f"{'0' * 32},x", f"{'1' * 40};y")
    assert len(known) == 3
    assert known.find(LISTED) is not None
    assert known.find(LISTED + b"\0") is None


@given(st.binary(max_size=300), st.binary(max_size=40), st.booleans())
def test_embedded_data_is_found_wherever_it_stands(
    data: bytes, around: bytes, padded: bool
) -> None:
    known = StopList({"sha256": {hashlib.sha256(LISTED[:100]).digest(): "l"}})
    text = base64.b64encode(LISTED[:100])
    text = text if padded else text.rstrip(b"=")
    assert known.find(data + b"'data:image/png;base64," + text + b"'" + around) is not None
    assert known.find(data) is None


def test_what_is_wiped_is_overwritten_before_it_goes(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    with Scratch(tmp_path) as scratch:
        inside = scratch.path / "profile" / "cache"
        inside.parent.mkdir()
        inside.write_bytes(LISTED * 400)
        (scratch.path / "link").symlink_to(tmp_path)
        os.link(inside, kept)
        scratch.wipe = True
    assert not scratch.path.exists()
    assert kept.read_bytes() == bytes(len(LISTED) * 400)
    assert os.stat(tmp_path).st_mode  # noqa: PTH116 - the link's target stays


def test_a_temporary_folder_is_for_its_owner_alone(tmp_path: Path) -> None:
    with Scratch(tmp_path) as scratch:
        assert scratch.path.stat().st_mode & 0o777 == 0o700
    assert not scratch.path.exists()
