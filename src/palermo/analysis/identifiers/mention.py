"""What a detector reports: one identifier at one place, with the reason why it is believed."""

from dataclasses import dataclass
from typing import NamedTuple

HIGH = "high"
MEDIUM = "medium"


@dataclass(frozen=True, slots=True)
class Mention:
    """One identifier stated in one text.

    `value` is normalised (see `palermo.model.IdentifierKind`), `raw` is the text's own wording and
    `start`/`end` its place in Unicode code points, so that `text[start:end] == raw`. `confidence`
    is `high` or `medium`, and `reason` says why in plain words.
    """

    kind: str
    value: str
    raw: str
    start: int
    end: int
    confidence: str
    reason: str


class Found(NamedTuple):
    """A mention while it is being looked for: the same, in bytes of a chunk or of a window."""

    start: int
    end: int
    kind: str
    value: str
    confidence: str
    reason: str
