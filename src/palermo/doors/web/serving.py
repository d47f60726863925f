"""Starting the desks: the database brought up to date, the web server, the worker.

Guarantees that all three end together, and that a node without an administrator gets one by a
one-time link on this terminal and by nothing else.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable

import django

Tell = Callable[[str], object]


def set_up() -> None:
    """Make Django ready; every command of the desks begins with this."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "palermo.doors.web.settings")
    django.setup()


def prepare() -> None:
    """Bring the database and the static files up to date."""
    from django.core.management import call_command  # noqa: PLC0415  needs Django ready

    set_up()
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)


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


def serve(*, host: str, port: int, processes: int, tell: Tell) -> None:
    """Serve until stopped."""
    prepare()
    base = f"http://{'localhost' if host == '127.0.0.1' else host}:{port}"
    if link := first_link(base):
        tell(f"First start. Choose the administrator's password here, within three days:\n  {link}")
    tell(f"The desks are at {base} (stop with Ctrl-C)")
    server = [
        sys.executable, "-m", "gunicorn", "palermo.doors.web.wsgi", "--bind", f"{host}:{port}",
        "--workers", str(processes), "--threads", "4", "--worker-class", "gthread",
        "--log-level", "warning", "--no-control-socket",
    ]  # fmt: skip
    worker = [sys.executable, "-m", "palermo.doors.web.working"]
    parts = [subprocess.Popen(server), subprocess.Popen(worker)]  # noqa: S603  our own programs
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        # Whichever ends first takes the other with it: half a node serves nobody.
        os.wait()
    except KeyboardInterrupt:
        pass
    finally:
        for part in parts:
            part.terminate()
        for part in parts:
            part.wait(30)
