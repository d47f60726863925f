"""A node served as it is installed, behind HTTPS, and a client that can be as rude as it likes."""

import base64
import hashlib
import hmac
import http.client
import json
import os
import re
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.doors.web.operating import COMMAND, PASSWORD, ROOT, SECRET, copied, environment

HOST = "node.example"
#: Words that only somebody who may look into the node should read.
INNER = re.compile(
    r"Traceback|django|gunicorn|python|sqlite|palermo\.(?:desks|doors|evidence)|site-packages|SECRET"
    r"|/srv/|/tmp/|node\.yaml",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Served:
    """The node: its folder, its port, and the file to which everything it says goes."""

    folder: Path
    port: int
    log: Path
    process: "subprocess.Popen[bytes]"
    facts: Mapping[str, Any]

    def said(self) -> str:
        """Return what the node wrote to its log so far."""
        return self.log.read_text("utf-8", "replace")

    def raw(self, data: bytes, *, seconds: float = 10) -> bytes:
        """Send bytes; return all that comes back until the node closes or is silent."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=seconds) as line:
            line.sendall(data)
            came = b""
            try:
                while piece := line.recv(65536):
                    came += piece
            except (TimeoutError, ConnectionResetError):
                pass
            return came

    def forget_tries(self) -> None:
        """Forget codes that were used and tries that were counted: many sign in here at once."""
        with closing(sqlite3.connect(self.folder / "palermo.sqlite3", timeout=60)) as database:
            database.execute("DELETE FROM palermo_cache")
            database.commit()

    def memory(self) -> int:
        """Return the most memory that any process of the node ever had, in bytes."""
        sizes = [0]
        for one in Path("/proc").glob("[0-9]*"):
            try:
                home = f"PALERMO_HOME={self.folder}".encode()
                if home in (one / "environ").read_bytes().split(b"\0"):
                    found = re.search(r"VmHWM:\s+(\d+) kB", (one / "status").read_text())
                    sizes.append(int(found[1]) * 1024 if found else 0)
            except OSError:
                continue
        return max(sizes)


@contextmanager
def served(folder: Path, *, https: bool = True) -> Iterator[Served]:
    """Serve a copy of the filled node in `folder`."""
    node = folder / "node"
    facts = copied(node)
    desks = {"https": https, "hosts": [HOST], "organisation": "Example unit"}
    (node / "node.yaml").write_text(json.dumps({"palermo_node": 1, "desks": desks}))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    log = folder / "log"
    serving = ("serve", "--node", str(node), "--port", str(port), "--processes", "1")
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-c", COMMAND, *serving],
            env=environment(node),
            cwd=ROOT,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        _until_it_answers(port, process, log)
        yield Served(node, port, log, process, facts)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def _until_it_answers(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + 180
    while time.monotonic() < end:
        assert process.poll() is None, log.read_text()
        try:
            line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            line.request("GET", "/health", headers={"X-Forwarded-Proto": "https"})
            if line.getresponse().status == 200:
                line.close()
                return
        except OSError:
            time.sleep(0.3)
        finally:
            line.close()
    raise AssertionError(f"the node did not answer within three minutes:\n{log.read_text()}")


@dataclass(slots=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    cookies: list[str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    @property
    def where(self) -> str:
        return self.headers.get("location", "")


@dataclass(slots=True)
class Visitor:
    """Somebody with a browser: keeps cookies, sends forms with their token."""

    node: Served
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        **headers: str,
    ) -> Answer:
        """Send a request as the proxy would pass it on."""
        line = http.client.HTTPConnection("127.0.0.1", self.node.port, timeout=60)
        sent = {
            "Host": HOST,
            "X-Forwarded-Proto": "https",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        try:
            with suppress(BrokenPipeError, ConnectionResetError):  # refused before all was sent
                line.request(method, path, body, {name: v for name, v in sent.items() if v})
            came = line.getresponse()
            answer = Answer(
                came.status,
                {name.lower(): value for name, value in came.getheaders()},
                came.headers.get_all("Set-Cookie") or [],
                came.read(),
            )
        except (ConnectionError, http.client.ResponseNotReady):
            return Answer(413, {}, [], b"the connection was broken off")
        finally:
            line.close()
        for cookie in answer.cookies:
            for name, morsel in SimpleCookie(cookie).items():
                self.cookies[name] = morsel.value
        return answer

    def get(self, path: str, **headers: str) -> Answer:
        """Look at a page."""
        return self.ask("GET", path, None, **headers)

    def post(self, page: str, path: str = "", **fields: str) -> Answer:
        """Send the form of `page` with its token."""
        found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.get(page).text)
        assert found, f"no form on {page}"
        body = urlencode({"csrfmiddlewaretoken": found[1], **fields}).encode()
        return self.ask(
            "POST",
            path or page,
            body,
            Content_Type="application/x-www-form-urlencoded",
            Origin=f"https://{HOST}",
        )

    def sign_in(self, who: str) -> list[Answer]:
        """Sign in with password and second factor."""
        self.node.forget_tries()
        first = self.post("/account/login/", login=who, password=PASSWORD)
        assert first.status == 302, first.text
        second = self.post(first.where, code=code())
        assert second.status == 302, second.text
        return [first, second]


def code() -> str:
    """Return what an authenticator app shows now (RFC 6238)."""
    counter = struct.pack(">Q", int(time.time()) // 30)
    digest = hmac.new(base64.b32decode(SECRET), counter, hashlib.sha1).digest()
    start = digest[-1] & 15
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


def multipart(parts: int, size: int, *, files: bool) -> tuple[bytes, str]:
    """Return a form of so many parts, and its content type."""
    mark = "xxPALERMOxx"
    named = '; filename="f.bin"' if files else ""
    one = (
        f'--{mark}\r\nContent-Disposition: form-data; name="f"{named}\r\n\r\n'.encode()
        + b"a" * size
        + b"\r\n"
    )
    return one * parts + f"--{mark}--\r\n".encode(), f"multipart/form-data; boundary={mark}"


def bytes_below(folder: Path) -> int:
    """Return how much lies below `folder`."""
    total = 0
    for here, _folders, names in os.walk(folder):
        for name in names:
            try:
                total += (Path(here) / name).stat().st_size
            except FileNotFoundError:
                continue
    return total
