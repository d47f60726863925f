"""What speaks for each dimension, and beside it all that speaks against, never one alone.

Every indication of a network stands in exactly one place: with its dimension, in the
counter-evidence (which concerns all dimensions), or with what people say who ask for help.
"""

from dataclasses import dataclass

from palermo.investigation.dossier.content import IndicationView, NetworkView

_STRENGTH = {"strong": 0, "medium": 1, "weak": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One dimension. `state` is `indicated`, `open`, or `hits` when the assessment is silent."""

    dimension: str
    state: str
    hits: tuple[IndicationView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The indications of one network: dimension by dimension, against, and asking for help."""

    groups: tuple[Group, ...]
    against: tuple[IndicationView, ...]
    support: tuple[IndicationView, ...]


def _sorted(hits: list[IndicationView]) -> tuple[IndicationView, ...]:
    hits.sort(key=lambda hit: (_STRENGTH.get(hit.strength, 3), -hit.items, hit.rule))
    return tuple(hits)


def evidence(view: NetworkView) -> Evidence:
    """Group the indications of `view` by dimension: indicated first, then open, then the rest."""
    states = dict.fromkeys(view.assessment.open, "open")
    states |= dict.fromkeys(view.assessment.indicated, "indicated")
    against = [hit for hit in view.indications if hit.polarity == "against"]
    support = [hit for hit in view.indications if hit.polarity == "support"]
    others = [hit for hit in view.indications if hit.polarity not in {"against", "support"}]
    dimensions = dict.fromkeys(
        [*view.assessment.indicated, *view.assessment.open, *sorted({h.dimension for h in others})]
    )
    groups = tuple(
        Group(
            dimension=dimension,
            state=states.get(dimension, "hits"),
            hits=_sorted([hit for hit in others if hit.dimension == dimension]),
        )
        for dimension in dimensions
    )
    return Evidence(
        groups=groups,
        against=_sorted(against),
        support=_sorted(support),
    )
