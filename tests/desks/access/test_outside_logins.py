"""OpenID Connect against a small provider on loopback: it signs in whom it was linked to, only."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from allauth.socialaccount.models import SocialAccount, SocialToken
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client
from django.urls import reverse
from pytest_django import Settings
from tests.desks.access.conftest import World
from tests.desks.access.world import AT, code, give_factor, signed_in

from palermo.desks.access import people
from palermo.desks.access.models import AuditEntry, Person
from palermo.doors.web.outside import read_providers

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Provider(ThreadingHTTPServer):
    """An OpenID provider that lets in whoever `subject` names, without asking."""

    subject = "ines@ministry"
    issued: dict[str, dict[str, Any]]

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.issued = {}
        self.claims: dict[str, Any] = {}

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def authorize(self, address: str) -> str:
        """What the browser does at the provider: come, and be sent back with a code."""
        asked = {name: one[0] for name, one in parse_qs(urlsplit(address).query).items()}
        assert asked["client_id"] == "palermo"
        assert asked["code_challenge_method"] == "S256"
        number = f"code-{len(self.issued)}"
        self.issued[number] = asked
        back = asked["redirect_uri"]
        return f"{urlsplit(back).path}?code={number}&state={asked['state']}"

    def id_token(self) -> str:
        now = int(time.time())
        claims = {
            "iss": self.base,
            "aud": "palermo",
            "sub": self.subject,
            "iat": now,
            "exp": now + 60,
            **self.claims,
        }
        return jwt.encode(claims, KEY, algorithm="RS256", headers={"kid": "one"})


class _Handler(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        base = self.server.base
        pages: dict[str, Any] = {
            "/.well-known/openid-configuration": {
                "issuer": base,
                "authorization_endpoint": f"{base}/authorize",
                "token_endpoint": f"{base}/token",
                "userinfo_endpoint": f"{base}/userinfo",
                "jwks_uri": f"{base}/keys",
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
            },
            "/userinfo": {"sub": self.server.subject, "email": "ines@ministry.example"},
        }
        self._send(pages[self.path])

    def do_POST(self) -> None:
        size = int(self.headers["Content-Length"])
        given = {name: one[0] for name, one in parse_qs(self.rfile.read(size).decode()).items()}
        known = self.server.issued.pop(given.get("code", ""), None)
        if known is None or given.get("client_secret") != "shared" or "code_verifier" not in given:
            self.send_error(400)
            return
        token = {"access_token": "a", "token_type": "Bearer", "id_token": self.server.id_token()}
        self._send(token)

    def _send(self, value: Any) -> None:
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def provider(settings: Settings, tmp_path: Path) -> Iterator[Provider]:
    server = Provider()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    secret = tmp_path / "oidc.secret"
    secret.write_text("shared\n")
    secret.chmod(0o600)
    raw = {
        "id": "ministry",
        "name": "Ministry",
        "server": server.base,
        "client": "palermo",
        "secret_file": "oidc.secret",
    }
    apps = read_providers([raw], "node.yaml", tmp_path)
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": list(apps)}}
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def sign_in(client: Client, provider: Provider) -> Any:
    """Sign in at the provider; return where that ends."""
    there = client.post(reverse("openid_connect_login", args=["ministry"]))
    assert there.headers["Location"].startswith(f"{provider.base}/authorize")
    return client.get(provider.authorize(there.headers["Location"]))


def invited(world: World, name: str = "ines") -> tuple[Person, str]:
    who, token = people.create(name, name.title(), None, by=world["administrator"], at=AT)
    return who, reverse("access:invitation", args=[token])


def take_up(client: Client, link: str, provider: Provider) -> Any:
    """Take an invitation up with the login of the provider."""
    there = client.post(link, {"provider": "ministry"})
    return client.get(provider.authorize(there.headers["Location"]))


def test_a_login_that_nobody_linked_signs_nobody_in_and_makes_no_account(
    world: World, provider: Provider
) -> None:
    before = Person.objects.count()
    client = Client()
    page = sign_in(client, provider)
    assert page.status_code == 403
    assert "This login belongs to nobody here" in page.content.decode()
    assert client.get(reverse("cases:list")).status_code == 302
    assert (Person.objects.count(), SocialAccount.objects.count()) == (before, 0)
    assert AuditEntry.objects.filter(what="outside login that nobody linked").exists()


def test_an_equal_user_name_or_address_links_nothing(world: World, provider: Provider) -> None:
    lead = world["lead"]
    lead.email = "ines@ministry.example"
    lead.save()
    provider.claims = {"preferred_username": "lead", "email_verified": True}
    provider.subject = "lead"
    assert sign_in(Client(), provider).status_code == 403
    assert not SocialAccount.objects.exists()


def test_an_invitation_taken_up_with_it_links_it_and_asks_for_a_second_factor(
    world: World, provider: Provider
) -> None:
    who, link = invited(world)
    client = Client()
    assert "Link Ministry" in client.get(link).content.decode()
    take_up(client, link, provider)
    assert SocialAccount.objects.get().user == who
    assert client.get(reverse("cases:list")).headers["Location"] == reverse("mfa_index")
    assert Client().get(link).status_code == 404, "the invitation is used up"
    assert not Person.objects.get(pk=who.pk).has_usable_password()
    give_factor(who)
    again = Client()
    assert sign_in(again, provider).headers["Location"] == reverse("mfa_authenticate")
    again.post(reverse("mfa_authenticate"), {"code": code()})
    assert again.get(reverse("cases:list")).status_code == 200
    assert people.can_sign_in(Person.objects.get(pk=who.pk))


def test_a_login_linked_to_one_person_is_not_taken_by_an_invitation_of_another(
    world: World, provider: Provider
) -> None:
    who, link = invited(world)
    take_up(Client(), link, provider)
    other, second = invited(world, "omar")
    client = Client()
    take_up(client, second, provider)
    assert SocialAccount.objects.get().user == who
    assert client.get(second).status_code == 200, "the invitation is still open"
    assert not people.can_sign_in(other)


def test_an_invitation_that_ended_on_the_way_links_nothing(
    world: World, provider: Provider
) -> None:
    who, link = invited(world)
    client = Client()
    there = client.post(link, {"provider": "ministry"}).headers["Location"]
    people.deactivate(who, by=world["administrator"], at=AT)
    assert client.get(provider.authorize(there)).status_code == 403
    assert not SocialAccount.objects.exists()


def test_a_deactivated_person_is_not_let_in_by_the_provider(
    world: World, provider: Provider
) -> None:
    who, link = invited(world)
    take_up(Client(), link, provider)
    people.deactivate(who, by=world["administrator"], at=AT)
    client = Client()
    sign_in(client, provider)
    assert client.get(reverse("cases:list")).headers["Location"].startswith("/account/login/")


def connect(client: Client, provider: Provider) -> Any:
    login = f"{reverse('openid_connect_login', args=['ministry'])}?process=connect"
    there = client.post(login)
    if not there.headers["Location"].startswith(provider.base):
        return there
    return client.get(provider.authorize(there.headers["Location"]))


def test_a_person_links_their_own_from_a_session_with_a_second_factor_only(
    world: World, provider: Provider
) -> None:
    lead = world["lead"]
    give_factor(lead)
    connect(signed_in(lead, "password"), provider)
    assert not SocialAccount.objects.exists()
    client = signed_in(lead)
    client.post(reverse("mfa_reauthenticate"), {"code": code()})
    connect(client, provider)
    assert SocialAccount.objects.get().user == lead
    assert not SocialToken.objects.exists(), "the provider's tokens are not kept"


@pytest.mark.parametrize(
    "claims",
    [{"iss": "http://elsewhere"}, {"aud": "another"}, {"exp": 1}],
    ids=["issuer", "audience", "expired"],
)
def test_a_token_of_another_issuer_for_another_or_expired_is_refused(
    world: World, provider: Provider, claims: dict[str, Any]
) -> None:
    _, link = invited(world)
    provider.claims = claims
    take_up(Client(), link, provider)
    assert not SocialAccount.objects.exists()


def test_a_callback_that_nobody_asked_for_is_refused(world: World, provider: Provider) -> None:
    _, link = invited(world)
    there = Client().post(link, {"provider": "ministry"}).headers["Location"]
    thief = Client()
    thief.get(provider.authorize(there))
    assert not SocialAccount.objects.exists()
    assert thief.get(reverse("cases:list")).status_code == 302


def test_an_unknown_provider_is_not_found(world: World, provider: Provider) -> None:
    _, link = invited(world)
    assert Client().post(link, {"provider": "other"}).status_code == 404
    assert Client().post(reverse("openid_connect_login", args=["other"])).status_code == 404
