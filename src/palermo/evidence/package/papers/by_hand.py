"""The commands by which a person repeats the checks, with tools that are not ours.

Guarantees that each command works as it is printed, in bash, within the package's folder, and
writes nothing there. A test runs them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from palermo.evidence.schema import CHECKPOINTS
from palermo.evidence.times import Stamped
from palermo.evidence.timestamp import openssl_commands

_ROOT = """\
python3 - <<'END'
import base64, hashlib, json
def h(*parts): return hashlib.sha256(b"".join(parts)).digest()
def root(leaves):
    if len(leaves) == 1: return leaves[0]
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return h(b"\\1", root(leaves[:k]), root(leaves[k:]))
rows = [json.loads(line) for line in open("custody.dsse.jsonl", encoding="utf-8")]
leaves = [h(b"\\0", row["data"].encode()) if "data" in row
          else bytes.fromhex(row["leaf_hash"]) for row in rows]
print(base64.b64encode(root(leaves)).decode())
END
sed -n 3p checkpoint.txt"""

_COMMITMENTS = """\
python3 - <<'END'
import hashlib, json
for one in json.load(open("exhibits.json", encoding="utf-8"))["exhibits"]:
    with open(one["path"], "rb") as file:
        digest = hashlib.file_digest(file, "sha256").digest()
    salted = b"palermo.exhibit.v1\\0" + bytes.fromhex(one["salt"]) + digest
    print(hashlib.sha256(salted).hexdigest() == one["id"], one["id"])
END"""

_CHECKPOINT = """\
W=$(mktemp -d)
sed '/^$/,$d' checkpoint.txt > "$W/signed"
sed '1,/^$/d' checkpoint.txt | head -n 1 | cut -d ' ' -f 3 | base64 -d | tail -c 64 > "$W/signature"
openssl pkeyutl -verify -pubin -inkey custody.pem -rawin -in "$W/signed" -sigfile "$W/signature"
rm -r "$W\""""

_SIGNATURE = """\
W=$(mktemp -d)
python3 - "$W" <<'END'
import base64, json, sys
one = json.load(open("package.dsse.json", encoding="utf-8"))
kind, payload = one["payloadType"].encode(), base64.b64decode(one["payload"])
signed = b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)
open(sys.argv[1] + "/signed", "wb").write(signed)
open(sys.argv[1] + "/signature", "wb").write(base64.b64decode(one["signatures"][0]["sig"]))
with open(sys.argv[1] + "/sums", "w", encoding="utf-8") as sums:
    for path, digest in json.loads(payload)["files"].items():
        print(digest, path, sep="  ", file=sums)
END
openssl pkeyutl -verify -pubin -inkey custody.pem -rawin -in "$W/signed" -sigfile "$W/signature"
sha256sum --check --quiet "$W/sums" && echo OK
rm -r "$W\""""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to be checked: the key of its explanation, and the command."""

    key: str
    command: str


def steps(*, verifier: bool, stamps: Sequence[Stamped]) -> list[Step]:
    """Return the steps for a package with these time stamps."""
    made = [
        Step("hand.bag", "sha256sum --check --quiet manifest-sha256.txt tagmanifest-sha256.txt"),
        Step(
            "hand.key",
            "openssl pkey -pubin -in custody.pem -outform DER | tail -c 32 | sha256sum",
        ),
        Step("hand.checkpoint", _CHECKPOINT),
        Step("hand.root", _ROOT),
        Step("hand.originals", _COMMITMENTS),
        Step("hand.statement", _SIGNATURE),
    ]
    for one in stamps:
        note = f"{CHECKPOINTS}/{one.size}.txt"
        commands = openssl_commands(one.path, note, "root.pem", checked=one.stamp)
        made.append(Step("hand.stamp", "\n".join(commands)))
    if verifier:
        made.append(Step("hand.verifier", "python3 palermo_verify.py . --key sender.pub"))
    return made
