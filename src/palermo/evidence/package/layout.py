"""What lies where in an exhibit package, and how its file names are written.

Guarantees that a payload path made here is plain on every system that people use: no control
character, no separator of another system, no reserved name, no percent sign, at most 120 bytes.
"""

import re
import unicodedata

DATA = "data"
ORIGINAL = "data/original"
DERIVED = "data/derived"
OUTPUTS = "data/outputs"

BAGIT_FILE = "bagit.txt"
BAG_INFO_FILE = "bag-info.txt"
MANIFEST_FILE = "manifest-sha256.txt"
TAG_MANIFEST_FILE = "tagmanifest-sha256.txt"
BAGIT_TEXT = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"

INVENTORY_FILE = "exhibits.json"
CAPTURES_FILE = "capture.json"
KEY_PEM_FILE = "custody.pem"
STATEMENT_FILE = "package.dsse.json"
INCLUSION_FILE = "proofs/inclusion.json"
CONSISTENCY_FILE = "proofs/consistency.json"
GRAPH_INDEX_FILE = "case.jsonld"
GRAPHS = "case"
SHAPES_FILE = "case/shapes.ttl"
REPORT_FILE = "REPORT.html"
CERTIFICATE_FILE = "CERTIFICATE.html"
VERIFIER_FILE = "palermo_verify.py"

_LONGEST = 120  # bytes of a file name; most file systems take 255
_UNSAFE = re.compile(r'[\\/:*?"<>|%~]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE | re.ASCII)
_ENCODED = re.compile(r"%(25|0[AaDd])")


def safe_name(name: str) -> str:
    """Return a file name near to `name` that every file system takes and shows as it is.

    >>> safe_name("../a:b.csv")
    '_.._a_b.csv'
    """
    kept = "".join(
        char if char.isprintable() else "_" for char in unicodedata.normalize("NFC", name)
    )
    kept = _UNSAFE.sub("_", kept).strip(" ").rstrip(". ") or "_"
    if kept.startswith((".", "-")) or _RESERVED.fullmatch(kept):
        kept = f"_{kept}"
    if len(kept.encode()) > _LONGEST:
        stem, dot, ending = kept.rpartition(".")
        tail = f"{dot}{ending}" if dot and len(ending.encode()) <= 16 else ""
        room = _LONGEST - len(tail.encode())
        kept = (stem if tail else kept).encode()[:room].decode("utf-8", "ignore").rstrip(". ")
        kept += tail
    return kept


def original_path(exhibit: str, name: str, *, derived: bool) -> str:
    """Return where the exhibit with this id and own name lies."""
    return f"{DERIVED if derived else ORIGINAL}/{exhibit}/{safe_name(name)}"


def encoded(path: str) -> str:
    """Write a path for a manifest: RFC 8493 wants line ends and percent signs encoded."""
    return path.replace("%", "%25").replace("\n", "%0A").replace("\r", "%0D")


def decoded(path: str) -> str:
    """Read a path of a manifest."""
    return _ENCODED.sub(lambda found: chr(int(found[1], 16)), path)
