"""Search over items, identifiers and notes of one case or of all that a person has open.

Guarantees that the condition of visibility stands inside every query; that what is counted is what
could be paged through; and that where not everything was looked at, the answer says so. A text
matches where all words of the question stand in it, in any case of letters.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import F, Q

from palermo.desks.access.models import Case
from palermo.desks.access.visibility import Viewer, visible_sql
from palermo.desks.cases import search_index
from palermo.desks.cases.asking import Question, indexed
from palermo.desks.cases.figures import Number
from palermo.desks.cases.marking import Piece, Sort, cut, number
from palermo.desks.cases.models import Identifier, Item, Mention, Note

#: What can be paged through; who finds more has to ask more precisely.
MOST = 1000
#: Rows that are read for words too short for the index, the newest first.
READ = 20_000
PAGE = 25
#: Identifiers whose items are found with them.
NAMED = 50
_BEFORE, _AFTER = 70, 150
#: In whose ways of writing a number at home is tried.
_LANGUAGES = ("fr", "en-GB", "en-US", "es", "de", "it", "pt-BR", "ru", "ar", "zh", "tr", "ro")


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found: a row of `kind` in `case`, with the place of the words in it."""

    kind: str
    case: Case
    row: Item | Identifier | Note
    pieces: Sequence[Piece[str]]
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of one kind: a page of it; `read_only` rows were looked at, 0 for all."""

    kind: str
    number: Number
    hits: Sequence[Hit] = ()
    page: int = 1
    pages: int = 1
    read_only: int = 0

    @property
    def first(self) -> int:
        """Number of the first hit shown."""
        return (self.page - 1) * PAGE + 1

    @property
    def before(self) -> int:
        """The page before."""
        return self.page - 1

    @property
    def after(self) -> int:
        """The page after."""
        return self.page + 1


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found, by kind."""

    question: Question
    kinds: dict[str, Found] = field(default_factory=dict)


def find(
    viewer: Viewer, text: str, case: Case | None = None, *, kind: str = "", page: int = 1
) -> Answer:
    """Find `text` in `case`, or in every case that `viewer` may search now.

    With `kind` (items, identifiers, notes), `page` is that of this kind; the others show their
    first one.
    """
    question = Question(text)
    if not question.words:
        return Answer(question)
    scope = _Scope(viewer, case, question)
    return Answer(
        question, {name: look(scope, page if name == kind else 1) for name, look in _LOOKS.items()}
    )


class _Scope:
    """Where is searched and for what."""

    def __init__(self, viewer: Viewer, case: Case | None, question: Question) -> None:
        self.viewer, self.case, self.question = viewer, case, question
        self.named: list[int] | None = None

    def rows(self, model: Any) -> Any:
        """Return the rows of `model` in scope."""
        rows = model.rows.visible_to(self.viewer, "search")
        return rows if self.case is None else rows.of(self.case)

    def within(self) -> tuple[str, list[Any]]:
        """Return the condition that every row `t` passes: visible, and of the case if one is."""
        visible, parameters = visible_sql(self.viewer, "search")
        where, values = f"t.case_id {_among(visible)}", list(parameters)
        if self.case is not None:
            where, values = f"{where} AND t.case_id = %s", [*values, self.case.pk]
        return where, values


def _keys(
    scope: _Scope, words: Sequence[str], table: str, column: str, index: str
) -> tuple[list[int], int]:
    """Return at most `MOST` + 1 keys of matching rows, and how many rows were read, 0 for all."""
    where, values = scope.within()
    match, patterns = _holding(words, column)
    if any(map(indexed, words)) and search_index.available(connection):
        if connection.vendor == "sqlite":
            return _through_fts5(scope, words, table, column, index), 0
        sql = f"SELECT t.id FROM {table} t WHERE {where} AND {match} LIMIT {MOST + 1}"
        return _asked(sql, [*values, *patterns]), 0
    newest = f"SELECT t.id, t.{column} FROM {table} t WHERE {where} ORDER BY t.id DESC LIMIT {READ}"
    found = _asked(
        f"SELECT t.id FROM ({newest}) t WHERE {match} ORDER BY t.id DESC LIMIT {MOST + 1}",
        [*values, *patterns],
    )
    beyond = _asked(
        f"SELECT t.id FROM {table} t WHERE {where} ORDER BY t.id DESC LIMIT 1 OFFSET {READ}",
        values,
    )
    return found, READ if beyond else 0


def _through_fts5(
    scope: _Scope, words: Sequence[str], table: str, column: str, index: str
) -> list[int]:
    where, values = scope.within()
    long = [word.replace('"', '""') for word in words if indexed(word)]
    asked = " ".join(f'"{word}"' for word in long)
    bounds = ""
    if scope.case is not None:
        # Rows of a case lie close together, and the index can be read from one key to another.
        ends = f"(SELECT {{}}(id) FROM {table} WHERE case_id = %s)"
        bounds = f" AND f.rowid BETWEEN {ends.format('min')} AND {ends.format('max')}"
    match, patterns = _holding([word for word in words if not indexed(word)], column)
    return _asked(
        f"SELECT t.id FROM {index} f JOIN {table} t ON t.id = f.rowid"
        f" WHERE f.{column} MATCH %s{bounds} AND {where} AND {match}"
        f" ORDER BY f.rowid DESC LIMIT {MOST + 1}",
        [asked, *([scope.case.pk] * 2 if scope.case else []), *values, *patterns],
    )


