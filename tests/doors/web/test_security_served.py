"""Attacks on a node that is served as it is installed, behind HTTPS, from outside."""

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from tests.doors.web.attacking import (
    HOST,
    INNER,
    Answer,
    Served,
    Visitor,
    bytes_below,
    code,
    multipart,
    served,
)
from tests.doors.web.operating import PASSWORD, ROOT, SECRET, environment

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("served")) as running:
        yield running


@pytest.fixture
def visitor(node: Served) -> Visitor:
    return Visitor(node)


def test_djangos_checks_for_deployment_find_nothing(node: Served) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "django", "check", "--deploy", "--fail-level", "WARNING"],
        env=environment(node.folder, DJANGO_SETTINGS_MODULE="palermo.doors.web.settings"),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def every_kind(visitor: Visitor, node: Served) -> dict[str, Answer]:
    """Return an answer of every kind that the node gives."""
    static = re.search(r'"(/static/[^"]+\.css)"', visitor.get("/account/login/").text)
    assert static
    return {
        "page": visitor.get("/account/login/"),
        "redirect": visitor.get("/"),
        "not found": visitor.get("/nothing/here"),
        "static": visitor.get(static[1]),
        "static, not found": visitor.get("/static/nothing.css"),
        "health": visitor.get("/health"),
        "another method": visitor.ask("DELETE", "/cases/"),
        "no token": visitor.ask("POST", "/account/login/", b"login=x"),
        "another name": visitor.get("/account/login/", Host="evil.example"),
        "not encrypted": visitor.get("/account/login/", X_Forwarded_Proto="http"),
        "api, nobody": visitor.get("/api/v1/cases"),
        "api, document": visitor.get("/api/v1/openapi.json"),
        "api, not found": visitor.get("/api/v1/nothing"),
        "head": visitor.ask("HEAD", "/account/login/"),
        "options": visitor.ask("OPTIONS", "/account/login/"),
        "invitation": visitor.get(f"/invitation/{node.facts['invitation']}/"),
        "too large": visitor.ask(
            "POST",
            "/account/login/",
            b"x=1",
            Content_Length=str(6 << 20),
            Content_Type="application/x-www-form-urlencoded",
            X_CSRFToken=visitor.cookies["csrftoken"],
            Origin=f"https://{HOST}",
        ),
        "trace": visitor.ask("TRACE", "/"),
    }


def test_every_kind_of_answer_carries_the_headers(node: Served, visitor: Visitor) -> None:
    wanted = {
        "redirect": {302},
        "not found": {404},
        "static, not found": {404},
        "another method": {405, 302, 403},
        "trace": {405},
        "no token": {403},
        "another name": {400},
        "not encrypted": {301},
        "api, nobody": {401},
        "api, not found": {404},
        "options": {200, 405},
        "too large": {400, 413},
    }
    for kind, answer in every_kind(visitor, node).items():
        assert answer.status in wanted.get(kind, {200}), (kind, answer.status)
        policy = answer.headers.get("content-security-policy", "")
        assert "default-src 'none'" in policy, kind
        assert "frame-ancestors 'none'" in policy, kind
        assert "unsafe" not in policy, kind
        assert "http" not in policy, kind
        assert "*" not in policy, kind
        if kind != "not encrypted":
            assert "max-age=31536000" in answer.headers.get("strict-transport-security", ""), kind
        assert answer.headers.get("x-content-type-options") == "nosniff", kind
        assert answer.headers.get("referrer-policy") in {"same-origin", "no-referrer"}, kind
        assert answer.headers.get("cross-origin-opener-policy") == "same-origin", kind
        assert "permissions-policy" in answer.headers, kind
        assert not re.search(r"\d", answer.headers.get("server", "")), kind
        assert "x-powered-by" not in answer.headers, kind
        if answer.status >= 400:
            assert not INNER.search(answer.text), (kind, INNER.search(answer.text))


def test_cookies_travel_encrypted_and_scripts_do_not_see_them(
    node: Served, visitor: Visitor
) -> None:
    first = visitor.get("/account/login/")
    answers = [first, *visitor.sign_in("lead")]
    language = visitor.post("/cases/", "/language", language="fr")
    cookies = [cookie for answer in [*answers, language] for cookie in answer.cookies]
    assert {cookie.split("=", 1)[0] for cookie in cookies} >= {"csrftoken", "sessionid"}
    for cookie in cookies:
        for flag in ("Secure", "HttpOnly", "SameSite=Lax"):
            assert flag.lower() in cookie.lower(), cookie
        assert "domain=" not in cookie.lower()
    for page in ("/cases/", f"/cases/{node.facts['case']}/open/"):
        assert "no-store" in visitor.get(page).headers["cache-control"]


def test_limits_of_what_a_request_may_bring(node: Served, visitor: Visitor) -> None:
    visitor.get("/account/login/")
    token = visitor.cookies["csrftoken"]
    form = "application/x-www-form-urlencoded"
    extra = {"X_CSRFToken": token, "Origin": f"https://{HOST}"}
    many = urlencode([("f", "1")] * 2500).encode()
    assert visitor.ask("POST", "/account/login/", many, Content_Type=form, **extra).status == 400
    large = b"login=" + b"a" * (6 << 20)
    answer = visitor.ask("POST", "/account/login/", large, Content_Type=form, **extra)
    assert answer.status in {400, 413}
    for parts, files in ((2500, False), (300, True)):
        body, kind = multipart(parts, 1, files=files)
        answer = visitor.ask("POST", "/account/login/", body, Content_Type=kind, **extra)
        assert answer.status == 400, (parts, files)
    body, kind = multipart(1, 6 << 20, files=False)
    answer = visitor.ask("POST", "/account/login/", body, Content_Type=kind, **extra)
    assert answer.status in {400, 413}


