"""Every record of a WARC file is an item or counted, whatever was done to the file."""

import contextlib
import gzip
import hashlib
import json
import zlib
from pathlib import Path
from typing import Any

import brotli
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.formats.conftest import Read, read_path
from tests.formats.material.web import http, packed, record, response, sha1
from warcio.archiveiterator import ArchiveIterator

from palermo.formats.material.warc_records import WarcRecord, warc_records
from palermo.model import Unreadable

SAMPLES = (
    "example-collection.warc",
    "example-collection-with-lists.warc",
    "example-iana.warc",
    "example-resource.warc.gz",
    "example-warcinfo-metadata.warc",
)
PAGE = b"<title>Ad</title><p>Call 333"


def extra(item: dict[str, Any]) -> dict[str, Any]:
    return dict(json.loads(item["extra"]))


@pytest.mark.parametrize("name", SAMPLES)
def test_records_and_offsets_are_those_that_warcio_finds(shared_data: Path, name: str) -> None:
    path = shared_data / "evidence/py-wacz/tests/fixtures" / name
    with path.open("rb") as file:
        reader = ArchiveIterator(file, no_record_parse=True)
        theirs = [
            (one.rec_type, one.length, f"offset {reader.get_record_offset()}") for one in reader
        ]
    ours = [
        (one.fields["warc-type"], one.length, one.place)
        for one in warc_records(path)
        if isinstance(one, WarcRecord)
    ]
    assert ours == theirs


@pytest.mark.parametrize("name", SAMPLES)
def test_real_archives(shared_data: Path, name: str) -> None:
    outcome = read_path(shared_data / "evidence/py-wacz/tests/fixtures" / name)
    assert not outcome.notes
    summary = extra(outcome.items[-1])
    answers = sum(summary.get(f"{kind} records", 0) for kind in ("response", "resource"))
    with_digest = [extra(item) for item in outcome.items if "WARC-Payload-Digest" in item["extra"]]
    assert len(with_digest) == answers
    assert all(one["WARC-Payload-Digest checked"].startswith("holds") for one in with_digest)
    assert any(
        item["text"].startswith("Example Domain\n\nExample Domain") for item in outcome.items
    )


def test_a_page(read: Read) -> None:
    body = (
        b"<html lang=it><head><title>Annuncio</title></head><p>Chiama 333 1234567"
        b"<p hidden>interno</p><a href='https://wa.me/39333'>qui</a>"
    )
    outcome = read(
        response(body, WARC_IP_Address="192.0.2.7", WARC_Payload_Digest=sha1(body)), "a.warc"
    )
    page = outcome.items[0]
    assert page["text"] == ("Annuncio\n\nChiama 333 1234567\nqui\n\n[link: https://wa.me/39333]")
    assert (page["kind"], page["url"], page["platform"], page["lang"], page["within"]) == (
        "page", "https://ads.example/1", "ads.example", "it", "offset 0",
    )  # fmt: skip
    assert page["posted_at"].isoformat() == "2024-05-06T10:11:12+00:00"
    said = extra(page)
    assert said["WARC-IP-Address"] == "192.0.2.7"
    assert said["WARC-Payload-Digest checked"] == "holds for the body as stored"
    assert said["hidden_text"] == "interno"
    assert said["payload_sha256"] == hashlib.sha256(body).hexdigest()
    assert said["status"] == 200


