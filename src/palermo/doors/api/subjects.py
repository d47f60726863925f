"""What a program writes about: something that the case shows, by what it is called.

An item is called by its `ident`, an identifier `kind:value`, a campaign and a network by their key,
a link by its `name` (`LinkOut`), the case itself by nothing.
"""

from palermo.desks.cases.models import Subject
from palermo.desks.cases.things import Thing, find
from palermo.doors.api.door import ApiRequest
from palermo.doors.api.problems import invalid


def named(request: ApiRequest, subject: Subject, key: str) -> Thing:
    """Return the thing in the case of `request`.

    Raises:
        Problem: the case shows none of that name.
    """
    found = find(request.viewer, request.case, subject, key)
    if found is None:
        raise invalid("body.subject_key", "expected the name of something in this case")
    return found
