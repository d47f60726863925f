"""Asking a witness to cosign a checkpoint, over HTTP or another route.

Guarantees that what comes back is the same checkpoint with a cosignature of exactly the witness
that was asked, verified here. A witness that remembers another length of the log is sent the proof
from that length; one that remembers more than there is, or another history, is never talked over:
that is what witnesses are for.
"""

import http.client
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from palermo.evidence.checkpoint import Checkpoint, SignedCheckpoint, WitnessKey, read_signatures
from palermo.evidence.witness import LONGEST, Declined, Submission
from palermo.model import Refused, Unreadable

_TRIES = 3  # a first guess, the proof asked for, and once more if the log grew in between


class Pending(Unreadable):
    """The witness has not answered yet; ask again later."""


class Route(Protocol):
    """A way to a witness."""

    @property
    def key(self) -> WitnessKey:
        """The key of the witness at the other end."""
        ...

    def known_size(self, head: Checkpoint) -> int:
        """Guess, up to `head.size`, which size of the log the witness cosigned last; else 0."""
        ...

    def submit(self, submission: Submission) -> str:
        """Return the witness's signature lines; raise `Declined` when it does not cosign."""
        ...


def cosign(checkpoint: str, proof_of: Callable[[int], Sequence[bytes]], witness: Route) -> str:
    """Return the signed note `checkpoint` with the cosignature of `witness` added.

    `proof_of(size)` is the consistency proof (RFC 6962) from the log's first `size` entries, at
    least 1, to this checkpoint.

    Raises:
        Refused: the witness has seen another history of this log, or more of it than there is, or
            its answer carries no cosignature of its key. `Declined` when it gives another reason.
        Pending: the answer is still to come.
        Unreadable: the witness cannot be reached, or `checkpoint` is none.
    """
    signed = SignedCheckpoint.parse(checkpoint)
    head, size = signed.checkpoint, witness.known_size(signed.checkpoint)
    for _ in range(_TRIES):
        if size > head.size:
            raise Refused(
                f"{witness.key.name}: the witness has seen {size} entries of this log, this "
                f"checkpoint covers {head.size}: it is an older one, or the log was cut; keep "
                "the folder as it is and run palermo verify"
            )
        proof = tuple(proof_of(size)) if 0 < size < head.size else ()
        try:
            lines = witness.submit(Submission(size, proof, checkpoint))
        except Declined as error:
            if error.status == 409 and error.size not in {None, size}:
                size = error.size or 0
                continue
            raise _explained(error, witness.key) from None
        joined = signed.joined(read_signatures(head, _own(lines, witness.key)))
        if joined.cosigned_by(witness.key) is None:
            raise Refused(f"{witness.key.name}: the answer carries no valid cosignature of its key")
        return joined.text()
    raise Unreadable(f"{witness.key.name}: the log grows while the witness is asked; ask again")


def _own(lines: str, key: WitnessKey) -> str:
    """Keep the lines that name the witness's key: others are ignored, as the protocol asks."""
    own = [line for line in lines.splitlines(keepends=True) if line.split(" ")[1:2] == [key.name]]
    if not own:
        raise Refused(f"{key.name}: the answer carries no valid cosignature of its key")
    return "".join(own)


def _explained(error: Declined, key: WitnessKey) -> Declined:
    advice = {
        403: "give the witness this log's key (custody.pub)",
        404: "give the witness this log's key (custody.pub)",
        422: "it has seen another history of this log; keep the folder and run palermo verify",
    }.get(error.status, f"status {error.status}")
    why = str(error).removeprefix("witness: ")
    return Declined(error.status, f"{key.name}: {why}; {advice}", size=error.size)


@dataclass(frozen=True, slots=True)
class HttpRoute:
    """A witness behind HTTP at the submission prefix `url`; `timeout` in seconds."""

    url: str
    key: WitnessKey
    timeout: float = 30.0

    def known_size(self, head: Checkpoint) -> int:  # noqa: ARG002 - a wrong guess costs one 409
        """Return 0: the witness says itself what it knows."""
        return 0

    def submit(self, submission: Submission) -> str:
        """Post the submission to `add-checkpoint`."""
        if urlsplit(self.url).scheme not in {"http", "https"}:
            raise Unreadable(f"{self.url}: expected the address of a witness, http://…, https://…")
        request = urllib.request.Request(  # noqa: S310 - the scheme was just checked
            f"{self.url.rstrip('/')}/add-checkpoint", data=submission.to_bytes(), method="POST"
        )
        try:
            with urllib.request.build_opener(_NoRedirect).open(
                request, timeout=self.timeout
            ) as answer:
                return str(answer.read(LONGEST).decode())
        except urllib.error.HTTPError as error:
            with error:
                raise declined_as(error.code, error.read(1_000)) from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            why = getattr(error, "reason", None) or error
            raise Unreadable(
                f"{self.url}: the witness cannot be reached ({why}); check the address"
            ) from None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        """Follow nothing: a submission goes to the address somebody chose."""


def declined_as(status: int, body: bytes) -> Declined:
    """Read what a witness answers with a status other than 200."""
    text = body.decode("utf-8", "replace").strip()
    if status == 409 and text.isascii() and text.isdigit() and len(text) < 20:
        return Declined(409, f"it cosigned {text} entries last", size=int(text))
    printable = "".join(sign if sign.isprintable() else " " for sign in text)
    return Declined(status, printable.removeprefix("witness: ") or f"it answers {status}")
