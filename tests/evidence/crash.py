"""Kills a process at a chosen line of the evidence room's code, to see what it leaves behind.

`lines_of(job)` runs a job in a child process and counts the executed lines; `killed(job, at=n)`
runs it again and kills it with SIGKILL before line n. The kernel keeps what was written: this shows
the order of steps, not the loss of power.

A job may say what was acknowledged by calling the function it is given; the text is in the parent
before the function returns.
"""

import os
import signal
import sys
import threading
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import palermo.evidence

Say = Callable[[str], None]
Job = Callable[[Say], None]

_ROOM = str(Path(palermo.evidence.__file__).parent)
_NEVER = sys.maxsize


def lines_of(job: Job) -> int:
    """Return how many lines of the evidence room `job` executes. It must end well."""
    said, status = _run(job, _NEVER)
    assert status == 0, "\n".join(said)
    return int(said[-1])


def killed(job: Job, *, at: int) -> tuple[list[str], bool]:
    """Run `job` until line `at`; return what it said, and whether it was killed before its end."""
    said, status = _run(job, at)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return said, True
    assert status == 0, "\n".join(said)
    return said[:-1], False


def _run(job: Job, limit: int) -> tuple[list[str], int]:
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # threads of the test runner are idle
        child = os.fork()
    if not child:
        os.close(reading)
        _child(job, limit, writing)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        said = pipe.read().splitlines()
    return said, os.waitpid(child, 0)[1]


def _child(job: Job, limit: int, writing: int) -> None:
    """Never returns: what follows in the parent's program is none of the child's business."""
    code = 1
    try:
        count = 0

        def say(text: str) -> None:
            os.write(writing, f"{text}\n".encode())

        def trace(frame: FrameType, event: str, _: object) -> object:
            nonlocal count
            if not frame.f_code.co_filename.startswith(_ROOM):
                return None
            if event == "line":
                count += 1
                if count == limit:
                    os.kill(os.getpid(), signal.SIGKILL)
            return trace

        threading.settrace(trace)  # type: ignore[arg-type]  # returns itself
        sys.settrace(trace)  # type: ignore[arg-type]  # as above
        job(say)
        sys.settrace(None)
        say(str(count))
        code = 0
    except BaseException:  # noqa: BLE001  # the parent shows it
        os.write(writing, traceback.format_exc().encode())
    finally:
        os._exit(code)
