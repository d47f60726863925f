"""Palermo, the open node against technology-facilitated trafficking in persons."""

__version__ = "0.1.0"
