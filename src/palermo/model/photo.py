"""A photo: a picture file that items carry, and which of them are the same picture.

Nothing of a picture is kept here but hashes, which say how much two pictures are alike and cannot
be turned back into one.
"""

import pyarrow as pa

#: One row for an item and each photo it is or carries. `sha256` is that of the photo's bytes; `pdq`
#: its perceptual hash (64 hexadecimal digits) and `quality` 0 to 100, null when it could not be
#: decoded. `photo` names all photos that are the same picture, alone or not; null when this one is
#: not compared, and `note` says why. `stands_for`: whether networks link this item by the photo; of
#: a photo and the message that carries it, only the message does.
PHOTOS = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("sha256", pa.string(), nullable=False),
        pa.field("pdq", pa.string()),
        pa.field("quality", pa.int16()),
        pa.field("photo", pa.string()),
        pa.field("stands_for", pa.bool_(), nullable=False),
        pa.field("note", pa.string()),
    ]
)

#: Why photos are the same: the closest links that hold each group together, one less than it has
#: photos. `a` < `b` are SHA-256 of files, `distance` the bits of 256 that differ, `variant` how `a`
#: must be turned, and what is trimmed, to look like `b`.
SAME_PHOTO = pa.schema(
    [
        pa.field("a", pa.string(), nullable=False),
        pa.field("b", pa.string(), nullable=False),
        pa.field("distance", pa.int16(), nullable=False),
        pa.field("variant", pa.string(), nullable=False),
    ]
)
