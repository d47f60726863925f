"""The two ways in which Palermo says no, matching the exit codes of the command.

Both carry one plain sentence: where, what was expected, what to do.
"""


class Refused(Exception):
    """What was checked does not hold: a power that is not given, a seal that is broken. Exit 1."""


class Unreadable(Exception):
    """The request or its input cannot be understood. Exit 2."""
