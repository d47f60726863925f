"""Which items carry which photo: the message it was sent with, the page that shows it, itself.

Guarantees that an item is said to carry a photo only if the source says so: by a name that leads to
one file of the same exhibit, by its address, or by being what it was attached to. A name that could
mean two different files leads to none.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

import pyarrow as pa
import pyarrow.compute as pc

#: Parts of `extra` in which readers keep the names or addresses of files.
_NAMED_IN = ("photo", "photos", "file", "attachment", "images")
_NAME = re.compile(
    r"[^\"<>|*?\r\n]+?\.(?:jpe?g|png|webp|avif|tiff?|heic|heif)(?![\w.])", re.IGNORECASE
)
_HINT = "|".join(f'"{name}"' for name in ("sha256", "payload_sha256", *_NAMED_IN))
_PART = "/part "


@dataclass(frozen=True, slots=True)
class Carried:
    """Item number `position` carries the photo `sha256`.

    `stands_for` is true of the items that stand for the photo in networks: those that carry it, or
    the photo itself when none does. A photo and the message it came with are not two parties.
    """

    position: int
    sha256: str
    stands_for: bool


@dataclass(slots=True)
class _Exhibit:
    """The photos of one exhibit: by place within it and by address, and the items that are them."""

    places: dict[str, str] = field(default_factory=dict)
    by_name: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    addresses: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    photos: list[tuple[int, str]] = field(default_factory=list)
    mails: dict[str, int] = field(default_factory=dict)

    def add(self, place: str, sha256: str) -> None:
        self.places[place] = sha256
        self.by_name[PurePosixPath(place).name].append(place)

    def named(self, name: str, base: str) -> str | None:
        """Return the photo that `name`, stated in the file `base`, can only mean."""
        wanted = name.strip().replace("\\", "/").removeprefix("./")
        beside = f"{base.rpartition('/')[0]}/{wanted}".removeprefix("/")
        for place in (beside, wanted):
            if place in self.places:
                return self.places[place]
        ending = f"/{wanted}"
        found = {
            self.places[place]
            for place in self.by_name.get(PurePosixPath(wanted).name, ())
            if place.endswith(ending)
        }
        return found.pop() if len(found) == 1 else None

    def at(self, address: str) -> str | None:
        found = self.addresses.get(address, set())
        return next(iter(found)) if len(found) == 1 else None


@dataclass(frozen=True, slots=True)
class _Item:
    position: int
    exhibit: str
    kind: str
    within: str
    url: str | None
    extra: dict[str, object]


def carried(items: pa.Table) -> list[Carried]:
    """Find out what carries what among `items` (schema `ITEMS`), in the order of the items."""
    rows = list(_candidates(items))
    exhibits: dict[str, _Exhibit] = defaultdict(_Exhibit)
    for row in rows:
        if row.kind == "photo" and isinstance(sha256 := row.extra.get("sha256"), str):
            here = exhibits[row.exhibit]
            here.photos.append((row.position, sha256))
            here.add(row.within.removesuffix("photo").removesuffix("!"), sha256)
    known = {sha256 for here in exhibits.values() for _, sha256 in here.photos}
    for row in rows:
        if row.kind == "mail":
            exhibits[row.exhibit].mails[row.within] = row.position
        payload = row.extra.get("payload_sha256")
        if row.url and isinstance(payload, str) and payload in known:
            exhibits[row.exhibit].addresses[row.url].add(payload)
    carriers = {
        (row.position, sha256)
        for row in rows
        if row.kind not in {"photo", "file"} and row.exhibit in exhibits
        for sha256 in _stated(row, exhibits[row.exhibit])
    }
    for here in exhibits.values():
        carriers |= set(_attached(here))
    exhibit_of = {row.position: row.exhibit for row in rows}
    owned: dict[str, set[str]] = defaultdict(set)
    for position, sha256 in carriers:
        owned[exhibit_of[position]].add(sha256)
    found = [Carried(position, sha256, stands_for=True) for position, sha256 in carriers]
    for exhibit, here in exhibits.items():
        found += [
            Carried(position, sha256, stands_for=sha256 not in owned[exhibit])
            for position, sha256 in here.photos
        ]
    return sorted(found, key=lambda one: (one.position, one.sha256))


def _candidates(items: pa.Table) -> Iterator[_Item]:
    """Yield the items that may have to do with photos; rows of tables never have."""
    kinds = items["kind"]
    worth = pc.and_(
        pc.is_valid(kinds),
        pc.or_(
            pc.fill_null(pc.match_substring_regex(items["extra"], _HINT), fill_value=False),
            pc.fill_null(pc.equal(kinds, "mail"), fill_value=False),
        ),
    )
    positions = pc.indices_nonzero(worth)
    columns = ["exhibit", "kind", "within", "url", "extra"]
    for position, row in zip(
        positions.to_pylist(), items.select(columns).take(positions).to_pylist(), strict=True
    ):
        yield _Item(
            position=position,
            exhibit=row["exhibit"],
            kind=row["kind"],
            within=row["within"] or "",
            url=row["url"],
            extra=json.loads(row["extra"]) if row["extra"] else {},
        )


def _stated(row: _Item, here: _Exhibit) -> Iterator[str]:
    """Yield the photos that an item names."""
    base = row.within.rpartition("!")[0]
    for part in _NAMED_IN:
        value = row.extra.get(part)
        if not isinstance(value, str):
            continue
        for address in value.splitlines() if "://" in value else ():
            if (sha256 := here.at(address.strip())) is not None:
                yield sha256
        for name in _NAME.findall(value):
            if (sha256 := here.named(name, base)) is not None:
                yield sha256


def _attached(here: _Exhibit) -> Iterator[tuple[int, str]]:
    """Yield the mails with the photos attached to them, the innermost mail that there is."""
    for place, sha256 in here.places.items():
        mail = place
        while _PART in mail:
            mail = mail.rpartition(_PART)[0]
            if mail in here.mails:
                yield here.mails[mail], sha256
                break
