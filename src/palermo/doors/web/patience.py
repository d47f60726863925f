"""The server's worker, with less patience for slow clients.

Guarantees that a client that stops in the middle of a request, or sends it drop by drop, is let go
after a while, and its thread is free for others. A server in front (deploy/nginx.conf) keeps such
clients away altogether; this is for when there is none.
"""

import errno
import socket
import time
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

#: So long a client may say nothing, or take nothing, in the middle of a request.
_SILENCE_SECONDS = 10.0
#: After a first while, a request must have come with this many bytes a second.
_FIRST_SECONDS, _BYTES_A_SECOND = 20.0, 500


class Impatient(socket.socket):
    """A connection that is broken off when its client is too slow."""

    _began = 0.0
    _came = 0

    def setblocking(self, flag: bool) -> None:
        """Begin a request, as the worker does by this, or hand the connection to the poller."""
        self._began, self._came = time.monotonic(), 0
        self.settimeout(_SILENCE_SECONDS if flag else 0.0)

    def recv(self, *args: Any) -> bytes:
        """Take what came."""
        try:
            data = super().recv(*args)
        except TimeoutError:
            raise _broken_off() from None
        self._came += len(data)
        passed = time.monotonic() - self._began
        if passed > _FIRST_SECONDS and self._came < passed * _BYTES_A_SECOND:
            raise _broken_off()
        return data

    def sendall(self, *args: Any) -> None:
        """Send, to somebody who takes it."""
        try:
            super().sendall(*args)
        except TimeoutError:
            raise _broken_off() from None


class Worker(ThreadWorker):  # type: ignore[misc]  # publishes no types
    """Gunicorn's worker with threads, whose connections are `Impatient`."""

    def accept(self, listener: socket.socket) -> None:
        """Accept a connection."""
        try:
            client, address = listener.accept()
        except OSError as error:
            if error.errno not in {errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK}:
                raise
            return
        line = Impatient(client.family, client.type, client.proto, client.detach())
        line.setblocking(True)  # noqa: FBT003  the interface of sockets
        self.nr_conns += 1
        self.enqueue_req(TConn(self.cfg, line, address, listener.getsockname()))


def _broken_off() -> ConnectionResetError:
    # As when the client had gone: the worker closes the connection and says nothing.
    return ConnectionResetError(errno.ECONNRESET, "the client is too slow")
