"""Two cases on PostgreSQL with a note in each: what the tests of the second wall look at."""

from datetime import datetime

import pytest
from tests.desks.access.world import AT, case, mandate, member, opening, person

from palermo.desks.access.models import Case, Person
from palermo.desks.access.row_security import (
    show_to,
    working_for,
)
from palermo.desks.access.visibility import (
    Viewer,
)
from palermo.desks.cases.models import Note

pytestmark = pytest.mark.usefixtures("postgres")


class Two:
    """Two cases with a note in each; `ines` works in the first and has it open."""

    def __init__(self) -> None:
        self.ines, self.omar = person("ines"), person("omar")
        self.first, self.second = (case(name, by=self.omar) for name in ("2026-0001", "2026-0002"))
        for number, one in enumerate((self.first, self.second)):
            mandate(one, number=number)
            with working_for(one):
                note(one, self.omar, f"in {one.reference}")
        member(self.ines, self.first, "investigator")
        member(self.omar, self.second, "examiner")
        opening(self.ines, self.first)
        opening(self.omar, self.second)

    def show(self, who: Person, at: datetime = AT) -> None:
        show_to(Viewer(who.pk, at))


def note(of: Case, by: Person, text: str) -> Note:
    made: Note = Note.rows.create(case=of, by=by, at=AT, text=text)
    return made


def notes() -> list[str]:
    return list(Note.rows.order_by("text").values_list("text", flat=True))
