"""A directory as the way to a witness, for machines without a network between them.

Guarantees that a reader finds whole files or none, that a witness answers only what is addressed to
it, and that what strangers leave in the directory (links, pipes, floods) is neither followed nor
able to keep a good request from its answer. A file is named after the witness and the checkpoint,
so that asking again finds the answer. Whoever can write there can delay; what a cosignature says is
checked by whoever asked.
"""

import contextlib
import hashlib
import os
import secrets
import stat
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from palermo.evidence.checkpoint import Checkpoint, SignedCheckpoint, WitnessKey
from palermo.evidence.cosigning import Pending, declined_as
from palermo.evidence.durable import fsync_directory
from palermo.evidence.witness import LONGEST, Declined, Submission, Witness
from palermo.model import Unreadable

REQUEST, COSIGNED, DECLINED = ".request", ".cosigned", ".declined"


@dataclass(frozen=True, slots=True)
class FolderRoute:
    """A witness that reads requests from a directory and leaves its answers there."""

    folder: Path
    key: WitnessKey

    def known_size(self, head: Checkpoint) -> int:
        """Return the largest size known from cosigned heads and from the request last left."""
        sizes = [0]
        with contextlib.suppress(Unreadable, Declined):
            sizes.append(Submission.parse(_read(self._request(head))).old)
        for path in self.folder.glob(f"*{COSIGNED}"):
            with contextlib.suppress(Unreadable):  # what others leave here is no reason to fail
                signed = SignedCheckpoint.parse(_read(path).decode("utf-8", "replace"))
                if signed.checkpoint.origin == head.origin and signed.cosigned_by(self.key):
                    sizes.append(signed.checkpoint.size)
        return max(size for size in sizes if size <= head.size)

    def submit(self, submission: Submission) -> str:
        """Leave the request, or read the answer to it."""
        body = submission.to_bytes()
        request = self._request(SignedCheckpoint.parse(submission.note).checkpoint)
        cosigned, declined = (request.with_suffix(ending) for ending in (COSIGNED, DECLINED))
        if cosigned.exists():
            return _read(cosigned).decode("utf-8", "replace").rpartition("\n\n")[2]
        if declined.exists() and request.exists() and _read(request) == body:
            status, _, rest = _read(declined).decode("utf-8", "replace").partition("\n")
            if not (status.isascii() and status.isdigit() and len(status) == 3):
                raise Unreadable(f"{declined}: expected a status on its first line; remove it")
            raise declined_as(int(status), rest.encode())
        declined.unlink(missing_ok=True)  # the answer to another proof
        _write(request, body)
        raise Pending(
            f"{request}: left for the witness {self.key.name}; ask again when it has answered there"
        )

    def _request(self, head: Checkpoint) -> Path:
        return self.folder / _name(self.key, head)


def _name(key: WitnessKey, head: Checkpoint) -> str:
    """Name a request after the witness it is for and the checkpoint's text."""
    return hashlib.sha256(f"{key}\n{head.text()}".encode()).hexdigest()[:32] + REQUEST


@dataclass(frozen=True, slots=True)
class Answered:
    """What a witness did with a request in a directory: 200 for a cosignature, else a status."""

    request: Path
    status: int
    detail: str


def answer_folder(
    witness: Witness, folder: Path, *, clock: Callable[[], datetime]
) -> list[Answered]:
    """Answer the requests to `witness` in `folder` that are not cosigned yet; return what is new.

    What was declined is looked at again: by now the log may be known, or its state another. What
    cannot be read is returned with the status 400 and gets no answer.

    Raises:
        Unreadable: there is no such directory, or the state of the witness cannot be used.
    """
    if not folder.is_dir():
        raise Unreadable(f"{folder}: expected a directory that the log's node can reach as well")
    requests = sorted(folder.glob(f"*{REQUEST}"))
    open_ones = [each for each in requests if not each.with_suffix(COSIGNED).exists()]
    answers = [_answer(witness, request, clock()) for request in open_ones]
    return [answer for answer in answers if answer is not None]


def _answer(witness: Witness, request: Path, at: datetime) -> Answered | None:
    """Answer one request; None when it is another witness's, or declined as it was before."""
    declined = request.with_suffix(DECLINED)
    try:
        body = _read(request)
        asked = Submission.parse(body)
        head = SignedCheckpoint.parse(asked.note).checkpoint
        before = _read(declined) if declined.exists() else b""
    except (Unreadable, Declined) as error:  # perhaps half copied
        return Answered(request, 400, str(error))
    if request.name != _name(witness.key, head):
        return None
    try:
        line = witness.add_checkpoint(body, at=at)
    except Declined as error:
        said = str(error.size) if error.status == 409 else str(error)
        answer = f"{error.status}\n{said}\n".encode()
        if answer == before:
            return None
        _write(declined, answer)
        return Answered(request, error.status, str(error))
    _write(request.with_suffix(COSIGNED), f"{asked.note}{line}".encode())
    return Answered(request, 200, line)


def _read(path: Path) -> bytes:
    """Read a small plain file that somebody else may have put there."""
    try:
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
        with os.fdopen(os.open(path, flags), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise Unreadable(f"{path}: is no plain file")
            data = file.read(LONGEST + 1)
    except OSError as error:
        raise Unreadable(f"{path}: cannot be read ({error.strerror})") from None
    if len(data) > LONGEST:
        raise Unreadable(f"{path}: larger than any request or answer")
    return data


def _write(path: Path, data: bytes) -> None:
    """Write a file so that a reader finds all of it or nothing."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with draft.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        fsync_directory(path.parent)
    except OSError as error:
        raise Unreadable(f"{path}: cannot be written ({error.strerror})") from None
