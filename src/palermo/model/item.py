"""An item: one ad, post, message or page of the material, as it was said.

The text is what the source says, unchanged. Columns a reader does not know are kept in `extra`
(a JSON object), so nothing of a row is lost. An item always knows its exhibit, row and row hash.
"""

import pyarrow as pa

#: One row an item. `id` is unique within a case. `posted_at` is UTC, null when unknown or unclear.
#: Items of chats, devices, mail, pages, photos and disks also have a `kind` (`message`, `contact`,
#: `visit`, …), their exact place `within` the exhibit, and a `time_note` on what their time leaves
#: open (zone, precision); rows of tables have null there.
ITEMS = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("text", pa.string(), nullable=False),
        pa.field("lang", pa.string()),
        pa.field("posted_at", pa.timestamp("us", tz="UTC")),
        pa.field("platform", pa.string()),
        pa.field("account", pa.string()),
        pa.field("url", pa.string()),
        pa.field("place", pa.string()),
        pa.field("kind", pa.string()),
        pa.field("within", pa.string()),
        pa.field("time_note", pa.string()),
        pa.field("extra", pa.string()),
        pa.field("exhibit", pa.string(), nullable=False),
        pa.field("row", pa.int64(), nullable=False),
        pa.field("row_hash", pa.string(), nullable=False),
    ]
)

#: Rows that were set aside, and notes on rows that were kept although something was wrong.
#: `kept` tells which: a kept row is among the items under `id`. `raw` is at most 2,000 characters.
REJECTED = pa.schema(
    [
        pa.field("exhibit", pa.string(), nullable=False),
        pa.field("row", pa.int64(), nullable=False),
        pa.field("id", pa.string()),
        pa.field("reason", pa.string(), nullable=False),
        pa.field("detail", pa.string(), nullable=False),
        pa.field("kept", pa.bool_(), nullable=False),
        pa.field("raw", pa.string()),
    ]
)
