"""Keeping what opens something out of the server's logs: one-time links, codes of outside logins.

Guarantees that a line of a log names the kind of address and not the secret in it, whichever part
of the program writes the line.
"""

import logging
import re
from typing import Any

_SECRETS = re.compile(r"(/invitation/)[^/\s?\"']+|([?&](?:code|state|token)=)[^&\s\"']+")


def masked(text: str) -> str:
    """Return `text` with every secret of an address left out."""
    return _SECRETS.sub(lambda found: f"{found[1] or found[2]}…", text)


class Masking(logging.Filter):
    """Masks the message and everything that goes into it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep the record, without its secrets."""
        record.msg = masked(str(record.msg))
        if isinstance(record.args, tuple):
            record.args = tuple(_argument(one) for one in record.args)
        if record.exc_info and not record.exc_text:
            record.exc_text = masked(logging.Formatter().formatException(record.exc_info))
        return True


def _argument(value: Any) -> Any:
    return masked(value) if isinstance(value, str) else value
