"""Each page of an error says what happened and what to do; that of a failure needs no database."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.utils import translation

from palermo.doors.web import errors, urls

Handler = Callable[[HttpRequest], HttpResponse]


def asked() -> HttpRequest:
    request = RequestFactory().get("/somewhere/")
    request.user = AnonymousUser()
    return request


@pytest.mark.parametrize(
    ("handler", "status"),
    [
        (errors.bad_request, 400),
        (errors.forbidden, 403),
        (errors.csrf_failure, 403),
        (errors.not_found, 404),
        (errors.too_many, 429),
        (errors.failure, 500),
    ],
)
@pytest.mark.parametrize("language", ["en", "ar"])
def test_an_error_has_a_heading_and_says_what_to_do(
    handler: Handler, status: int, language: str
) -> None:
    with translation.override(language):
        response = handler(asked())
    page = response.content.decode()
    assert response.status_code == status
    assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}">' in page
    assert "<h1>" in page
    assert "<main" in page
    assert ("reload" in page or "again" in page or "ask" in page) or language == "ar"


def test_the_node_uses_these_pages() -> None:
    for status in (400, 403, 404, 429, 500):
        name = getattr(urls, f"handler{status}")
        assert hasattr(errors, name.rsplit(".", 1)[1])


def test_a_failure_is_explained_and_not_shown(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What failed stands in the log, not in the page; the page asks no database (none is here)."""
    from palermo.doors.web import views

    def failing(*_: object) -> HttpResponse:
        raise RuntimeError("the secret reason")

    monkeypatch.setattr(views, "_months", failing)
    client.raise_request_exception = False
    response = client.get("/calendar/")
    assert response.status_code == 500
    assert b"Something failed" in response.content
    assert b"secret" not in response.content
    assert "the secret reason" in caplog.text


@pytest.mark.django_db
def test_a_wrong_host_is_refused_in_words(client: Client) -> None:
    response = client.get("/account/login/", headers={"host": "elsewhere.example"})
    assert response.status_code == 400
    assert b"The request was not understood" in response.content
