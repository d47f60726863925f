"""An exhibit: a sealed original, named by a salted commitment to its bytes.

An exhibit never changes. Whatever is made from it is a new exhibit that names its parent.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibit:
    """A sealed original.

    `id` is the commitment and `sealed_sha256` the hash of the stored ciphertext: these two, with
    size and media type, are all that may leave the case's working data (the log, packages).
    `sha256` is the hash of the plain bytes, and of content that can be guessed it tells the
    content. `size` is in plain bytes, `sealed_at` is timezone-aware, `parent` is an exhibit's id.
    """

    id: str
    sha256: str
    sealed_sha256: str
    size: int
    name: str
    media_type: str
    sealed_at: datetime
    parent: str | None = None
