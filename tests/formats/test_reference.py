"""The reference page lists what the program does."""

from pathlib import Path

from palermo.formats.columns import USUAL
from palermo.formats.notes import REASONS
from palermo.formats.source import FORMS

PAGE = (Path(__file__).parents[2] / "docs/reference/inputs.md").read_text(encoding="utf-8")


def test_reasons_endings_and_usual_names() -> None:
    for reason, (kept, meaning) in REASONS.items():
        assert f"| `{reason}` | {'kept' if kept else 'set aside'} | {meaning} |" in PAGE
    for ending in FORMS:
        assert f"`{ending}`" in PAGE
    for part, names in USUAL.items():
        assert f"| `{part}` | {', '.join(f'`{name}`' for name in names)} |" in PAGE
