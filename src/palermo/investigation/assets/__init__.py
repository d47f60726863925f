"""The asset ledger of a case in a folder: events in, plans, certificates and figures out."""

from palermo.investigation.assets.chain import start
from palermo.investigation.assets.record import Opened, enter, open_ledger, read_events

__all__ = ["Opened", "enter", "open_ledger", "read_events", "start"]
