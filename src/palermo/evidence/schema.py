"""The database of the custody log: its tables and the fence of triggers around them.

The triggers stop accidents. Against somebody who can write the file there are only signatures, the
tree, checkpoints and their copies elsewhere; `verify` relies on nothing here but the bytes of the
leaves.
"""

LOG_FILE = "custody.sqlite3"
KEY_FILE = "custody.pub"
CHECKPOINT_FILE = "checkpoint.txt"
CHECKPOINTS = "checkpoints"
OPENINGS_FILE = "openings.json"
VAULT = "vault"
#: What a case folder holds beside outputs; SQLite may leave a journal behind when interrupted.
OWN_FILES = frozenset(
    {
        VAULT,
        LOG_FILE,
        KEY_FILE,
        CHECKPOINT_FILE,
        CHECKPOINTS,
        OPENINGS_FILE,
        f"{LOG_FILE}-journal",
    }
)
#: What a vault holds beside exhibits: wrapped keys, a setting, a lock. They tell nothing.
VAULT_OWN_FILES = frozenset({"keys.sqlite3", "keys.sqlite3-journal", "location.json", ".lock"})
#: SQLite would read events from these; this log never has them, so they were planted.
FOREIGN_JOURNALS = (f"{LOG_FILE}-wal", f"{LOG_FILE}-shm")
FIRST = "0" * 64  # what the first entry names as the leaf before it
BATCH = "batch"  # the kind of a leaf that signs for the leaves before it

#: Every object of the database, by name. `verify` accepts no other and no changed one.
SCHEMA = {
    "log": "CREATE TABLE log (one INTEGER PRIMARY KEY CHECK (one = 1), key TEXT NOT NULL) STRICT",
    "custody": "CREATE TABLE custody (seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, "
    "data BLOB NOT NULL, leaf_hash BLOB NOT NULL) STRICT",
    "log_stays": "CREATE TRIGGER log_stays BEFORE UPDATE ON log "
    "BEGIN SELECT RAISE(ABORT, 'the log keeps its key'); END",
    "log_remains": "CREATE TRIGGER log_remains BEFORE DELETE ON log "
    "BEGIN SELECT RAISE(ABORT, 'the log keeps its key'); END",
    "custody_stays": "CREATE TRIGGER custody_stays BEFORE UPDATE ON custody "
    "BEGIN SELECT RAISE(ABORT, 'custody events are never changed'); END",
    "custody_remains": "CREATE TRIGGER custody_remains BEFORE DELETE ON custody "
    "BEGIN SELECT RAISE(ABORT, 'custody events are never removed'); END",
    "custody_follows": "CREATE TRIGGER custody_follows BEFORE INSERT ON custody "
    "WHEN NEW.seq <> (SELECT coalesce(max(seq), -1) + 1 FROM custody) "
    "BEGIN SELECT RAISE(ABORT, 'custody events follow each other'); END",
}
