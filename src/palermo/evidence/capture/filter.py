"""The filtering proxy that a browser's whole traffic passes: SOCKS5 on a loopback port.

Guarantees that nothing passes but connections to hosts that were announced with `expect`, each
through the one `Outlet`. What the browser does on its own account, or a page behind the back of
request interception, finds no way out and is written down. SOCKS rather than HTTP CONNECT, because
one protocol then serves http, https and web sockets alike and no head has to be parsed.
"""

import contextlib
import selectors
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Self

from palermo.evidence.capture.outlet import Barred, Connection, Outlet
from palermo.evidence.capture.socks import socks_accept, socks_reply

_PIECE = 1 << 16
_NOT_ALLOWED, _UNREACHABLE = 2, 4
_BURST, _RATE = 4 << 20, 16 << 20  # bytes, and bytes a second, of one connection
_RESET = struct.pack("ii", 1, 0)  # close by reset, without waiting


class FilteringProxy:
    """Serves on 127.0.0.1 while the `with` block lasts."""

    def __init__(self, outlet: Outlet, *, total_bytes: int, idle_seconds: float) -> None:
        self._outlet = outlet
        self._total = total_bytes
        self._idle = idle_seconds
        self._expected: set[tuple[str, int]] = set()
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._received = 0
        self._server = socket.create_server(("127.0.0.1", 0), backlog=256)

    @property
    def port(self) -> int:
        """The port on 127.0.0.1."""
        return int(self._server.getsockname()[1])

    def expect(self, host: str, port: int) -> None:
        """Let connections to `host` pass from now on, if the rules allow them."""
        with self._lock:
            self._expected.add((host.rstrip(".").lower(), port))

    def __enter__(self) -> Self:
        self._start(self._serve)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.set()
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        with self._lock:
            for opened in self._open:
                with contextlib.suppress(OSError):
                    opened.shutdown(socket.SHUT_RDWR)
            threads = list(self._threads)
        for thread in threads:
            thread.join(timeout=5)

    def _start(self, work: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        with self._lock:
            self._threads = [one for one in self._threads if one.is_alive()]
            self._threads.append(thread)
            # Started under the lock, so that whoever closes sees it alive.
            thread.start()

    def _serve(self) -> None:
        while not self._closing.is_set():
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            self._start(self._attend, client)

    def _attend(self, client: socket.socket) -> None:
        with client, self._kept(client), contextlib.suppress(OSError):
            client.settimeout(self._idle)
            host, port = socks_accept(client)
            with self._lock:
                expected = (host.rstrip(".").lower(), port) in self._expected
            if not expected:
                self._outlet.refuse(host, port, "no request of the page asked for this host")
                socks_reply(client, _NOT_ALLOWED)
                return
            try:
                server, made = self._outlet.open(host, port)
            except Barred:
                socks_reply(client, _NOT_ALLOWED)
                return
            except OSError:
                socks_reply(client, _UNREACHABLE)
                return
            with server, self._kept(server):
                socks_reply(client, 0)
                if not self._relay(client, server, made):
                    # A body cut off here must not look like one that ended.
                    made.broke = self._outlet.elapsed()
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)

    @contextlib.contextmanager
    def _kept(self, opened: socket.socket) -> Iterator[None]:
        with self._lock:
            self._open.add(opened)
        try:
            yield
        finally:
            with self._lock:
                self._open.discard(opened)

    def _relay(self, client: socket.socket, server: socket.socket, made: Connection) -> bool:
        """Carry bytes both ways; return whether a side ended, not broke or was cut off."""
        with selectors.DefaultSelector() as ready:
            ready.register(client, selectors.EVENT_READ, server)
            ready.register(server, selectors.EVENT_READ, client)
            while not self._closing.is_set():
                events = ready.select(self._idle)
                if not events:
                    return False
                for key, _ in events:
                    source = key.fileobj
                    try:
                        data = source.recv(_PIECE)  # type: ignore[union-attr]
                    except OSError:
                        return False
                    if not data:
                        return True
                    if source is client:
                        made.sent += len(data)
                    elif not self._admit(made, len(data)):
                        return False
                    self._pace(made)
                    key.data.sendall(data)
        return False

    def _pace(self, made: Connection) -> None:
        """Hold back a flood, so that whoever counts bodies can stop it before it costs much."""
        ahead = made.received - _BURST - _RATE * (self._outlet.elapsed() - made.at)
        if ahead > 0:
            self._closing.wait(ahead / _RATE)

    def _admit(self, made: Connection, size: int) -> bool:
        with self._lock:
            self._received += size
            made.received += size
            if self._received <= self._total:
                return True
        made.refused = "cut off: the capture has received all the bytes it may"
        return False
