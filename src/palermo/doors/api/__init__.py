"""The interface for programs: HTTP and JSON under `/api/v1/`, for whoever holds a token.

Guarantees that a program gets what its token's owner would get on a page, or less: rows are read by
`visible_cases` alone, every use is in the audit with the token's name, and a session is worth
nothing here, so that no page of another site can make a browser ask.
"""
