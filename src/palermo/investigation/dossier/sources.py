"""From a claim to its row and back: anchors, the texts that are shown, and those that are withheld.

Every cited row has exactly one entry in the list of sources. The text of an item that asks for help
is withheld everywhere. Texts together stay within a budget; where one is cut, the page says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from palermo.investigation.dossier.citations import cited, network_refs
from palermo.investigation.dossier.content import DossierContent, Input, Ref, Source
from palermo.model import Refused

#: Bytes (UTF-8) of quoted text in the whole list of sources.
BUDGET = 4_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row in the list of sources. `text` is None when it was withheld or not handed in."""

    ref: Ref
    anchor: str
    label: str
    source: Source | None
    text: str | None
    length: int
    withheld: bool
    cited_in: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExhibitEntries:
    """The cited rows of one exhibit; `number` is its place among the inputs, from 1."""

    number: int
    exhibit: Input
    entries: tuple[Entry, ...]


def fair_cut(lengths: Sequence[int], budget: int) -> int:
    """Return the largest length to which every text may be cut so that all stay in `budget`.

    >>> fair_cut([10, 100, 100], 110)
    50
    """
    left, texts = budget, len(lengths)
    for length in sorted(lengths):
        if length * texts > left:
            return left // texts
        left -= length
        texts -= 1
    return max(lengths, default=0)


def _octets(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _cut(text: str, octets: int) -> str:
    """Cut `text` to about `octets` bytes, between characters."""
    length = _octets(text)
    return text if length <= octets else text[: len(text) * octets // length]


class Sources:
    """The rows a dossier cites. Built once for one (capped) content."""

    def __init__(self, content: DossierContent, *, budget: int = BUDGET) -> None:
        """Collect the rows; raises `Refused` when a source contradicts the row that is cited."""
        refs = cited(content)
        self._exhibits = {entry.sha256: i for i, entry in enumerate(content.inputs, start=1)}
        self.withheld = frozenset(entry.ref.item for entry in content.support_first.shown)
        rows = {(source.ref.exhibit, source.ref.row): source for source in content.sources}
        found = {ref: rows.get((ref.exhibit, ref.row)) for ref in refs}
        for ref, source in found.items():
            if source is not None and source.ref != ref:
                raise Refused(
                    f"row {ref.row} of exhibit {ref.exhibit} is cited as item {ref.item} "
                    f"({ref.row_hash}), but its source is item {source.ref.item} "
                    f"({source.ref.row_hash}); expected the same row, so read the exhibit again"
                )
        open_texts = [
            _octets(source.text)
            for source in found.values()
            if source is not None and source.ref.item not in self.withheld
        ]
        cut = fair_cut(open_texts, budget)
        networks = self._cited_in(content)
        entries = [self._entry(ref, found[ref], cut, networks.get(ref, ())) for ref in refs]
        self.exhibits = tuple(
            ExhibitEntries(
                number=number,
                exhibit=exhibit,
                entries=tuple(e for e in entries if e.ref.exhibit == exhibit.sha256),
            )
            for number, exhibit in enumerate(content.inputs, start=1)
        )

    @staticmethod
    def _cited_in(content: DossierContent) -> dict[Ref, tuple[int, ...]]:
        found: dict[Ref, dict[int, None]] = {}
        for number, view in enumerate(content.networks.shown, start=1):
            for ref in network_refs(view):
                found.setdefault(ref, {})[number] = None
        return {ref: tuple(numbers) for ref, numbers in found.items()}

    def _entry(self, ref: Ref, source: Source | None, cut: int, networks: tuple[int, ...]) -> Entry:
        withheld = ref.item in self.withheld
        return Entry(
            ref=ref,
            anchor=self.anchor(ref),
            label=self.label(ref),
            source=source,
            text=None if source is None or withheld else _cut(source.text, cut),
            length=0 if source is None else len(source.text),
            withheld=withheld,
            cited_in=networks,
        )

    def exhibit_number(self, sha256: str) -> int | None:
        """The number of an exhibit in this dossier, from 1; None when it is not an input."""
        return self._exhibits.get(sha256)

    def anchor(self, ref: Ref) -> str:
        """The id of the entry that shows `ref`."""
        return f"row-{self._exhibits[ref.exhibit]}-{ref.row}"

    def label(self, ref: Ref) -> str:
        """How `ref` is cited, on screen and on paper: exhibit 2, row 17 is `E2:17`."""
        return f"E{self._exhibits[ref.exhibit]}:{ref.row}"
