"""Brings the catalogues of the pages up to date with the sources, and compiles them.

    python tools/messages.py            extract, merge, compile
    python tools/messages.py --compile  compile only

Strings come from the templates and modules of the desks and doors, and from the words of data
files that are shown to people (`WORDS`). Needs GNU gettext (tools/system-packages). The compiled
catalogues are committed, so that a node runs without it.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import django
import yaml
from django.conf import settings
from django.core.management import call_command
from django.core.management.commands import makemessages

SOURCES = Path(__file__).resolve().parents[1] / "src" / "palermo"
LOCALE = SOURCES / "doors" / "web" / "locale"
LANGUAGES = ("ar", "es", "fr", "ru", "zh_Hans")
CHECKED = ("msgfmt", "--check-format", "--check-domain")
#: Nothing there is shown on pages.
ELSEWHERE = (
    "analysis", "engine", "evidence", "formats", "investigation", "law", "model", "scenario",
    "doors/cli",
)  # fmt: skip
#: Data files: which of their mappings hold words (with the context of the word) and sentences.
WORDS: dict[str, dict[str, str]] = {
    "desks/access/duties.yaml": {
        "actions": "action",
        "roles": "role",
        "duties": "duty",
        "purposes": "purpose",
    },
}


def words(path: str) -> str:
    """Return a module that names every word and sentence of a data file."""
    contexts = WORDS.get(path, {})
    raw: dict[str, Any] = yaml.safe_load((SOURCES / path).read_text("utf-8")) if contexts else {}
    lines = []
    for part, context in contexts.items():
        for word, meaning in raw[part].items():
            lines.append(f"pgettext({context!r}, {word!r})")
            if isinstance(meaning, str):
                lines.append(f"gettext({meaning!r})")
    return "\n".join(lines) + "\n"


class _File(makemessages.BuildFile):
    def preprocess(self) -> None:
        if not self.path.endswith(".yaml"):
            super().preprocess()
            return
        Path(self.work_path).write_text(words(os.path.normpath(self.path)), encoding="utf-8")


class _Extract(makemessages.Command):
    build_file_class = _File
    # A guess of the machine is worse than a gap, which a test finds.
    msgmerge_options = [*makemessages.Command.msgmerge_options, "--no-fuzzy-matching"]  # noqa: RUF012


def extract() -> None:
    """Merge what the sources say now into the catalogue of every language."""
    settings.configure(LOCALE_PATHS=[str(LOCALE)], INSTALLED_APPS=[], USE_I18N=True)
    django.setup()
    os.chdir(SOURCES)
    call_command(
        _Extract(),
        locale=list(LANGUAGES),
        extensions=["html", "txt", "py", "yaml"],
        ignore_patterns=[f"{one}/*" for one in ELSEWHERE],
        no_obsolete=True,
        add_location="file",
        verbosity=1,
    )
    for path in sorted(LOCALE.glob("*/LC_MESSAGES/django.po")):
        # The date would change the file at every run.
        lines = path.read_text("utf-8").splitlines(keepends=True)
        kept = [line for line in lines if not line.startswith('"POT-Creation-Date')]
        path.write_text("".join(kept), encoding="utf-8")


def compile_all() -> None:
    """Compile every catalogue."""
    for path in sorted(LOCALE.glob("*/LC_MESSAGES/django.po")):
        target = path.with_suffix(".mo")
        subprocess.run([*CHECKED, "-o", str(target), str(path)], check=True)  # noqa: S603


if __name__ == "__main__":
    if "--compile" not in sys.argv:
        extract()
    compile_all()
