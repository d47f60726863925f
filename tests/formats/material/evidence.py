"""Where real samples lie, and databases made for a test."""

import json
import sqlite3
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from tests.formats.conftest import Outcome, read_path

EVIDENCE = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "evidence"


def sample(name: str) -> Path:
    path = EVIDENCE / name
    if not path.is_file():
        pytest.skip(f"the sample {name} is not beside this checkout")
    return path


def read_sample(name: str) -> Outcome:
    return read_path(sample(name))


def kinds(outcome: Outcome) -> Counter[str]:
    return Counter(item["kind"] for item in outcome.items)


def at(outcome: Outcome, within: str) -> dict[str, Any]:
    (item,) = [item for item in outcome.items if item["within"] == within]
    return item


def extra(item: dict[str, Any]) -> dict[str, Any]:
    return json.loads(item["extra"]) if item["extra"] else {}


def summary(outcome: Outcome) -> str:
    return str(at(outcome, "database")["text"])


def database(path: Path, script: str, rows: dict[str, list[tuple[Any, ...]]]) -> Path:
    """Make a database: run `script`, then put `rows` into tables."""
    connection = sqlite3.connect(path)
    connection.executescript(script)
    for table, values in rows.items():
        marks = ", ".join("?" * len(values[0]))
        connection.executemany(f'INSERT INTO "{table}" VALUES ({marks})', values)  # noqa: S608
    connection.commit()
    connection.close()
    return path
