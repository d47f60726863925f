"""The access desk: people and their duties, cases as what access is given to, and the audit.

What other desks may use: `palermo.desks.access.visibility` (which rows a person may see),
`palermo.desks.access.pages` (how a page says what it needs), `palermo.desks.access.audit` (how an
act is written down) and the models `Person`, `Case`, `Membership`, `Mandate`.
"""
