"""From texts to identifiers: lex, look, settle overlaps, and put the rows in order.

Single texts and record batches go the same way, so they give the same answer.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from palermo.analysis.identifiers.accounts import find_accounts
from palermo.analysis.identifiers.ages import find_ages
from palermo.analysis.identifiers.chunk import Chunk, read
from palermo.analysis.identifiers.handles import find_handles
from palermo.analysis.identifiers.hints import Hints, checked_regions, hints
from palermo.analysis.identifiers.mention import Found, Mention
from palermo.analysis.identifiers.phones import find_phones
from palermo.analysis.identifiers.prices import find_prices
from palermo.analysis.identifiers.reading import code_points
from palermo.analysis.identifiers.spoken_mail import find_spoken_mail
from palermo.analysis.identifiers.web import find_web
from palermo.model import IDENTIFIERS, Unreadable

Longs = NDArray[np.int64]
_CHUNK_BYTES = 1 << 19


def _find(chunk: Chunk, told: list[Hints]) -> list[Found]:
    """Run the detectors, the surest first; what one takes the next does not see."""
    found = find_web(chunk)
    accounts, rejected = find_accounts(chunk)
    chunk.take([one[:2] for one in found + accounts] + rejected)
    spelled = find_spoken_mail(chunk)
    # The host of "anna(at)example.org" is part of the address, not a domain of its own.
    found = [*_outside(found, spelled), *accounts, *spelled]
    chunk.take([one[:2] for one in spelled])
    for detect in (find_prices, find_phones):
        more = detect(chunk, told)
        chunk.take([one[:2] for one in more])
        found += more
    found += find_handles(chunk, found)
    found += find_ages(chunk)
    return found


def _outside(found: list[Found], spans: list[Found]) -> list[Found]:
    """Return the mentions that do not lie within one of `spans`."""
    if not spans:
        return found
    starts = np.array(sorted(one.start for one in spans), np.int64)
    ends = np.array(sorted(one.end for one in spans), np.int64)
    place = np.searchsorted(starts, [one.start for one in found], "right") - 1
    inside = (place >= 0) & (ends[place] >= np.array([one.end for one in found], np.int64))
    return [one for one, within in zip(found, inside.tolist(), strict=True) if not within]


@dataclass(slots=True)
class _Rows:
    """Mentions in order of place, one list or array a column; `bytes_at` are places in bytes."""

    texts: NDArray[np.int32]
    starts: NDArray[np.int32]
    ends: NDArray[np.int32]
    bytes_at: list[tuple[int, int]]
    kinds: list[str]
    values: list[str]
    confidences: list[str]
    reasons: list[str]


def _distinct(found: list[Found], order: Longs, starts: Longs, ends: Longs) -> list[int]:
    """Return `order` without repeats: two looks may show the same mention."""
    first, last = starts[order], ends[order]
    kept = np.ones(len(order), np.bool_)
    same = (first[1:] == first[:-1]) & (last[1:] == last[:-1])
    seen: set[tuple[int | str, ...]] = set()
    for place in np.flatnonzero(same).tolist():
        seen.add(found[order[place]][:4])
        kept[place + 1] = found[order[place + 1]][:4] not in seen
    distinct: list[int] = order[kept].tolist()
    return distinct


def _code_points(
    data: bytes, offsets: Longs, texts: NDArray[np.int32], places: Longs
) -> NDArray[np.int32]:
    """Return byte `places` as code points of their texts."""
    order = np.argsort(places, kind="stable")
    counted, result = np.empty(len(places), np.int32), np.empty(len(places), np.int32)
    view = np.frombuffer(data, np.uint8)
    code_points(view, offsets, texts[order], places[order], counted)
    result[order] = counted
    return result


def _arranged(data: bytes, offsets: Longs, found: list[Found]) -> _Rows:
    """Put what was found in order, each mention once."""
    starts, ends = (np.array([one[edge] for one in found], np.int64) for edge in (0, 1))
    order = _distinct(found, np.lexsort((ends, starts)), starts, ends)
    starts, ends = starts[order], ends[order]
    texts = (np.searchsorted(offsets, starts, "right") - 1).astype(np.int32)
    in_order = [found[place] for place in order]
    return _Rows(
        texts=texts,
        starts=_code_points(data, offsets, texts, starts),
        ends=_code_points(data, offsets, texts, ends),
        bytes_at=[one[:2] for one in in_order],
        kinds=[one[2] for one in in_order],
        values=[one[3] for one in in_order],
        confidences=[one[4] for one in in_order],
        reasons=[one[5] for one in in_order],
    )


def extract_text(
    text: str, *, lang: str | None = None, regions: Sequence[str] = ()
) -> list[Mention]:
    """Return the identifiers stated in one text, in order of place.

    `lang` is a language tag ("fr", "en-AU"), `regions` ISO 3166-1 codes of where the text is likely
    to be from; both only help to read numbers in national form and shared names of currencies.

    Raises:
        Unreadable: a region is not a two-letter code.
    """
    # A lone surrogate is no character: it is looked at as one question mark, so that places stay
    # true.
    data = text.encode("utf-8", "replace")
    offsets = np.array([0, len(data)], np.int64)
    told = [hints(lang, checked_regions(regions))]
    rows = _arranged(data, offsets, _find(read(data, offsets, np.zeros(1, np.int32)), told))
    places = (rows.starts.tolist(), rows.ends.tolist())
    return [
        Mention(str(kind), value, text[start:end], start, end, confidence, reason)
        for kind, value, start, end, confidence, reason in zip(
            rows.kinds, rows.values, *places, rows.confidences, rows.reasons, strict=True
        )
    ]


def _column(batch: pa.RecordBatch, name: str, kind: pa.DataType) -> pa.Array:
    if name not in batch.schema.names:
        raise Unreadable(
            f"texts without a column {name!r}: expected the columns id and text; name them so"
        )
    try:
        return batch.column(batch.schema.get_field_index(name)).cast(kind)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise Unreadable(
            f"column {name!r}: expected text, found {batch.schema.field(name).type}"
        ) from error


def _hints_of(
    batch: pa.RecordBatch, regions: tuple[str, ...]
) -> tuple[NDArray[np.int32], list[Hints]]:
    """Return for each row the number of its hints, and the hints."""
    if "lang" not in batch.schema.names:
        return np.zeros(batch.num_rows, np.int32), [hints(None, regions)]
    coded = _column(batch, "lang", pa.string()).dictionary_encode()
    told = [hints(lang, regions) for lang in coded.dictionary.to_pylist()]
    codes = coded.indices.fill_null(len(told)).to_numpy(zero_copy_only=False).astype(np.int32)
    return codes, [*told, hints(None, regions)]


def _record_batch(ids: pa.Array, data: bytes, rows: _Rows) -> pa.RecordBatch:
    raw = [data[start:end].decode("utf-8", "replace") for start, end in rows.bytes_at]
    columns = [
        ids.take(pa.array(rows.texts)),
        pa.array(rows.kinds, pa.string()),
        pa.array(rows.values, pa.string()),
        pa.array(raw, pa.string()),
        pa.array(rows.starts),
        pa.array(rows.ends),
        pa.array(rows.confidences, pa.string()),
        pa.array(rows.reasons, pa.string()),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=IDENTIFIERS)


def extract(
    batches: Iterator[pa.RecordBatch], *, regions: Sequence[str] = ()
) -> Iterator[pa.RecordBatch]:
    """Yield the identifiers of all texts (`palermo.model.IDENTIFIERS`), by item, then by place.

    `batches` have the columns `id` and `text`, and may have `lang` (a language tag); a null text
    states nothing. `regions` are ISO 3166-1 codes of where the texts are likely to be from.

    Raises:
        Unreadable: a column is missing or not text, an id is null, or a region is not a code.
    """
    asked = checked_regions(regions)
    for batch in batches:
        ids = _column(batch, "id", pa.string())
        if ids.null_count:
            raise Unreadable("column 'id' has a null: every text needs an id; give each row one")
        text = _column(batch, "text", pa.large_string()).fill_null("")
        codes, told = _hints_of(batch, asked)
        if not len(text):
            continue
        edges = np.frombuffer(text.buffers()[1], np.int64)[
            text.offset : text.offset + len(text) + 1
        ]
        whole = text.buffers()[2]
        for first, last in _chunks(np.diff(edges)):
            low, high = int(edges[first]), int(edges[last])
            data = whole.slice(low, high - low).to_pybytes() if high > low else b""
            offsets = edges[first : last + 1] - low
            found = _find(read(data, offsets, codes[first:last]), told)
            if found:
                rows = _arranged(data, offsets, found)
                yield _record_batch(ids.slice(first, last - first), data, rows)


def _chunks(lengths: Longs) -> Iterator[tuple[int, int]]:
    """Cut texts of these lengths into stretches of at most a few megabytes, or one text."""
    offsets = np.concatenate(([0], np.cumsum(lengths)))
    first = 0
    while first < len(lengths):
        last = int(np.searchsorted(offsets, offsets[first] + _CHUNK_BYTES, "right")) - 1
        last = max(last, first + 1)
        yield first, last
        first = last
