"""Which program did the work: its version, and a hash of the very code that ran."""

import hashlib
from functools import cache
from pathlib import Path

import palermo
from palermo.evidence.event import Tool

_CODE = {".py", ".yaml", ".json", ".html", ".css", ".ttl"}


@cache
def this_tool() -> Tool:
    """Return Palermo as a custody event names it.

    `sha256` is over the sorted lines `<sha256>  <path>` of all code and data files of the package,
    the form that `sha256sum` writes, so that anyone can recompute it from an installation.
    """
    top = Path(palermo.__file__).parent
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(top).as_posix()}\n"
        for path in sorted(top.rglob("*"))
        if path.suffix in _CODE and path.is_file()
    ]
    digest = hashlib.sha256("".join(sorted(lines)).encode()).hexdigest()
    return Tool(name="palermo", version=palermo.__version__, sha256=digest)
