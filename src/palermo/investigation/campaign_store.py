"""A store is a directory in which a full run of campaigns leaves what a later one needs.

It appears whole or not at all. It holds ids, hashes of words and the campaigns, never a text; what
is read back is what was written, or it is `Unreadable`.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from palermo.analysis.campaigns import CampaignIndex, Tokens
from palermo.engine import staged_directory
from palermo.model import Unreadable

#: Changes when tokens, shingles or this layout change: an older store is then of no use.
FORMAT = 1

#: Ids of the items seen, and the content hash of each.
ITEMS_SEEN = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("content", pa.uint64(), nullable=False),
    ]
)
_ARRAYS = {
    "token": np.uint32,
    "start": np.int64,
    "content": np.uint64,
    "posts": np.int64,
    "campaign": np.int32,
    "weight": np.uint8,
    "counters": np.uint8,
}


def write_store(index: CampaignIndex, items: pa.Table, path: Path) -> None:
    """Write `index` and the items seen (schema `ITEMS_SEEN`) to the directory `path`.

    Raises:
        Unreadable: there is something else at `path`, or it cannot be written.
    """
    if path.exists() and not (path / "campaigns.json").exists():
        raise Unreadable(f"{path}: this is no store of campaigns; name another directory")
    arrays: dict[str, npt.NDArray[Any]] = {
        "token": index.tokens.token,
        "start": index.tokens.start,
        "content": index.tokens.content,
        "posts": index.posts,
        "campaign": index.campaign,
        "weight": index.weight,
        "counters": index.counters,
    }
    try:
        with staged_directory(path) as stage:
            for name, array in arrays.items():
                np.save(stage / f"{name}.npy", array)
            pq.write_table(items, stage / "items.parquet")
            names = pa.table({"name": pa.array(index.names, pa.string())})
            pq.write_table(names, stage / "names.parquet")
            about = {
                "palermo_campaigns": FORMAT,
                "items": items.num_rows,
                "lengths": {name: len(array) for name, array in arrays.items()},
            }
            (stage / "campaigns.json").write_text(json.dumps(about), encoding="utf-8")
    except OSError as error:
        raise Unreadable(f"{path}: cannot be written: {error.strerror or error}") from error


def read_store(path: Path) -> tuple[CampaignIndex, pa.Table]:
    """Read back what `write_store` wrote.

    Raises:
        Unreadable: `path` is no store, or one of another version, or it is damaged.
    """
    try:
        about = json.loads((path / "campaigns.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Unreadable(
            f"{path}: this is no store of campaigns; make one with 'palermo campaigns --store'"
        ) from error
    if not isinstance(about, dict) or about.get("palermo_campaigns") != FORMAT:
        raise Unreadable(f"{path}: the store is of another version; make it anew with --store")
    try:
        arrays = {name: _array(path / f"{name}.npy", about["lengths"][name]) for name in _ARRAYS}
        items = pq.read_table(path / "items.parquet", schema=ITEMS_SEEN)
        names = pq.read_table(path / "names.parquet")["name"].to_pylist()
        sound = items.num_rows == about["items"] and _sound(arrays, len(names))
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException) as error:
        raise Unreadable(f"{path}: the store is damaged ({error}); make it anew") from error
    if not sound:
        raise Unreadable(f"{path}: the parts of the store do not fit together; make it anew")
    tokens = Tokens(token=arrays["token"], start=arrays["start"], content=arrays["content"])
    index = CampaignIndex(
        tokens=tokens,
        posts=arrays["posts"],
        campaign=arrays["campaign"],
        names=names,
        weight=arrays["weight"],
        counters=np.array(arrays["counters"]),  # counted on, so a copy
    )
    return index, items


def _array(path: Path, length: int) -> Any:
    array = np.load(path, mmap_mode="r", allow_pickle=False)
    if array.dtype != _ARRAYS[path.stem] or array.shape != (length,):
        raise ValueError(f"{path.name} has {array.shape} of {array.dtype}")
    return array if path.stem == "token" else np.array(array)


def _sound(arrays: dict[str, Any], names: int) -> bool:
    start, campaign, counters = arrays["start"], arrays["campaign"], arrays["counters"]
    count = len(arrays["content"])
    return bool(
        len(start) == count + 1
        and len(arrays["posts"]) == len(campaign) == count
        and start[0] == 0
        and start[-1] == len(arrays["token"])
        and (np.diff(start) >= 0).all()
        and (not count or (campaign.min() >= -1 and campaign.max() < names))
        and len(counters) & (len(counters) - 1) == 0
        and len(counters) > 0
    )
