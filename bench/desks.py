"""How fast the pages of the desks are under load: `python -m bench.desks [--postgres]`.

Fills a node (50 cases, of which one is large: 100,000 items on SQLite, 1,000,000 on PostgreSQL),
starts `palermo serve` on it, and lets 20 people open pages with a second's pause between them. Says
for each page the 50th, 95th and 99th percentile of the time until the whole answer was there. The
people are signed in, with a second factor on record, by sessions made in the database.
"""

import argparse
import http.client
import random
import re
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.desks_data import BASE, base_case, repeated
from bench.desks_landing import node_on

USERS = 20
CASES = 50
PAUSE = 1.0
WORDS = ("work abroad", "hotel", "0612345678", "salary", "visa", "+1202555", "travel", "telegram")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--items", type=int)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "palermo-bench")
    given = parser.parse_args()
    items = given.items or (1_000_000 if given.postgres else 100_000)
    base = base_case(given.work)
    small = base_case(given.work, size=500)
    times = max(1, items // BASE)
    large = repeated(base, given.work / f"times-{times}", times)
    with node_on(given.work, postgres=given.postgres) as home:
        began = time.perf_counter()
        site = fill(large, small)
        print(f"filled with {items:,} items in {time.perf_counter() - began:.0f} s", flush=True)
        with served(home, given.work) as port:
            load(site, port, given.seconds)


@dataclass(frozen=True, slots=True)
class Site:
    """What is visited: `pages` by name, each with a way to pick an address, and the sessions."""

    pages: dict[str, Callable[[random.Random], str]]
    sessions: list[str]


def fill(large: Path, small: Path) -> Site:
    """Fill the node, and return what can be visited in it."""
    from django.conf import settings
    from django.db import connection

    from palermo.desks.access.models import Case, Person, Unit
    from palermo.desks.cases.landing import land

    at = settings.PALERMO_CLOCK()
    unit = Unit.objects.create(name="Unit")
    people = [Person.objects.create(username=f"user{n}", unit=unit) for n in range(USERS)]
    cases = []
    for number in range(CASES):
        case = Case.objects.create(
            reference=f"C-{number}", title=f"Case {number}", unit=unit, created_at=at,
            created_by=people[0],
        )  # fmt: skip
        _let_in(case, people, at, large.parent)
        land(case, large if number == 0 else small, progress=lambda *_: None)
        cases.append(case)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return Site(pages=_pages(cases), sessions=[_session(one) for one in people])


def _let_in(case, people, at, work: Path) -> None:  # type: ignore[no-untyped-def]
    from palermo.desks.access import mandates
    from palermo.desks.access.models import Membership, Opening

    document = (work / f"base-{BASE}-7" / "source" / "authority.yaml").read_bytes()
    mandate = mandates.add(case, document, by=people[0], at=at)
    for person in people:
        Membership.objects.create(
            person=person, case=case, role="investigator", since=at, added_by=people[0]
        )
        Opening.objects.create(
            person=person, case=case, mandate=mandate, purpose="investigate", opened_at=at,
            ends=at.replace(year=at.year + 1),
        )  # fmt: skip


def _pages(cases) -> dict[str, Callable[[random.Random], str]]:  # type: ignore[no-untyped-def]
    """Return the pages that exist, each with what picks an address of it."""
    from django.urls import NoReverseMatch, reverse

    from palermo.desks.cases.models import Campaign, Exhibit, Identifier, Item, Network

    case = cases[0]
    some = {
        "cases:item": list(Item.rows.of(case).order_by("id").values_list("pk", flat=True)[:5000]),
        "cases:campaign": list(Campaign.rows.of(case).values_list("key", flat=True)[:300]),
        "cases:network": list(Network.rows.of(case).values_list("key", flat=True)[:300]),
        "cases:identifier": list(
            Identifier.rows.of(case).order_by("-items").values_list("pk", flat=True)[:2000]
        ),
        "cases:exhibit": list(Exhibit.rows.of(case).values_list("ident", flat=True)[:100]),
    }
    pages: dict[str, Callable[[random.Random], str]] = {
        "cases:list": lambda _: reverse("cases:list")
    }
    for name in (
        "case", "items", "campaigns", "networks", "identifiers", "places", "timeline", "evidence",
        "custody", "set-aside", "material",
    ):  # fmt: skip
        try:
            where = reverse(f"cases:{name}", args=[case.key])
        except NoReverseMatch:
            continue
        pages[f"cases:{name}"] = lambda _, where=where: where  # type: ignore[misc]
    for name, known in some.items():
        if not known:
            continue
        try:
            reverse(name, args=[case.key, known[0]])
        except NoReverseMatch:
            continue
        pages[name] = lambda chance, name=name, known=known: reverse(  # type: ignore[misc]
            name, args=[case.key, chance.choice(known)]
        )
    pages |= _search(case)
    return pages


def _search(case) -> dict[str, Callable[[random.Random], str]]:  # type: ignore[no-untyped-def]
    from django.urls import NoReverseMatch, reverse
    from django.utils.http import urlencode

    def found() -> str:
        for arguments in ([], [case.key]):
            try:
                return reverse("cases:search", args=arguments)
            except NoReverseMatch:
                continue
        return ""

    def page(chance: random.Random) -> str:
        return f"{where}?{urlencode({'q': chance.choice(WORDS), 'case': case.key})}"

    where = found()
    return {"cases:search": page} if where else {}


def _session(person) -> str:  # type: ignore[no-untyped-def]
    """Sign `person` in, as a browser would be after password and second factor."""
    from allauth.account.internal.flows.login import record_authentication
    from allauth.mfa.models import Authenticator
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.http import HttpRequest

    Authenticator.objects.create(
        user=person, type=Authenticator.Type.TOTP, data={"secret": secrets.token_hex(10)}
    )
    request = HttpRequest()
    request.session = session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    record_authentication(request, person, "mfa", type="totp")
    session.save()
    return str(session.session_key)


@contextmanager
def served(home: Path, work: Path) -> Iterator[int]:
    """Run `palermo serve` on the node, on a port of its own."""
    command = [Path(sys.executable).parent / "palermo", "serve", "--node", home, "--port", "0"]
    with (work / "serve.log").open("w+") as output:
        process = subprocess.Popen([*map(str, command)], stdout=output, stderr=output)
        try:
            yield _port(process, work / "serve.log")
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def _port(process: subprocess.Popen[bytes], log: Path) -> int:
    until = time.monotonic() + 120
    while time.monotonic() < until and process.poll() is None:
        if found := re.search(r"desks are at http://localhost:(\d+)", log.read_text()):
            return int(found[1])
        time.sleep(0.3)
    sys.exit(f"palermo serve did not start: {log.read_text()}")


@dataclass(slots=True)
class Measured:
    """Seconds by page, and answers that were not 200."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    other: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    lock: threading.Lock = field(default_factory=threading.Lock)


def load(site: Site, port: int, seconds: int) -> None:
    """Let the people work for so long, and say how long their pages took."""
    measured = Measured()
    warm = time.monotonic() + min(10, seconds / 4)
    until = warm + seconds
    threads = [
        threading.Thread(
            target=_User(site, session, port, number).work, args=(warm, until, measured)
        )
        for number, session in enumerate(site.sessions)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    print(f"{USERS} people, {PAUSE:g} s between pages, {seconds} s")
    print(f"{'page':<20}{'n':>6}{'p50':>8}{'p95':>8}{'p99':>8}  ms")
    everything: list[float] = []
    for name, times in sorted(measured.seconds.items()):
        everything += times
        print(_row(name, times))
    print(_row("all", everything))
    for what, number in measured.other.items():
        print(f"  not 200: {number} times {what}")


@dataclass(frozen=True, slots=True)
class _User:
    """Somebody who opens one page after another."""

    site: Site
    session: str
    port: int
    number: int

    def work(self, warm: float, until: float, to: Measured) -> None:
        """Open pages until `until`; those after `warm` count."""
        chance = random.Random(self.number)  # noqa: S311  the same pages each time
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        time.sleep(chance.random() * PAUSE)
        names = sorted(self.site.pages)
        while time.monotonic() < until:
            name = chance.choice(names)
            where = self.site.pages[name](chance)
            began = time.perf_counter()
            outcome = self._opened(connection, where)
            took = time.perf_counter() - began
            if time.monotonic() > warm:
                with to.lock:
                    to.seconds[name].append(took)
                    if outcome != "200":
                        to.other[f"{name} {outcome}"] += 1
            time.sleep(PAUSE)

    def _opened(self, connection: http.client.HTTPConnection, where: str) -> str:
        try:
            connection.request("GET", where, headers={"Cookie": f"sessionid={self.session}"})
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            return type(error).__name__
        return str(answer.status)


def _row(name: str, times: Sequence[float]) -> str:
    ordered = sorted(times)
    picked = [
        ordered[min(len(ordered) - 1, int(len(ordered) * q))] * 1000 for q in (0.5, 0.95, 0.99)
    ]
    return f"{name:<20}{len(ordered):>6}" + "".join(f"{one:>8.0f}" for one in picked)


if __name__ == "__main__":
    main()
