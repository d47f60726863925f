"""Where a table lies: a path of this machine, or an address that only a cluster reaches."""

from pathlib import Path
from typing import Any

import click

from palermo.model import Unreadable


class Place(click.ParamType):  # type: ignore[type-arg]  # generic in the newest click only
    """A path, or an address such as s3a://bucket/ads, which is left as it is written."""

    name = "path"

    def convert(
        self,
        value: Any,
        param: click.Parameter | None,  # noqa: ARG002  click's interface
        ctx: click.Context | None,  # noqa: ARG002
    ) -> Path | str:
        """Return a `Path`, or the address itself."""
        if isinstance(value, Path) or "://" in str(value):
            return value  # type: ignore[no-any-return]  # what it was given
        return Path(value)


def addresses(inputs: tuple[Path | str, ...], out: Path | str) -> tuple[list[str], str] | None:
    """Return inputs and output when they are addresses, None when they are paths.

    Raises:
        Unreadable: some are this and some are that.
    """
    given = [place for place in (*inputs, out) if isinstance(place, str)]
    if not given:
        return None
    if len(given) <= len(inputs):
        raise Unreadable(
            f"{given[0]}: an address beside paths; INPUT... and --out must all be one kind "
            "(a path of this machine can be written file:///...)"
        )
    return given[:-1], given[-1]
