"""A moment at which the log and the words beside it say the same, while the node runs.

Guarantees that within `standstill` no act is half written down: each is in the log and in the
database, or in neither. Acts that come meanwhile wait, so that what is done within must be short.

SQLite: a transaction of the desks takes the only write lock when it begins, so holding that is
enough. PostgreSQL: whoever writes an act down holds an advisory lock, shared with the others, until
the transaction ends; here it is taken alone.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from django.db import OperationalError, connection, transaction

from palermo.model import Unreadable

#: Names the lock within the database.
_LOCK = 0x70616C65726D6F
#: While we wait for the lock, others wait behind us: rather several short waits than a long one.
_PATIENCE, _TRIES, _PAUSE_SECONDS = "2s", 30, 3.0


def writing_down() -> None:
    """Say, within the transaction of an act and before it is logged, that it is being done."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [_LOCK])


@contextmanager
def standstill() -> Iterator[None]:
    """Wait until no act is half written down, and let none begin before the block ends.

    Raises:
        Unreadable: somebody writes for so long that it did not come to that.
    """
    with ExitStack() as held:
        for attempt in range(_TRIES):
            try:
                held.enter_context(_alone())
                break
            except OperationalError:
                held.close()
                if attempt == _TRIES - 1:
                    raise Unreadable(
                        "the database is being written without a pause; wait until the runs that "
                        "are under way have ended, and try again"
                    ) from None
                time.sleep(_PAUSE_SECONDS)
        yield


@contextmanager
def _alone() -> Iterator[None]:
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('lock_timeout', %s, true)", [_PATIENCE])
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        yield
