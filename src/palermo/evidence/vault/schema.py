"""The tables of key records, made so that what is erased leaves no copy.

SQLite's `secure_delete` alone does not give that: whenever it moves a cell between the pages of a
tree, a copy may stay in the room of a page that holds nothing, and no later deletion reaches it. So
records never move: rows are added at the end and erased in place. Lookups do move in their index,
in which they are sorted: it must be written anew, its old pages zeroed, whenever one of them goes.
"""

VERSION = 1
SCHEMA = {
    "vault": "CREATE TABLE vault (one INTEGER PRIMARY KEY CHECK (one = 1), "
    "version INTEGER NOT NULL, salt BLOB NOT NULL, key_check BLOB NOT NULL) STRICT",
    # Rows are added at the end and stay, so that a record is never copied to another page.
    "keys": "CREATE TABLE keys (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, "
    "lookup BLOB NOT NULL, wrapped BLOB NOT NULL, sealed_sha256 TEXT NOT NULL, "
    "size INTEGER NOT NULL) STRICT",
    "lookups": "CREATE UNIQUE INDEX lookups ON keys (lookup)",
    "shredded": "CREATE TABLE shredded (id TEXT PRIMARY KEY, gone INTEGER NOT NULL) STRICT",
}
PRAGMAS = (
    # Kept, not deleted: the blocks of a deleted journal would hold copies of records for ever.
    "journal_mode = PERSIST",
    "synchronous = EXTRA",
    "secure_delete = ON",
    "temp_store = MEMORY",
    "cell_size_check = ON",
)
#: What a record is read from, and which rows still are one.
COLUMNS = "id, wrapped, sealed_sha256, size"
STANDING = "id NOT IN (SELECT id FROM shredded)"
#: Values of the same length, so that the row is overwritten where it is.
ERASE = (
    "UPDATE keys SET lookup = randomblob(length(lookup)), wrapped = zeroblob(length(wrapped)) "  # noqa: S608
    f"WHERE id = ? AND {STANDING}"
)
