"""Checks of how the desks are reached, of the processes, and of what is installed."""

import os
import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import palermo
from palermo.doors.web.operations.examining.checks import CannotTell, Seen, first

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1", "[::1]"})
#: What Django says of a node that is reached without HTTPS: told once, by `https`.
_ABOUT_HTTPS = frozenset({f"security.W{number}" for number in ("004", "008", "012", "016", "021")})
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)", re.MULTILINE)
_SERVER, _WORKER = "palermo.doors.web.wsgi", "palermo.doors.web.working"


def https(seen: Seen) -> Iterator[str]:
    """A node that is reached from elsewhere is reached by HTTPS."""
    others = [host for host in seen.desks.hosts if host not in _LOOPBACK]
    if others and not seen.desks.https:
        yield f"reached as {', '.join(others)}, and `https` is not on: cookies travel unencrypted"


def hosts(seen: Seen) -> Iterator[str]:
    """The names under which the node is reached are known."""
    if seen.desks.https and not seen.desks.hosts:
        yield "`https` is on and `hosts` names nothing: only loopback is answered"
    if "*" in seen.desks.hosts or any(host.startswith(".") for host in seen.desks.hosts):
        yield "`hosts` names more than single names: a forged Host header would be believed"


def deploy(seen: Seen) -> Iterator[str]:
    """Django's own checks for a site in use find nothing."""
    from django.core import checks  # noqa: PLC0415  needs Django ready

    messages = checks.run_checks(include_deployment_checks=True, databases=["default"])
    for one in messages:
        told = one.id in _ABOUT_HTTPS and not seen.desks.https
        if one.level >= checks.WARNING and not told:
            yield f"{one.id}: {' '.join(str(one.msg).split())}"


def cookies(seen: Seen) -> Iterator[str]:
    """Cookies are unreadable to scripts, and travel encrypted only where there is HTTPS."""
    from django.conf import settings  # noqa: PLC0415  needs Django ready

    for name in ("SESSION_COOKIE", "CSRF_COOKIE", "LANGUAGE_COOKIE"):
        if not getattr(settings, f"{name}_HTTPONLY"):
            yield f"{name}_HTTPONLY is off"
        if seen.desks.https and not getattr(settings, f"{name}_SECURE"):
            yield f"{name}_SECURE is off"


def worker(seen: Seen) -> Iterator[str]:
    """Where the pages are served, something does what waits in the background."""
    running = _running(seen.folder)
    if running is None:
        raise CannotTell("the system does not show its processes")
    if not running:
        raise CannotTell("the node is not running for this user on this machine")
    if _WORKER not in running:
        yield "the pages are served, and no worker runs: what is started waits for ever"
    if _SERVER not in running:
        yield "a worker runs, and no pages are served"


def versions(_: Seen) -> Iterator[str]:
    """What is installed is what was tested."""
    lock = Path(palermo.__file__).resolve().parents[2] / "requirements" / "run.lock"
    if not lock.is_file():
        raise CannotTell("the program was installed without its lock; compare by hand")
    yield from first(_differences(lock.read_text("utf-8")))


def _differences(lock: str) -> Iterator[str]:
    for name, wanted in _PINNED.findall(lock):
        try:
            there = version(name)
        except PackageNotFoundError:
            yield f"{name} {wanted} is not installed"
            continue
        if there != wanted:
            yield f"{name} is {there}; tested is {wanted}"


def _running(folder: Path) -> set[str] | None:
    """Return which parts of this node run, as far as this user may see processes."""
    processes = Path("/proc")
    if not (processes / "self" / "environ").exists():
        return None
    found = set()
    for one in processes.glob("[0-9]*"):
        try:
            command = (one / "cmdline").read_bytes().split(b"\0")
            part = next((p for p in (_SERVER, _WORKER) if p.encode() in command), None)
            if part and _home(one) == folder.resolve():
                found.add(part)
        except OSError:  # ended meanwhile, or another user's
            continue
    return found


def _home(process: Path) -> Path | None:
    for pair in (process / "environ").read_bytes().split(b"\0"):
        if pair.startswith(b"PALERMO_HOME="):
            return Path(os.fsdecode(pair.partition(b"=")[2])).resolve()
    return None
