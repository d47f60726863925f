"""Odd requests to a node that is served as it is installed: one refusal each, and nothing more."""

import re
import socket
import time
from collections.abc import Iterator

import pytest
from tests.doors.web.attacking import HOST, INNER, Served, Visitor, served

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("served")) as running:
        yield running


@pytest.fixture
def visitor(node: Served) -> Visitor:
    return Visitor(node)


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": f"{HOST}.evil.example"},
        {"Host": f"evil.example@{HOST}"},
        {"Host": f"{HOST}:80@evil.example"},
        {"Host": f"{HOST} evil.example"},
        {"Host": "127.0.0.1\t.evil.example"},
    ],
)
def test_another_host_is_not_answered(visitor: Visitor, headers: dict[str, str]) -> None:
    answer = visitor.get("/", **headers)
    assert answer.status == 400
    assert "evil" not in answer.text + str(answer.headers)


def test_a_forged_forwarded_host_changes_nothing(node: Served, visitor: Visitor) -> None:
    for name in ("X_Forwarded_Host", "Forwarded", "X_Original_Host", "X_Forwarded_Server"):
        answer = visitor.get("/", **{name: "host=evil.example"})
        assert "evil" not in answer.text + str(answer.headers)
    answer = visitor.get(
        "/account/login/", X_Forwarded_Proto="http", X_Forwarded_Host="evil.example"
    )
    assert answer.where == f"https://{HOST}/account/login/"
    absolute = node.raw(
        b"GET http://evil.example/ HTTP/1.1\r\nHost: node.example\r\n"
        b"X-Forwarded-Proto: https\r\nConnection: close\r\n\r\n"
    )
    assert b"evil" not in absolute
    twice = node.raw(
        b"GET / HTTP/1.1\r\nHost: node.example\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
    )
    assert b"evil" not in twice
    assert b" 400 " in twice.split(b"\r\n", 1)[0]


_SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: node.example\r\n\r\n"
#: `{}` stands for the headers that a right request would have.
ODD = {
    "length and chunks": b"POST / HTTP/1.1\r\n{}Content-Length: 6\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + _SMUGGLED,
    "two lengths": b"POST / HTTP/1.1\r\n{}Content-Length: 0\r\nContent-Length: 44\r\n\r\n"
    + _SMUGGLED,
    "a negative length": b"POST / HTTP/1.1\r\n{}Content-Length: -1\r\n\r\n",
    "a signed length": b"POST / HTTP/1.1\r\n{}Content-Length: +5\r\n\r\nabcde",
    "a length in another base": b"POST / HTTP/1.1\r\n{}Content-Length: 0x5\r\n\r\nabcde",
    "chunks by another name": b"POST / HTTP/1.1\r\n{}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "chunks hidden by a tab": b"POST / HTTP/1.1\r\n{}Transfer-Encoding:\x0bchunked\r\n\r\n"
    b"0\r\n\r\n",
    "chunks in an old version": b"POST / HTTP/1.0\r\n{}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a chunk of nonsense": b"POST / HTTP/1.1\r\n{}Transfer-Encoding: chunked\r\n\r\n"
    b"zz\r\nabc\r\n0\r\n\r\n",
    "a space before the colon": b"GET / HTTP/1.1\r\n{}Content-Length : 5\r\n\r\n",
    "a folded header": b"GET / HTTP/1.1\r\n{}X-A: 1\r\n two\r\n\r\n",
    "a bare line feed": b"GET / HTTP/1.1\n{}\n\n",
    "a NUL in a header": b"GET / HTTP/1.1\r\n{}X-A: a\0b\r\n\r\n",
    "a header without a name": b"GET / HTTP/1.1\r\n{}: x\r\n\r\n",
    "a space in the target": b"GET / /other HTTP/1.1\r\n{}\r\n",
    "no version": b"GET /\r\n\r\n",
    "another version": b"GET / HTTP/9.9\r\n{}\r\n",
    "another protocol": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 40,
    "a long line": b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n{}\r\n",
    "a long header": b"GET / HTTP/1.1\r\n{}X-A: " + b"a" * 9000 + b"\r\n\r\n",
    "many headers": b"GET / HTTP/1.1\r\n{}" + b"X-A: 1\r\n" * 200 + b"\r\n",
}


