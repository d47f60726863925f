"""Tests of the pages: what they share lasts as long as this package is at work, and no longer.

A second browser in the same process cannot be driven beside the one of these tests.
"""