def test_a_stranger_fills_neither_disk_nor_memory(node: Served, visitor: Visitor) -> None:
    visitor.get("/account/login/")
    before, disk = node.memory(), bytes_below(node.folder)
    most, stop = [disk], threading.Event()

    def watch() -> None:
        while not stop.wait(0.02):
            most.append(bytes_below(node.folder))

    watching = threading.Thread(target=watch)
    watching.start()
    body, kind = multipart(1, 80 << 20, files=True)
    try:
        answer = visitor.ask(
            "POST",
            "/account/login/",
            body,
            Content_Type=kind,
            Origin=f"https://{HOST}",
            X_CSRFToken=visitor.cookies["csrftoken"],
        )
    finally:
        stop.set()
        watching.join()
    assert answer.status in {200, 400, 403, 413}
    assert max(most) - disk < 8 << 20, "it was written to the disk"
    assert node.memory() - before < 64 << 20, "it was held in memory"


@pytest.mark.parametrize(
    "there",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "\\\\evil.example/",
        "https:evil.example",
        "///evil.example",
        "javascript:alert(1)",
        "/%09/evil.example",
        "https://node.example@evil.example/",
        "http://node.example/",
        "\thttps://evil.example",
    ],
)
def test_nobody_is_led_elsewhere(node: Served, there: str) -> None:
    visitor = Visitor(node)
    node.forget_tries()
    query = urlencode({"next": there})
    language = visitor.post("/account/login/", "/language", language="fr", next=there)
    first = visitor.post(f"/account/login/?{query}", login="lead", password=PASSWORD, next=there)
    second = visitor.post(first.where, code=code())
    key = node.facts["case"]
    opening = visitor.get(f"/cases/{key}/open/?{query}")
    mandate = re.search(r'name="mandate".*?value="(\d+)"', opening.text, re.DOTALL)
    assert mandate
    opened = visitor.post(
        f"/cases/{key}/open/?{query}", purpose="investigate", mandate=mandate[1], next=there
    )
    for answer in (language, first, second, opened):
        assert answer.status == 302, answer.text
        led = urlsplit(answer.where)
        assert (led.scheme, led.netloc) in {("", ""), ("https", HOST)}, answer.where
        assert re.match(r"/(?![/\\])", led.path), answer.where


def test_the_log_takes_no_line_from_outside_and_holds_no_secret(
    node: Served, tmp_path: Path
) -> None:
    """A story of all that goes well and wrong; then the log is searched."""
    began = len(node.said())
    visitor, key = Visitor(node), node.facts["case"]
    mark = "FORGED-LINE 2026-11-25 ERROR root"
    for path in (f"/x%0d%0a{mark.replace(' ', '%20')}", f"/y%0a{mark.replace(' ', '%20')}/"):
        visitor.get(path)
        visitor.ask("POST", path, b"")
    visitor.get("/", User_Agent="agent\x1b[31m")
    node.raw(f"GET /z\r{mark} HTTP/1.1\r\nHost: evil\n{mark}\r\n\r\n".encode())
    wrong = "my-own-password-typed-wrongly"
    visitor.post("/account/login/", login="lead", password=wrong)
    visitor.post("/account/login/", login=wrong, password=PASSWORD)
    visitor.get(f"/invitation/{node.facts['invitation']}x/")
    visitor.get(f"/invitation/{node.facts['invitation']}/")
    visitor.get("/account/login/", Host=f"{wrong}.example")
    shown = code()
    visitor.sign_in("lead")
    opening = visitor.get(f"/cases/{key}/open/")
    mandate = re.search(r'name="mandate".*?value="(\d+)"', opening.text, re.DOTALL)
    assert mandate
    visitor.post(f"/cases/{key}/open/", purpose="investigate", mandate=mandate[1])
    item = visitor.get(f"/cases/{key}/items/{node.facts['item']}/")
    words = node.facts["text"].split("\n")[0]
    assert words[:30] in item.text, "the story must show the item"
    visitor.get(f"/cases/{key}/search/?{urlencode({'q': words})}")
    visitor.get(f"/cases/{key}/items/999999/")
    visitor.ask("POST", f"/cases/{key}/material/", b"broken", Content_Type="multipart/form-data")
    visitor.ask("POST", f"/cases/{key}/open/", b"csrfmiddlewaretoken=wrong")
    visitor.get("/api/v1/cases", Authorization="Bearer palermo-wrong-token-of-somebody")
    session = visitor.cookies["sessionid"]
    visitor.post("/cases/", "/account/logout/")
    said = node.said()
    assert len(said) > began, "nothing at all was logged: the search shows nothing"
    assert not re.search(rf"^\W*{mark}", said, re.MULTILINE)
    assert "\x1b" not in said
    secrets = {
        "a password": PASSWORD,
        "a wrong password": wrong,
        "the secret of an app": SECRET,
        "a code": shown,
        "a session": session,
        "a token of a form": visitor.cookies["csrftoken"],
        "an invitation": node.facts["invitation"],
        "the text of an item": words,
        "a token of the API": "palermo-wrong-token-of-somebody",
        "the node's secret": (node.folder / "keys/desks.secret").read_text(),
    }
    told = [name for name, secret in secrets.items() if secret in said]
    assert told == []
