"""The laboratory: pure functions over Arrow tables. One folder answers one question."""
