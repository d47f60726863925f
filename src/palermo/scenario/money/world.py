"""The world of the generated money, read once from `world.yaml`."""

from functools import cache
from importlib.resources import files
from typing import Any

import yaml


@cache
def load_world() -> Any:
    """Return what `world.yaml` says. Callers must not change it."""
    text = files(__package__).joinpath("world.yaml").read_text(encoding="utf-8")
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  both are safe
