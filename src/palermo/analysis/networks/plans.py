"""The relational part of finding networks, as plans that any engine can run.

Tables they read: `items` (with `position`, the row number, and `octets`, the bytes of the text),
`identifiers`, `campaigns`, and `kinds` (one column `kind`: what may link).
"""

#: Every value that may link and stands in at least two items, once an item.
#: Columns: kind, value, position. Materialise as `shared`.
SHARED = """
WITH stated AS (
    SELECT DISTINCT identifiers.kind, identifiers.value, items.position
    FROM identifiers
    JOIN kinds ON identifiers.kind = kinds.kind
    JOIN items ON identifiers.id = items.id
    UNION ALL
    SELECT 'account' AS kind, coalesce(platform, '') || ':' || account AS value, position
    FROM items WHERE account IS NOT NULL AND account <> ''
    UNION ALL
    SELECT 'campaign' AS kind, campaigns.campaign AS value, items.position
    FROM campaigns JOIN items ON campaigns.id = items.id
    WHERE campaigns.campaign IS NOT NULL
)
SELECT kind, value, position
FROM (SELECT *, count(*) OVER (PARTITION BY kind, value) AS carriers FROM stated) AS counted
WHERE carriers >= 2
"""

#: The same, in the order that the rest of the room relies on.
SHARED_IN_ORDER = "SELECT kind, value, position FROM shared ORDER BY kind, value, position"

#: What is known of each shared value; `octets` is the length of the longest text that carries it.
#: Same order of (kind, value) as `SHARED_IN_ORDER`.
QUALITY = """
SELECT
    shared.kind,
    shared.value,
    count(*) AS items,
    count(DISTINCT coalesce(items.platform, '') || ':' || items.account) AS accounts,
    count(DISTINCT campaigns.campaign) AS campaigns,
    min(items.posted_at) AS first_seen,
    max(items.posted_at) AS last_seen,
    max(items.octets) AS octets
FROM shared
JOIN items ON shared.position = items.position
LEFT JOIN campaigns ON items.id = campaigns.id
GROUP BY shared.kind, shared.value
ORDER BY shared.kind, shared.value
"""
