"""Writes any Arrow column as text, and as JSON, in one documented way.

Strings stay as they are; numbers are written with the fewest digits that keep them; moments as ISO
8601, with a zone in UTC with a `Z`; lists and structures as compact JSON; null stays null.
"""

from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from palermo.formats import canonical
from palermo.formats.columns import distinct
from palermo.formats.lines import read_text

#: Reasons for notes by index of the value they concern.
Problems = dict[int, tuple[str, ...]]


@dataclass(slots=True)
class Written:
    """A column as `text`; as `json` where that is not the text in quotes; `problems` by index."""

    text: Any
    json: Any = None
    problems: Problems = field(default_factory=dict)


def written(column: Any) -> Written:
    """Write a column of any type out."""
    kind = column.type
    if isinstance(kind, pa.BaseExtensionType):
        column = column.storage
    elif pa.types.is_dictionary(kind):
        column = column.dictionary_decode()
    kind = column.type
    if _is_text(kind):
        return _strings(column)
    return _nested(column) if pa.types.is_nested(kind) else _scalars(column)


def _scalars(column: Any) -> Written:
    kind = column.type
    if pa.types.is_timestamp(kind) and kind.tz:
        column = column.cast(pa.timestamp(kind.unit, "UTC"))
    try:
        text = column.cast(pa.string())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        text = pa.array([str(value) if value.is_valid else None for value in column], pa.string())
    if pa.types.is_timestamp(kind):
        text = pc.replace_substring(text, " ", "T", max_replacements=1)
    if pa.types.is_boolean(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind):
        return Written(text, _bare(text))
    if pa.types.is_floating(kind):
        # NaN and infinity are no JSON numbers.
        finite = pc.fill_null(pc.is_finite(column), pa.scalar(value=False, type=pa.bool_()))
        return Written(text, pc.if_else(finite, text, canonical.as_json(text)))
    return Written(text)


def _bare(text: Any) -> Any:
    return pc.fill_null(text, canonical.string("null")) if text.null_count else text


def _is_text(kind: Any) -> bool:
    return any(
        test(kind)
        for test in (
            pa.types.is_string,
            pa.types.is_large_string,
            pa.types.is_string_view,
            pa.types.is_binary,
            pa.types.is_large_binary,
            pa.types.is_binary_view,
            pa.types.is_fixed_size_binary,
        )
    )


def _strings(column: Any) -> Written:
    """Strings, and bytes taken for strings; what is not UTF-8 is read as Windows-1252."""
    raw = column.cast(pa.binary())
    try:
        text = raw.cast(pa.string())
    except pa.ArrowInvalid:
        text = None
    if text is not None and not (canonical.text_bytes(text) == 0).any():
        return Written(text)
    texts: list[str | None] = []
    problems = {}
    for index, value in enumerate(raw.to_pylist()):
        if value is None:
            texts.append(None)
            continue
        line = read_text(value)
        texts.append(line.text)
        if line.problems:
            problems[index] = line.problems
    return Written(pa.array(texts, pa.string()), problems=problems)


def _nested(column: Any) -> Written:
    forms, problems = _json_forms(column)
    valid = column.is_valid().to_pylist()
    text = pa.array(
        [form if there else None for form, there in zip(forms, valid, strict=True)], pa.string()
    )
    return Written(text, _bare(text), problems)


def _json_forms(column: Any) -> tuple[list[str], Problems]:
    """Write every value of a column as JSON, from its innermost columns outwards."""
    kind = column.type
    if pa.types.is_struct(kind):
        return _structures(column)
    if pa.types.is_nested(kind) and hasattr(column, "flatten"):
        return _lists(column)
    if pa.types.is_nested(kind):
        return [canonical.literal(str(value)) for value in column], {}
    result = written(column)
    forms = canonical.as_json(result.text) if result.json is None else result.json
    return forms.to_pylist(), result.problems


def _structures(column: Any) -> tuple[list[str], Problems]:
    names = distinct([field.name for field in column.type])
    forms: list[list[str]] = []
    problems: Problems = {}
    for child in column.flatten():
        values, found = _json_forms(child)
        forms.append(values)
        for index, reasons in found.items():
            problems[index] = _union(problems.get(index, ()), reasons)
    heads = [f"{canonical.literal(name)}:" for name in names]
    objects = []
    for index, there in enumerate(column.is_valid().to_pylist()):
        fields = (head + values[index] for head, values in zip(heads, forms, strict=True))
        objects.append(f"{{{','.join(fields)}}}" if there else "null")
    return objects, problems


def _lists(column: Any) -> tuple[list[str], Problems]:
    """Lists, and maps, which are lists of structures with a key and a value."""
    if pa.types.is_map(column.type):
        pair = pa.struct([("key", column.type.key_type), ("value", column.type.item_type)])
        column = column.cast(pa.list_(pair))
    values, found = _json_forms(column.flatten())
    lists = []
    problems: Problems = {}
    start = 0
    for index, length in enumerate(pc.list_value_length(column).to_pylist()):
        if length is None:
            lists.append("null")
            continue
        lists.append(f"[{','.join(values[start : start + length])}]")
        if found:
            for place in range(start, start + length):
                if place in found:
                    problems[index] = _union(problems.get(index, ()), found[place])
        start += length
    return lists, problems


def _union(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))
