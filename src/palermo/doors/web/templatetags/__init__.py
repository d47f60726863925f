"""Tags of the templates that every page uses."""
