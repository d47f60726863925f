"""What the browser's process is told, and the words in which it answers.

The browser runs in a process of its own, so that it can be ended at any moment with everything it
started, and what it had sent by then is kept. It decides nothing: for every request and every body
it asks first (`ASKS`), all else it tells (`TELLS`).
"""

from dataclasses import dataclass

from palermo.evidence.capture.limits import Limits, Screen

#: Messages that wait for an answer: the empty text to go on, else why not.
ASKS = ("request", "body")
#: Messages that wait for none.
TELLS = ("started", "sent", "head", "failed", "file", "facts", "absent", "warning")
DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One visit. `began` is on the system's monotonic clock, `filter_port` on 127.0.0.1."""

    url: str
    executable: str
    filter_port: int
    began: float
    screen: Screen
    limits: Limits
    accept_invalid_tls: bool
    sandbox: bool
