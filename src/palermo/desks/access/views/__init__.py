"""The pages of the access desk."""
