"""Campaigns of files larger than memory: texts become tokens as they are read, and are let go.

Guarantees: the same campaigns as `find_campaigns` over all items at once; on demand the texts are
kept aside on the disk, under no name, so that templates can be built.
"""

import tempfile
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from palermo.analysis.campaigns import (
    Extension,
    Tokens,
    assign_tokens,
    cores,
    extend,
    joined,
    tokenise,
)
from palermo.engine import Progress, silent
from palermo.formats import Columns
from palermo.investigation.campaign_store import ITEMS_SEEN, read_store, write_store
from palermo.investigation.intake import readings, rows_set_aside
from palermo.model import CAMPAIGNS, REJECTED

_WAITING = 32

#: One row an item known before whose campaign is another now; null stands for none.
CHANGES = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("before", pa.string()),
        pa.field("after", pa.string()),
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """Tokens of the texts of some files; `texts` (one column) only when they were to be kept."""

    ids: pa.ChunkedArray
    tokens: Tokens
    texts: pa.ChunkedArray | None
    rejected: pa.Table
    set_aside: int


def gather_texts(
    paths: Sequence[Path],
    *,
    columns: Columns,
    keep: bool = False,
    folder: Path | None = None,
    progress: Progress = silent,
) -> Gathered:
    """Read the texts of files as tokens; with `keep`, the texts go to a nameless file in `folder`.

    Raises:
        Unreadable: a file as a whole cannot be read as items.
    """
    ids: list[pa.Array] = []
    parts: list[Tokens] = []
    rejected: list[pa.RecordBatch] = []
    set_aside = 0
    aside = _Aside(folder) if keep else None
    waiting: deque[Future[Tokens]] = deque()
    with ThreadPoolExecutor(cores()) as pool:
        for reading in readings(paths, columns=columns, progress=progress):
            texts = reading.items["text"]
            ids.append(reading.items["id"])
            rejected.append(reading.rejected)
            set_aside += rows_set_aside(reading.rejected)
            if aside is not None:
                aside.add(texts)
            waiting.append(pool.submit(tokenise, pa.chunked_array([texts]), 1))
            if len(waiting) > _WAITING:
                parts.append(waiting.popleft().result())
        parts.extend(future.result() for future in waiting)
    return Gathered(
        ids=pa.chunked_array(ids, pa.string()),
        tokens=joined(parts),
        texts=None if aside is None else aside.texts(),
        rejected=pa.Table.from_batches(rejected, schema=REJECTED),
        set_aside=set_aside,
    )


class _Aside:
    """Texts on the disk, mapped back into memory when all are there."""

    def __init__(self, folder: Path | None) -> None:
        self._schema = pa.schema([pa.field("text", pa.large_string())])
        self._file = tempfile.NamedTemporaryFile(dir=folder, prefix=".palermo-texts-")  # noqa: SIM115
        self._writer = pa.ipc.new_file(self._file, self._schema)

    def add(self, texts: pa.Array) -> None:
        self._writer.write_batch(
            pa.record_batch([texts.cast(pa.large_string())], schema=self._schema)
        )

    def texts(self) -> pa.ChunkedArray:
        """Return all texts; the file loses its name, and its room on the disk at the end."""
        self._writer.close()
        self._file.flush()
        column = pa.ipc.open_file(pa.memory_map(self._file.name)).read_all()["text"]
        self._file.close()
        return column


def assign_gathered(gathered: Gathered, *, store: Path | None = None) -> pa.Table:
    """Find the campaigns among gathered texts (schema `CAMPAIGNS`); leave a store if asked.

    Raises:
        Unreadable: the store cannot be written.
    """
    campaign, index = assign_tokens(gathered.tokens, indexed=store is not None)
    if store is not None and index is not None:
        write_store(index, _seen(gathered), store)
    return pa.table([gathered.ids, campaign], schema=CAMPAIGNS)


def _seen(gathered: Gathered) -> pa.Table:
    return pa.table([gathered.ids, gathered.tokens.content], schema=ITEMS_SEEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition:
    """What new texts changed.

    `assignment` (schema `CAMPAIGNS`) is that of the new items, `changes` (schema `CHANGES`) says
    which known items are elsewhere now. `counts` are numbers of campaigns: begun, grown, merged
    into another, split.
    """

    assignment: pa.Table
    changes: pa.Table
    counts: dict[str, int]


def assign_against(gathered: Gathered, against: Path, *, store: Path | None = None) -> Addition:
    """Find the campaigns of gathered texts among those of the store `against`.

    An item that the store knows, with the same content, is not counted again. With `store`, what is
    known now is written there; it may be the same directory.

    Raises:
        Unreadable: `against` is no store, or `store` cannot be written.
    """
    index, seen = read_store(against)
    new = _new(gathered, seen)
    extension = extend(index, gathered.tokens, counted=new)
    own = extension.campaign[extension.content_of]
    names = pa.array(extension.names, pa.string())
    if store is not None:
        added = _seen(gathered).filter(pa.array(new))
        write_store(extension.index, pa.concat_tables([seen, added]), store)
    return Addition(
        assignment=pa.table(
            [gathered.ids, names.take(pa.array(own, mask=own < 0))], schema=CAMPAIGNS
        ),
        changes=_changes(extension, seen, names),
        counts=_counts(extension, own[new], len(index.names)),
    )


def _new(gathered: Gathered, seen: pa.Table) -> npt.NDArray[np.bool_]:
    """Tell which of the gathered items the store does not know with the same content."""
    known = seen.filter(pc.is_in(seen["id"], gathered.ids.combine_chunks()))
    if not known.num_rows:
        return np.ones(len(gathered.ids), dtype=bool)
    pairs = set(zip(known["id"].to_pylist(), known["content"].to_pylist(), strict=True))
    stated = zip(gathered.ids.to_pylist(), gathered.tokens.content.tolist(), strict=True)
    return np.array([pair not in pairs for pair in stated], dtype=bool)


def _changes(extension: Extension, seen: pa.Table, names: pa.Array) -> pa.Table:
    before = extension.before
    after = extension.campaign[: len(before)]
    changed = np.flatnonzero(before != after)
    contents = extension.known.tokens.content[changed]
    order = np.argsort(contents)
    items = seen.filter(pc.is_in(seen["content"], pa.array(contents)))
    at = changed[order[np.searchsorted(contents[order], items["content"].to_numpy())]]
    return pa.table(
        [
            items["id"],
            names.take(pa.array(before[at], mask=before[at] < 0)),
            names.take(pa.array(after[at], mask=after[at] < 0)),
        ],
        schema=CHANGES,
    )


def _counts(extension: Extension, own: npt.NDArray[np.int32], names: int) -> dict[str, int]:
    """Count the campaigns that the new items `own` began or joined, that merged and that split."""
    before = extension.before
    after = extension.campaign[: len(before)]
    joined_to = np.unique(own[own >= 0])
    had = before >= 0
    moves = np.unique((before[had].astype(np.int64) << 32) | (after[had].astype(np.int64) + 1))
    was, now = moves >> 32, (moves & 0xFFFFFFFF) - 1
    places = np.bincount(was, minlength=names)
    still = np.isin(np.arange(names), extension.campaign)
    gone = was[~still[was] & (now >= 0)]
    return {
        "campaigns_begun": int((joined_to >= names).sum()),
        "campaigns_grown": int((joined_to < names).sum()),
        "campaigns_merged": len(np.unique(gone)),
        "campaigns_split": int((places > 1).sum()),
    }
