"""WACZ 1.1.1: the WARC with its index and list of pages, in one ZIP with hashes.

Guarantees that the hashes inside agree; they prove nothing against somebody who re-packs the file.
What holds is the seal of the vault and the signed custody log.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from palermo.evidence.capture.warc import Indexed, Warc

VERSION = "1.1.1"
MEDIA_TYPE = "application/wacz"
_WARC = "archive/data.warc.gz"
_DIGEST = "datapackage-digest.json"
_USUAL = {"http": 80, "https": 443}


def write_wacz(
    warc: Warc, *, url: str, title: str, at: datetime, text: str, software: str
) -> bytes:
    """Pack a WARC of one page; `at` is the time of the page's own response.

    The page named is the one of the index with this time, so that readers find it.
    """
    pages: list[dict[str, Any]] = [
        {"format": "json-pages-1.0", "id": "pages", "title": "Pages", "hasText": bool(text)},
        {"id": "page-1", "url": url, "ts": _iso(at), "title": title}
        | ({"text": text} if text else {}),
    ]
    files = {
        _WARC: warc.data,
        "indexes/index.cdx": cdxj(warc.index).encode(),
        "pages/pages.jsonl": _lines(pages),
    }
    package = {
        "profile": "data-package",
        "wacz_version": VERSION,
        "software": software,
        "created": _iso(at),
        "mainPageUrl": url,
        "mainPageDate": _iso(at),
        "title": title,
        "resources": [
            {
                "name": path.rpartition("/")[2].lower(),
                "path": path,
                "hash": _sha256(data),
                "bytes": len(data),
            }
            for path, data in files.items()
        ],
    }
    written = json.dumps(package, indent=2, ensure_ascii=False).encode()
    files["datapackage.json"] = written
    digest = {"path": "datapackage.json", "hash": _sha256(written)}
    files[_DIGEST] = json.dumps(digest, indent=2).encode()
    return _zip(files, at)


def cdxj(index: Sequence[Indexed]) -> str:
    """Write the index: key, time, and where the response lies; sorted as readers expect."""
    lines = []
    for one in index:
        entry: dict[str, Any] = {
            "url": one.url,
            **({"mime": one.media_type} if one.media_type else {}),
            "status": str(one.status),
            "digest": one.digest,
            "length": str(one.length),
            "offset": str(one.offset),
            "filename": _WARC.rpartition("/")[2],
        }
        if one.method != "GET":
            entry["method"] = one.method
        stamp = _iso(one.at)
        digits = "".join(character for character in stamp if character.isdigit())[:14]
        lines.append(f"{surt(one.url)} {digits} {json.dumps(entry, ensure_ascii=False)}\n")
    return "".join(sorted(lines))


def surt(url: str) -> str:
    """Write a web address with its host reversed, the sort key of a CDXJ index."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    key = host if ":" in host else ",".join(host.split(".")[::-1])
    if parts.port and parts.port != _USUAL.get(parts.scheme):
        key += f":{parts.port}"
    path = quote(unquote(parts.path), safe="/~!$&'()*+,;=:@-._").lower() or "/"
    if len(path) > 1:
        path = path.rstrip("/")
    query = "&".join(sorted(parts.query.lower().split("&"))) if parts.query else ""
    return f"{key}){path}" + (f"?{query}" if query else "")


def _iso(at: datetime) -> str:
    offset = at.utcoffset()
    if offset is None:
        raise ValueError("`at` needs a time zone")
    return (at - offset).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def _sha256(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def _lines(rows: Sequence[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def _zip(files: dict[str, bytes], at: datetime) -> bytes:
    """Store WARC and index uncompressed, so that readers can reach into them by offset."""
    out = io.BytesIO()
    stamp = at.timetuple()[:6]
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in files.items():
            info = zipfile.ZipInfo(name, (max(stamp[0], 1980), *stamp[1:]))
            info.external_attr = 0o644 << 16
            info.compress_type = zipfile.ZIP_STORED
            archive.writestr(info, data)
    return out.getvalue()