@pytest.mark.parametrize(
    ("name", "encode"),
    [
        ("gzip", gzip.compress),
        ("gzip", lambda body: gzip.compress(body[:9]) + gzip.compress(body[9:])),
        ("deflate", zlib.compress),
        ("deflate", lambda body: zlib.compress(body, wbits=-15)),
        ("br", brotli.compress),
        ("identity", bytes),
    ],
)
@pytest.mark.parametrize("chunked", [False, True])
def test_encodings_are_undone(read: Read, name: str, encode: Any, *, chunked: bool) -> None:
    body = encode(PAGE)
    fields = {"Content_Encoding": name}
    if chunked:
        fields["Transfer_Encoding"] = "chunked"
        body = (
            b"5\r\n" + body[:5] + b"\r\n%x;x=y\r\n" % (len(body) - 5) + body[5:] + b"\r\n0\r\n\r\n"
        )
    outcome = read(record("response", http(body, **fields)), "a.warc")
    assert outcome.texts[0] == "Ad\n\nCall 333"
    assert extra(outcome.items[0]).get("decoding_note") is None


@pytest.mark.parametrize(
    ("name", "body", "note"),
    [
        ("gzip", PAGE, "not so encoded"),
        ("br", PAGE, "not so encoded"),
        ("gzip", gzip.compress(PAGE + b"x" * 200_000)[:-4000], "breaks off"),
        ("zstd", PAGE, "not one that can be undone"),
    ],
)
def test_false_and_broken_encodings_are_said(read: Read, name: str, body: bytes, note: str) -> None:
    outcome = read(record("response", http(body, Content_Encoding=name)), "a.warc")
    if note != "breaks off":
        assert outcome.texts[0] == "Ad\n\nCall 333"
    assert note in extra(outcome.items[0])["decoding_note"]


def test_a_body_cut_in_the_middle_keeps_its_beginning(read: Read) -> None:
    noise = hashlib.shake_256(b"x").hexdigest(50_000).encode()
    body = gzip.compress(PAGE + noise)[:20_000]
    outcome = read(record("response", http(body, Content_Encoding="gzip")), "a.warc")
    assert outcome.texts[0].startswith("Ad\n\nCall 333")
    assert "breaks off" in extra(outcome.items[0])["decoding_note"]


def test_a_decompression_bomb_is_stopped(read: Read) -> None:
    bomb = gzip.compress(b"<p>a</p>" + bytes(160_000_000), 9)
    outcome = read(
        record("response", http(bomb, Content_Encoding="gzip")) + response(PAGE), "a.warc"
    )
    assert "was stopped" in extra(outcome.items[0])["decoding_note"]
    assert outcome.texts[1] == "Ad\n\nCall 333"


def test_an_archive_that_unpacks_without_end_is_stopped(read: Read) -> None:
    big = record("resource", bytes(130_000_000), Content_Type="image/png")
    outcome = read(packed(response(PAGE), big, response(PAGE)), "a.warc.gz")
    assert outcome.texts[0] == "Ad\n\nCall 333"
    assert "unpacks to more than" in outcome.only("damaged_file")["detail"]


def test_false_digests_are_said_twice_and_cost_nothing(read: Read) -> None:
    other = sha1(b"other")
    outcome = read(
        response(PAGE, WARC_Payload_Digest=other, WARC_Block_Digest=sha1(http(PAGE)))
        + response(PAGE, WARC_Payload_Digest="sha256:" + hashlib.sha256(PAGE).hexdigest())
        + response(PAGE, WARC_Payload_Digest="crc32:1234"),
        "a.warc",
    )
    assert outcome.texts[:3] == ["Ad\n\nCall 333"] * 3
    said = [extra(item) for item in outcome.items[:3]]
    assert [one["WARC-Payload-Digest checked"] for one in said] == [
        "does not hold",
        "holds for the body as stored",
        "not checked: the algorithm is unknown",
    ]
    assert said[0]["WARC-Block-Digest checked"] == "holds"
    detail = outcome.only("does_not_hold")["detail"]
    assert "1 digests" in detail
    assert other in detail
    assert sha1(PAGE) in detail


def test_a_digest_over_the_body_without_its_chunks_holds(read: Read) -> None:
    body = b"%x\r\n" % len(PAGE) + PAGE + b"\r\n0\r\n\r\n"
    block = http(body, Transfer_Encoding="chunked")
    outcome = read(record("response", block, WARC_Payload_Digest=sha1(PAGE)), "a.warc")
    verdict = extra(outcome.items[0])["WARC-Payload-Digest checked"]
    assert verdict == "holds for the body after transfer decoding"


