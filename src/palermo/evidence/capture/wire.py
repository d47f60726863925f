"""Reading an HTTP/1.1 response from a connection, byte for byte.

Guarantees that `raw` holds exactly the bytes of the response that were consumed, and that
nothing is waited for beyond a moment in time.
"""

import http.client
import io
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from palermo.evidence.capture.limits import Limits

_PIECE = 1 << 16


def read_head(wire: "Wire") -> http.client.HTTPResponse:
    """Read the head of the response, past interim ones (RFC 9110, section 15.2)."""
    for _ in range(10):
        wire.raw.clear()
        response = http.client.HTTPResponse(_Socket(wire), method="GET")  # type: ignore[arg-type]
        response.begin()
        if wire.raw.startswith((b"HTTP/1.1 100", b"HTTP/1.0 100")):
            del wire.raw[: wire.raw.index(b"\r\n\r\n") + 4]  # the library passes over these
        if b"\r\n\r\n" not in wire.raw and b"\n\n" not in wire.raw:
            raise http.client.HTTPException("the connection ended within the head")
        if not 100 <= response.status < 200:
            return response
    raise http.client.HTTPException("nothing but interim responses")


@dataclass(slots=True)
class _Socket:
    """The only thing that the library's response asks of a socket."""

    wire: "Wire"

    def makefile(self, mode: str) -> "Wire":
        if mode != "rb":
            raise ValueError(mode)
        return self.wire


class Wire(io.BufferedIOBase):
    """Reads from a connection until a moment and keeps what was consumed in `raw`."""

    def __init__(
        self,
        receive: Callable[[int], bytes],
        timeout: Callable[[float], None],
        until: float,
        limits: Limits,
    ) -> None:
        self._receive = receive
        self._timeout = timeout
        self._until = until
        self._limits = limits
        self._buffer = b""
        self.raw = bytearray()
        self.received = 0
        self.late = False

    def _fill(self) -> bool:
        left = self._until - time.monotonic()
        if left <= 0:
            self.late = True
            raise TimeoutError("the time for loading is over")
        self._timeout(min(left, self._limits.connect_seconds))
        try:
            piece = self._receive(_PIECE)
        except TimeoutError:
            self.late = True
            raise
        self.received += len(piece)
        self._buffer += piece
        return bool(piece)

    def _take(self, size: int) -> bytes:
        taken, self._buffer = self._buffer[:size], self._buffer[size:]
        self.raw += taken
        return taken

    def readable(self) -> bool:
        """It can be read."""
        return True

    def close(self) -> None:
        """Stay open: the library closes the file it believes to own, the bytes are still wanted."""

    def readline(self, size: int | None = -1, /) -> bytes:
        """Read to the end of the line, at most `size` bytes."""
        most = size if size is not None and size >= 0 else self._limits.head_bytes
        while b"\n" not in self._buffer[:most] and len(self._buffer) < most and self._fill():
            pass
        if len(self.raw) > self._limits.head_bytes + self._limits.body_bytes:
            raise http.client.HTTPException("the response passes the limit")
        end = self._buffer.find(b"\n", 0, most) + 1
        return self._take(end or min(most, len(self._buffer)))

    def read(self, size: int | None = -1, /) -> bytes:
        """Read at most `size` bytes, fewer only at the end or when the time is over."""
        most = size if size is not None and size >= 0 else self._limits.body_bytes + 1
        try:
            while len(self._buffer) < most and self._fill():
                pass
        except TimeoutError:
            if not self._buffer:
                raise
        return self._take(most)

    def read1(self, size: int = -1, /) -> bytes:
        """Read what one look at the connection brings."""
        if not self._buffer:
            self._fill()
        return self._take(size if size >= 0 else _PIECE)

    def readinto(self, buffer: Any, /) -> int:
        """Read into `buffer`."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)