def _among(visible: str) -> str:
    # PostgreSQL works the keys out once and takes them to its index.
    return f"= ANY(ARRAY({visible}))" if connection.vendor == "postgresql" else f"IN ({visible})"


def _holding(words: Sequence[str], column: str) -> tuple[str, list[str]]:
    """Return the condition that a column holds all of the words, in any case of letters."""
    if connection.vendor == "postgresql":
        patterns = [f"%{_literal(word)}%" for word in words]
        return " AND ".join([f"t.{column} ILIKE %s"] * len(words)) or "TRUE", patterns
    # SQLite knows capitals of ASCII alone; the usual forms of a word are tried for the others.
    conditions, values = [], []
    for word in words:
        forms = dict.fromkeys((word, word.lower(), word.upper(), word.capitalize()))
        conditions.append("(" + " OR ".join([f"t.{column} LIKE %s ESCAPE '\\'"] * len(forms)) + ")")
        values += [f"%{_literal(form)}%" for form in forms]
    return " AND ".join(conditions) or "1", values


def _literal(word: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", word)


def _asked(sql: str, values: Sequence[Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(values))
        return [key for (key,) in cursor.fetchall()]


# -- the kinds of things that are found -----------------------------------------------------------


def _items(scope: _Scope, page: int) -> Found:
    keys, read = _keys(scope, scope.question.words, *search_index.INDEXED[0])
    named = _named(scope)
    if named:
        mentions = scope.rows(Mention).filter(identifier__in=named).order_by("-item")
        keys = list(dict.fromkeys([*keys, *mentions.values_list("item", flat=True)[: MOST + 1]]))
    rows = scope.rows(Item).filter(pk__in=keys[: MOST + 1])
    ordered = rows.order_by(F("posted_at").desc(nulls_last=True), "-id")
    return _page(
        scope, "items", ordered, n=len(keys), page=page, column="text", at="posted_at", read=read
    )


def _identifiers(scope: _Scope, page: int) -> Found:
    keys, read = _keys(scope, scope.question.words, *search_index.INDEXED[1])
    keys = list(dict.fromkeys([*_named(scope), *keys]))
    ordered = scope.rows(Identifier).filter(pk__in=keys[: MOST + 1]).order_by("-items", "id")
    return _page(
        scope,
        "identifiers",
        ordered,
        n=len(keys),
        page=page,
        column="value",
        at="last_seen",
        read=read,
    )


def _notes(scope: _Scope, page: int) -> Found:
    # People write notes; there are never so many that an index would be felt.
    where, values = scope.within()
    match, patterns = _holding(scope.question.words, "text")
    keys = _asked(
        f"SELECT t.id FROM cases_note t WHERE {where} AND {match}"
        f" ORDER BY t.id DESC LIMIT {MOST + 1}",
        [*values, *patterns],
    )
    ordered = scope.rows(Note).filter(pk__in=keys).order_by("-id")
    return _page(scope, "notes", ordered, n=len(keys), page=page, column="text", at="at")


_LOOKS: dict[str, Callable[[_Scope, int], Found]] = {
    "items": _items,
    "identifiers": _identifiers,
    "notes": _notes,
}


def _named(scope: _Scope) -> list[int]:
    """Return the identifiers that the question names in another form than they are kept in."""
    if scope.named is None:
        question, rows = scope.question, scope.rows(Identifier).order_by()
        named = Q()
        for kind, value in question.identifiers(_LANGUAGES if question.digits else ()):
            named |= Q(kind=kind, value=value)
        keys = list(rows.filter(named).values_list("pk", flat=True)[:NAMED]) if named else []
        if question.digits:
            keys += _keys(scope, [question.digits], *search_index.INDEXED[1])[0][:NAMED]
        scope.named = list(dict.fromkeys(keys))
    return scope.named


def _page(
    scope: _Scope, kind: str, rows: Any, *, n: int, page: int, column: str, at: str, read: int = 0
) -> Found:
    total = Number(min(n, MOST), more=n > MOST)
    pages = max(1, -(-total.n // PAGE))
    page = min(max(1, page), pages)
    shown = list(rows.select_related("case")[(page - 1) * PAGE : min(page * PAGE, MOST)])
    hits = [
        Hit(kind, row.case, row, snippet(getattr(row, column), scope.question), getattr(row, at))
        for row in shown
    ]
    return Found(kind, total, hits, page, pages, read)


def snippet(text: str, question: Question) -> list[Piece[str]]:
    """Return the surroundings of the first word found in `text`, with all words in it marked."""
    if not question.words:
        return cut(text[:_AFTER], [])
    pattern = re.compile("|".join(map(re.escape, question.words)), re.IGNORECASE)
    first = pattern.search(text)
    start = max(0, first.start() - _BEFORE) if first else 0
    end = (first.end() if first else 0) + _AFTER
    part = ("…" if start else "") + text[start:end] + ("…" if end < len(text) else "")
    found: list[tuple[Sort, int, int, str]] = [
        ("found", one.start(), one.end(), one[0]) for one in pattern.finditer(part)
    ]
    return cut(part, number(found))
