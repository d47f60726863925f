"""The walk through a JSON file comes to the same as reading it at once, wherever blocks end."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from palermo.formats import source
from palermo.formats.material import json_cursor, text_lines
from palermo.formats.material.json_cursor import Damage, JsonCursor
from palermo.formats.material.text_lines import numbered_lines
from palermo.formats.source import Buffer

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**16), 10**16) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=10,
)  # fmt: skip
records = st.fixed_dictionaries({"type": st.just("m"), "x": values})
one_line = st.text(st.characters(exclude_characters="\n\0", exclude_categories=["Cs"]), max_size=9)
SLOW = settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150
)


@contextmanager
def small_blocks(size: int) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(source, "CHUNK", size)
        patch.setattr(json_cursor, "BLOCK_BYTES", size)
        patch.setattr(text_lines, "BLOCK_BYTES", size)
        yield


def walked(cursor: JsonCursor) -> Any:
    """Read a value by walking through all of it."""
    kind = cursor.kind()
    if kind == "{":
        return {key: walked(cursor) for key in cursor.members()}
    if kind == "[":
        return [walked(cursor) for _ in cursor.elements()]
    return cursor.value()


@SLOW
@given(values, st.integers(1, 9), st.booleans(), st.sampled_from([None, 1]))
def test_walking_is_reading(
    tmp_path: Path, value: Any, block: int, ascii_only: bool, indent: int | None
) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(value, ensure_ascii=ascii_only, indent=indent), encoding="utf-8")
    with small_blocks(block), Buffer(path, "a") as buffer:
        assert walked(JsonCursor(buffer)) == value


@SLOW
@given(st.lists(records, max_size=6), st.integers(1, 9), values)
def test_records_and_what_is_skipped(
    tmp_path: Path, rows: list[Any], block: int, other: Any
) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"a": other, "rows": rows, "b": other}), encoding="utf-8")
    with small_blocks(block), Buffer(path, "a") as buffer:
        cursor = JsonCursor(buffer)
        found = []
        for key in cursor.members():
            if key == "rows":
                found = [(one.number, one.value) for one in cursor.records(lambda _: True)]
        assert found == list(enumerate(rows))
        assert cursor.kind() == ""


@SLOW
@given(st.integers(0, 9), st.integers(1, 9), st.integers(1, 4))
def test_a_damaged_record_costs_only_itself(
    tmp_path: Path, which: int, block: int, kind: int
) -> None:
    rows = [{"type": "m", "n": n, "inner": [{"deep": n}]} for n in range(10)]
    parts = [json.dumps(row) for row in rows]
    damaged = parts[which]
    parts[which] = {
        1: damaged.replace('"n"', '"n'), 2: damaged.replace("}]", "]"),
        3: damaged.replace(": [", " ["), 4: damaged[:10] + "\x01\\x" + damaged[10:],
    }[kind]  # fmt: skip
    path = tmp_path / "a.json"
    path.write_text(f"[{', '.join(parts)}]", encoding="utf-8")
    with small_blocks(block), Buffer(path, "a") as buffer:
        found = []
        lost = 0
        try:
            for one in JsonCursor(buffer).records(lambda value: value.get("type") == "m"):
                if one.lost is None:
                    found.append(one.value["n"])
                else:
                    lost += 1
        except Damage:
            lost += 1
        assert found == [n for n in range(10) if n != which]
        assert lost == 1


@SLOW
@given(st.binary(max_size=60), st.integers(1, 9))
def test_any_bytes_are_values_or_damage(tmp_path: Path, data: bytes, block: int) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b'{"rows": [{"type": "m"}, ' + data)
    found = 0
    with small_blocks(block), Buffer(path, "a") as buffer, suppress(Damage):
        cursor = JsonCursor(buffer)
        for key in cursor.members():
            if key == "rows":
                for _ in cursor.records(lambda _: True):
                    found += 1
    assert found >= 1


def test_values_beyond_all_measure(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    large = json.dumps([["x" * 1000] * 10] * 1000)
    path.write_text(f'{{"a": {large}, "b": 1}}', encoding="utf-8")
    with Buffer(path, "a") as buffer:
        cursor = JsonCursor(buffer)
        assert list(cursor.members()) == ["a", "b"]
    path.write_text("[" + '{"a":' * 100_000 + "1" + "}" * 100_000 + ', {"type": "m"}]', "utf-8")
    with Buffer(path, "a") as buffer:
        one, two = JsonCursor(buffer).records(lambda value: "type" in value)
        assert one.lost is not None
        assert "nested too deeply" in one.lost.detail
        assert two.value == {"type": "m"}


@SLOW
@given(st.lists(one_line), st.integers(1, 9), st.booleans())
def test_lines(tmp_path: Path, lines: list[str], block: int, ended: bool) -> None:
    path = tmp_path / "a.txt"
    text = "\n".join(lines) + ("\n" if ended and lines else "")
    path.write_bytes(text.encode("utf-8"))
    wanted = text.removeprefix("\ufeff").split("\n")
    if wanted[-1] == "":
        wanted.pop()
    with small_blocks(block):
        found = list(numbered_lines(path, "a"))
    if text.encode()[:4].count(0) == 0 and not any(line.damaged for line in found):
        assert [line.text for line in found] == [line.removesuffix("\r") for line in wanted]
        assert [line.number for line in found] == list(range(1, len(wanted) + 1))
