"""Where something comes from: the exhibit, the row in it, and the hash of that row.

With a `Provenance` anyone who holds the sealed exhibit finds the very bytes a finding rests on.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Provenance:
    """One row (1 = first record after any header) of the exhibit whose SHA-256 is `exhibit`."""

    exhibit: str
    row: int
    row_hash: str


def row_hash(fields: Sequence[tuple[str, str | None]]) -> str:
    """Hash a record as it was read, so that a stranger can recompute it.

    The hash is SHA-256 over the UTF-8 JSON array of `[column, value]` pairs in file order, without
    spaces, non-ASCII characters unescaped; lone surrogates, which UTF-8 cannot carry, become `?`
    (readers turn them into U+FFFD before). Returns 64 hexadecimal digits.

    >>> row_hash([("id", "1"), ("text", "café")])[:12]
    'ebf20495485a'
    """
    canonical = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8", "replace")).hexdigest()
