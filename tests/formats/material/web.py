"""Builds web archives byte by byte, so that tests do not trust the code they test."""

import base64
import gzip
import hashlib
import itertools
import json
import zipfile
from pathlib import Path
from typing import Any

_numbers = itertools.count(1)


def record(kind: str, block: bytes, url: str = "https://ads.example/1", **fields: str) -> bytes:
    """One WARC record; `fields` override its header, with `_` for `-`."""
    header = {
        "WARC-Type": kind,
        "WARC-Record-ID": f"<urn:uuid:00000000-0000-0000-0000-{next(_numbers):012d}>",
        "WARC-Target-URI": url,
        "WARC-Date": "2024-05-06T10:11:12Z",
        "Content-Type": "application/http;msgtype=response",
        "Content-Length": str(len(block)),
    }
    header |= {name.replace("_", "-"): value for name, value in fields.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in header.items() if value)
    return b"WARC/1.1\r\n" + lines.encode() + b"\r\n" + block + b"\r\n\r\n"


def http(body: bytes, content_type: str = "text/html; charset=utf-8", **fields: str) -> bytes:
    """An HTTP answer with `body`."""
    header = {"Content-Type": content_type}
    header |= {name.replace("_", "-"): value for name, value in fields.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in header.items())
    return b"HTTP/1.1 200 OK\r\n" + lines.encode() + b"\r\n" + body


def response(body: bytes, **fields: str) -> bytes:
    """A response record with an HTML page."""
    return record("response", http(body), **fields)


def sha1(data: bytes) -> str:
    """A digest as most writers of WARC files state it."""
    return "sha1:" + base64.b32encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode()


def packed(*records: bytes) -> bytes:
    """Every record as a gzip member of its own."""
    return b"".join(gzip.compress(one, mtime=0) for one in records)


def wacz(path: Path, files: dict[str, bytes], **digest: Any) -> Path:
    """A package with a manifest that holds; `digest` adds to its digest file."""
    resources = [
        {
            "name": name.rpartition("/")[2],
            "path": name,
            "hash": f"sha256:{hashlib.sha256(data).hexdigest()}",
            "bytes": len(data),
        }
        for name, data in files.items()
    ]
    manifest = json.dumps({"resources": resources, "wacz_version": "1.1.1"}).encode()
    stated = {
        "path": "datapackage.json",
        "hash": f"sha256:{hashlib.sha256(manifest).hexdigest()}",
    }
    with zipfile.ZipFile(path, "w") as package:
        for name, data in files.items():
            package.writestr(name, data)
        package.writestr("datapackage.json", manifest)
        package.writestr("datapackage-digest.json", json.dumps(stated | digest))
    return path
