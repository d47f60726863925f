"""No visible English stands in a template, or in a form, outside what is translated."""

import ast
import re
from pathlib import Path

import pytest

import palermo

SOURCES = Path(palermo.__file__).parent
TEMPLATES = sorted(
    path
    for part in ("desks", "doors/web")
    for path in (SOURCES / part).rglob("templates/**/*")
    if path.suffix in {".html", ".txt"}
)
MODULES = sorted(
    path
    for part in ("desks", "doors/web")
    for path in (SOURCES / part).rglob("*.py")
    if "migrations" not in path.parts
)
#: Names that are the same in every language.
NAMES = {
    "Palermo", "SHA-256", "CSV", "JSON", "UTC", "ZIP", "TSV", "PNG", "SVG", "API", "OpenAPI", "ISO",
    "charset", "utf-8", "doctype", "html", "amp", "nbsp", "hellip", "middot", "ndash", "mdash",
    "rarr", "larr", "lt", "gt", "quot", "times", "thinsp",
}  # fmt: skip
BLOCK = re.compile(r"{%\s*blocktrans(?:late)?\b.*?{%\s*endblocktrans(?:late)?\s*%}", re.DOTALL)
COMMENT = re.compile(r"{#.*?#}|{%\s*comment\b.*?{%\s*endcomment\s*%}|<!--.*?-->", re.DOTALL)
SCRIPT = re.compile(r"<script\b.*?</script>", re.DOTALL)
#: What an inherited template puts into an attribute.
CLASS = re.compile(r"{%\s*block \w+_class\s*%}.*?{%\s*endblock[^%]*%}")
CODE = re.compile(r"{%.*?%}|{{.*?}}", re.DOTALL)
SPOKEN = re.compile(
    r"""\b(?:title|alt|aria-label|placeholder|aria-description)=(["'])(.*?)\1""", re.DOTALL
)
TAG = re.compile(r"<[^>]*>", re.DOTALL)
WORD = re.compile(r"[^\W\d_]{2,}(?:-\w+)*")


def english(source: str) -> list[str]:
    """Return the words of a template that a reader would see and no catalogue would translate."""
    text = CLASS.sub(" ", BLOCK.sub(" ", COMMENT.sub(" ", source)))
    text = CODE.sub("\x00", SCRIPT.sub(" ", text))
    spoken = " ".join(match[2] for match in SPOKEN.finditer(text))
    return [word for word in WORD.findall(TAG.sub(" ", text) + " " + spoken) if word not in NAMES]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(SOURCES)))
def test_no_english_stands_in_a_template(path: Path) -> None:
    assert not english(path.read_text("utf-8"))


def test_english_would_be_found() -> None:
    assert english("<p>Hello</p>") == ["Hello"]
    assert english('<img alt="A picture">') == ["picture"]
    assert english('{% translate "Hello" %} <p class="soft">{{ x|default:"no" }}</p>') == []
    assert english("{% blocktranslate %}Hello {{ name }}{% endblocktranslate %}") == []


#: Arguments that people read, by the name of what is called.
READ = {"label", "help_text", "empty_label", "verbose_name"}
CALLS = {"success", "warning", "info", "error", "ValidationError"}


def plain(tree: ast.AST) -> list[str]:
    """Return the texts for readers that a module gives as plain strings."""
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        read = [one.value for one in node.keywords if one.arg in READ]
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        owner = getattr(getattr(node.func, "value", None), "id", "")
        if name in CALLS and owner in {"messages", "forms"}:
            read += node.args
        for one in read:
            text = one.values[0] if isinstance(one, ast.JoinedStr) and one.values else one
            if (
                isinstance(text, ast.Constant)
                and isinstance(text.value, str)
                and text.value.strip()
            ):
                found.append(text.value)
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCES)))
def test_no_form_speaks_english_only(path: Path) -> None:
    texts = plain(ast.parse(path.read_text("utf-8")))
    assert not [text for text in texts if " " in text or text[:1].isupper()]


def test_a_plain_label_would_be_found() -> None:
    assert plain(ast.parse('forms.CharField(label="Name")')) == ["Name"]
    assert plain(ast.parse('forms.CharField(label=_("Name"))')) == []
