"""The search for campaigns cut into steps that many machines can share, with the same result.

`find_campaigns` holds all texts in one process. Here the same search is a sequence of kernels
(here) and plans (`plans`), and no step needs more than the rows
of one batch, one key or one connected group of alike texts. Guarantees: the same campaigns under
the same names and the same edges as `find_campaigns`, for these reasons:

* a text's kept shingles depend on it and on how many texts have each shingle, which is a count;
* which texts are proposed to each other depends on one shingle's texts in the order of contents;
* grouping never looks across connected components of the verified pairs, and inside one it depends
  on the order of contents only, so any set of whole components can be grouped alone.

A content is written as a signed number whose order is that of the unsigned hash: Spark has no
unsigned numbers. `investigation.spread` runs the steps in their order.
"""

import hashlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from palermo.analysis.campaigns.background import BITS, Background, weights
from palermo.analysis.campaigns.clusters import cluster
from palermo.analysis.campaigns.shingles import bits_for, counters_for, spell_out
from palermo.analysis.campaigns.similarity import verify
from palermo.analysis.campaigns.tokens import Tokens, tokenise

_Ints = npt.NDArray[np.int64]
_TOP_BIT = np.uint64(1 << 63)

#: Tokens (4 bytes each) that are grouped at once; a larger component is grouped alone.
_TOKENS_AT_ONCE = 20_000_000


def _schema(**columns: pa.DataType) -> pa.Schema:
    return pa.schema(list(columns.items()))


#: One row an item. `content` is null for a text that says nothing; `tokens` are little-endian
#: 32-bit hashes. `position` is the item's place in the input, or any number with the same order.
READ = _schema(
    id=pa.string(), position=pa.int64(), content=pa.int64(), length=pa.int64(), tokens=pa.binary()
)
#: One row an occurrence of a shingle: its counter, its upper 56 bits, and its key as a posting.
SHINGLES = _schema(content=pa.int64(), bucket=pa.int64(), high=pa.int64(), key=pa.int64())
#: In how many texts of the sample a token's place (the upper bits of its hash) stands.
PLACES = _schema(place=pa.int64(), texts=pa.int64())
#: Pairs of contents (a < b) that belong together; also the pairs that hold a campaign together.
PAIRS = _schema(a=pa.int64(), b=pa.int64(), similarity=pa.float64())
#: The group of a content (`b` and `similarity` null), or a pair that holds a group together.
GROUPED = _schema(a=pa.int64(), b=pa.int64(), middle=pa.int64(), similarity=pa.float64())
#: The campaign of a content.
NAMED = _schema(content=pa.int64(), campaign=pa.string())


