"""What brings rows together in the search for campaigns by steps, as plans any engine can run.

The kernels between them are in `steps`, which also says why the result is that of
`find_campaigns`; `investigation.spread` runs both in their order. Each plan says which tables it
reads.
"""

from palermo.analysis.campaigns.shingles import CONSIDERED, RARE, SMALL_GROUP, SMALLEST
from palermo.analysis.campaigns.tokens import SHORT

#: Reads `texts` (as `steps.READ`): one row a content, told by the first item that says it.
CONTENTS = """
SELECT
    content,
    count(*) AS posts,
    min(position) AS position,
    min_by(id, position) AS id,
    min_by(length, position) AS length,
    min_by(tokens, position) AS tokens
FROM texts WHERE content IS NOT NULL GROUP BY content
"""

#: Contents long enough to be compared. Reads `contents`.
COMPARED = f"SELECT content, tokens FROM contents WHERE length >= {SHORT}"

#: What `shingle` must know of all contents: how many are compared, and their tokens as counted.
EXTENT = f"""
SELECT count(*) AS compared, coalesce(sum(least(length, {CONSIDERED})), 0) AS considered
FROM contents WHERE length >= {SHORT}
"""

#: Every `{stride}`-th compared content, in their order, which is never sorted in one place: its
#: parts are numbered apart, and begin where the parts before end. Reads `contents`.
SAMPLE = f"""
WITH compared AS (
    SELECT content, tokens, floor(content / CAST(4503599627370496 AS DOUBLE)) AS part
    FROM contents WHERE length >= {SHORT}
),
parts AS (
    SELECT part, sum(size) OVER (ORDER BY part) - size AS begins
    FROM (SELECT part, count(*) AS size FROM compared GROUP BY part) AS sizes
),
numbered AS (
    SELECT content, tokens, part, row_number() OVER (PARTITION BY part ORDER BY content) AS place
    FROM compared
)
SELECT numbered.content, numbered.tokens
FROM numbered JOIN parts ON numbered.part = parts.part
WHERE (parts.begins + numbered.place - 1) % {{stride}} = 0
"""

#: In how many texts of the sample each place stands. Reads `places` (as `steps.PLACES`).
PLACES = "SELECT place, sum(texts) AS texts FROM places GROUP BY place"

#: The counters of two and more. Reads `shingles` (as `steps.SHINGLES`).
COMMON = """
SELECT bucket, least(count(*), 255) AS carriers FROM shingles GROUP BY bucket HAVING count(*) >= 2
"""

#: The keys that a content is known by: its rarest shingles, and those of smallest hash.
KEPT = f"""
WITH counted AS (
    SELECT DISTINCT shingles.content, shingles.high, shingles.key, common.carriers
    FROM shingles JOIN common ON shingles.bucket = common.bucket
),
ranked AS (
    SELECT
        content,
        key,
        row_number() OVER (PARTITION BY content ORDER BY carriers, high) AS by_rarity,
        row_number() OVER (PARTITION BY content ORDER BY high) AS by_hash
    FROM counted
)
SELECT DISTINCT content, key FROM ranked
WHERE by_rarity <= {RARE} OR by_hash <= {SMALLEST}
"""

#: Each content of a key with the first and the previous one; in a small group, all with all.
PROPOSED = f"""
WITH beside AS (
    SELECT
        content,
        first_value(content) OVER (PARTITION BY key ORDER BY content) AS first,
        lag(content, 1) OVER (PARTITION BY key ORDER BY content) AS previous,
        lag(content, 2) OVER (PARTITION BY key ORDER BY content) AS earlier,
        count(*) OVER (PARTITION BY key) AS carriers
    FROM kept
)
SELECT first AS a, content AS b FROM beside WHERE first < content
UNION
SELECT previous AS a, content AS b FROM beside WHERE previous IS NOT NULL
UNION
SELECT earlier AS a, content AS b FROM beside
WHERE earlier IS NOT NULL AND carriers <= {SMALL_GROUP}
"""

#: The proposed pairs with what they say, for `verify_pairs`. Reads `proposed` and `contents`.
SIDE_BY_SIDE = """
SELECT proposed.a, proposed.b, ours.tokens AS tokens_a, theirs.tokens AS tokens_b
FROM proposed
JOIN contents AS ours ON proposed.a = ours.content
JOIN contents AS theirs ON proposed.b = theirs.content
"""

#: The contents and verified pairs of each component, for `group` (together by `component`).
#: Reads `components` (node, component), `contents` and `verified` (as `steps.PAIRS`).
COMPONENTS = """
SELECT components.component, components.node AS a, CAST(NULL AS BIGINT) AS b, contents.tokens
FROM components JOIN contents ON components.node = contents.content
UNION ALL
SELECT components.component, verified.a, verified.b, CAST(NULL AS BLOB) AS tokens
FROM verified JOIN components ON verified.a = components.node
"""

#: Every content with its group, for `name` (together by `middle`). Reads `grouped`, `contents`.
MEMBERS = """
SELECT contents.content, contents.posts, coalesce(grouped.middle, contents.content) AS middle
FROM contents
LEFT JOIN (SELECT a, middle FROM grouped WHERE b IS NULL) AS grouped
ON contents.content = grouped.a
"""

#: The campaign of each item. Reads `texts` and `named` (as `steps.NAMED`).
ASSIGNMENT = """
SELECT texts.id, named.campaign, texts.position
FROM texts LEFT JOIN named ON texts.content = named.content
"""

#: The edges of `find_campaigns`. Reads `grouped`, `contents`, `texts`.
EDGES = """
SELECT ours.id AS a, theirs.id AS b, grouped.similarity
FROM grouped
JOIN contents AS ours ON grouped.a = ours.content
JOIN contents AS theirs ON grouped.b = theirs.content
UNION ALL
SELECT contents.id AS a, texts.id AS b, CAST(1 AS DOUBLE) AS similarity
FROM texts JOIN contents ON texts.content = contents.content
WHERE texts.position <> contents.position
"""

#: What was gone through. Reads `contents`, `proposed`, `verified`.
COUNTS = """
SELECT
    (SELECT count(*) FROM contents) AS contents,
    (SELECT count(*) FROM proposed) AS proposed,
    (SELECT count(*) FROM verified) AS verified
"""
