"""Builds `palermo_verify.py`: the verifier as one file, for somebody who trusts none of our code.

Guarantees that the file holds the modules of the verifier word for word, so that it can be read and
compared with the repository, and that they need only Python's standard library and `cryptography`.
"""

import ast
import sys
from importlib.util import find_spec
from pathlib import Path

from palermo import __version__

MAIN = "palermo.evidence.alone"
_ALLOWED = sys.stdlib_module_names | {"cryptography"}
_QUOTES = "'''"

_HEAD = '''#!/usr/bin/env python3
"""Checks a Palermo case folder or exhibit package. Offline; needs `cryptography` and nothing else.

    python palermo_verify.py PATH [--key custody.pub] [--checkpoint kept.txt] [--tsa root.pem]

Below stand the modules of the verifier of Palermo {version}, word for word. The few lines at the
end make them importable and start `{main}`.
"""

SOURCES = {{}}
'''

_TAIL = '''
import importlib.abc
import importlib.machinery
import linecache
import sys


class _Within(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports the modules above from this file, and never a Palermo that may be installed."""

    def find_spec(self, name, path=None, target=None):
        package = any(other.startswith(name + ".") for other in SOURCES)
        if name in SOURCES or package:
            return importlib.machinery.ModuleSpec(name, self, is_package=package)
        if name.split(".")[0] == "palermo":
            raise ModuleNotFoundError(name + " is not part of the stand-alone verifier")
        return None

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        name = module.__name__
        source = SOURCES.get(name, "")
        shown = "<" + name + " in palermo_verify.py>"
        linecache.cache[shown] = (len(source), None, source.splitlines(True), shown)
        exec(compile(source, shown, "exec"), module.__dict__)


if __name__ == "__main__":
    sys.meta_path.insert(0, _Within())
    from {main} import main

    sys.exit(main())
'''


def standalone_source() -> str:
    """Return the text of `palermo_verify.py`.

    Raises:
        ValueError: when a module of the verifier imports what the file may not need.
    """
    parts = [_HEAD.format(version=__version__, main=MAIN)]
    for name, source in modules().items():
        if _QUOTES in source or source.endswith("\\"):
            raise ValueError(f"{name}: write strings with double quotes, so that it can be quoted")
        parts.append(f"\nSOURCES[{name!r}] = r{_QUOTES}{source}{_QUOTES}\n")
    parts.append(_TAIL.replace("{main}", MAIN))
    return "".join(parts)


def modules() -> dict[str, str]:
    """Return the source of every module the verifier needs, by name, in order of need."""
    found: dict[str, str] = {}
    _collect(MAIN, found)
    return found


def _collect(name: str, found: dict[str, str]) -> None:
    source = _source(name)
    found[name] = ""  # so that a circle would end
    for imported in _imports(name, source):
        if imported not in found:
            _collect(imported, found)
    del found[name]
    found[name] = source


def _imports(name: str, source: str) -> list[str]:
    """Return the modules of ours that `source` imports when it runs."""
    wanted = []
    for node in ast.walk(ast.parse(source)):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            if node.level or node.module is None:
                raise ValueError(f"{name}: relative imports cannot be bundled")
            names = [node.module]
            if node.module == "palermo.evidence":
                names = [f"{node.module}.{alias.name}" for alias in node.names]
        for one in names:
            top = one.split(".")[0]
            if top == "palermo":
                wanted.append(one)
            elif top not in _ALLOWED:
                raise ValueError(f"{name}: {one} is neither the standard library nor cryptography")
    typing_only = _typing_only(source)
    return [one for one in dict.fromkeys(wanted) if one not in typing_only]


def _typing_only(source: str) -> set[str]:
    """Return the modules that are imported for the type checker alone."""
    return {
        inner.module
        for node in ast.parse(source).body
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING"
        for inner in ast.walk(node)
        if isinstance(inner, ast.ImportFrom) and inner.module is not None
    }


def _source(name: str) -> str:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise ValueError(f"{name}: there is no such module")
    return Path(spec.origin).read_text("utf-8")
