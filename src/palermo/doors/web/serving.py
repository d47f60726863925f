"""Starting the desks: the database brought up to date, the web server, the worker.

Guarantees that the two are started again when they die, and end together; that a port in use is
said in one line; and that a node without an administrator gets one by a one-time link on this
terminal and by nothing else.
"""

import ctypes
import errno
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import django

from palermo.model import Unreadable

Tell = Callable[[str], object]

#: How long a part may take to end before it is killed. A run is taken up at the next start.
_GRACE_SECONDS = 15
#: A part that dies so often within so long is not started again: something is wrong for good.
_MOST_DEATHS, _WITHIN_SECONDS = 5, 60.0
_PR_SET_PDEATHSIG = 1


def set_up() -> None:
    """Make Django ready; every command of the desks begins with this."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "palermo.doors.web.settings")
    django.setup()


def prepare() -> None:
    """Bring the database and the static files up to date."""
    from django.core.management import call_command  # noqa: PLC0415  needs Django ready

    set_up()
    if _may_migrate():
        from palermo.desks.access.row_security import working_for  # noqa: PLC0415

        # A migration of data must see the rows of every case.
        with working_for(None):
            call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)


def _may_migrate() -> bool:
    """Tell whether the tables are ours to change.

    Raises:
        Unreadable: they are not, and have to be changed before this version can serve them.
    """
    from django.db import connection  # noqa: PLC0415  needs Django ready
    from django.db.migrations.executor import MigrationExecutor  # noqa: PLC0415

    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema() "
            "AND NOT pg_has_role(tableowner, 'USAGE')"
        )
        ((others,),) = cursor.fetchall()
    if not others:
        return True
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise Unreadable(
            "the database is of an older version, and this role may not change its tables; migrate "
            "it as their owner (docs/how-to/postgresql.md)"
        )
    return False


def first_link(base: str) -> str | None:
    """Return the one-time link of the first administrator, or None when there is one already."""
    from django.conf import settings  # noqa: PLC0415
    from django.db import transaction  # noqa: PLC0415

    from palermo.desks.access import audit  # noqa: PLC0415
    from palermo.desks.access.accounts import invite  # noqa: PLC0415
    from palermo.desks.access.models import Duty, Person  # noqa: PLC0415

    at = settings.PALERMO_CLOCK()
    if (
        Duty.objects.filter(duty="administrator", ended_at=None)
        .exclude(person__password="")
        .exists()
    ):
        return None
    with transaction.atomic():
        person, made = Person.objects.get_or_create(username="administrator")
        if made:
            person.set_unusable_password()
            person.save()
            Duty.objects.create(person=person, duty="administrator", given_at=at, given_by=None)
        elif person.has_usable_password():
            return None
        act = audit.Act(kind=audit.Kind.ACCESS, what="first administrator invited")
        audit.record(act, by=None, at=at)
        return f"{base}/invitation/{invite(person, at=at)}/"


def serve(*, host: str, port: int, processes: int, tell: Tell, practice: Path | None = None) -> int:
    """Serve until stopped; return the exit code. With `practice`, fill a new node with that case.

    Raises:
        Unreadable: the address cannot be listened on, or there is no practice case.
    """
    with _listening(host, port) as listening, _Signals() as signals:
        prepare()
        base = f"http://{_shown(host)}:{listening.getsockname()[1]}"
        if link := first_link(base):
            tell(
                "First start. Choose the administrator's password here, within three days:\n"
                f"  {link}"
            )
        if practice is not None:
            from palermo.doors.web.practice import fill  # noqa: PLC0415  needs Django ready

            fill(practice, base=base, tell=tell)
        from django.db import connections  # noqa: PLC0415

        connections.close_all()
        parts = [
            Part("web server", _server(listening.fileno(), processes), (listening.fileno(),)),
            Part("worker", (sys.executable, "-m", "palermo.doors.web.working")),
        ]
        try:
            for part in parts:
                part.start()
            if _answering(listening.getsockname()[:2], parts, signals):
                tell(f"The desks are at {base} (stop with Ctrl-C)")
            return _watch(parts, signals, tell)
        finally:
            _end(parts)


@dataclass(slots=True)
class Part:
    """A process that is kept going: its name, its command, and the descriptors it inherits."""

    name: str
    command: Sequence[str]
    descriptors: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    deaths: list[float] = field(default_factory=list)

    def start(self) -> None:
        """Start it, in a session of its own: Ctrl-C comes to us, and we pass it on."""
        self.process = subprocess.Popen(  # noqa: S603  our own programs
            self.command,
            pass_fds=self.descriptors,
            start_new_session=True,
            preexec_fn=_die_with_parent,  # noqa: PLW1509  we have one thread
        )

    def died(self) -> bool:
        """Tell whether it has ended, and remove what it left running."""
        if self.process is None or self.process.poll() is None:
            return False
        _kill_group(self.process.pid)
        self.deaths = [t for t in self.deaths if time.monotonic() - t < _WITHIN_SECONDS]
        self.deaths.append(time.monotonic())
        return True


class _Signals:
    """Whether we were told to stop."""

    def __init__(self) -> None:
        self.stop = False

    def __enter__(self) -> "_Signals":
        self._before = {
            which: signal.signal(which, self._told) for which in (signal.SIGTERM, signal.SIGINT)
        }
        return self

    def __exit__(self, *_: object) -> None:
        for which, handler in self._before.items():
            signal.signal(which, handler)

    def _told(self, _: int, __: FrameType | None) -> None:
        self.stop = True


def _answering(address: tuple[str, int], parts: Sequence[Part], signals: _Signals) -> bool:
    """Wait until the web server answers; False when it ends first, or we are told to stop."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address[0], address[0])  # noqa: S104
    while not signals.stop and all(p.process and p.process.poll() is None for p in parts):
        connection = http.client.HTTPConnection(host, address[1], timeout=1)
        try:
            connection.request("GET", "/health", headers={"Host": "localhost"})
            connection.getresponse()
        except (OSError, http.client.HTTPException):
            time.sleep(0.2)
        else:
            return True
        finally:
            connection.close()
    return False


