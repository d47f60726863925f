"""An exhibit: a sealed original, named by the SHA-256 of its bytes.

An exhibit never changes. Whatever is made from it is a new exhibit that names its parent.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibit:
    """A sealed original. `sealed_at` is timezone-aware; `size` is in bytes."""

    sha256: str
    size: int
    name: str
    media_type: str
    sealed_at: datetime
    parent: str | None = None
