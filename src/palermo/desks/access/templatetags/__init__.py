"""Tags of the templates of every desk."""
