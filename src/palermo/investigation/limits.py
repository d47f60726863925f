"""The error rates that every dossier states, read from `limits.yaml`.

The figures are measured by the commands named beside them; a figure without a command does not
load.
"""

from functools import cache
from importlib.resources import files

import yaml

from palermo.investigation.dossier import Limit, Words


@cache
def known_limits() -> tuple[Limit, ...]:
    """Read the measured limits.

    Raises:
        ValueError: an entry lacks a language or its command.
    """
    raw = yaml.safe_load((files(__package__) / "limits.yaml").read_text(encoding="utf-8"))
    limits = []
    for entry in raw["limits"]:
        if not entry.get("command"):
            raise ValueError(f"limits.yaml: {entry.get('what')}: no command to measure it again")
        limits.append(
            Limit(
                what=Words(**entry["what"]),
                figure=Words(**entry["figure"]),
                basis=Words(**entry["basis"]),
                command=entry["command"],
            )
        )
    return tuple(limits)
