"""What makes search fast: an index over letters in SQLite, small letters in PostgreSQL.

Guarantees that both follow the rows by themselves: by triggers in SQLite (FTS5 with the trigram
tokenizer, which knows no words and therefore serves Arabic, Chinese and Thai alike), by a column
that the database computes in PostgreSQL. A later migration that makes one of the tables anew in
SQLite takes its triggers with it and has to call `create` again.
"""

from typing import Any

#: Table, column, and what the index over it is called.
INDEXED = {
    "items": ("cases_item", "text", "cases_item_letters"),
    "identifiers": ("cases_identifier", "value", "cases_identifier_letters"),
}

_SQLITE = (
    """CREATE VIRTUAL TABLE IF NOT EXISTS {index} USING fts5(
        {column}, content='{table}', content_rowid='id', tokenize='trigram')""",
    """CREATE TRIGGER IF NOT EXISTS {index}_added AFTER INSERT ON {table} BEGIN
        INSERT INTO {index}(rowid, {column}) VALUES (new.id, new.{column}); END""",
    """CREATE TRIGGER IF NOT EXISTS {index}_gone AFTER DELETE ON {table} BEGIN
        INSERT INTO {index}({index}, rowid, {column})
        VALUES ('delete', old.id, old.{column}); END""",
    """CREATE TRIGGER IF NOT EXISTS {index}_changed AFTER UPDATE OF {column} ON {table} BEGIN
        INSERT INTO {index}({index}, rowid, {column}) VALUES ('delete', old.id, old.{column});
        INSERT INTO {index}(rowid, {column}) VALUES (new.id, new.{column}); END""",
    "INSERT INTO {index}({index}) VALUES ('rebuild')",
)
#: In small letters, kept by the database: a comparison that minds no capitals, and a plain LIKE,
#: is a dozen times faster than ILIKE, which would turn every text anew at every question.
_POSTGRESQL = (
    """ALTER TABLE {table} ADD COLUMN IF NOT EXISTS letters text
        GENERATED ALWAYS AS (lower({column})) STORED""",
)
_TRIGRAMS = (
    "CREATE INDEX IF NOT EXISTS {index} ON {table} USING gin (case_id, letters gin_trgm_ops)",
)
_EXTENSIONS = ("pg_trgm", "btree_gin")


def create(connection: Any) -> None:
    """Make what search needs.

    PostgreSQL uses no index for LIKE on a table with row security, unless its administrator said
    that LIKE tells nothing of rows it does not return (`ALTER FUNCTION textlike LEAKPROOF`). Only
    then is there one: otherwise it would cost every landing and serve nobody, and the texts of the
    case are read, which takes a few microseconds each.
    """
    if connection.vendor == "sqlite":
        _run(connection, _SQLITE)
        return
    _run(connection, _POSTGRESQL)
    if _leakproof(connection) and _extended(connection):
        _run(connection, _TRIGRAMS)


def drop(connection: Any) -> None:
    """Take the indexes away again."""
    with connection.cursor() as cursor:
        for table, _column, index in INDEXED.values():
            if connection.vendor == "sqlite":
                for trigger in ("added", "gone", "changed"):
                    cursor.execute(f"DROP TRIGGER IF EXISTS {index}_{trigger}")
                cursor.execute(f"DROP TABLE IF EXISTS {index}")
            else:
                cursor.execute(f"ALTER TABLE {table} DROP COLUMN IF EXISTS letters")


def _run(connection: Any, statements: tuple[str, ...]) -> None:
    with connection.cursor() as cursor:
        for table, column, index in INDEXED.values():
            for statement in statements:
                cursor.execute(statement.format(table=table, column=column, index=index))


def _leakproof(connection: Any) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT proleakproof FROM pg_proc WHERE oid = 'textlike(text, text)'::regprocedure"
        )
        return bool(cursor.fetchone()[0])


def _extended(connection: Any) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_available_extensions WHERE name = ANY(%s)", [list(_EXTENSIONS)]
        )
        if cursor.fetchone()[0] < len(_EXTENSIONS):
            return False
        cursor.execute(
            "SELECT has_database_privilege(current_database(), 'CREATE')"
            " OR (SELECT count(*) FROM pg_extension WHERE extname = ANY(%s)) = %s",
            [list(_EXTENSIONS), len(_EXTENSIONS)],
        )
        if not cursor.fetchone()[0]:
            return False
        for name in _EXTENSIONS:
            cursor.execute(f"CREATE EXTENSION IF NOT EXISTS {name}")
    return True