def test_other_records_are_counted_with_their_places(read: Read) -> None:
    info = record("warcinfo", b"software: Crawler/1\r\nformat: WARC 1.1\r\n", url="",
                  Content_Type="application/warc-fields")  # fmt: skip
    data = info + record("request", b"GET / HTTP/1.1\r\n\r\n") + response(PAGE)
    data += record("revisit", http(b""), WARC_Refers_To_Date="2024-01-01T00:00:00Z")
    data += record("revisit", http(b"", "image/png")) + record("strange", b"x")
    outcome = read(data, "a.warc")
    assert outcome.texts[1] == "[the same content as the same address at 2024-01-01T00:00:00Z]"
    summary = extra(outcome.items[-1])
    counts = {name: value for name, value in summary.items() if name.endswith(" records")}
    assert counts == {
        "warcinfo records": 1, "request records": 1, "response records": 1,
        "revisit records": 2, "strange records": 1,
    }  # fmt: skip
    assert summary["first request"] == f"offset {len(info)}"
    assert extra(outcome.items[0])["warcinfo software"] == "Crawler/1"


def test_files_and_what_is_inside_them(read: Read) -> None:
    inner = packed(response(PAGE, url="https://inside.example/"))
    outcome = read(
        record("response", http(b"\x89PNG....", "image/png"), url="https://a.example/x.png?y=1")
        + record(
            "resource", inner, "https://a.example/old.warc.gz", Content_Type="application/warc"
        ),
        "a.warc",
    )
    png = outcome.items[0]
    assert (png["kind"], png["text"]) == ("file", "[image/png, 8 bytes]")
    assert extra(png)["payload_sha256"] == hashlib.sha256(b"\x89PNG....").hexdigest()
    inside = next(item for item in outcome.items if item["url"] == "https://inside.example/")
    assert inside["within"].endswith("/old.warc.gz!offset 0")


def test_the_same_archive_packed_and_plain(read: Read) -> None:
    records = [response(b"<p>%d" % number) for number in range(5)]
    plain = read(b"".join(records), "a.warc")
    gz = read(packed(*records), "a.warc.gz")
    whole = read(gzip.compress(b"".join(records)), "b.warc.gz")
    assert plain.texts == gz.texts == whole.texts
    starts = [sum(len(gzip.compress(one, mtime=0)) for one in records[:n]) for n in range(5)]
    assert [item["within"] for item in gz.items[:5]] == [f"offset {start}" for start in starts]
    assert whole.items[1]["within"] == f"offset 0, unpacked {len(records[0])}"


def test_a_damaged_member_costs_one_record(read: Read) -> None:
    members = [gzip.compress(response(b"<p>%d" % number), mtime=0) for number in range(4)]
    members[1] = members[1][:30] + b"\xff" * 20 + members[1][50:]
    outcome = read(b"".join(members), "a.warc.gz")
    assert [text for text in outcome.texts if not text.startswith("[")] == ["0", "2", "3"]
    assert extra(outcome.items[1])["after_damage"] is True
    assert f"offset {len(members[0])}" in outcome.notes[0]["detail"]


@pytest.mark.parametrize("change", [-20, 40, 5000])
def test_a_false_length_does_not_swallow_the_next_record(read: Read, change: int) -> None:
    block = http(PAGE)
    wrong = record("response", block, Content_Length=str(len(block) + change))
    outcome = read(response(b"<p>0") + wrong + response(b"<p>2") + response(b"<p>3"), "a.warc")
    assert "2" in outcome.texts
    assert "3" in outcome.texts
    assert any("breaks off" in note["detail"] for note in outcome.notes)


