"""One HTML file that needs nothing else: no script, no request, the same bytes for one content.

Everything quoted is escaped, and characters that cannot be seen are written as codes. The content
policy in the file forbids a browser to load anything, whatever a quoted text tries.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from palermo.analysis.campaigns import false_links
from palermo.investigation.dossier import drawing, quoting, timeline
from palermo.investigation.dossier.citations import capped
from palermo.investigation.dossier.content import DossierContent, Language, Ref
from palermo.investigation.dossier.evidence import evidence
from palermo.investigation.dossier.sources import Sources
from palermo.investigation.dossier.visible import excerpt, marked, visible
from palermo.investigation.dossier.wording import (
    LANGUAGES,
    both,
    count,
    decimal,
    size,
    strings,
    wording,
)

#: The chapters, in reading order; each is templates/<name>.html.
CHAPTERS = (
    "help",
    "summary",
    "authority",
    "material",
    "method",
    "networks",
    "campaigns",
    "limits",
    "sources",
)

_LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")


def _shown(value: object) -> object:
    """Pass every value that a template writes: plain text gets its unseen characters written."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return visible(value)
    return value


def _language(tag: str | None) -> Markup:
    """Give a lang attribute when `tag` looks like a language tag; nothing otherwise."""
    if tag is None or not _LANGUAGE_TAG.fullmatch(tag):
        return Markup("")
    return Markup(' lang="{}"').format(tag)


def _day(moment: datetime | date) -> str:
    if isinstance(moment, datetime):
        moment = moment.astimezone(UTC).date()
    return moment.isoformat()


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _reason(reason: object) -> Markup:
    """Write the reason of a link, `kind:value`, with the kind in both languages."""
    if isinstance(reason, str):
        kind, colon, value = reason.partition(":")
        if colon and f"kind.{kind}" in strings():
            return Markup("{} <bdi>{}</bdi>").format(strings().word("kind", kind), visible(value))
        return escape(visible(reason))
    return wording(reason)  # type: ignore[arg-type]  # a template hands in a Wording


def _citer(sources: Sources) -> Callable[[Ref], Markup]:
    def cite(ref: Ref) -> Markup:
        anchor, label = sources.anchor(ref), sources.label(ref)  # made of whole numbers only
        return Markup(f'<a class="ref" href="#{anchor}">{label}</a>')  # noqa: S704 - see above

    return cite


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("palermo.investigation.dossier"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "count": count,
        "day": _day,
        "decimal": decimal,
        "excerpt": excerpt,
        "false_links": false_links,
        "langattr": _language,
        "marked": marked,
        "moment": _moment,
        "reason": _reason,
        "size": size,
        "wording": wording,
    }
    environment.globals |= {
        "both": both,
        "draw_graph": drawing.draw,
        "draw_timeline": timeline.draw,
        "evidence": evidence,
        "quoting": quoting,
        "t": strings(),
        "word": strings().word,
    }
    return environment


def render_dossier(content: DossierContent, *, language: Language = "en") -> str:
    """Render `content` as one HTML document in English and French; `language` is shown first.

    Long lists are cut as `capped` does. Raises `Refused` when a cited row cannot be traced to one
    exhibit, row and hash, and KeyError for a key of `method` that `strings.yaml` does not have.
    """
    if language not in LANGUAGES:
        raise ValueError(f"language is {language!r}; expected one of {', '.join(LANGUAGES)}")
    shown = capped(content)
    sources = Sources(shown)
    context: dict[str, Any] = {
        "c": shown,
        "chapters": CHAPTERS,
        "cite": _citer(sources),
        "css": Markup(_style()),  # noqa: S704 - our own file, in a <style> element
        "language": language,
        "number_of": {name: number for number, name in enumerate(CHAPTERS, start=1)},
        "plain_title": strings().plain("page.document_title", language),
        "sources": sources,
    }
    return _environment().get_template("dossier.html").render(context)


def _style() -> str:
    return files(__package__).joinpath("dossier.css").read_text(encoding="utf-8")
