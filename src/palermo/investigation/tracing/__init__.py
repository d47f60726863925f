"""Tracing claims from files to a court exhibit."""

from palermo.investigation.tracing.run import TraceRequest, Tracing, trace_files

__all__ = ["TraceRequest", "Tracing", "trace_files"]
