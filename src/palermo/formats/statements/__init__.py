"""Statements of account, payments between banks, and lists of transfers, in the forms they come in.

One file a format; each reads as a stream and yields rows of READ_ROWS in blocks, the statements
they belong to, what was set aside, and remarks on the whole.
"""

from palermo.formats.statements.detect import Detected, detect
from palermo.formats.statements.parties import STAND_INS
from palermo.formats.statements.parts import Piece, Pieces, Remark, Source
from palermo.formats.statements.profile import Profile, profile_of, read_profile

__all__ = [
    "STAND_INS",
    "Detected",
    "Piece",
    "Pieces",
    "Profile",
    "Remark",
    "Source",
    "detect",
    "profile_of",
    "read_profile",
]
