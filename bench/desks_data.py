"""Case folders of any size for the measurements of the desks, made from one practice case.

The practice case is generated and investigated once; larger ones repeat its tables under other ids,
networks and values, so that sizes and shapes are right. The texts repeat: nothing here measures
finding.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

BASE = 50_000
#: Which columns of a table differ from copy to copy.
_MARKED = {
    "items": ("id", "account"),
    "rejected": ("id",),
    "identifiers": ("id", "value"),
    "campaigns": ("id", "campaign"),
    "indications": ("id",),
    "links": ("a", "b"),
    "networks": ("id", "network"),
    "quality": ("value",),
}


def base_case(work: Path, *, size: int = BASE, seed: int = 7) -> Path:
    """Return the case folder of a practice case, generated and investigated at the first call."""
    folder = work / f"base-{size}-{seed}"
    if not (folder / "case" / "findings.json").is_file():
        for arguments in (
            ("scenario", "sirocco", "--out", "source", "--size", str(size), "--seed", str(seed)),
            ("investigate", "source/items.parquet", "--authority", "source/authority.yaml",
             "--out", "case", "--quiet"),
        ):  # fmt: skip
            folder.mkdir(parents=True, exist_ok=True)
            subprocess.run(
                [Path(sys.executable).parent / "palermo", *arguments], cwd=folder, check=True
            )
    return folder / "case"


def repeated(case: Path, out: Path, times: int) -> Path:
    """Write the outputs of `case`, `times` over, into the folder `out`, and return it."""
    if (out / "findings.json").is_file():
        return out
    (out / "tables").mkdir(parents=True)
    for path in sorted((case / "tables").glob("*.parquet")):
        table = pq.read_table(path)
        writer = pq.ParquetWriter(out / "tables" / path.name, table.schema, compression="zstd")
        with writer:
            for number in range(times):
                writer.write_table(_marked(table, _MARKED.get(path.stem, ()), number))
    findings = json.loads((case / "findings.json").read_text("utf-8"))
    (out / "findings.json").write_text(json.dumps(_findings(findings, times)), "utf-8")
    return out


def _marked(table: pa.Table, names: tuple[str, ...], number: int) -> pa.Table:
    if not number:
        return table
    for name in names:
        index = table.schema.get_field_index(name)
        changed = pc.binary_join_element_wise(
            table[name].cast(pa.string()), f"{number}", "~", null_handling="emit_null"
        )
        table = table.set_column(
            index, table.schema.field(index), changed.cast(table.schema.field(index).type)
        )
    return table


def _findings(findings: dict[str, Any], times: int) -> dict[str, Any]:
    def mark(name: str, k: int) -> str:
        return f"{name}~{k}" if k else name

    networks = [
        {**one, "id": mark(one["id"], k), "rank": one["rank"] * times + k,
         "campaigns": [{**c, "id": mark(c["id"], k)} for c in one["campaigns"]]}
        for k in range(times)
        for one in findings["networks"]
    ]  # fmt: skip
    networks.sort(key=lambda one: one["rank"])
    templates = {
        mark(name, k): one for k in range(times) for name, one in findings["templates"].items()
    }
    counts = {name: number * times for name, number in findings["counts"].items()}
    return {**findings, "networks": networks, "templates": templates, "counts": counts}