@pytest.mark.parametrize("what", ODD)
def test_an_odd_request_gets_one_refusal_and_nothing_is_smuggled(node: Served, what: str) -> None:
    head = f"Host: {HOST}\r\nX-Forwarded-Proto: https\r\n".encode()
    came = node.raw(ODD[what].replace(b"{}", head), seconds=6)
    status = re.match(rb"HTTP/1\.[01] (\d+)", came)
    # After the answer, a broken body may be complained of; then the connection ends.
    later = re.findall(rb"^HTTP/1\.[01] (\d+)", came, re.MULTILINE)[1:]
    assert later in ([], [b"400"]), came
    assert not came or (
        status and status[1] in {b"400", b"403", b"405", b"411", b"414", b"431", b"501", b"505"}
    ), came
    assert b"smuggled" not in came
    assert not INNER.search(came.decode("latin-1").replace("Server: gunicorn", "")), came
    assert Visitor(node).get("/health").status == 200


def test_a_header_with_an_underscore_does_not_pose_as_the_proxys(node: Served) -> None:
    came = node.raw(
        f"GET /account/login/ HTTP/1.1\r\nHost: {HOST}\r\nX_Forwarded_Proto: https\r\n"
        "Connection: close\r\n\r\n".encode()
    )
    assert b" 301 " in came.split(b"\r\n", 1)[0]


def test_slow_clients_keep_nobody_waiting(node: Served) -> None:
    """More of them than the node has threads, each with half a request."""
    lines = []
    try:
        for _ in range(12):
            line = socket.create_connection(("127.0.0.1", node.port), timeout=60)
            line.sendall(b"GET / HTTP/1.1\r\nHost: node.example\r\nX-Slow: ")
            lines.append(line)
        began = time.monotonic()
        time.sleep(0.5)
        assert Visitor(node).get("/health").status == 200
        assert time.monotonic() - began < 55, "the slow ones had all threads for good"
        ended = [_closed_within(line, 45) for line in lines]
        assert all(ended), "a client that says nothing more is not let go"
    finally:
        for line in lines:
            line.close()


def _closed_within(line: socket.socket, seconds: float) -> bool:
    line.settimeout(seconds)
    try:
        while line.recv(65536):
            pass
    except ConnectionResetError:
        return True
    except TimeoutError:
        return False
    return True


@pytest.mark.parametrize(
    "path",
    [
        "/static/../node.yaml",
        "/static/..%2fnode.yaml",
        "/static/%2e%2e/node.yaml",
        "/static/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "/static/....//node.yaml",
        "/static//etc/passwd",
        "/static/..\\node.yaml",
        "/static/%00/../node.yaml",
        "/static/palermo/%2e%2e/%2e%2e/%2e%2e/keys/desks.secret",
        "/cases/..%2f..%2fkeys/",
        "/cases/%2e%2e/%2e%2e/node.yaml",
        "/invitation/..%2f..%2fnode.yaml/",
        "/cases/%00/",
        "//evil.example/%2e%2e",
        "/%ff%fe/",
        "/cases/" + "a" * 5000 + "/",
    ],
)
def test_no_path_leads_out(node: Served, path: str) -> None:
    visitor = Visitor(node)
    if "cases" in path:
        visitor.sign_in("officer")
    answer = visitor.get(path)
    assert answer.status in {301, 302, 400, 404, 414}, answer.status
    for secret in ("palermo_node", "root:x:", (node.folder / "keys/desks.secret").read_text()):
        assert secret not in answer.text
    assert "evil.example" not in answer.where.removeprefix(f"https://{HOST}")[:14]


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT", "PROPFIND", "PUT", "PATCH"])
def test_other_methods_do_nothing_and_echo_nothing(visitor: Visitor, method: str) -> None:
    for path in ("/", "/account/login/", "/cases/", "/health", "/api/v1/cases"):
        answer = visitor.ask(method, path, X_Echo="do-not-echo-me")
        assert "do-not-echo-me" not in answer.text + str(answer.headers)
        if method in {"TRACE", "TRACK", "CONNECT"}:
            assert answer.status in {301, 302, 400, 401, 403, 404, 405, 501}, (path, answer.status)
        assert answer.status < 500 or answer.status == 501, (path, answer.status)


def test_head_is_get_without_a_body(visitor: Visitor) -> None:
    for path in ("/", "/account/login/", "/health", "/nothing"):
        head, get = visitor.ask("HEAD", path), visitor.get(path)
        assert (head.status, head.body) == (get.status, b"")
