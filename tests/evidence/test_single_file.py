"""What a verifier of one file is bundled from needs the standard library and cryptography."""

import ast
import sys
from pathlib import Path

import pytest

import palermo.evidence

ROOM = Path(palermo.evidence.__file__).parent
BUNDLED = ["merkle", "keys", "der", "trust", "cms", "timestamp", "checkpoint"]


@pytest.mark.parametrize("module", BUNDLED)
def test_it_imports_nothing_that_is_not_bundled(module: str) -> None:
    allowed = {f"palermo.evidence.{name}" for name in BUNDLED} | {"palermo.model"}
    for node in ast.walk(ast.parse((ROOM / f"{module}.py").read_text("utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        for name in names:
            top = name.partition(".")[0]
            assert name in allowed or top in sys.stdlib_module_names | {"cryptography"}, name
            if name == "palermo.model" and isinstance(node, ast.ImportFrom):
                assert {alias.name for alias in node.names} <= {"Refused", "Unreadable"}