def read(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Read texts (columns `id`, `text`) as tokens; yield `READ`, a row an item.

    With a column `position` the edges are those of that order of items. Without one, ids are put in
    the order of a hash of them; campaigns do not depend on it.
    """
    for batch in batches:
        known = "position" in batch.schema.names
        position = batch.column("position") if known else _hashed(batch.column("id"))
        tokens = tokenise(pa.chunked_array([batch.column("text")]), threads=1)
        content = pa.array(_signed(tokens.content), mask=tokens.content == 0)
        lengths = np.diff(tokens.start)
        columns = [content, pa.array(lengths), _binary(tokens.token, tokens.start)]
        yield pa.record_batch([batch.column("id"), position, *columns], READ)


def shingle(
    batches: Iterator[pa.RecordBatch], *, compared: int, considered: int
) -> Iterator[pa.RecordBatch]:
    """Cut contents (columns `content`, `tokens`) into shingles; yield `SHINGLES`.

    `compared` and `considered` are the answer of `EXTENT`: they set how many counters there are.
    """
    counters = counters_for(considered)
    for batch in batches:
        token, start = _tokens(batch.column("tokens"))
        text, bucket, high, key = spell_out(token, start, counters - 1, bits_for(compared))
        contents = batch.column("content").to_numpy(zero_copy_only=False)
        yield pa.record_batch([contents[text], bucket, high, key], SHINGLES)


def count_places(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Count the texts (columns `content`, `tokens`) that have each token; yield `PLACES`."""
    for batch in batches:
        token, start = _tokens(batch.column("tokens"))
        text = np.repeat(np.arange(len(start) - 1, dtype=np.int64), np.diff(start))
        had = np.unique((text << BITS) | (token >> np.uint32(32 - BITS)).astype(np.int64))
        place, texts = np.unique(had & ((1 << BITS) - 1), return_counts=True)
        yield pa.record_batch([place, texts], PLACES)


def weigh(places: pa.Table, sample: int) -> Background:
    """Return the weights of tokens from their counts (as `plans.PLACES`) in `sample` texts."""
    texts = np.zeros(1 << BITS, dtype=np.uint32)
    texts[places["place"].to_numpy()] = places["texts"].to_numpy()
    return weights(texts, sample)


def verify_pairs(
    batches: Iterator[pa.RecordBatch], *, weight: Background
) -> Iterator[pa.RecordBatch]:
    """Compare pairs (as `SIDE_BY_SIDE`); yield those that belong together, as `PAIRS`."""
    for batch in batches:
        if not batch.num_rows:
            continue
        a, b = batch.column("a"), batch.column("b")
        both = pa.concat_arrays([batch.column("tokens_a"), batch.column("tokens_b")])
        # A content is learned once for the pairs of it that stand one after the other.
        _, first, of = np.unique(a.to_numpy(), return_index=True, return_inverse=True)
        order = np.argsort(of, kind="stable")
        chosen = np.concatenate([first, len(a) + order])
        pairs = _pair(of[order], len(first) + np.arange(len(a)))
        similarity = np.empty(len(pairs), dtype=np.float32)
        verify(*_tokens(both), weight, chosen, pairs, similarity)
        held = similarity > 0
        rows = pa.array(order[held])
        yield pa.record_batch(
            [a.take(rows), b.take(rows), pa.array(similarity[held].astype(np.float64))], PAIRS
        )


def group(batches: Iterator[pa.RecordBatch], *, weight: Background) -> Iterator[pa.RecordBatch]:
    """Group contents (as `COMPONENTS`, whole components one after the other); yield `GROUPED`."""
    for rows in _whole(batches, "component"):
        is_text = pc.is_valid(rows["tokens"])
        texts = rows.filter(is_text).sort_by("a").combine_chunks()
        pairs = rows.filter(pc.invert(is_text)).sort_by([("a", "ascending"), ("b", "ascending")])
        contents = texts["a"].to_numpy()
        ends = (np.searchsorted(contents, pairs[end].to_numpy()) for end in ("a", "b"))
        token, start = _tokens(texts["tokens"].chunk(0))
        tokens = Tokens(token=token, start=start, content=_unsigned(contents))
        found = cluster(tokens, weight, np.arange(len(contents)), _pair(*ends), threads=1)
        nothing = pa.nulls(len(contents))
        yield _batch([contents, nothing, contents[found.group], nothing], GROUPED)
        a, b = contents[found.a], contents[found.b]
        yield _batch([a, b, pa.nulls(len(a)), found.similarity], GROUPED)


def name(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Name the campaigns among contents (as `MEMBERS`, whole groups); yield `NAMED`.

    A group is a campaign when more than one item is in it.
    """
    for rows in _whole(batches, "middle"):
        ordered = rows.sort_by([("middle", "ascending"), ("content", "ascending")])
        contents, middle = ordered["content"].to_numpy(), ordered["middle"].to_numpy()
        begins = np.flatnonzero(np.diff(middle, prepend=middle[0] ^ 1))
        posts = np.add.reduceat(ordered["posts"].to_numpy(), begins)
        hashes = _unsigned(contents).astype(">u8")
        ends = np.append(begins[1:], len(contents))
        spans = zip(begins.tolist(), ends.tolist(), posts.tolist(), strict=True)
        found = [(begin, end) for begin, end, count in spans if count > 1]
        members = [contents[begin:end] for begin, end in found]
        names = [_name(hashes[begin:end].tobytes()) for begin, end in found]
        sizes = [end - begin for begin, end in found]
        campaign = pa.array(names, pa.string()).take(
            pa.array(np.repeat(np.arange(len(names)), sizes))
        )
        yield _batch([np.concatenate(members) if members else contents[:0], campaign], NAMED)


def _hashed(ids: pa.Array) -> pa.Array:
    digests = (
        hashlib.blake2b(str(one).encode(), digest_size=8).digest() for one in ids.to_pylist()
    )
    return pa.array([int.from_bytes(digest) >> 1 for digest in digests], pa.int64())


def _name(hashes: bytes) -> str:
    return f"c-{hashlib.blake2b(hashes, digest_size=6).hexdigest()}"


def _whole(batches: Iterator[pa.RecordBatch], key: str) -> Iterator[pa.Table]:
    """Put batches together, never parting the rows of one `key`, which are neighbours."""
    held: list[pa.RecordBatch] = []
    size = 0
    for batch in batches:
        if not batch.num_rows:
            continue
        value = batch.column(key)
        if size >= 4 * _TOKENS_AT_ONCE:
            last = held[-1].column(key)[-1]
            same = pc.index(pc.equal(value, last), False).as_py()
            cut = batch.num_rows if same < 0 else int(same)
            held.append(batch.slice(0, cut))
            batch = batch.slice(cut)  # noqa: PLW2901  what is left of it
            if not batch.num_rows:
                continue
            yield pa.Table.from_batches(held)
            held, size = [], 0
        held.append(batch)
        size += batch.nbytes
    if held:
        yield pa.Table.from_batches(held)


def _batch(columns: list[Any], schema: pa.Schema) -> pa.RecordBatch:
    arrays = [column if isinstance(column, pa.Array) else pa.array(column) for column in columns]
    return pa.record_batch(
        [array.cast(field.type) for array, field in zip(arrays, schema, strict=True)], schema
    )


def _signed(content: npt.NDArray[np.uint64]) -> _Ints:
    return (content ^ _TOP_BIT).view(np.int64)


def _unsigned(content: _Ints) -> npt.NDArray[np.uint64]:
    return np.ascontiguousarray(content).view(np.uint64) ^ _TOP_BIT


def _pair(a: _Ints, b: _Ints) -> npt.NDArray[np.uint64]:
    return (a.astype(np.uint64) << np.uint64(32)) | b.astype(np.uint64)


def _binary(token: npt.NDArray[np.uint32], start: _Ints) -> pa.Array:
    offsets = pa.py_buffer((start * 4).astype(np.int32))
    data = pa.py_buffer(token.astype("<u4").tobytes())
    return pa.Array.from_buffers(pa.binary(), len(start) - 1, [None, offsets, data])


def _tokens(column: pa.Array) -> tuple[npt.NDArray[np.uint32], _Ints]:
    """Return (tokens, starts) of a column of `tokens` without nulls."""
    column = column.cast(pa.large_binary())
    _, offsets, data = column.buffers()
    start = np.frombuffer(offsets, dtype=np.int64)[column.offset :][: len(column) + 1] // 4
    token = np.frombuffer(data, dtype="<u4", count=int(start[-1])) if data else np.empty(0, "<u4")
    return token.astype(np.uint32, copy=False), start
