"""The catalogues: complete in five languages, true to their sources, compiled as committed."""

import gettext
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils import formats, translation

from palermo.doors import web

ROOT = Path(__file__).resolve().parents[3]
LOCALE = Path(web.__file__).parent / "locale"
LANGUAGES = ("ar", "es", "fr", "ru", "zh_Hans")
PLACEHOLDER = re.compile(r"%\([a-z_]+\)[sd]|%[sd]|\{[a-z_]*\}")
TAG = re.compile(r"</?[a-z]+[^>]*>")


def catalogue(language: str) -> Catalog:
    with (LOCALE / language / "LC_MESSAGES" / "django.po").open("rb") as file:
        return read_po(file, locale=language)


def entries(language: str) -> list[Message]:
    return [one for one in catalogue(language) if one.id]


def _forms(message: Message) -> list[str]:
    strings = message.string if isinstance(message.string, (list, tuple)) else [message.string]
    return [str(one or "") for one in strings]


def test_the_languages_are_those_of_the_settings() -> None:
    codes = {translation.to_locale(code) for code, _name in settings.LANGUAGES} - {"en"}
    assert codes == set(LANGUAGES) == {path.name for path in LOCALE.iterdir()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_entry_is_translated(language: str) -> None:
    gaps = [one.id for one in entries(language) if not all(_forms(one)) or one.fuzzy]
    assert not gaps
    assert len(entries(language)) > 200


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_and_tags_are_those_of_the_original(language: str) -> None:
    for one in entries(language):
        originals = one.id if isinstance(one.id, (list, tuple)) else [one.id]
        for form in _forms(one):
            for what in (PLACEHOLDER, TAG):
                expected = {tuple(sorted(what.findall(original))) for original in originals}
                assert tuple(sorted(what.findall(form))) in expected, (language, one.id, form)


@pytest.mark.parametrize(("language", "forms"), [("ar", 6), ("ru", 4), ("zh_Hans", 1)])
def test_plurals_have_all_their_forms(language: str, forms: int) -> None:
    plural = [one for one in entries(language) if isinstance(one.id, (list, tuple))]
    assert plural
    assert {len(_forms(one)) for one in plural} == {forms}


@pytest.mark.parametrize(
    ("language", "number", "said"),
    [("ru", 1, "ключ "), ("ru", 3, "ключа "), ("ru", 5, "ключей "), ("ru", 21, "ключ "),
     ("ar", 2, "مفتاحا"), ("ar", 3, "مفاتيح"), ("ar", 11, "مفتاح")],
)  # fmt: skip
def test_plurals_are_chosen_by_the_number(language: str, number: int, said: str) -> None:
    with translation.override(language):
        text = translation.ngettext(
            "You have %(number)s security key.", "You have %(number)s security keys.", number
        )
    assert said in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_compiled_is_what_is_written(language: str) -> None:
    with (LOCALE / language / "LC_MESSAGES" / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    written: dict[object, str] = {}
    for one in entries(language):
        first = one.id[0] if isinstance(one.id, (list, tuple)) else one.id
        name = f"{one.context}\x04{first}" if one.context else first
        if isinstance(one.id, (list, tuple)):
            written |= {(name, number): form for number, form in enumerate(_forms(one))}
        else:
            written[name] = _forms(one)[0]
    assert {key: value for key, value in compiled.items() if key} == written


def test_the_catalogues_are_up_to_date_with_the_sources(tmp_path: Path) -> None:
    """Extracted anew, nothing is added and nothing goes."""
    if shutil.which("xgettext") is None:
        pytest.skip("needs GNU gettext: see tools/system-packages")
    (tmp_path / "tools").mkdir()
    shutil.copy(ROOT / "tools" / "messages.py", tmp_path / "tools")
    shutil.copytree(
        ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__", "vendor")
    )
    command = [sys.executable, "tools/messages.py"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    for language in LANGUAGES:
        path = Path("src/palermo/doors/web/locale") / language / "LC_MESSAGES" / "django.po"
        with (tmp_path / path).open("rb") as file:
            anew = {(one.context, str(one.id)) for one in read_po(file, locale=language)}
        held = {(one.context, str(one.id)) for one in catalogue(language)}
        assert anew == held, f"make messages ({language})"


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
def test_a_short_date_cannot_be_read_with_day_and_month_exchanged(language: str) -> None:
    """Day first, month as a word, or year first: never the American order."""
    from datetime import UTC, datetime

    with translation.override(translation.to_language(language)):
        text = formats.date_format(
            datetime(2026, 3, 25, 14, 5, tzinfo=UTC), "SHORT_DATETIME_FORMAT"
        )
    assert "14:05" in text
    assert not re.match(r"\D*0?3\D+25\D", text)


def test_words_of_data_files_are_said_in_the_language_of_the_reader() -> None:
    from palermo.desks.access.duties import duties
    from palermo.desks.access.words import meaning, said

    assert said("purpose", "investigate") == "investigate"
    for code, _name in settings.LANGUAGES:
        if code == "en":
            continue
        with translation.override(code):
            for kind, words in (("action", duties().actions), ("purpose", duties().purposes)):
                for word in words:
                    assert said(kind, word) != word, (code, word)
                    assert meaning(kind, word) != words[word], (code, word)
            assert said("role", "lead") != "lead"
            assert said("duty", "registrar") != "registrar"
