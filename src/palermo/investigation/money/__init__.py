"""Money in an investigation: from tables and alerts to reports."""
