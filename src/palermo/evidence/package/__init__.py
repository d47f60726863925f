"""Exhibit packages: what leaves a case, so that a stranger can check it offline.

A package is one BagIt 1.0 folder: originals, the custody log, its checkpoint, proofs, openings and
a report. What verifies a package needs nothing but the standard library and `cryptography`, since
it runs at the receiver's as well; the rest writes packages.
"""
