"""Turns tables and summaries into what a dossier shows of each network.

Guarantees: every claim gets a `Ref` to the row it rests on; what is cut carries its total. Only the
networks that the dossier shows are worked out in detail.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from palermo.analysis.campaigns import align
from palermo.investigation.dossier import (
    CampaignView,
    Example,
    IdentifierView,
    IndicationView,
    Listed,
    MemberView,
    NetworkView,
    Ref,
    Source,
    SupportView,
    Wording,
    timeline,
)
from palermo.investigation.drawing import drawing
from palermo.investigation.summary import Ints, NetworkSummary
from palermo.investigation.tables import Tables
from palermo.investigation.templates import spread
from palermo.model import Template

EXAMPLES = 4
EXCERPT = 280
MEMBERS = 20
CAMPAIGNS = 12
IDENTIFIERS = 40
REFS = 2


class CaseView:
    """The tables of a case with the look-ups that views need.

    `templates` maps a campaign to its template, `titles` a rule to its title.
    """

    def __init__(
        self, tables: Tables, templates: Mapping[str, Template], titles: Mapping[str, Wording]
    ) -> None:
        self.tables = tables
        self.templates = templates
        self.titles = titles
        self.position = {item: at for at, item in enumerate(tables.items["id"].to_pylist())}
        self.campaign: list[str | None] = tables.campaigns["campaign"].to_pylist()
        self._mentions = self._mentions_by_item()
        quality = tables.quality.to_pylist()
        self._quality = {(row["kind"], row["value"]): row for row in quality}

    def _mentions_by_item(self) -> dict[str, list[tuple[str, str]]]:
        found: dict[str, list[tuple[str, str]]] = {}
        columns = (self.tables.identifiers[name].to_pylist() for name in ("id", "kind", "value"))
        for item, kind, value in zip(*columns, strict=True):
            found.setdefault(item, []).append((kind, value))
        photos = self.tables.photos
        linking = photos.filter(pc.and_(photos["stands_for"], pc.is_valid(photos["photo"])))
        for item, value in zip(
            linking["id"].to_pylist(), linking["photo"].to_pylist(), strict=True
        ):
            found.setdefault(item, []).append(("photo", value))
        return found

    def rows(self, positions: Sequence[int]) -> list[dict[str, Any]]:
        """All columns of some items, in the order asked."""
        rows: list[dict[str, Any]] = self.tables.items.take(
            pa.array(positions, pa.int64())
        ).to_pylist()
        return rows

    def network(self, summary: NetworkSummary) -> NetworkView:
        """Everything the dossier says about one network."""
        values = self._values(summary.positions)
        return NetworkView(
            id=summary.id,
            size=summary.size,
            accounts=summary.accounts,
            assessment=summary.assessment,
            platforms=summary.platforms,
            languages=summary.languages,
            first_seen=summary.first_seen,
            last_seen=summary.last_seen,
            days_active=summary.days_active,
            reported=summary.assessment.reported,
            held_back=summary.assessment.held_back,
            place=summary.place,
            indications=self._indications(summary),
            campaigns=self._campaigns(summary),
            identifiers=self._identifiers(values),
            graph=drawing(self, summary, values),
            timeline=timeline(
                self.tables.items["posted_at"].take(pa.array(summary.positions)).to_pylist()
            ),
            members=self._members(summary.positions),
        )

    def accounts(self, positions: Ints) -> list[str | None]:
        """`platform:account` of some items, None where the account is not known."""
        chosen = self.tables.items.select(["platform", "account"]).take(pa.array(positions))
        return [
            f"{platform or ''}:{account}" if account else None
            for platform, account in zip(
                chosen["platform"].to_pylist(), chosen["account"].to_pylist(), strict=True
            )
        ]

    def quality(self, kind: str, value: str) -> dict[str, Any] | None:
        """The quality row of a shared value; None for a value that only one item states."""
        return self._quality.get((kind, value))

    def _values(self, positions: Ints) -> dict[tuple[str, str], list[int]]:
        """Identifier values of some items, each with the items (of these) that state it."""
        found: dict[tuple[str, str], list[int]] = {}
        ids = self.tables.items["id"].take(pa.array(positions)).to_pylist()
        for at, item in zip(positions.tolist(), ids, strict=True):
            for mention in dict.fromkeys(self._mentions.get(item, ())):
                found.setdefault(mention, []).append(at)
        return found

    def _indications(self, summary: NetworkSummary) -> tuple[IndicationView, ...]:
        views = []
        for hit in summary.hits:
            found = self.tables.indications.slice(hit.row, 1).to_pylist()[0]
            (item,) = self.rows([self.position[found["id"]]])
            views.append(
                IndicationView(
                    rule=hit.rule,
                    title=self.titles[hit.rule],
                    dimension=found["dimension"],
                    strength=found["strength"],
                    polarity=found["polarity"],
                    items=hit.items,
                    quote=found["quote"],
                    ref=reference(item),
                    lang=item["lang"],
                )
            )
        return tuple(views)

    def _campaigns(self, summary: NetworkSummary) -> Listed[CampaignView]:
        largest = sorted(summary.campaigns.items(), key=lambda entry: (-entry[1], entry[0]))
        views = [
            self._campaign(name, summary.positions)
            for name, _ in largest[:CAMPAIGNS]
            if name in self.templates
        ]
        return Listed(tuple(views), len(largest))

    def _campaign(self, name: str, positions: Ints) -> CampaignView:
        members = [at for at in positions.tolist() if self.campaign[at] == name]
        # Examples are spread over the campaign, so that its variety shows.
        chosen = [members[i] for i in spread(len(members), EXAMPLES)]
        times, langs = _times_and_languages(self.tables.items.take(pa.array(members)))
        return CampaignView(
            id=name,
            size=len(members),
            template=self.templates[name],
            examples=tuple(
                Example(
                    segments=align(self.templates[name], row["text"]),
                    ref=reference(row),
                    lang=row["lang"],
                )
                for row in self.rows(chosen)
            ),
            languages=langs,
            first_seen=times[0] if times else None,
            last_seen=times[-1] if times else None,
        )

    def _identifiers(self, values: dict[tuple[str, str], list[int]]) -> Listed[IdentifierView]:
        shared = [
            (kind, value, at)
            for (kind, value), at in values.items()
            if self.quality(kind, value) is not None
        ]
        shared.sort(key=lambda entry: (-len(entry[2]), entry[0], entry[1]))
        views = [self._identifier(kind, value, at) for kind, value, at in shared[:IDENTIFIERS]]
        return Listed(tuple(views), len(shared))

    def _identifier(self, kind: str, value: str, positions: list[int]) -> IdentifierView:
        known = self._quality[kind, value]
        return IdentifierView(
            kind=kind,
            value=value,
            items=known["items"],
            accounts=known["accounts"],
            used=known["used"],
            reason=known["reason"],
            refs=tuple(reference(row) for row in self.rows(positions[:REFS])),
            first_seen=known["first_seen"],
            last_seen=known["last_seen"],
        )

    def _members(self, positions: Ints) -> Listed[MemberView]:
        chosen = positions.tolist()[:MEMBERS]
        return Listed(
            tuple(
                MemberView(
                    ref=reference(row),
                    excerpt=row["text"][:EXCERPT],
                    posted_at=row["posted_at"],
                    platform=row["platform"],
                    account=row["account"],
                    lang=row["lang"],
                )
                for row in self.rows(chosen)
            ),
            len(positions),
        )

    def support_first(self, limit: int) -> Listed[SupportView]:
        """Items that ask for help, in the order of the input; only the matched words are quoted."""
        tables = self.tables
        hits = tables.indications.filter(pc.equal(tables.indications["polarity"], "support"))
        first: dict[str, str] = {}
        for item, quote in zip(hits["id"].to_pylist(), hits["quote"].to_pylist(), strict=True):
            first.setdefault(item, quote)
        network = dict(
            zip(
                tables.networks["id"].to_pylist(),
                tables.networks["network"].to_pylist(),
                strict=True,
            )
        )
        chosen = list(first)[:limit]
        return Listed(
            tuple(
                SupportView(
                    ref=reference(row),
                    quote=first[row["id"]],
                    network=network.get(row["id"]),
                    platform=row["platform"],
                    posted_at=row["posted_at"],
                    lang=row["lang"],
                )
                for row in self.rows([self.position[item] for item in chosen])
            ),
            len(first),
        )

    def sources(self, refs: Sequence[Ref]) -> tuple[Source, ...]:
        """The rows that a dossier cites, in full."""
        rows = self.rows([self.position[entry.item] for entry in refs])
        return tuple(
            Source(
                ref=reference(row),
                text=row["text"],
                lang=row["lang"],
                posted_at=row["posted_at"],
                platform=row["platform"],
                account=row["account"],
                url=row["url"],
                within=row["within"],
                time_note=row["time_note"],
            )
            for row in rows
        )


def reference(row: Mapping[str, Any]) -> Ref:
    """Where an item comes from."""
    return Ref(row["id"], row["exhibit"], row["row"], row["row_hash"])


def _times_and_languages(items: pa.Table) -> tuple[list[datetime], tuple[str, ...]]:
    times = sorted(t for t in items["posted_at"].to_pylist() if t is not None)
    return times, tuple(sorted({lang for lang in items["lang"].to_pylist() if lang}))
