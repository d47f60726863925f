"""Tracing claims from files to a court exhibit."""

from palermo.analysis.money.tracing import RULES
from palermo.investigation.tracing.run import TraceRequest, Tracing, trace_files

__all__ = ["RULES", "TraceRequest", "Tracing", "trace_files"]
