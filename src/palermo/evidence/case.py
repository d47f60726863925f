"""The case folder: what lies where.

Guarantees one layout, `vault/`, `custody.sqlite3`, `checkpoint.txt`, `custody.pub`, `checkpoints/`,
`openings.json` and whatever a run wrote beside them, so that whoever writes and whoever verifies
mean the same files.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from palermo.evidence.event import FileRef
from palermo.evidence.files import files_below
from palermo.evidence.keys import Signer
from palermo.evidence.log import CustodyLog
from palermo.evidence.openings import Openings
from palermo.evidence.schema import LOG_FILE, OWN_FILES, VAULT
from palermo.evidence.vault import Vault


@dataclass(frozen=True, slots=True)
class CaseFolder:
    """A case on disk."""

    path: Path

    def vault(self, kek: bytes | None = None) -> Vault:
        """The sealed originals; without the node's wrapping key they can only be checked."""
        return Vault(self.path / VAULT, kek=kek)

    @property
    def tables(self) -> Path:
        """Where the tables of the analysis lie."""
        return self.path / "tables"

    def log(self, signer: Signer) -> CustodyLog:
        """Open the custody log for writing, making it on first use."""
        return CustodyLog(self.path / LOG_FILE, signer=signer)

    def record(self, *paths: str) -> tuple[FileRef, ...]:
        """Hash files, relative to the folder, and return how an event names them, sorted by path.

        Without `paths`, every file beside the vault and the log. The openings of the commitments
        are kept in openings.json before this returns.

        Raises:
            Refused: when a file is missing, outside the folder, or no plain file.
        """
        openings = Openings.read(self.path)
        refs = tuple(openings.add_file(self.path, path) for path in sorted(paths or self.beside()))
        openings.write(self.path)
        return refs

    def beside(self) -> Iterator[str]:
        """Yield the relative path of every file beside the vault and the log."""
        yield from files_below(self.path, skip=OWN_FILES)