@pytest.mark.parametrize("pack", [b"".join, lambda records: packed(*records)])
def test_a_file_that_breaks_off(read: Read, pack: Any) -> None:
    data = pack([response(b"<p>0"), response(b"<p>1"), response(b"<p>" + b"2 " * 300)])
    outcome = read(data[:-60], "a.warc.gz" if data[:1] == b"\x1f" else "a.warc")
    assert outcome.texts[:2] == ["0", "1"]
    assert outcome.notes[-1]["reason"] == "damaged_file"


def test_long_texts_are_parted(read: Read) -> None:
    line = "parola " * 20
    body = "".join(f"<p>{line}" for _ in range(15_000)).encode()
    outcome = read(response(body), "a.warc")
    pages = [item for item in outcome.items if item["kind"] == "page"]
    assert [page["within"] for page in pages] == [
        f"offset 0, part {n} of {len(pages)}" for n in range(1, len(pages) + 1)
    ]
    assert len("".join(page["text"] for page in pages).split()) == 15_000 * 20


@pytest.mark.parametrize(
    ("stated", "at", "note"),
    [
        ("2024-05-06T10:11:12.123456Z", "2024-05-06T10:11:12.123456+00:00", None),
        ("2024-05-06T10:11Z", "2024-05-06T10:11:00+00:00", "minute precision"),
        ("2024-05-06", "2024-05-06T00:00:00+00:00", "day precision; zone not stated"),
        ("2024", None, "not readable: 2024"),
        ("", None, None),
    ],
)
def test_dates(read: Read, stated: str, at: str | None, note: str | None) -> None:
    item = read(response(PAGE, WARC_Date=stated), "a.warc").items[0]
    assert (item["posted_at"] and item["posted_at"].isoformat()) == at
    assert item["time_note"] == note


@pytest.mark.parametrize("data", [b"", b"WARC/1.0\r\n", b"no archive", b"\x1f\x8b\x08" + bytes(20)])
def test_what_is_no_archive_is_refused(read: Read, data: bytes) -> None:
    with pytest.raises(Unreadable, match=r"a\.warc"):
        read(data, "a.warc")


def test_an_archive_is_known_by_its_first_bytes(read: Read) -> None:
    assert read(response(PAGE), "noname").texts[0] == "Ad\n\nCall 333"
    assert read(packed(response(PAGE)), "noname").texts[0] == "Ad\n\nCall 333"


BASE = b"".join(
    [
        record("warcinfo", b"software: x\r\n", ""),
        response(PAGE, WARC_Payload_Digest=sha1(PAGE)),
        record("response", http(gzip.compress(PAGE), Content_Encoding="gzip")),
        record("response", http(b"3\r\nabc\r\n0\r\n\r\n", Transfer_Encoding="chunked")),
    ]
)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    cut=st.integers(0, len(BASE)),
    changes=st.lists(st.tuples(st.integers(0, len(BASE) - 1), st.binary(max_size=6)), max_size=6),
    pack=st.booleans(),
)
def test_no_bytes_raise_anything_but_unreadable(
    read: Read, cut: int, changes: list[tuple[int, bytes]], *, pack: bool
) -> None:
    data = packed(BASE) if pack else BASE
    for place, piece in changes:
        at = place % len(data)
        data = data[:at] + piece + data[at + len(piece) :]
    with contextlib.suppress(Unreadable):
        read(data[: cut or None], "a.warc")  # what comes of it is checked as it is read


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(whole=st.integers(1, 4), tail=st.binary(max_size=400), pack=st.booleans())
def test_records_before_the_damage_are_kept(
    read: Read, whole: int, tail: bytes, *, pack: bool
) -> None:
    records = [response(b"<p>%d" % number) for number in range(whole)]
    data = packed(*records) if pack else b"".join(records)
    outcome = read(data + tail, "a.warc.gz")
    assert outcome.texts[:whole] == [str(number) for number in range(whole)]
