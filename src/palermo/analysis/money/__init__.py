"""The money: where it went, by the legal rules, and what its movement indicates."""
