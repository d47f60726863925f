"""What opens the commitments of a case's outputs and notes: salts and hashes, kept beside the log.

Guarantees that each opening is checked against the log before it is believed; losing the file loses
the means to check outputs, never the log. Erasing an exhibit takes the openings of what was made
from it out of here.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from palermo.evidence.commitment import NOTE, OUTPUT, Opening, commit, new_salt
from palermo.evidence.durable import write_whole
from palermo.evidence.event import FileRef
from palermo.evidence.files import hash_within
from palermo.evidence.schema import OPENINGS_FILE
from palermo.model.errors import Unreadable

_LARGEST = 256 << 20


@dataclass(slots=True)
class Openings:
    """The openings of a folder. `outputs` are by path, `notes` (salt, text) by commitment."""

    outputs: dict[str, Opening] = field(default_factory=dict)
    notes: dict[str, tuple[bytes, str]] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read the openings of `folder`; without the file there are none.

        Raises:
            Unreadable: when the file is damaged.
        """
        path = folder / OPENINGS_FILE
        if not path.exists():
            return cls()
        try:
            with path.open("rb") as file:
                raw = json.loads(file.read(_LARGEST))  # what is longer is cut, and then no JSON
            return cls(
                outputs={
                    str(name): Opening(bytes.fromhex(one["salt"]), str(one["sha256"]))
                    for name, one in raw["outputs"].items()
                },
                notes={
                    str(name): (bytes.fromhex(one["salt"]), str(one["text"]))
                    for name, one in raw["notes"].items()
                },
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise Unreadable(f"{OPENINGS_FILE} is damaged; restore it from a backup") from None

    def write(self, folder: Path) -> None:
        """Write the openings to `folder`, whole or not at all, readable by their owner."""
        written = {
            "outputs": {
                name: {"salt": one.salt.hex(), "sha256": one.sha256}
                for name, one in sorted(self.outputs.items())
            },
            "notes": {
                name: {"salt": salt.hex(), "text": text}
                for name, (salt, text) in sorted(self.notes.items())
            },
        }
        data = json.dumps(written, ensure_ascii=False, indent=1).encode()
        write_whole(folder / OPENINGS_FILE, data, mode=0o600)

    def add_file(self, folder: Path, path: str) -> FileRef:
        """Hash the file `path` below `folder`, take up its opening, and return how events name it.

        Raises:
            Refused: when it is missing, outside the folder, or no plain file.
        """
        sha256, size = hash_within(folder, path)
        opening = Opening(new_salt(), sha256)
        self.outputs[path] = opening
        return FileRef(path=path, commitment=opening.commitment(OUTPUT), size=size)

    def add_note(self, text: str) -> str:
        """Take up a free text and return the commitment by which an event names it."""
        salt = new_salt()
        name = note_commitment(salt, text)
        self.notes[name] = (salt, text)
        return name

    def only(self, paths: Iterable[str]) -> "Openings":
        """Return the openings of `paths` alone, for a package."""
        kept: Mapping[str, Opening] = {p: self.outputs[p] for p in paths if p in self.outputs}
        return Openings(outputs=dict(kept))


def note_commitment(salt: bytes, text: str) -> str:
    """Return the commitment to a free text."""
    return commit(NOTE, salt, hashlib.sha256(text.encode()).hexdigest())
