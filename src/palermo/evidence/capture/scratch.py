"""A private temporary folder whose files can be overwritten before they are removed.

Overwriting is a best effort: a solid-state disk, a journal or a snapshot may keep older blocks.
Where that matters the temporary folder belongs on a RAM disk (`TMPDIR`); /dev/shm is preferred.
"""

import contextlib
import os
import shutil
import stat
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

_PIECE = bytes(1 << 20)


class Scratch:
    """A folder for its owner alone, removed when the `with` block ends.

    With `wipe` set, by anybody and at any time before, every file is overwritten first.
    """

    def __init__(self, parent: Path | None = None) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="palermo-capture-", dir=parent))
        self.wipe = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.wipe:
            for folder, _, names in os.walk(self.path):
                for name in names:
                    with contextlib.suppress(OSError):
                        _overwrite(Path(folder) / name)
        for _ in range(3):  # a browser that is just ending may still write
            shutil.rmtree(self.path, ignore_errors=True)
            if not self.path.exists():
                break


def _overwrite(path: Path) -> None:
    found = path.lstat()
    if not stat.S_ISREG(found.st_mode):
        return
    with path.open("r+b", buffering=0) as file:
        rest = found.st_size
        while rest > 0:
            rest -= file.write(_PIECE[: min(rest, len(_PIECE))])
        os.fsync(file.fileno())
