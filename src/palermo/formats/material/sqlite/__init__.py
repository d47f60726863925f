"""SQLite databases of phones, messengers and browsers.

Guarantees that the file is not written to and nothing in it is run, that every row of a table that
is read becomes an item with its place, and that tables that are not read are named.
"""

from collections.abc import Iterator
from dataclasses import replace

from palermo.formats.material.found import Found, Reader, Records, Source, Trouble
from palermo.formats.material.sqlite.android_calls import ANDROID_CALLS
from palermo.formats.material.sqlite.android_contacts import ANDROID_CONTACTS
from palermo.formats.material.sqlite.android_sms import ANDROID_SMS
from palermo.formats.material.sqlite.android_webview import ANDROID_WEBVIEW
from palermo.formats.material.sqlite.application import Application
from palermo.formats.material.sqlite.burner import BURNER
from palermo.formats.material.sqlite.chrome import CHROME
from palermo.formats.material.sqlite.database import Database
from palermo.formats.material.sqlite.firefox import FIREFOX
from palermo.formats.material.sqlite.imessage import IMESSAGE
from palermo.formats.material.sqlite.kik import KIK
from palermo.formats.material.sqlite.opening import MAGIC, Opened, opened
from palermo.formats.material.sqlite.safari import SAFARI
from palermo.formats.material.sqlite.skype import SKYPE
from palermo.formats.material.sqlite.summary import shortfall, summary
from palermo.formats.material.sqlite.tango import TANGO
from palermo.formats.material.sqlite.viber import VIBER, VIBER_MESSAGES
from palermo.formats.material.sqlite.whatsapp import WHATSAPP_ANDROID, WHATSAPP_IPHONE

__all__ = ["APPLICATIONS", "SQLITE", "Application"]

#: All that fit a database read it: Android kept people and calls in one file.
APPLICATIONS: tuple[Application, ...] = (
    ANDROID_SMS, ANDROID_CONTACTS, ANDROID_CALLS, ANDROID_WEBVIEW, IMESSAGE, KIK, SKYPE, VIBER,
    VIBER_MESSAGES, WHATSAPP_ANDROID, WHATSAPP_IPHONE, TANGO, BURNER, CHROME, FIREFOX, SAFARI,
)  # fmt: skip


def _recognises(source: Source) -> bool:
    return source.head.startswith(MAGIC)


def _read(source: Source) -> Records:
    with opened(source.path, source.name) as database:
        yield from _marked(_records(database, source), database)


def _records(opening: Opened, source: Source) -> Records:
    database = Database(opening, opening.size)
    missing = None if opening.companions else shortfall(source.head, opening.size)
    if missing is not None:
        database.tell(Trouble(within="database", detail=missing, reason="damaged_file"))
    fitting = [application for application in APPLICATIONS if application.fits(database)]
    for application in fitting:
        for found in application.read(database):
            yield from _told(database)
            yield found
    for application in APPLICATIONS:
        for table in application.imitated(database):
            yield _trick(application, table, database)
    yield summary(database, source.head, [application.name for application in fitting])
    yield from _told(database)


def _told(database: Database) -> Iterator[Trouble]:
    troubles, database.troubles = database.troubles, []
    yield from troubles


def _trick(application: Application, table: str, database: Database) -> Trouble:
    kind = database.unreal[table.lower()]
    detail = (
        f"a {kind} stands where {application.name} keeps a table; a {kind} is code of the evidence "
        "and is not run"
    )
    return Trouble(within=table, detail=detail)


def _marked(records: Records, opening: Opened) -> Records:
    """Say of every item that it was read with a journal, whose bytes are not in the exhibit."""
    for record in records:
        if opening.companions and isinstance(record, Found):
            extra = {**record.extra, "read_with": "; ".join(opening.companions)}
            yield replace(record, extra=extra)
        else:
            yield record


SQLITE = Reader(name="sqlite", media="application/vnd.sqlite3", recognises=_recognises, read=_read)
