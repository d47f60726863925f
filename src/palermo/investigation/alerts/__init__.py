"""Alerts from transactions: rules run, evidence brought together, a folder written."""

from palermo.investigation.alerts.evaluate import Looked, NotLooked, look
from palermo.investigation.alerts.run import Alerted, AlertRequest, alert_files

__all__ = ["AlertRequest", "Alerted", "Looked", "NotLooked", "alert_files", "look"]
