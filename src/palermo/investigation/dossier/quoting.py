"""Long quoted texts are cut to what a page can bear, and every cut says how much is missing.

Cutting never changes a character that is shown.
"""

from dataclasses import dataclass, replace

from palermo.model import Segment, Template, TemplatePart

#: Characters of one constant piece of a template, and parts of one template.
CONSTANT = 400
PARTS = 160
#: Characters of one example laid against its template, of one filler, and fillers of a slot.
EXAMPLE = 1_600
FILLER = 80
FILLERS = 6
#: Variations of one template, and characters of what stands before one.
VARIATIONS = 8
BEFORE = 40


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a template as shown: `left_out` characters are missing between text and tail."""

    part: TemplatePart
    text: str
    left_out: int = 0
    tail: str = ""


@dataclass(frozen=True, slots=True)
class Cut:
    """An example as shown: `length` is that of the whole text."""

    segments: tuple[Segment, ...]
    shown: int
    length: int


@dataclass(frozen=True, slots=True)
class Departure:
    """A variation as shown: the end of the constant that it stands `after`, or the slot."""

    after: str
    slot: int | None
    left_out: str
    put_in: tuple[str, ...]
    members: int


def variations(template: Template) -> tuple[Departure, ...]:
    """Return the commonest variations of a template."""
    return tuple(
        Departure(
            after=template.parts[one.part].text[: one.at][-BEFORE:].strip(),
            slot=template.parts[one.part - 1].slot if one.at == 0 and one.part else None,
            left_out=_shortened(one.left_out, FILLER),
            put_in=tuple(_shortened(words, FILLER) for words in one.put_in),
            members=one.members,
        )
        for one in template.variations[:VARIATIONS]
        if one.part < PARTS
    )


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}…"


def pieces(template: Template) -> tuple[Piece, ...]:
    """Cut the long constants of a template in the middle."""
    shown: list[Piece] = []
    for part in template.parts[:PARTS]:
        if part.slot is not None or len(part.text) <= CONSTANT:
            shown.append(Piece(part, part.text))
        else:
            head, tail = part.text[: CONSTANT * 3 // 4], part.text[-CONSTANT // 4 :]
            shown.append(Piece(part, head, len(part.text) - len(head) - len(tail), tail))
    return tuple(shown)


def slots(template: Template) -> tuple[TemplatePart, ...]:
    """Return the slots of a template, each number once, in reading order."""
    found: dict[int, TemplatePart] = {}
    for part in template.parts[:PARTS]:
        if part.slot is not None:
            found.setdefault(part.slot, part)
    return tuple(found.values())


def numbers(template: Template) -> dict[int, int]:
    """Number the slots 1, 2, 3, … in reading order, whatever they are called inside."""
    return {part.slot: n for n, part in enumerate(slots(template), 1) if part.slot is not None}


def cut(segments: tuple[Segment, ...]) -> Cut:
    """Cut an example after EXAMPLE characters."""
    left = EXAMPLE
    shown: list[Segment] = []
    for segment in segments:
        if left <= 0:
            break
        shown.append(replace(segment, text=segment.text[:left]))
        left -= len(segment.text)
    return Cut(
        tuple(shown),
        sum(len(segment.text) for segment in shown),
        sum(len(segment.text) for segment in segments),
    )
