"""The doors: commands, and later pages and an API. No decision, rule or algorithm lives here."""
