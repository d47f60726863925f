"""The checks of `palermo doctor`, in the order in which they are told."""

from palermo.doors.web.operations.examining import database, folder, records, web
from palermo.doors.web.operations.examining.checks import Check, Look, Need, Severity

_ERROR, _WARNING, _HINT = Severity.ERROR, Severity.WARNING, Severity.HINT

_ROWS: tuple[tuple[str, str, Severity, Need, Look, str, str], ...] = (
    (
        "settings-file", "node.yaml can be read", _ERROR, "folder", folder.settings_file,
        "With a wrong setting the node does not start.",
        "Correct the setting that is named.",
    ),
    (
        "settings-secret", "A secret in node.yaml is kept", _ERROR, "settings",
        folder.settings_secret,
        "Whoever reads the password of the database reads every case.",
        "chmod 600 the file.",
    ),
    (
        "node-folder", "The node's folder is closed to others", _ERROR, "folder",
        folder.node_folder,
        "Material that is not sealed yet, tables and the database lie there unencrypted.",
        "chown it to the node's user, chmod 700 it; run doctor as that user.",
    ),
    (
        "key-modes", "Keys are readable by their owner alone", _ERROR, "folder", folder.key_modes,
        "Whoever has the keys can sign as the node and open every vault.",
        "chmod 700 the folder of keys and 600 what is in it; replace keys that others saw.",
    ),
    (
        "passphrase-opens", "The node's key opens", _ERROR, "folder", folder.passphrase_opens,
        "Without its key the node logs nothing, and so shows nothing.",
        "Set PALERMO_PASSPHRASE_FILE to the file with the right passphrase.",
    ),
    (
        "passphrase-file", "The passphrase is kept", _ERROR, "folder", folder.passphrase_file,
        "It opens the keys.", "chmod 600 the file.",
    ),
    (
        "keys-protected", "Keys rest under a passphrase", _WARNING, "folder",
        folder.keys_protected,
        "A stolen disk or a plain backup gives the keys away.",
        "Run palermo keys protect (docs/how-to/keys.md).",
    ),
    (
        "clock", "The clock is synchronised", _WARNING, "folder", folder.clock_synchronised,
        "Authorities end and events are logged by this clock.",
        "Switch on systemd-timesyncd or chrony; unset PALERMO_NOW.",
    ),
    (
        "clock-back", "The clock did not go back", _ERROR, "folder", records.clock_back,
        "What is logged now would seem to have happened before what was logged already.",
        "Set the clock right, and note in the case file when it was wrong.",
    ),
    (
        "disk-full", "There is room on the disk", _ERROR, "folder", folder.disk_full,
        "When nothing can be logged, nothing can be shown or done.",
        "Make room at once.",
    ),
    (
        "disk-low", "There is room for weeks", _WARNING, "folder", folder.disk_low,
        "Runs and backups need room while they work.", "Make room, or add a disk.",
    ),
    (
        "database-reachable", "The database answers", _ERROR, "folder", database.reachable,
        "The desks work on it.",
        "Start the server, and correct `desks: database` in node.yaml.",
    ),
    (
        "database-migrated", "The database is of this version", _ERROR, "database",
        database.migrated,
        "Pages would fail, or write what is not understood.",
        "Make a backup with the old version, then start palermo serve.",
    ),
    (
        "database-sound", "The database is undamaged", _ERROR, "database", database.sound,
        "Damage spreads into backups.",
        "Stop the node, keep its folder as it is, restore the last backup.",
    ),
    (
        "database-role", "The database's second wall holds", _ERROR, "database", database.role,
        "A mistake in a page would show cases to people who may not see them.",
        "Connect as a plain role (docs/how-to/postgresql.md).",
    ),
    (
        "row-security", "Tables of cases are walled off", _ERROR, "database",
        database.row_security,
        "A mistake in a page would show cases to people who may not see them.",
        "Run the migrations as the owner of the tables.",
    ),
    (
        "database-owner", "The desks do not own their tables", _WARNING, "database",
        database.owner,
        "Whoever breaks into the desks could switch row security off.",
        "Use two roles (docs/how-to/postgresql.md).",
    ),
    (
        "database-tools", "Backups can be made", _ERROR, "database", database.tools,
        "Without them there is neither backup nor restoration.",
        "Install postgresql-client of the server's version.",
    ),
    (
        "https", "The desks are reached by HTTPS", _ERROR, "settings", web.https,
        "Whoever listens on the way takes over sessions and reads cases.",
        "Put a server that speaks HTTPS in front, and set `https: true` (docs/how-to/serve.md).",
    ),
    (
        "hosts", "The names of the node are known", _WARNING, "settings", web.hosts,
        "Requests under other names are refused; under any name they would be believed.",
        "List every name in `desks: hosts` of node.yaml.",
    ),
    (
        "deploy-check", "Django's checks find nothing", _ERROR, "database", web.deploy,
        "They name settings that are unsafe.", "Report it: settings are derived, not edited.",
    ),
    (
        "cookies", "Cookies are protected", _ERROR, "django", web.cookies,
        "Whoever has the cookie has the session.", "Report it: settings are derived, not edited.",
    ),
    (
        "administrators", "There is an administrator", _ERROR, "database", records.administrators,
        "Nobody can be invited, and nobody's access ended.",
        "Start palermo serve: it prints the link of the first administrator.",
    ),
    (
        "second-administrator", "There is a second administrator", _WARNING, "database",
        records.second_administrator,
        "A lost second factor is reset by somebody else only.", "Invite another one.",
    ),
    (
        "officer", "There is a data-protection officer", _WARNING, "database", records.officer,
        "Nobody reads the audit, or learns of emergency openings.",
        "Give somebody that duty who works in no case.",
    ),
    (
        "second-factors", "Everybody has a second factor", _WARNING, "database",
        records.second_factors,
        "They can open nothing before they set one up; a guessed password could set it up first.",
        "Ask them to sign in and do it, or deactivate them.",
    ),
    (
        "mandates", "Authorities hold", _WARNING, "database", records.mandates,
        "A case shuts for everybody when its last authority ends.",
        "Tell the lead to bring a new authority, or to close the case.",
    ),
    (
        "custody-log", "The node's custody log holds", _ERROR, "folder", records.custody_log,
        "It is the proof of who looked at what.",
        "Keep the folder as it is, run palermo verify, compare with a backup.",
    ),
    (
        "checkpoint", "A checkpoint covers the log", _HINT, "folder", records.uncovered,
        "What came after it could be cut off without a trace.",
        "Run palermo backup or palermo checkpoint on the node's folder, regularly.",
    ),
    (
        "audit", "The audit agrees with the log", _ERROR, "database", records.audit_agrees,
        "Somebody changed, removed or added entries, or another database was put in place.",
        "Keep everything as it is, tell the data-protection officer, compare with a backup.",
    ),
    (
        "cases", "Case folders hold", _ERROR, "folder", records.cases_verify,
        "What does not verify convinces no court.",
        "Keep the folder as it is, run palermo verify on it, compare with a backup.",
    ),
    (
        "worker", "The worker runs", _ERROR, "folder", web.worker,
        "Investigations are done by it.", "Start the node anew with palermo serve.",
    ),
    (
        "runs", "Runs get on", _WARNING, "database", records.runs,
        "People wait for them.", "See that the worker runs; cancel the run and ask again.",
    ),
    (
        "unsealed", "No material lies unencrypted", _WARNING, "folder", folder.unsealed,
        "What is not in a vault can be read by whoever reads the disk.",
        "Run the investigation that it was brought for, or remove it.",
    ),
    (
        "inbox", "The inbox was taken in", _HINT, "folder", folder.inbox,
        "Files there are neither sealed nor logged.", "Take them in, or remove them.",
    ),
    (
        "leftovers", "Nothing was left by a kill", _WARNING, "folder", folder.leftovers,
        "Such drafts hold copies of the database.", "Remove what is named.",
    ),
    (
        "backups", "A backup was made lately", _WARNING, "database", records.backups,
        "A disk fails without asking.",
        "Run palermo backup, every night (docs/how-to/backup.md).",
    ),
    (
        "backups-encrypted", "Backups are encrypted", _WARNING, "database", records.plain_backups,
        "Whoever has the file has the node, keys included.",
        "Use --passphrase-file, and destroy plain backups.",
    ),
    (
        "versions", "What is installed was tested", _WARNING, "folder", web.versions,
        "Other versions may behave in other ways.",
        "pip install --require-hashes -r requirements/run.lock",
    ),
    (
        "programs", "Programs of optional parts are there", _HINT, "folder", database.programs,
        "The parts named do not work without them.", "Install them if you want these parts.",
    ),
)  # fmt: skip

CHECKS: tuple[Check, ...] = tuple(
    Check(id=name, what=what, severity=severity, needs=needs, look=look, why=why, mend=mend)
    for name, what, severity, needs, look, why, mend in _ROWS
)
