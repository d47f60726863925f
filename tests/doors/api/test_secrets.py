"""Where a token may come from, where it is kept, and where it must never turn up."""

import hashlib
import hmac
import logging
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from tests.doors.api.conftest import Api, World

from palermo.desks.access import audit, tokens
from palermo.desks.access.models import ApiToken, AuditEntry
from palermo.investigation import Node


def test_a_token_is_kept_as_a_hash_only(world: World) -> None:
    token, shown = world.token()
    secret = shown.split("_", 2)[2]
    assert token.secret_sha256 == hashlib.sha256(secret.encode()).hexdigest()
    for table in connection.introspection.table_names():
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608
            assert secret not in repr(cursor.fetchall()), table


def test_tokens_turn_up_in_no_log_and_no_audit(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    _, shown = world.token("investigator", "read", "note")
    secret = shown.split("_", 2)[2]
    wrong = shown[:-1] + ("A" if shown[-1] != "A" else "B")
    for presented in (shown, wrong):
        api = Api(presented)
        api.get(f"/cases/{world.a.key}/items")
        api.get(f"/cases/{world.b.key}/items")
        api.get("/nothing")
        api.get("/cases", {"limit": "x"})
        api.post(f"/cases/{world.a.key}/notes", "{")
        api.get(f"/cases/{world.a.key}/items", {"after": shown})
    assert secret[:-1] not in caplog.text
    words = [audit.words(entry) for entry in AuditEntry.objects.all()]
    assert len(words) == 4
    assert not any(secret[:-1] in one for one in words)
    folder = Path(settings.PALERMO_NODE.folder)
    kept = [path for path in folder.rglob("*") if path.is_file()]
    assert kept
    assert not [path for path in kept if secret[:-1].encode() in path.read_bytes()]


def test_every_use_is_in_the_audit_with_the_tokens_name(own_node: Node, world: World) -> None:
    token, shown = world.token("investigator", "read", "note", "judge", name="weekly figures")
    api, key = Api(shown), world.a.key
    before = AuditEntry.objects.count()
    item = api.get(f"/cases/{key}/items").json()["data"][0]
    calls = [
        api.get("/token"),
        api.get("/cases"),
        api.get(f"/cases/{key}"),
        api.get(f"/cases/{key}/items/{item['id']}"),
        api.post(f"/cases/{key}/notes", {"text": "x"}),
    ]
    assert [call.status_code for call in calls] == [200, 200, 200, 200, 201]
    entries = list(AuditEntry.objects.order_by("seq"))[before:]
    assert [entry.what for entry in entries] == ["items", "token", "cases", "case", "item", "note"]
    for entry in entries:
        assert entry.detail == {"token": "weekly figures", "ident": token.ident}
        assert entry.person == token.person
    assert [entry.purpose for entry in entries if entry.case] == ["investigate"] * 4
    assert list(audit.verify_audit()) == []


def test_its_use_is_dated(world: World) -> None:
    token, shown = world.token()
    world.clock.pass_by(hours=3)
    Api(shown).get("/cases")
    token.refresh_from_db()
    assert token.last_used_at == world.clock.at


@pytest.mark.parametrize(
    "change",
    [
        lambda shown: shown[:0],
        lambda shown: shown[:-1],
        lambda shown: shown + "A",
        lambda shown: shown.upper(),
        lambda shown: shown.replace("palermo", "palermo2"),
        lambda shown: f"{shown.split('_')[0]}_{'0' * 16}_{shown.split('_', 2)[2]}",
        lambda shown: shown[:-1] + ("A" if shown[-1] != "A" else "B"),
        lambda shown: shown.split("_", 2)[2],
        lambda shown: shown + "\x00",
        lambda shown: f"{shown}, {shown}",
        lambda shown: "é" * len(shown),
        lambda shown: shown * 1000,
    ],
)
def test_nothing_but_the_whole_token_opens(world: World, change: Any) -> None:
    _, shown = world.token()
    answer = Api(change(shown)).get("/cases")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert Api(shown).get("/cases").status_code == 200


@pytest.mark.parametrize("scheme", ["Basic {}", "Token {}", "{}", "Bearer", "bearer{}"])
def test_a_token_comes_as_a_bearer_only(world: World, scheme: str) -> None:
    _, shown = world.token()
    client = Client()
    headers = {"authorization": scheme.format(shown)}
    assert client.get("/api/v1/cases", headers=headers).status_code == 401


def test_a_token_in_the_address_or_a_cookie_is_none(world: World) -> None:
    _, shown = world.token()
    client = Client()
    client.cookies["token"] = shown
    for name in ("token", "access_token", "authorization"):
        assert client.get("/api/v1/cases", {name: shown}).status_code == 401
    assert client.post("/api/v1/cases", {"access_token": shown}).status_code in {401, 405}


def test_a_session_is_worth_nothing_here(world: World) -> None:
    """So a page of another site, which can make a browser send its cookies, gets nothing."""
    client = Client()
    client.force_login(world.people["lead"])
    assert client.get("/cases/").status_code in {200, 302}
    answer = client.get(f"/api/v1/cases/{world.a.key}/items")
    assert answer.status_code == 401
    note = client.post(
        f"/api/v1/cases/{world.a.key}/notes", {"text": "x"}, content_type="application/json"
    )
    assert note.status_code == 401


def test_with_a_session_and_a_token_the_token_decides(world: World) -> None:
    api = world.api("examiner", "read")
    api.client.force_login(world.people["lead"])
    assert api.post(f"/cases/{world.a.key}/notes", {"text": "x"}).status_code == 403


def test_no_other_site_may_read_an_answer(world: World) -> None:
    answer = world.api().get("/cases", origin="https://elsewhere.example")
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert not answer.cookies


def test_secrets_are_compared_in_constant_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same comparison, of the same length, is made whether the name is known or not."""
    token, shown = world.token()
    seen: list[tuple[int, int]] = []
    real = hmac.compare_digest

    def watched(a: str, b: str) -> bool:
        seen.append((len(a), len(b)))
        return real(a, b)

    monkeypatch.setattr(hmac, "compare_digest", watched)
    unknown = f"palermo_{'f' * 16}_{shown.split('_', 2)[2]}"
    assert tokens.find(shown) == token
    assert tokens.find(unknown) is None
    assert tokens.find("nonsense") is None
    assert seen == [(64, 64)] * 3


def test_the_hash_of_nobody_is_the_hash_of_nothing(world: World) -> None:
    """A token whose row was emptied does not open for an empty secret."""
    token, _ = world.token()
    ApiToken.objects.filter(pk=token.pk).update(secret_sha256="")
    assert tokens.find(f"palermo_{token.ident}_") is None
    assert tokens.find("") is None
