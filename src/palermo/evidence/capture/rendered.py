"""Captures a page as a browser shows it.

Guarantees that the browser is gone, with everything it started, when this returns: after the page
was taken, at the end of its time, or at once when something on the stop list comes in.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from importlib.util import find_spec
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from palermo.evidence.capture.exchange import Collected
from palermo.evidence.capture.filter import FilteringProxy
from palermo.evidence.capture.limits import Limits, Screen
from palermo.evidence.capture.outlet import Outlet
from palermo.evidence.capture.overseer import Overseer, port_of, whole
from palermo.evidence.capture.scratch import Scratch
from palermo.evidence.capture.stoplist import StopList
from palermo.evidence.capture.task import ASKS, DONE, TELLS, Task
from palermo.model import Unreadable

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_GRACE = 15.0  # seconds beyond the page's time to start and end the browser
_SLACK = 16 << 20  # bytes on their way when a body reaches its limit
#: What the browser's process inherits; credentials and proxies of the user stay outside.
_INHERITED = ("PATH", "PYTHONPATH", "LANG", "LD_LIBRARY_PATH", "FONTCONFIG_PATH")


def find_browser() -> str:
    """Return the path of the system's Chromium, empty when there is none."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), "")


def require_playwright() -> None:
    """See that the optional package is installed.

    Raises:
        Unreadable: saying how to get it.
    """
    if find_spec("playwright") is None:
        raise Unreadable(
            "capture: rendering a page needs the optional package playwright; "
            "install `palermo[capture]`, or capture without rendering (--method plain)"
        )


def collect_rendered(
    url: str,
    *,
    executable: str,
    outlet: Outlet,
    screen: Screen,
    limits: Limits,
    stop_list: StopList,
    accept_invalid_tls: bool,
    scratch: Scratch,
) -> Collected:
    """Visit `url` and return what the browser loaded and showed.

    Raises:
        Stopped: when something on the stop list came in.
        Unreadable: when the browser could not be started.
    """
    require_playwright()
    collected = Collected(method="rendered", requested=url)
    with FilteringProxy(
        # Looser than the count of bodies, which knows them one by one and should strike first.
        outlet,
        total_bytes=2 * limits.total_bytes + _SLACK,
        idle_seconds=limits.seconds,
    ) as proxy:
        overseer = Overseer(
            collected,
            rules=outlet.rules,
            limits=limits,
            stop_list=stop_list,
            proxied=outlet.upstream is not None,
            expect=proxy.expect,
        )
        task = Task(
            url=url,
            executable=executable,
            filter_port=proxy.port,
            began=outlet.began,
            screen=screen,
            limits=limits,
            accept_invalid_tls=accept_invalid_tls,
            sandbox=os.geteuid() != 0,
        )
        ended = _Visit(overseer, task, scratch).run()
    collected.ended = outlet.elapsed()
    collected.facts.setdefault("browser", {})
    if not ended:
        collected.warn("time", f"the browser was ended after {collected.ended:.0f} seconds")
    if not collected.facts["browser"]:
        said = next((one["detail"] for one in collected.warnings if one["code"] == "browser"), "")
        raise Unreadable(f"{executable}: the browser did not start ({said or 'no reason given'})")
    if overseer.page_refused and collected.page() is None:
        collected.absent["page"] = ("refused", overseer.page_refused)
    _complete(collected, outlet)
    return collected


def _complete(collected: Collected, outlet: Outlet) -> None:
    """Add what only the outlet saw: the addresses that answered."""
    for one in collected.exchanges:
        if one.status:
            host, port = port_of(one.url)
            one.address, one.port = outlet.address_of(host, port), port
    _mark_broken(collected, outlet)
    page = collected.page()
    told = collected.facts.get("page", {}).get("url", "")
    collected.final = told or (page.url if page else collected.requested)
    refused = Counter(f"{made.host}:{made.port}" for made in outlet.connections if made.refused)
    if refused:
        listed = ", ".join(f"{name} ({count})" for name, count in refused.most_common(20))
        collected.warn("connections-refused", f"see the list of connections: {listed}")


def _mark_broken(collected: Collected, outlet: Outlet) -> None:
    """Mark bodies that ended when their connection broke: the browser does not tell them apart."""
    broken = [one for one in outlet.connections if one.broke is not None]
    for one in collected.exchanges:
        if not one.status or one.truncated or one.ended is None or whole(one):
            continue
        if any(
            (made.host, made.port) == port_of(one.url) and abs((made.broke or 0) - one.ended) < 1
            for made in broken
        ):
            one.truncated = "disconnect"
            collected.warn("body-cut", f"{one.url[:300]}: its connection broke")


class _Visit:
    """The browser's process, from the side that decides."""

    def __init__(self, overseer: Overseer, task: Task, scratch: Scratch) -> None:
        self._overseer = overseer
        self._task = task
        self._scratch = scratch
        self._browser = 0
        self._until = time.monotonic() + task.limits.seconds + _GRACE

    def run(self) -> bool:
        """Return whether the visit came to its own end."""
        ours, theirs = Pipe()
        environment = {key: os.environ[key] for key in _INHERITED if key in os.environ}
        environment |= {"TMPDIR": str(self._scratch.path), "HOME": str(self._scratch.path)}
        # The package may be found through sys.path alone, which a new process does not inherit.
        root = str(Path(__file__).parents[3])
        environment["PYTHONPATH"] = os.pathsep.join(
            filter(None, [root, environment.get("PYTHONPATH", "")])
        )
        process = subprocess.Popen(  # noqa: S603 - our own module, no shell
            [sys.executable, "-m", "palermo.evidence.capture.browser", str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,
        )
        theirs.close()
        try:
            ours.send(self._task)
            return self._listen(ours)
        finally:
            ours.close()
            self._end(process)

    def _listen(self, ours: Connection) -> bool:
        try:
            while ours.poll(max(0.0, self._until - time.monotonic())):
                kind, what = ours.recv()
                if kind == DONE:
                    return True
                self._take(ours, kind, what)
        except (EOFError, OSError):
            self._overseer.collected.warn("browser", "the browser ended before the page was taken")
        return False

    def _take(self, ours: Connection, kind: str, what: dict[str, Any]) -> None:
        if kind in ASKS:
            judge = self._overseer.request if kind == "request" else self._overseer.body
            ours.send(judge(what))
        elif kind == "started":
            self._browser = int(what["pid"])
            # Starting the browser does not count against the page.
            self._until = time.monotonic() + self._task.limits.seconds
        elif kind in TELLS:
            self._overseer.told(kind, what)

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        """End the driver and the browser, which has a session of its own."""
        for group in filter(None, (process.pid, self._browser)):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(group, signal.SIGKILL)
        process.wait()
        until = time.monotonic() + 5
        while self._browser and _runs(self._browser) and time.monotonic() < until:
            time.sleep(0.02)


def _runs(pid: int) -> bool:
    """Tell whether a process runs; one that ended but was not collected does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2]
    except OSError:
        return False
    return not state.strip().startswith("Z")
