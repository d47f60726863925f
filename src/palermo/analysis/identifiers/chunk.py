"""What the lexer found in a stretch of texts, as arrays, with the few questions all detectors ask.

Places are bytes of the chunk. A detector never sees which engine or batch the texts came from.
"""

from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import NDArray

from palermo.analysis.identifiers import lexer
from palermo.analysis.identifiers.characters import classes, folds
from palermo.analysis.identifiers.lexer import COLUMNS, MEMORY, lex
from palermo.analysis.identifiers.reading import Characters, pack
from palermo.analysis.identifiers.vocabulary import vocabulary


@dataclass(slots=True)
class Chunk:
    """The tokens and runs of some texts.

    `tokens` and `runs` have one row a column of the lexer; `roles` are the role bits of each
    token; `taken` marks tokens that already belong to an identifier; `hints[t]` is the number of
    text `t`'s language and regions.
    """

    data: bytes
    offsets: NDArray[np.int64]
    tokens: NDArray[np.int32]
    runs: NDArray[np.int32]
    roles: NDArray[np.int64]
    hints: NDArray[np.int32]
    taken: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, np.bool_))

    def slice(self, start: int, end: int) -> str:
        """Return the text between two bytes; a half character at an edge is dropped."""
        return self.data[start:end].decode("utf-8", "ignore")

    def has(self, role: int) -> NDArray[np.bool_]:
        """Tell for each token whether it can play one of the roles in `role`."""
        found: NDArray[np.bool_] = (self.roles & role) != 0
        return found

    def take(self, spans: list[tuple[int, int]]) -> None:
        """Mark the tokens that lie in or overlap any of the byte `spans`."""
        if not spans or not len(self.taken):
            return
        places = np.array(spans, np.int64)
        first = np.searchsorted(self.tokens[lexer.END], places[:, 0], "right")
        last = np.searchsorted(self.tokens[lexer.START], places[:, 1], "left")
        change = np.zeros(len(self.taken) + 1, np.int64)
        np.add.at(change, first, 1)
        np.add.at(change, np.maximum(last, first), -1)
        self.taken |= np.cumsum(change[:-1]) > 0


@cache
def _characters() -> Characters:
    return pack(classes(), vocabulary().running, folds())


def read(data: bytes, offsets: NDArray[np.int64], hints: NDArray[np.int32]) -> Chunk:
    """Lex the texts `data[offsets[i]:offsets[i + 1]]`."""
    words = vocabulary()
    rows = np.empty((2 * len(data) + 2, COLUMNS), np.int32)
    state = np.zeros(MEMORY, np.int64)
    count = lex(np.frombuffer(data, np.uint8), offsets, _characters(), words.table, rows, state)
    by_column = np.ascontiguousarray(rows[:count].T)
    is_run = by_column[lexer.WORD] < 0
    tokens = by_column[:, ~is_run]
    return Chunk(
        data=data,
        offsets=offsets,
        tokens=tokens,
        runs=by_column[:, is_run],
        roles=words.roles[tokens[lexer.WORD]],
        hints=hints,
        taken=np.zeros(tokens.shape[1], np.bool_),
    )