def _watch(parts: Sequence[Part], signals: _Signals, tell: Tell) -> int:
    while not signals.stop:
        for part in parts:
            if not part.died():
                continue
            if len(part.deaths) >= _MOST_DEATHS:
                tell(f"The {part.name} died {len(part.deaths)} times within a minute; giving up.")
                return 1
            tell(f"The {part.name} died and is started again.")
            part.start()
        time.sleep(0.2)
    return 0


def _end(parts: Sequence[Part]) -> None:
    running = [part.process for part in parts if part.process is not None]
    for process in running:
        if process.poll() is None:
            process.terminate()
    until = time.monotonic() + _GRACE_SECONDS
    for process in running:
        try:
            process.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        _kill_group(process.pid)


def _kill_group(leader: int) -> None:
    """End what a part that is no more has left behind: its own helpers, in its own session."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def _die_with_parent() -> None:
    """Have the system stop a part whose parent is killed, so that it never keeps the port."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _server(descriptor: int, processes: int) -> tuple[str, ...]:
    return (
        sys.executable, "-m", "gunicorn", "palermo.doors.web.wsgi", "--bind", f"fd://{descriptor}",
        "--workers", str(processes), "--threads", "4",
        "--worker-class", "palermo.doors.web.patience.Worker",
        "--timeout", "60", "--graceful-timeout", str(_GRACE_SECONDS - 5), "--keep-alive", "15",
        "--log-level", "warning", "--no-control-socket",
    )  # fmt: skip


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, port))
        except OSError as error:
            what = "in use" if error.errno == errno.EADDRINUSE else (error.strerror or str(error))
            raise Unreadable(
                f"{host}:{port}: cannot be listened on ({what}); name another with --port"
            ) from None
        listening.listen(512)
        yield listening


def _shown(host: str) -> str:
    if host == "127.0.0.1":
        return "localhost"
    return f"[{host}]" if ":" in host else host
