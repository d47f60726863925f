"""The only way out: resolves, checks, connects to the checked address, and writes it down.

Guarantees that no connection leaves by another path: a direct one goes to an address that passed
the rules in the same step, one through a proxy asks the proxy to resolve and never this machine,
and when the proxy fails nothing is tried directly.
"""

import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

from palermo.evidence.capture.addresses import AddressRules, is_onion
from palermo.evidence.capture.socks import Upstream, socks_connect


class Barred(Exception):
    """A connection that the rules forbid; the text says why."""


class Resolver(Protocol):
    """Whoever turns a name into numeric addresses."""

    def __call__(self, name: str) -> tuple[str, ...]:
        """Return the addresses of `name`; raise OSError when there are none."""
        ...


def system_resolver(name: str) -> tuple[str, ...]:
    """Ask the resolver of this machine."""
    found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a resolver said about a name. `at` counts seconds from the beginning of the capture."""

    name: str
    addresses: tuple[str, ...]
    resolver: str
    at: float
    error: str = ""


@dataclass(slots=True, kw_only=True)
class Connection:
    """One connection, made or refused. `via` is empty or the proxy's address."""

    host: str
    port: int
    at: float
    via: str = ""
    address: str = ""
    local: str = ""
    refused: str = ""
    sent: int = 0
    received: int = 0
    broke: float | None = None  # when it was cut or reset rather than ended


@dataclass(slots=True)
class Outlet:
    """Opens connections under `rules`. Safe to use from several threads.

    `connect` replaces the making of a TCP connection to a numeric address, for tests.
    """

    rules: AddressRules
    upstream: Upstream | None = None
    resolver: Resolver = system_resolver
    seconds: float = 15.0
    began: float = field(default_factory=time.monotonic)
    connect: Callable[..., socket.socket] = socket.create_connection
    answers: list[Answer] = field(default_factory=list)
    connections: list[Connection] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def open(self, host: str, port: int) -> tuple[socket.socket, Connection]:
        """Connect to `host`, a name or a numeric address.

        Raises:
            Barred: when the rules forbid it.
            OSError: when nobody answers there.
        """
        made = Connection(host=host, port=port, at=self.elapsed())
        with self._lock:
            self.connections.append(made)
        try:
            opened = self._through(made) if self.upstream else self._direct(made)
        except (Barred, OSError) as trouble:
            made.refused = str(trouble) or type(trouble).__name__
            raise
        opened.settimeout(self.seconds)
        return opened, made

    def refuse(self, host: str, port: int, reason: str) -> None:
        """Write down a connection that was asked for and not even tried."""
        with self._lock:
            self.connections.append(
                Connection(host=host, port=port, at=self.elapsed(), refused=reason)
            )

    def elapsed(self) -> float:
        """Return the seconds since the capture began."""
        return round(time.monotonic() - self.began, 6)

    def address_of(self, host: str, port: int) -> str:
        """Return the address that connections to `host` went to, empty when there were none."""
        with self._lock:
            found = [
                one.address
                for one in self.connections
                if (one.host, one.port) == (host, port) and one.address
            ]
        return found[-1] if found else ""

    def _direct(self, made: Connection) -> socket.socket:
        self._judge_name(made.host)
        if is_onion(made.host):
            raise Barred("an onion service is reached through Tor only")
        addresses = self._resolve(made.host)
        for address in addresses:
            # One forbidden address among public ones is how rebinding begins: all are refused.
            if reason := self.rules.barred(address):
                raise Barred(reason)
        return self._first(made, addresses)

    def _judge_name(self, host: str) -> None:
        if reason := self.rules.barred_name(host):
            raise Barred(reason)

    def _first(self, made: Connection, addresses: Iterable[str]) -> socket.socket:
        trouble: OSError = OSError(f"{made.host} has no address")
        for address in addresses:
            try:
                opened = self.connect((address, made.port), timeout=self.seconds)
            except OSError as error:
                trouble = error
                continue
            made.address = address
            made.local = str(opened.getsockname()[0])
            return opened
        raise trouble

    def _resolve(self, host: str) -> tuple[str, ...]:
        if _is_address(host):
            return (host,)
        try:
            found = self.resolver(host)
        except (OSError, UnicodeError) as error:
            self._answer(host, (), "system", str(error))
            raise OSError(f"{host} could not be resolved ({error})") from None
        self._answer(host, found, "system")
        return found

    def _through(self, made: Connection) -> socket.socket:
        upstream = self.upstream
        if upstream is None:
            raise AssertionError("called with a proxy only")
        self._judge_name(made.host)
        if _is_address(made.host) and (reason := self.rules.barred(made.host)):
            raise Barred(reason)
        made.via = str(upstream)
        opened = self.connect((upstream.address, upstream.port), timeout=self.seconds)
        try:
            opened.settimeout(self.seconds)
            socks_connect(opened, made.host, made.port, upstream)
        except BaseException:
            opened.close()
            raise
        self._answer(made.host, (), "proxy")
        return opened

    def _answer(self, name: str, found: tuple[str, ...], resolver: str, error: str = "") -> None:
        answer = Answer(
            name=name, addresses=found, resolver=resolver, at=self.elapsed(), error=error
        )
        with self._lock:
            known = [(one.name, one.addresses, one.error) for one in self.answers]
            if (name, found, error) not in known:
                self.answers.append(answer)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
