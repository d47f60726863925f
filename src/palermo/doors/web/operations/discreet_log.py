"""What the node says of itself in its log: what failed and where, never what it was about.

Guarantees that a record is one line, or a line and the places of a trace; that nothing from outside
begins a line or steers a terminal; and that neither addresses of pages (which hold keys of cases
and one-time links), nor names under which somebody asked for the node, nor what an error says of
the data (as PostgreSQL does) are in it. The audit says who looked at what.
"""

import logging
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

#: Of whom Django and its apps write what was sent: said here without it.
_WITHOUT_WORDS = {
    "django.security": "a request was refused",
    "django.request": "a page failed",
    "django.server": "a request",
}


class Discreet(logging.Formatter):
    """Formats records as the module says."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as text."""
        when = self.formatTime(record)
        lines = [f"{when} {record.levelname} {record.name}: {_message(record)}"]
        if record.exc_info and record.exc_info[1] is not None:
            lines += _places(record.exc_info[1])
        return "\n".join(_printable(line) for line in lines)


def _message(record: logging.LogRecord) -> str:
    for name, words in _WITHOUT_WORDS.items():
        if record.name == name or record.name.startswith(f"{name}."):
            status = getattr(record, "status_code", None)
            return (
                f"{words} ({status}, {_page(record)})" if status else f"{words} ({_page(record)})"
            )
    return record.getMessage()


def _page(record: logging.LogRecord) -> str:
    """Return which page it was, by its pattern and not by its address."""
    request: Any = getattr(record, "request", None)
    found = getattr(request, "resolver_match", None)
    method = str(getattr(request, "method", "") or "")[:10]
    return f"{method} {found.route}".strip() if found is not None else f"{method} no page".strip()


def _places(error: BaseException) -> Iterator[str]:
    """Yield the kinds of errors, the first cause last, and where they came from."""
    seen: BaseException | None = error
    while seen is not None:
        yield f"  {type(seen).__module__}.{type(seen).__name__}"
        yield from _frames(seen.__traceback__)
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)


def _frames(trace: TracebackType | None) -> Iterator[str]:
    for frame in traceback.extract_tb(trace):
        yield f"    {Path(frame.filename).name}:{frame.lineno} in {frame.name}"


def _printable(line: str) -> str:
    return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in line)
