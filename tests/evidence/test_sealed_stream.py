"""Attacks on a sealed stream: nothing but what was written, whole and in order, ever comes out."""

import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from palermo.evidence import SealedReader, SealedWriter, is_sealed
from palermo.evidence import sealed_stream as stream
from palermo.model import Refused, Unreadable

PASSPHRASE = b"a passphrase of some length"
TAG = 16


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small pieces and a cheap scrypt: the construction is the same."""
    monkeypatch.setattr(stream, "PIECE", 64)
    monkeypatch.setattr(stream, "COST", {"n": 2, "r": 1, "p": 1})


def sealed(plain: bytes, passphrase: bytes = PASSPHRASE) -> bytes:
    file = io.BytesIO()
    writer = SealedWriter(file, passphrase)
    for start in range(0, len(plain), 50):
        writer.write(plain[start : start + 50])
    writer.finish()
    return file.getvalue()


def opened(data: bytes, passphrase: bytes = PASSPHRASE) -> bytes:
    reader = SealedReader(io.BytesIO(data), passphrase, "it")
    return b"".join(iter(lambda: reader.read(37), b""))


def pieces(data: bytes) -> tuple[bytes, list[bytes]]:
    head = b"".join(io.BytesIO(data).readlines()[:2])
    rest = data[len(head) :]
    size = stream.PIECE + TAG
    return head, [rest[start : start + size] for start in range(0, len(rest), size)]


@settings(max_examples=60, deadline=None)
@given(plain=st.binary(max_size=400))
def test_what_was_written_comes_back(plain: bytes) -> None:
    data = sealed(plain)
    assert is_sealed(data)
    assert opened(data) == plain
    assert len(plain) < 8 or plain not in data


@pytest.mark.parametrize("size", [0, 1, 63, 64, 65, 128, 129])
def test_a_file_that_was_cut_anywhere_is_refused(size: int) -> None:
    data = sealed(b"x" * size)
    for length in range(len(data)):
        with pytest.raises((Refused, Unreadable)):
            opened(data[:length])


def test_any_changed_byte_is_refused() -> None:
    data = sealed(bytes(range(200)))
    for place in range(len(data)):
        changed = bytearray(data)
        changed[place] ^= 1
        with pytest.raises((Refused, Unreadable)):
            opened(bytes(changed))


def test_pieces_have_their_place_and_their_file() -> None:
    head, parts = pieces(sealed(b"a" * 200))
    _, others = pieces(sealed(b"b" * 200))
    wrong = [
        [parts[1], parts[0], *parts[2:]],  # moved
        [parts[0], *parts[2:]],  # left out
        [parts[0], parts[0], *parts[1:]],  # twice
        [parts[0], others[1], *parts[2:]],  # of another file
        parts[:-1],  # without the last
        [*parts, b""[:0] + parts[-1]],  # the last one twice
        [parts[-1]],  # the last alone
    ]
    for some in wrong:
        with pytest.raises(Refused):
            opened(head + b"".join(some))
    assert opened(head + b"".join(parts)) == b"a" * 200


def test_a_stream_that_was_not_finished_does_not_open() -> None:
    file = io.BytesIO()
    SealedWriter(file, PASSPHRASE).write(b"x" * 300)
    with pytest.raises(Refused):
        opened(file.getvalue())


def test_another_passphrase_is_refused_in_words() -> None:
    with pytest.raises(Refused, match="passphrase is another one"):
        opened(sealed(b"text"), b"another passphrase")


def test_two_files_never_share_a_key() -> None:
    first, second = sealed(b"same"), sealed(b"same")
    assert pieces(first)[0] != pieces(second)[0]
    assert pieces(first)[1] != pieces(second)[1]


@pytest.mark.parametrize("cost", [{"n": 1 << 40}, {"r": 10_000}, {"p": 0}, {"n": "many"}])
def test_a_planted_file_does_not_make_us_work_for_hours(cost: dict[str, object]) -> None:
    said = {"n": 2, "r": 1, "p": 1, "salt": "00" * 16, "piece": 64, **cost}
    with pytest.raises(Unreadable):
        opened(stream.MAGIC + json.dumps(said).encode() + b"\n" + b"x" * 80)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", stream.MAGIC, stream.MAGIC + b"[]\n"])
def test_another_file_is_told(data: bytes) -> None:
    with pytest.raises(Unreadable, match="sealed stream"):
        opened(data)
