"""The HTTP face of a witness (C2SP tlog-witness): a small server of the standard library.

Guarantees the specification's statuses, bounded sizes and times, and that nothing is decided here:
every submission goes to `Witness.add_checkpoint`. Meant for loopback or a closed network, with
whatever does TLS and rate limits in front of it.
"""

import re
import threading
from collections.abc import Callable
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from palermo.evidence.witness import LONGEST, Declined, Witness
from palermo.model import Unreadable

_PATIENCE = 15.0  # seconds without a byte from a client
_AT_ONCE = 32  # connections
_MONITORED = re.compile(r"/([0-9a-f]{64})/checkpoint")
_TEXT = "text/plain; charset=utf-8"


class WitnessServer(ThreadingHTTPServer):
    """Serves `witness` at `address` (host, port); port 0 takes a free one.

    `clock` gives the time of a cosignature; `report` is told of every request and fault. Use it as
    a context manager, with `serve_forever`.

    Raises:
        Unreadable: the address cannot be bound.
    """

    daemon_threads = True

    def __init__(
        self,
        witness: Witness,
        address: tuple[str, int],
        *,
        clock: Callable[[], datetime],
        report: Callable[[str], None],
    ) -> None:
        self.witness = witness
        self.clock = clock
        self.report = report
        self._free = threading.BoundedSemaphore(_AT_ONCE)
        try:
            super().__init__(address, _Handler)
        except (OSError, OverflowError) as error:
            where = f"{address[0]}:{address[1]}"
            raise Unreadable(f"{where}: cannot listen there ({error}); choose another") from None

    @property
    def url(self) -> str:
        """The submission prefix, which is also the monitoring prefix."""
        return f"http://{self.server_address[0]!s}:{self.server_port}"

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a connection in its own thread, or close it when there are too many."""
        if self._free.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve a connection to its end."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Let a broken connection end without noise; there is nobody to answer."""


class _Handler(BaseHTTPRequestHandler):
    server: WitnessServer
    protocol_version = "HTTP/1.1"
    timeout = _PATIENCE

    def do_POST(self) -> None:
        """Answer `add-checkpoint`."""
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit() and len(length) < 10):
            self._say(411, "expected a Content-Length")
        elif int(length) > LONGEST:
            self._say(413, "larger than any submission")
        elif self.path != "/add-checkpoint":
            self._say(404, "expected add-checkpoint")
        else:
            self._cosign(self.rfile.read(int(length)))

    def _cosign(self, body: bytes) -> None:
        witness, clock = self.server.witness, self.server.clock
        try:
            self._say(200, witness.add_checkpoint(body, at=clock()))
        except Declined as error:
            if error.status == 409:
                self._say(409, f"{error.size}\n", kind="text/x.tlog.size")
            else:
                self._say(error.status, f"{error}\n")
        except Unreadable as error:
            self.server.report(str(error))
            self._say(500, "the witness cannot use its state\n")

    def do_GET(self) -> None:
        """Answer a monitor that asks for the checkpoint cosigned last."""
        match = _MONITORED.fullmatch(self.path)
        try:
            note = self.server.witness.latest(match[1]) if match else None
        except Unreadable as error:
            self.server.report(str(error))
            self._say(500, "the witness cannot use its state\n")
            return
        self._say(200 if note else 404, note or "nothing of that log was cosigned\n")

    def _say(self, status: int, text: str, *, kind: str = _TEXT) -> None:
        body = text.encode()
        self.close_connection = self.close_connection or status in {411, 413}  # the body is unread
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def version_string(self) -> str:
        """Name the server without its versions."""
        return "palermo-witness"

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - its interface
        """Hand the line to whoever runs the server."""
        self.server.report(format % arguments)
