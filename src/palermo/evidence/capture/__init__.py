"""Capturing web pages as evidence: rendered by a browser, or plain over HTTP.

The doors and the investigation use `collect` and `keep`; everything else is private to this
package.
"""

from palermo.evidence.capture.addresses import AddressRules, check_url
from palermo.evidence.capture.keeping import Kept, keep, keep_notice
from palermo.evidence.capture.limits import Limits, Screen
from palermo.evidence.capture.order import Capture, Context, Method, Order, StopNotice
from palermo.evidence.capture.record import check_record, items, reasons
from palermo.evidence.capture.socks import Upstream
from palermo.evidence.capture.stoplist import StopList
from palermo.evidence.capture.taking import collect

__all__ = [
    "AddressRules",
    "Capture",
    "Context",
    "Kept",
    "Limits",
    "Method",
    "Order",
    "Screen",
    "StopList",
    "StopNotice",
    "Upstream",
    "check_record",
    "check_url",
    "collect",
    "items",
    "keep",
    "keep_notice",
    "reasons",
]
