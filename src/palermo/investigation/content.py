"""Fills the dossier: which networks are shown, which rows they cite, what is said of errors.

Guarantees: whatever the dossier shows is in the tables, and every row it cites is in its sources.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from palermo import __version__
from palermo.analysis.indicators import default_rules
from palermo.investigation.dossier import (
    DossierContent,
    Input,
    Listed,
    Rejection,
    cited,
)
from palermo.investigation.intake import SealedInput
from palermo.investigation.limits import known_limits
from palermo.investigation.summary import NetworkSummary
from palermo.investigation.tables import Tables
from palermo.investigation.templates import build_templates
from palermo.investigation.views import CAMPAIGNS, CaseView
from palermo.law import Grant
from palermo.model import Template

NETWORKS = 20
SUPPORT_FIRST = 100
REJECTED = 200


def shown_templates(tables: Tables, summaries: Sequence[NetworkSummary]) -> dict[str, Template]:
    """Build the templates of the campaigns that the dossier shows."""
    names = {
        name
        for summary in summaries[:NETWORKS]
        for name, _ in sorted(summary.campaigns.items(), key=lambda e: (-e[1], e[0]))[:CAMPAIGNS]
    }
    return build_templates(tables.items["text"], tables.campaigns["campaign"], names)


def dossier_content(
    *,
    grant: Grant,
    inputs: Sequence[SealedInput],
    tables: Tables,
    summaries: Sequence[NetworkSummary],
    templates: Mapping[str, Template],
    counts: Mapping[str, int],
) -> DossierContent:
    """Gather all that a dossier says."""
    titles = {rule.id: rule.title for rule in default_rules().rules}
    view = CaseView(tables, templates, titles)
    content = DossierContent(
        title=grant.authority.case,
        case=grant.authority.case,
        authority=grant.authority,
        power_title=grant.power.title,
        power_article=grant.power.origin.article,
        tool_version=__version__,
        inputs=tuple(
            Input(
                sha256=entry.exhibit.sha256,
                name=entry.exhibit.name,
                size=entry.exhibit.size,
                rows_read=entry.rows_read,
                rows_kept=entry.rows_kept,
                rows_set_aside=entry.rows_set_aside,
            )
            for entry in inputs
        ),
        counts=counts,
        rejected=_rejections(tables),
        networks=Listed(
            tuple(view.network(summary) for summary in summaries[:NETWORKS]), len(summaries)
        ),
        support_first=view.support_first(SUPPORT_FIRST),
        limits=known_limits(),
    )
    return replace(content, sources=view.sources(cited(content)))


def _rejections(tables: Tables) -> Listed[Rejection]:
    shown = tables.rejected.slice(0, REJECTED).to_pylist()
    return Listed(
        tuple(
            Rejection(
                exhibit=row["exhibit"],
                row=row["row"],
                id=row["id"],
                reason=row["reason"],
                detail=row["detail"],
                kept=row["kept"],
            )
            for row in shown
        ),
        tables.rejected.num_rows,
    )
