"""The archive, judged by tools that others wrote: warcio, cdxj-indexer and wacz."""

import hashlib
import io
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.evidence.capture.site import AT, CONTEXT, Site, png
from warcio.archiveiterator import ArchiveIterator

from palermo.evidence.capture import Capture, Order, collect
from palermo.evidence.capture.exchange import Exchange
from palermo.evidence.capture.warc import write_warc

Orders = Callable[..., Order]
BIN = Path(sys.executable).parent


def judge(*command: str | Path) -> str:
    done = subprocess.run(
        [BIN / command[0], *command[1:]], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(params=["plain", pytest.param("rendered", marks=pytest.mark.browser)])
def capture(request: pytest.FixtureRequest, site: Site, order: Orders) -> Capture:
    if request.param == "rendered":
        request.getfixturevalue("chromium")
    site.routes |= {
        "/start": lambda request: request.give(b"gone", status=301, Location="/"),
        "/": ("<title>é</title><img src='/a%20b.png?Z=1&a=2'>".encode(), "text/html"),
        "/a%20b.png": (png(1), "image/png"),
    }
    found = collect(order(site.url("/start"), method=request.param), CONTEXT, at=AT)
    assert isinstance(found, Capture)
    return found


def unpacked(capture: Capture, folder: Path) -> Path:
    with zipfile.ZipFile(io.BytesIO(capture.files[0].data)) as archive:
        archive.extractall(folder)
    return folder


def test_others_find_nothing_wrong(capture: Capture, tmp_path: Path) -> None:
    wacz = tmp_path / "capture.wacz"
    wacz.write_bytes(capture.files[0].data)
    assert "is valid" in judge("wacz", "validate", "-f", wacz)
    warc = unpacked(capture, tmp_path / "in") / "archive" / "data.warc.gz"
    judge("warcio", "check", "-v", warc)
    index = (tmp_path / "in" / "indexes" / "index.cdx").read_text()
    assert judge("cdxj-indexer", "-s", warc) == index
    assert len(index.splitlines()) >= 2


def test_a_changed_byte_is_found(capture: Capture, tmp_path: Path) -> None:
    folder = unpacked(capture, tmp_path / "in")
    path = folder / "archive" / "data.warc.gz"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    forged = tmp_path / "forged.wacz"
    with zipfile.ZipFile(forged, "w") as archive:
        for one in sorted(folder.rglob("*.*")):
            archive.write(one, one.relative_to(folder))
    with pytest.raises(AssertionError):
        judge("wacz", "validate", "-f", forged)


def test_every_file_is_in_the_record_with_its_hash(capture: Capture) -> None:
    files = capture.record["files"]
    assert set(files) == {one.item for one in capture.files}
    for one in capture.files:
        assert hashlib.sha256(one.data).hexdigest() == files[one.item]["sha256"]
        assert files[one.item]["size"] == len(one.data)
        parent = None if one.item == "archive" else files["archive"]["sha256"]
        assert files[one.item]["parent"] == parent


_TEXT = st.text(max_size=20)


@given(
    st.lists(
        st.builds(
            Exchange,
            id=st.just("1"),
            url=_TEXT.map(lambda text: f"http://a.example/{text}"),
            status=st.sampled_from([0, 200, 404]),
            reason=_TEXT,
            response_headers=st.lists(st.tuples(_TEXT, _TEXT), max_size=3).map(tuple),
            request_headers=st.lists(st.tuples(_TEXT, _TEXT), max_size=3).map(tuple),
            body=st.binary(max_size=50),
            protocol=st.sampled_from(["http/1.1", "h2"]),
        ),
        max_size=4,
    )
)
def test_no_text_of_a_stranger_breaks_the_records(exchanges: list[Exchange]) -> None:
    warc = write_warc(exchanges, began=AT, software="test")
    found = []
    for record in ArchiveIterator(io.BytesIO(warc.data), check_digests="raise"):
        record.content_stream().read()
        found.append(record.rec_type)
    with_answer = sum(one.status > 0 for one in exchanges)
    assert found.count("response") == with_answer == len(warc.index)
    assert found.count("request") == len(exchanges)


def test_the_same_exchanges_give_the_same_bytes() -> None:
    one = Exchange(id="1", url="http://a.example/", status=200, body=b"x")
    numbers = iter(str(n) for n in range(100))
    first = write_warc([one], began=AT, software="t", new_id=lambda: next(numbers))
    numbers = iter(str(n) for n in range(100))
    assert write_warc([one], began=AT, software="t", new_id=lambda: next(numbers)) == first
