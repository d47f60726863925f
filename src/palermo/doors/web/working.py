"""The worker of the desks: does what waits in the background, and takes up what was cut off.

Guarantees that it ends soon when it is told to, whatever it is doing: a run stops at its next
report of progress and is taken up at the next start.
"""

import os
import signal
import sys
import threading
import time
from types import FrameType

from palermo.doors.web.serving import set_up

#: So often it looks for runs whose process is no more; waiting ones are found at once.
_LOOK_SECONDS = 15.0
_IDLE_SECONDS = 0.5
#: What was done is forgotten after so many days: the run itself says what came of it.
_KEPT_DAYS = 7
_STOPPED = threading.Event()


def main() -> None:
    """Work until stopped."""
    set_up()
    from palermo.desks.cases.background import stopping  # noqa: PLC0415  needs Django ready

    def stop(_: int, __: FrameType | None) -> None:
        if _STOPPED.is_set():
            os._exit(1)
        _STOPPED.set()
        stopping.set()

    for which in (signal.SIGTERM, signal.SIGINT):
        signal.signal(which, stop)
    _work()


def _work() -> None:
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import Error, close_old_connections  # noqa: PLC0415
    from django.utils.crypto import get_random_string  # noqa: PLC0415
    from django_tasks_db.management.commands.db_worker import Worker  # noqa: PLC0415

    from palermo.desks.cases.runs import take_up  # noqa: PLC0415

    worker = Worker(
        queue_names=["default"],
        interval=0,
        batch=True,  # do all that waits, then return to us
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id=get_random_string(32),
        excluded_queue_names=[],
    )
    call_command("prune_db_task_results", min_age_days=_KEPT_DAYS, verbosity=0)
    looked = 0.0
    while not _STOPPED.is_set():
        close_old_connections()
        try:
            if time.monotonic() - looked > _LOOK_SECONDS or not looked:
                take_up()
                looked = time.monotonic()
            worker.run()
        except Error as error:
            sys.stderr.write(f"worker: the database does not answer ({type(error).__name__})\n")
            _STOPPED.wait(_LOOK_SECONDS / 3)
        _STOPPED.wait(_IDLE_SECONDS)


if __name__ == "__main__":
    main()
