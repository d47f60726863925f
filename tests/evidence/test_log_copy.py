"""A copy of a log that others write to: exactly its beginning, and sound by itself."""

import threading
from pathlib import Path

import pytest
from tests.evidence.conftest import EventMaker

from palermo.evidence import CaseFolder, Keystore, copy_log, log_size
from palermo.evidence.judgement import failed
from palermo.evidence.schema import LOG_FILE
from palermo.evidence.verify import verify
from palermo.model import Unreadable


@pytest.fixture
def log(tmp_path: Path, signer: Keystore, event: EventMaker) -> Path:
    """A log of single events and a batch."""
    with CaseFolder(tmp_path / "node").log(signer) as log:
        log.append(event())
        log.append_many([event() for _ in range(5)])
        log.append(event())
    return tmp_path / "node" / LOG_FILE


@pytest.mark.parametrize("size", [0, 1, 7, 8])
def test_the_copy_is_the_beginning_and_verifies(
    log: Path, tmp_path: Path, signer: Keystore, size: int
) -> None:
    assert log_size(log) == 8
    copy = tmp_path / "copy"
    copy.mkdir()
    checkpoint = copy_log(log, copy, size=size, signer=signer)
    assert checkpoint.size == size == log_size(copy / LOG_FILE)
    if size != 0:  # nobody signed for a batch of which the signature was left out
        assert not failed(verify(copy / LOG_FILE))
    with CaseFolder(log.parent).log(signer) as whole:
        leaves = whole.leaves()
    with CaseFolder(copy).log(signer) as part:
        assert part.leaves() == leaves[:size]


def test_the_copy_goes_on_as_a_log(
    log: Path, tmp_path: Path, signer: Keystore, event: EventMaker
) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    copy_log(log, copy, size=8, signer=signer)
    with CaseFolder(copy).log(signer) as part:
        assert part.append(event()).seq == 8
    assert not failed(verify(copy / LOG_FILE))


def test_somebody_writes_meanwhile(
    log: Path, tmp_path: Path, signer: Keystore, event: EventMaker
) -> None:
    stop, written = threading.Event(), []

    def write() -> None:
        with CaseFolder(log.parent).log(signer) as other:
            while not stop.is_set():
                written.append(other.append(event()).seq)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(5):
            copy = tmp_path / f"copy{number}"
            copy.mkdir()
            size = log_size(log)
            copy_log(log, copy, size=size, signer=signer)
            assert log_size(copy / LOG_FILE) == size
            assert not failed(verify(copy / LOG_FILE))
    finally:
        stop.set()
        writer.join()
    assert len(written) > 5
    assert not failed(verify(log))


def test_what_is_not_there_is_not_copied(log: Path, tmp_path: Path, signer: Keystore) -> None:
    with pytest.raises(Unreadable, match="has 8 leaves, 9 were to be copied"):
        copy_log(log, tmp_path, size=9, signer=signer)
    with pytest.raises(Unreadable, match="no custody log"):
        log_size(tmp_path / "elsewhere" / LOG_FILE)
    (tmp_path / LOG_FILE).write_bytes(b"no database at all, but long enough to look like one" * 20)
    with pytest.raises(Unreadable, match="cannot be read as a custody log"):
        log_size(tmp_path / LOG_FILE)
