"""What makes search fast: an index over the letters of texts, in SQLite or in PostgreSQL.

Guarantees that the index follows the rows by itself: by triggers in SQLite (FTS5 with the trigram
tokenizer, which knows no words and therefore serves Arabic, Chinese and Thai alike), by being an
index of the table in PostgreSQL (pg_trgm). A later migration that makes one of the tables anew in
SQLite takes its triggers with it and has to call `create` again.
"""

from typing import Any

#: Table, column, and what the index over it is called.
INDEXED = (
    ("cases_item", "text", "cases_item_letters"),
    ("cases_identifier", "value", "cases_identifier_letters"),
)

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
_POSTGRESQL = (
    "CREATE INDEX IF NOT EXISTS {index} ON {table} USING gin (case_id, {column} gin_trgm_ops)",
)
_EXTENSIONS = ("pg_trgm", "btree_gin")


def create(connection: Any) -> None:
    """Make the indexes, where the database can have them.

    Both extensions of PostgreSQL are trusted: the owner of the database may add them. Where they
    are not installed, search reads the texts of the case instead, and `doctor` says so.
    """
    if connection.vendor == "sqlite":
        _run(connection, _SQLITE)
    elif _extended(connection):
        _run(connection, _POSTGRESQL)


def drop(connection: Any) -> None:
    """Take the indexes away again."""
    with connection.cursor() as cursor:
        for _table, _column, index in INDEXED:
            if connection.vendor == "sqlite":
                for trigger in ("added", "gone", "changed"):
                    cursor.execute(f"DROP TRIGGER IF EXISTS {index}_{trigger}")
                cursor.execute(f"DROP TABLE IF EXISTS {index}")
            else:
                cursor.execute(f"DROP INDEX IF EXISTS {index}")


def available(connection: Any) -> bool:
    """Tell whether the texts are indexed."""
    if connection.vendor == "sqlite":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [INDEXED[0][2]])
        return bool(cursor.fetchone()[0])


def _run(connection: Any, statements: tuple[str, ...]) -> None:
    with connection.cursor() as cursor:
        for table, column, index in INDEXED:
            for statement in statements:
                cursor.execute(statement.format(table=table, column=column, index=index))


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
