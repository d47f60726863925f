"""Word documents: the sample, and archives that lie."""

import datetime as dt
import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.formats.conftest import EXHIBIT, read_path
from tests.formats.material.evidence import at, extra, read_sample

from palermo.formats import read_items
from palermo.model import Unreadable

UTC = dt.UTC
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
BODY = (
    f'<w:document xmlns:w="{WORD}"><w:body><w:p><w:r><w:t>Contract </w:t></w:r><w:r><w:t>for Mia'
    "</w:t></w:r></w:p><w:p><w:r><w:t>pay</w:t><w:tab/><w:t>nothing</w:t></w:r><w:del><w:r>"
    "<w:delText> (deleted)</w:delText></w:r></w:del></w:p></w:body></w:document>"
)


def docx(body: str = BODY, **parts: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", body)
        for name, text in parts.items():
            archive.writestr(f"word/{name}.xml", text)
    return file.getvalue()


def test_the_sample() -> None:
    outcome = read_sample("plaso/Document.docx")
    item = at(outcome, "word/document.xml")
    assert item["kind"] == "file"
    assert item["posted_at"] == dt.datetime(2012, 11, 7, 23, 29, tzinfo=UTC)
    assert item["account"] is None
    assert extra(item)["creator"] == "Nides"
    assert extra(item)["modified"] == "2013-08-25T22:18:00Z"
    assert extra(item)["Application"] == "Microsoft Office Word"
    assert extra(item)["TotalTime"] == "1385"
    assert not outcome.set_aside


def test_words_and_what_was_deleted(tmp_path: Path) -> None:
    path = tmp_path / "renamed"
    header = f'<w:hdr xmlns:w="{WORD}"><w:p><w:t>Agency</w:t></w:p></w:hdr>'
    path.write_bytes(docx(header1=header))
    assert read_path(path).texts == ["Contract for Mia\npay\tnothing (deleted)\n\nAgency"]


def test_entities_are_not_resolved(tmp_path: Path) -> None:
    lots = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    path = tmp_path / "x.docx"
    path.write_bytes(docx(lots + BODY.replace("for Mia", "&b;")))
    outcome = read_path(path)
    assert outcome.texts == ["[Word document, no text]"]
    assert "it declares a document type" in outcome.only("damaged_file")["detail"]


def test_a_part_that_unpacks_without_end(tmp_path: Path) -> None:
    path = tmp_path / "x.docx"
    path.write_bytes(docx(BODY.replace("<w:body>", "<w:body>" + " " * (65 << 20))))
    assert path.stat().st_size < 1 << 20
    outcome = read_path(path)
    assert "unpacks to more than 64 MiB" in outcome.only("damaged_file")["detail"]


def test_a_part_that_breaks_off_keeps_its_words(tmp_path: Path) -> None:
    path = tmp_path / "x.docx"
    path.write_bytes(docx(BODY[:-60]))
    outcome = read_path(path)
    assert outcome.texts[0].startswith("Contract for Mia")
    assert outcome.reasons["damaged_file"] == 1


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kept=st.integers(60, 1_000),
    changes=st.lists(st.tuples(st.integers(4, 900), st.integers(0, 255)), max_size=6),
)
def test_no_damage_raises_anything_else(
    tmp_path: Path, kept: int, changes: list[tuple[int, int]]
) -> None:
    data = bytearray(docx()[:kept])
    for place, byte in changes:
        if place < len(data):
            data[place] = byte
    path = tmp_path / "x.docx"
    path.write_bytes(data)
    try:
        assert list(read_items(path, exhibit=EXHIBIT))
    except Unreadable as error:
        assert "x.docx" in str(error)  # noqa: PT017


@pytest.mark.parametrize("cut", [30, 200])
def test_an_archive_that_breaks_off_is_unreadable(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "x.docx"
    path.write_bytes(docx()[:-cut])
    with pytest.raises(Unreadable, match="the archive of this document is damaged"):
        list(read_items(path, exhibit=EXHIBIT))
