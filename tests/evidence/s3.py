"""An S3-compatible server on the loopback, and a proxy before it that can be told to fail."""

import http.client
import os
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from urllib.parse import urlsplit

STARTING = """
import sys
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print("%s:%s" % server.get_host_and_port(), flush=True)
sys.stdin.read()
"""


@contextmanager
def bucket_server() -> Iterator[str]:
    """Run the server in a process of its own for as long as the block runs; give its URL."""
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", STARTING],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        url = f"http://{process.stdout.readline().strip()}"
        for _ in range(100):
            try:
                urllib.request.urlopen(url, timeout=5).close()  # the loopback
                break
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.1)
        try:
            yield url
        finally:
            process.kill()


class Proxy(ThreadingHTTPServer):
    """Passes requests on to the server, except as `failure` says.

    `cut` reads half of an upload and closes the connection; `error` answers 503; `alter` changes a
    byte of an upload on its way; `cut download` sends half of an object.
    """

    daemon_threads = True

    def __init__(self, target: str) -> None:
        super().__init__(("127.0.0.1", 0), _Relay)
        self.target = urlsplit(target).netloc
        self.failure: str | None = None
        self.requests = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextmanager
def failing_proxy(target: str) -> Iterator[Proxy]:
    """Run a proxy before `target` for as long as the block runs."""
    proxy = Proxy(target)
    thread = threading.Thread(target=proxy.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield proxy
    finally:
        proxy.shutdown()
        thread.join()
        proxy.server_close()


class _Relay(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Proxy
    HOPS: ClassVar = {"connection", "transfer-encoding", "keep-alive"}

    def _relay(self) -> None:
        self.server.requests += 1
        failure = self.server.failure
        length = int(self.headers.get("Content-Length", 0))
        if failure == "cut" and self.command == "PUT":
            self.rfile.read(length // 2)
            self.close_connection = True
            return
        body = self.rfile.read(length)
        if failure == "error":
            self.send_response(503)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        if failure == "alter" and self.command == "PUT" and body:
            body = body[:-1] + bytes([body[-1] ^ 1])
        connection = http.client.HTTPConnection(self.server.target, timeout=30)
        connection.request(self.command, self.path, body, dict(self.headers.items()))
        answer = connection.getresponse()
        data = answer.read()
        connection.close()
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() not in self.HOPS and not (name.lower() == "content-length" and data):
                self.send_header(name, value)
        if data:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if failure == "cut download" and self.command == "GET":
            data = data[: len(data) // 2]
            self.close_connection = True
        self.wfile.write(data)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _relay  # noqa: N815  # what the base calls

    def log_message(self, *_: object) -> None:
        """Say nothing."""


ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_MAX_ATTEMPTS": "1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}
