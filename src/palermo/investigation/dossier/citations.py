"""What a dossier shows, and which rows it therefore cites: the same answer for caller and page.

`capped` cuts long lists (each keeps its total, so the page says "n of m"). `cited` names every row
that the capped content rests on, each once, ordered by exhibit (as listed in `inputs`) and row.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

from palermo.investigation.dossier.content import (
    CampaignView,
    DossierContent,
    IdentifierView,
    NetworkView,
    Ref,
)
from palermo.model import Refused

#: How much is shown of each long list.
NETWORKS = 30
CAMPAIGNS_WITHOUT_NETWORK = 30
MEMBERS = 50
CAMPAIGNS = 12
EXAMPLES = 4
IDENTIFIERS = 40
IDENTIFIER_REFS = 3
SUPPORT_FIRST = 100
REJECTED = 200


def _campaign(view: CampaignView) -> CampaignView:
    return replace(view, examples=view.examples[:EXAMPLES])


def _identifier(view: IdentifierView) -> IdentifierView:
    return replace(view, refs=view.refs[:IDENTIFIER_REFS])


def _network(view: NetworkView) -> NetworkView:
    return replace(
        view,
        campaigns=view.campaigns.first(CAMPAIGNS).each(_campaign),
        identifiers=view.identifiers.first(IDENTIFIERS).each(_identifier),
        members=view.members.first(MEMBERS),
    )


def capped(content: DossierContent) -> DossierContent:
    """Cut every long list of `content` to what a dossier shows. Capping twice changes nothing."""
    return replace(
        content,
        networks=content.networks.first(NETWORKS).each(_network),
        campaigns_without_network=content.campaigns_without_network.first(
            CAMPAIGNS_WITHOUT_NETWORK
        ).each(_network),
        support_first=content.support_first.first(SUPPORT_FIRST),
        rejected=content.rejected.first(REJECTED),
    )


def network_refs(view: NetworkView) -> Iterator[Ref]:
    """Yield the rows one network rests on, in reading order (a row may come more than once)."""
    for indication in view.indications:
        yield indication.ref
    for campaign in view.campaigns.shown:
        for example in campaign.examples:
            yield example.ref
    for identifier in view.identifiers.shown:
        yield from identifier.refs
    for member in view.members.shown:
        yield member.ref


def cited(content: DossierContent) -> tuple[Ref, ...]:
    """Return every row that a dossier of `content` cites.

    Raises `Refused` when one row is cited with two different hashes or item ids, or when a row's
    exhibit is not among `inputs`: such a dossier could not be checked.
    """
    shown = capped(content)
    order = {entry.sha256: place for place, entry in enumerate(shown.inputs)}
    rows: dict[tuple[int, int], Ref] = {}
    views = (*shown.networks.shown, *shown.campaigns_without_network.shown)
    helps = (entry.ref for entry in shown.support_first.shown)
    for ref in chain(helps, *map(network_refs, views)):
        if ref.exhibit not in order:
            raise Refused(
                f"item {ref.item} cites exhibit {ref.exhibit}, which is not among the dossier's "
                "inputs; add the exhibit to the inputs"
            )
        known = rows.setdefault((order[ref.exhibit], ref.row), ref)
        if known != ref:
            raise Refused(
                f"row {ref.row} of exhibit {ref.exhibit} is cited as item {known.item} "
                f"({known.row_hash}) and as item {ref.item} ({ref.row_hash}); "
                "expected one item and one hash, so check where the citations were made"
            )
    return tuple(rows[place] for place in sorted(rows))
