"""Judgements and decisions, read as the acts that `oversight` counts."""

from collections.abc import Iterator

from palermo.desks.access.models import Case
from palermo.desks.access.visibility import Viewer
from palermo.desks.cases.models import Decision, Judgement
from palermo.desks.cases.oversight import Act

_SAME = {Judgement.Verdict.SAME.value: True, Judgement.Verdict.NOT_SAME.value: False}


def acts(viewer: Viewer, case: Case | None = None) -> Iterator[Act]:
    """Yield what people did in the cases that the viewer may read, or in one of them.

    A judgement agrees when it says what the program proposed; `unsure` and taking back say nothing.
    A decision agrees when it follows what was suggested; nothing suggested is not counted.
    """
    judgements = Judgement.rows.visible_to(viewer)
    decisions = Decision.rows.visible_to(viewer)
    if case is not None:
        judgements, decisions = judgements.of(case), decisions.of(case)
    for one in judgements.order_by().values("verdict", "about__proposed", "unit__name", "role"):
        same = _SAME.get(one["verdict"])
        agreed = None if same is None else same == (one["about__proposed"] is not False)
        yield Act("judgement", one["unit__name"] or "", one["role"], agreed)
    for row in decisions.order_by().select_related("unit", "second_unit"):
        unit = row.unit.name if row.unit else ""
        yield Act("decision", unit, row.role, row.follows)
        yield Act("kept", unit, row.role, row.undone_at is None)
        if row.agreed is not None:
            second = row.second_unit.name if row.second_unit else ""
            yield Act("second", second, row.second_role, row.agreed)
