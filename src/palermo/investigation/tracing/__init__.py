"""Tracing claims from files to a court exhibit."""

from palermo.analysis.money.tracing import RULES
from palermo.investigation.tracing.run import TraceRequest, Tracing, trace_files
from palermo.investigation.tracing.words import LANGUAGES, Language

__all__ = ["LANGUAGES", "RULES", "Language", "TraceRequest", "Tracing", "trace_files"]
