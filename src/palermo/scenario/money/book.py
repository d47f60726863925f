"""The payments of the generated world: written in any order, put in the order of time at the end.

Times are local, in seconds from the first day; a payment takes place in one country, whose zone
tells its moment. `scheme` is the truth: which crime it belongs to, -1 for none.
"""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from palermo.model.transaction import CHANNELS
from palermo.scenario.money.dice import Ints
from palermo.scenario.money.places import DAYS, FIRST_DAY, NONE

#: Currencies, and how many of their smallest units the generated world gives for a euro cent.
COINS = {"EUR": 1, "USDT": 10_000, "BTC": 17, "XMR": 80_000_000}
SPAN = DAYS * 86_400
_COLUMNS = {
    "ts": np.int64,
    "src": np.int32,
    "dst": np.int32,
    "minor": np.int64,
    "channel": np.int8,
    "mcc": np.int16,
    "memo": np.int32,
    "city": np.int16,
    "country": np.int8,
    "device": np.int32,
    "payee": np.int32,
    "scheme": np.int32,
    "coin": np.int8,
}


class Book:
    """Collects payments."""

    def __init__(self) -> None:
        self.memos: list[str] = [""]
        self._memo = {"": 0}
        self._chunks: list[dict[str, Any]] = []
        self.count = 0

    def memo(self, text: str) -> int:
        """Return the code of a reference."""
        if text not in self._memo:
            self._memo[text] = len(self.memos)
            self.memos.append(text)
        return self._memo[text]

    def add(
        self,
        *,
        ts: Any,
        src: Any,
        dst: Any,
        cents: Any,
        channel: str,
        country: Any,
        city: Any = NONE,
        mcc: Any = 0,
        memo: Any = 0,
        device: Any = NONE,
        payee: Any = NONE,
        scheme: Any = NONE,
        coin: str = "EUR",
    ) -> None:
        """Write down payments: arrays of one length, or single values; out of time, left out."""
        ts = np.atleast_1d(np.asarray(ts, dtype=np.int64))
        values = {
            "src": src,
            "dst": dst,
            "minor": cents,
            "channel": CHANNELS.index(channel),
            "mcc": mcc,
            "memo": memo,
            "city": city,
            "country": country,
            "device": device,
            "payee": payee,
            "scheme": scheme,
            "coin": list(COINS).index(coin),
        }
        chunk = {"ts": ts}
        for name, value in values.items():
            chunk[name] = np.broadcast_to(np.asarray(value), ts.shape).astype(_COLUMNS[name])
        keep = (ts >= 0) & (ts < SPAN) & (chunk["minor"] > 0) & (chunk["src"] != chunk["dst"])
        if not keep.all():
            chunk = {name: column[keep] for name, column in chunk.items()}
        self._chunks.append(chunk)
        self.count += len(chunk["ts"])

    def finish(self, zones: list[str], order: Ints | None = None) -> dict[str, Any]:
        """Return all columns in the order of time, `ts` in UTC seconds since 1970."""
        columns = {
            name: np.concatenate([chunk[name] for chunk in self._chunks])
            if self._chunks
            else np.zeros(0, kind)
            for name, kind in _COLUMNS.items()
        }
        offsets = np.array([_offsets(zone) for zone in zones])
        day = columns["ts"] // 86_400
        columns["ts"] = columns["ts"] + FIRST_DAY * 86_400 - offsets[columns["country"], day]
        # Payments of one second stand in an order that does not tell which were written first.
        mixed = (columns["src"].astype(np.int64) * 2_654_435_761 + columns["minor"]) % 1_000_003
        by_time = np.lexsort((mixed, columns["ts"]))
        if order is not None:
            by_time = by_time[order]
        return {name: column[by_time] for name, column in columns.items()}


def _offsets(zone: str) -> list[int]:
    """Return the seconds that the zone is ahead of UTC, at noon of each day."""
    first = datetime(1970, 1, 1, 12, tzinfo=ZoneInfo(zone))
    found = []
    for day in range(DAYS):
        offset = (first + timedelta(days=FIRST_DAY + day)).utcoffset()
        found.append(int(offset.total_seconds()) if offset is not None else 0)
    return found
