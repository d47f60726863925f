"""Writes the pages of the reference that are generated from code and data.

Guarantees that the documentation names every command, option, table column, power and indicator
that the program has, because it asks the program. Pages land in `docs/reference/generated/`.
"""

from collections.abc import Callable, Iterable
from pathlib import Path

import click
from sphinx.application import Sphinx

from palermo.analysis.indicators import default_rules
from palermo.analysis.networks import link_kinds
from palermo.doors.cli import COMMANDS, palermo
from palermo.investigation.tables import SCHEMAS
from palermo.law import law_book, powers_table
from palermo.model import IdentifierKind


def _cell(text: object) -> str:
    return str(text).replace("|", "\\|").replace("\n", " ")


def _table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> list[str]:
    names = list(head)
    lines = [f"| {' | '.join(names)} |", f"|{'---|' * len(names)}"]
    lines += [f"| {' | '.join(_cell(cell) for cell in row)} |" for row in rows]
    return [*lines, ""]


def _help(command: click.Command, name: str) -> list[str]:
    context = click.Context(command, info_name=name, max_content_width=96)
    return ["```text", command.get_help(context), "```", ""]


def commands() -> list[str]:
    """Every command with its options and example, as `--help` shows them."""
    lines = ["# Commands", ""]
    lines += [
        "Exit codes: 0 done; 1 the thing checked failed; 2 wrong use or unreadable input.",
        "",
    ]
    for name in sorted(COMMANDS):
        command = palermo.get_command(click.Context(palermo), name)
        if command is None:
            raise LookupError(name)
        lines += [f"## palermo {name}", "", *_help(command, f"palermo {name}")]
        for inner in sorted(getattr(command, "commands", {})):
            whole = f"palermo {name} {inner}"
            lines += [f"### {whole}", "", *_help(command.commands[inner], whole)]
    return lines


def tables() -> list[str]:
    """Every table of a case folder with its columns."""
    lines = ["# Tables of a case folder", "", "Parquet files in `CASE/tables/`.", ""]
    for name, schema in SCHEMAS.items():
        rows = [(f"`{f.name}`", f.type, "no" if not f.nullable else "yes") for f in schema]
        lines += [f"## {name}", "", *_table(("column", "type", "may be null"), rows)]
    kinds = link_kinds().kinds
    lines += ["## Kinds of identifier", ""]
    lines += _table(
        ("kind", "may link items", "strength of a link"),
        [
            (
                f"`{kind}`",
                "yes" if kind in kinds else "no",
                kinds[kind].strength if kind in kinds else "–",
            )
            for kind in (*IdentifierKind, "account", "campaign")
        ],
    )
    return lines


def law() -> list[str]:
    """Every power of the law packs."""
    lines = ["# Powers of the law packs", ""]
    lines += ["What is `unchecked` is a lead, not law.", ""]
    rows = powers_table(law_book())
    names = list(rows[0].__dataclass_fields__)
    lines += _table(names, [[getattr(row, name) for name in names] for row in rows])
    return lines


def indicators() -> list[str]:
    """Every rule of the indicator lists."""
    lines = ["# Indicators", ""]
    lines += ["A hit is an indication, never a verdict. Rules that need data the node does not yet"]
    lines += ["have are drafts and say nothing.", ""]
    for rule in default_rules().rules:
        sources = "; ".join(f"{s.work} {s.section} ({s.checked})" for s in rule.sources)
        lines += [f"## {rule.id}: {rule.title}", ""]
        lines += _table(
            ("status", "dimension", "strength", "polarity", "languages", "source"),
            [
                (
                    rule.status.value,
                    rule.dimension,
                    rule.strength.value,
                    rule.polarity.value,
                    " ".join(rule.languages),
                    sources,
                )
            ],
        )
        lines += [rule.rationale.strip(), ""]
        if rule.falsepositives:
            lines += ["Innocent explanations: " + "; ".join(rule.falsepositives) + ".", ""]
    return lines


PAGES: dict[str, Callable[[], list[str]]] = {
    "commands": commands,
    "tables": tables,
    "law": law,
    "indicators": indicators,
}


def write(app: Sphinx) -> None:
    """Write all pages; one that has not changed keeps its time, so Sphinx does not rebuild it."""
    folder = Path(app.srcdir) / "reference" / "generated"
    folder.mkdir(exist_ok=True)
    for name, page in PAGES.items():
        text = "\n".join(page())
        path = folder / f"{name}.md"
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect("builder-inited", write)
    return {"parallel_read_safe": True}
