"""The asset ledger of a case in a folder: events in, plans, certificates and figures out."""

from palermo.investigation.assets.chain import start
from palermo.investigation.assets.outputs import (
    FormRequest,
    day_of,
    figures,
    form_files,
    state_of,
    waterfall_files,
)
from palermo.investigation.assets.record import Opened, enter, open_ledger, read_events
from palermo.investigation.assets.wages import WageRequest, claim_files

__all__ = [
    "FormRequest",
    "Opened",
    "WageRequest",
    "claim_files",
    "day_of",
    "enter",
    "figures",
    "form_files",
    "open_ledger",
    "read_events",
    "start",
    "state_of",
    "waterfall_files",
]
