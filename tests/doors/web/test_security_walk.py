"""Every address against forged forms, and the page for when the node itself fails."""

import io
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from palermo.desks.access.models import Person
from palermo.doors.web import views
from palermo.doors.web.operations.discreet_log import Discreet

#: What takes a form without its token, and why it may.
OPEN = {"/leave": "the quick exit works from any state; it ends the session and does nothing else"}
SAMPLES = {
    "int": "1",
    "str": "x",
    "slug": "x",
    "path": "x",
    "uuid": "0" * 8 + "-0000" * 3 + "-" + "0" * 12,
}


def addresses(
    patterns: list[URLPattern | URLResolver] | None = None, before: str = "/"
) -> Iterator[tuple[str, URLPattern]]:
    """Yield every address of the node with something in place of what varies."""
    for one in get_resolver().url_patterns if patterns is None else patterns:
        route = str(one.pattern)
        for name, converter in one.pattern.converters.items():
            kind = type(converter).__name__.removesuffix("Converter").lower()
            kind = {"string": "str"}.get(kind, kind)
            for written in (f"<{kind}:{name}>", f"<{name}>"):
                route = route.replace(written, SAMPLES[kind])
        route = re.sub(r"\(\?P<\w+>[^)]*\)", "x", route).strip("^$")
        if isinstance(one, URLResolver):
            yield from addresses(one.url_patterns, before + route)
        else:
            yield before + route, one


ALL = sorted(dict(addresses()).items())


def test_the_walk_finds_the_addresses() -> None:
    paths = {path for path, _pattern in ALL}
    assert {"/account/login/", "/cases/", "/cases/x/", "/cases/x/open/", "/language"} <= paths
    assert len(paths) > 40
    assert not any("<" in path for path in paths)


@pytest.mark.django_db
def test_no_form_is_taken_without_its_token() -> None:
    client = Client(enforce_csrf_checks=True)
    taken = {
        path: answer.status_code
        for path, _pattern in ALL
        if not path.startswith("/api/")
        and path not in OPEN
        and (answer := client.post(path, {"x": "1"})).status_code != 403
    }
    assert taken == {}


@pytest.mark.django_db
def test_what_needs_no_token_of_a_form_takes_no_cookie_either() -> None:
    """The API is asked with a token of its own: a session, which a browser sends by itself, is
    nothing to it."""
    exempt = [path for path, one in ALL if getattr(one.callback, "csrf_exempt", False)]
    assert exempt, "nothing is exempt: the test shows nothing"
    assert {path for path in exempt if not path.startswith("/api/v1/")} == OPEN.keys()
    client = Client(enforce_csrf_checks=True)
    for path in exempt:
        if path in OPEN:
            continue
        told = client.post(path, "{}", content_type="application/json").status_code
        assert told in {401, 404, 405}, path
    client.force_login(Person.objects.create_user("somebody"))
    assert client.get("/cases/").status_code == 302, "asked for a second factor: signed in, that is"
    assert client.get("/api/v1/cases").status_code == 401


@pytest.mark.django_db
def test_a_failure_of_the_node_tells_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    inner = "Failing row contains (the text of an item)"

    class Broken:
        def cursor(self) -> None:
            raise RuntimeError(f"{inner}\nFORGED LINE") from KeyError("/srv/palermo/keys")

    monkeypatch.setattr(views, "connection", Broken())
    said = io.StringIO()
    handler = logging.StreamHandler(said)
    handler.setFormatter(Discreet())
    logger = logging.getLogger("django.request")
    logger.addHandler(handler)
    try:
        client = Client(raise_request_exception=False)
        answer = client.get("/health", headers={"user-agent": "secret agent"})
    finally:
        logger.removeHandler(handler)
    assert answer.status_code == 500
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    for text in (answer.content.decode(), said.getvalue()):
        for word in (inner, "FORGED", "/srv/", "Traceback", "secret agent"):
            assert word not in text
    lines = said.getvalue().splitlines()
    assert "django.request: a page failed (500, GET health)" in lines[0]
    assert lines[1] == "  builtins.RuntimeError"
    assert any(line.endswith("in health") for line in lines)
    assert "  builtins.KeyError" in lines


@pytest.mark.parametrize(
    ("name", "message", "told"),
    [
        (
            "django.security.DisallowedHost",
            "Invalid HTTP_HOST header: 'x'",
            "a request was refused",
        ),
        ("django.request", "Not Found: /invitation/token/", "a page failed"),
        ("palermo.worker", "two\nlines \x1b[31m\u2028\r", r"two\nlines \x1b[31m\u2028\r"),
    ],
)
def test_what_comes_from_outside_begins_no_line(name: str, message: str, told: str) -> None:
    record = logging.LogRecord(name, logging.WARNING, "x.py", 1, message, None, None)
    said = Discreet().format(record)
    assert len(said.splitlines()) == 1
    assert told in said
    assert "token" not in said
    assert "'x'" not in said


def test_the_log_of_the_node_is_written_that_way() -> None:
    from palermo.doors.web import settings

    assert settings.LOGGING["formatters"] == {
        "line": {"()": f"{Discreet.__module__}.{Discreet.__qualname__}"}
    }
    assert Path(settings.__file__).exists()
