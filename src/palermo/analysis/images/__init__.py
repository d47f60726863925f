"""Which pictures are one photo, whatever was done to it on the way."""

from palermo.analysis.images.bits import Words, from_hex, to_hex
from palermo.analysis.images.groups import SamePhotos, same_photos
from palermo.analysis.images.hashing import (
    LEAST_QUALITY,
    LEAST_SIDE,
    ImageHashes,
    hash_image,
    hash_pixels,
)
from palermo.analysis.images.index import REVIEW, SAME, HashIndex, Hits
from palermo.analysis.images.listed import Listed, PhotoList
from palermo.analysis.images.matching import Matches, match, review, variant_name
from palermo.analysis.images.pdq import TURNS, Turn

__all__ = [
    "LEAST_QUALITY",
    "LEAST_SIDE",
    "REVIEW",
    "SAME",
    "TURNS",
    "HashIndex",
    "Hits",
    "ImageHashes",
    "Listed",
    "Matches",
    "PhotoList",
    "SamePhotos",
    "Turn",
    "Words",
    "from_hex",
    "hash_image",
    "hash_pixels",
    "match",
    "review",
    "same_photos",
    "to_hex",
    "variant_name",
]
