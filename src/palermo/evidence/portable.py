"""The custody log as a text file, one leaf a line, to be handed over and read by anyone.

Guarantees that every leaf of the log is there, either with its bytes or, when it is held back, with
its hash alone: nothing can be left out without the count and the root of the tree showing it.
"""

import json
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from palermo.evidence.keys import VerifierKey
from palermo.evidence.merkle import leaf_hash
from palermo.evidence.rows import Reading, Row, judge_rows
from palermo.model.errors import Unreadable

PORTABLE_FILE = "custody.dsse.jsonl"
_LONGEST = 64 << 20


def write_portable(leaves: Iterable[bytes], held_back: Collection[int] = ()) -> Iterator[str]:
    """Yield the lines for `leaves`, without the content of those whose numbers are `held_back`."""
    for seq, data in enumerate(leaves):
        line: dict[str, object] = {"seq": seq}
        if seq in held_back:
            line["leaf_hash"] = leaf_hash(data).hex()
        else:
            line["data"] = data.decode()
        yield json.dumps(line, ensure_ascii=False) + "\n"


def read_portable(path: Path, key_line: str) -> Reading:
    """Judge the log in the text file at `path`; `key_line` is the line of its custody.pub."""
    reading = Reading()
    try:
        reading.key = VerifierKey.parse(key_line)
        with path.open("rb") as file:
            judge_rows(_rows(file), reading, reading.key.public_key)
    except (OSError, Unreadable, ValueError, TypeError, KeyError, RecursionError) as error:
        reading.problem("log file", f"cannot be read ({error})")
    return reading


def _rows(lines: Iterable[bytes]) -> Iterator[Row]:
    for number, line in enumerate(lines, start=1):
        if len(line) > _LONGEST:
            raise ValueError(f"line {number} is longer than any event")
        raw = json.loads(line)
        seq, data, held = raw["seq"], raw.get("data"), raw.get("leaf_hash")
        if type(seq) is not int or (data is None) == (held is None):
            raise ValueError(f"line {number} is no leaf")
        if data is None:
            yield Row(seq, _hash(held, number), None)
        else:
            leaf = str(data).encode()
            yield Row(seq, leaf_hash(leaf), leaf)


def _hash(text: object, number: int) -> bytes:
    digest = bytes.fromhex(str(text))
    if len(digest) != 32:
        raise ValueError(f"line {number} holds no leaf hash")
    return digest
