"""Servers that a test makes behave well or badly, all on loopback."""

import contextlib
import hashlib
import http.server
import socket
import ssl
import struct
import threading
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from palermo.evidence.capture import AddressRules, Context

#: Tests stand on loopback; this one address plays the public internet, all others stay forbidden.
RULES = AddressRules(also=(ip_network("127.0.0.1/32"),))
CONTEXT = Context(
    organisation="Example",
    authority={"power": "p/q", "legal_basis": "Act", "case": "C-1", "sha256": "0" * 64},
    tool={"name": "palermo capture", "version": "test"},
)
AT = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)

Handle = Callable[["Request"], None]


class Request(http.server.BaseHTTPRequestHandler):
    """One request; routes answer through `give` or write by themselves."""

    protocol_version = "HTTP/1.1"
    timeout = 20
    server: "_Server"

    def do_GET(self) -> None:
        site = self.server.site
        site.seen.append((self.headers.get("Host", ""), self.path, dict(self.headers)))
        route = site.routes.get(self.path.partition("?")[0])
        self.close_connection = site.closes
        with contextlib.suppress(OSError, ssl.SSLError):
            if route is None:
                self.give(b"nothing here", "text/plain", status=404)
            elif isinstance(route, tuple):
                self.give(*route)
            else:
                route(self)

    do_POST = do_GET  # noqa: N815 - the name that the server looks for

    def give(
        self,
        body: bytes,
        media: str = "text/html; charset=utf-8",
        *,
        status: int = 200,
        **headers: str,
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media)
        self.send_header("Content-Length", str(len(body)))
        for key, value in headers.items():
            self.send_header(key.replace("_", "-"), value)
        if self.server.site.closes:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


class _Server(http.server.ThreadingHTTPServer):
    site: "Site"
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A capture may hang up at any moment."""


@dataclass
class Site:
    """A site on one loopback address. `seen` lists what was asked: host, path, headers."""

    routes: dict[str, Handle | tuple[bytes, str]] = field(default_factory=dict)
    seen: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    closes: bool = False
    port: int = 0

    @property
    def paths(self) -> list[str]:
        return [path for _, path, _ in self.seen]

    def url(self, path: str = "/", host: str = "site.example", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}{path}"


@contextlib.contextmanager
def serving(
    site: Site, *, address: str = "127.0.0.1", port: int = 0, certificate: Path | None = None
) -> Iterator[Site]:
    server = _Server((address, port), Request)
    server.site = site
    if certificate is not None:
        settings = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        settings.load_cert_chain(certificate)
        server.socket = settings.wrap_socket(server.socket, server_side=True)
    site.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Names:
    """A resolver that knows what a test tells it, and notes every question.

    A name with several answers gives them in turn, the last for ever.
    """

    known: dict[str, list[tuple[str, ...]]] = field(default_factory=dict)
    default: tuple[str, ...] = ("127.0.0.1",)
    asked: list[str] = field(default_factory=list)

    def __call__(self, name: str) -> tuple[str, ...]:
        self.asked.append(name)
        answers = self.known.get(name)
        if not answers:
            if not self.default:
                raise OSError("no such name")
            return self.default
        return answers.pop(0) if len(answers) > 1 else answers[0]


@dataclass
class SocksServer:
    """A SOCKS5 proxy that sends every name to one site. `asked` lists the hosts it was given."""

    target: tuple[str, int]
    refuses: int = 0
    asked: list[tuple[int, str, int]] = field(default_factory=list)
    words: list[bytes] = field(default_factory=list)
    port: int = 0

    @contextlib.contextmanager
    def serving(self) -> Iterator["SocksServer"]:
        server = socket.create_server(("127.0.0.1", 0))
        self.port = server.getsockname()[1]
        opened: list[socket.socket] = []
        threads: list[threading.Thread] = []

        def accept() -> None:
            while True:
                try:
                    client, _ = server.accept()
                except OSError:
                    return
                opened.append(client)
                threads.append(threading.Thread(target=self._attend, args=(client, opened)))
                threads[-1].start()

        main = threading.Thread(target=accept)
        main.start()
        try:
            yield self
        finally:
            with contextlib.suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)
            server.close()
            main.join()
            for one in opened:
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
            for thread in threads:
                thread.join()
            for one in opened:
                one.close()

    def _attend(self, client: socket.socket, opened: list[socket.socket]) -> None:
        with contextlib.suppress(OSError, IndexError):
            methods = client.recv(2)[1]
            client.recv(methods)
            client.sendall(b"\x05\x02")
            _, length = client.recv(2)
            user = client.recv(length)
            self.words.append(user)
            client.recv(client.recv(1)[0])
            client.sendall(b"\x01\x00")
            _, _, _, kind = client.recv(4)
            host = (
                client.recv(client.recv(1)[0]).decode()
                if kind == 3
                else socket.inet_ntoa(client.recv(4))
            )
            (port,) = struct.unpack("!H", client.recv(2))
            self.asked.append((kind, host, port))
            client.sendall(bytes([5, self.refuses, 0, 1]) + bytes(6))
            if self.refuses:
                client.shutdown(socket.SHUT_RDWR)
                return
            server = socket.create_connection(self.target)
            opened.append(server)
            back = threading.Thread(target=_pump, args=(server, client))
            back.start()
            _pump(client, server)
            back.join()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(1 << 16):
            sink.sendall(data)
    for one in (source, sink):
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)


def certificate(folder: Path, *names: str) -> Path:
    """Make a certificate with its key and its authority, in one file."""
    path = folder / "site.pem"
    parts: list[bytes] = []
    issuer: x509.Name | None = None
    issuer_key: ec.EllipticCurvePrivateKey | None = None
    now = datetime.now(UTC)
    for common in ("Test authority", names[0]):
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(issuer or name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=30))
            .add_extension(
                x509.SubjectAlternativeName([x509.DNSName(one) for one in names]), critical=False
            )
        )
        made = builder.sign(issuer_key or key, hashes.SHA256())
        parts.insert(0, made.public_bytes(serialization.Encoding.PEM))
        issuer, issuer_key = name, key
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(private + b"".join(parts))
    return path


def png(seed: int, size: int = 24) -> bytes:
    """Make a harmless picture of noise."""
    noise = hashlib.shake_256(str(seed).encode()).digest(3 * size * size)
    rows = b"".join(b"\0" + noise[r * 3 * size : (r + 1) * 3 * size] for r in range(size))

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack("!I", len(data)) + body + struct.pack("!I", zlib.crc32(body))

    head = struct.pack("!IIBBBBB", size, size, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + (chunk(b"IEND", b""))
    )
