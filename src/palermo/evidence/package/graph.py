"""The CASE/UCO graph of a package: one small graph an exhibit, in CASE 1.4 / UCO 1.4 (JSON-LD).

Guarantees the shapes in shapes.ttl: whoever performs an action is a person or an organisation, a
tool is only ever its instrument, every action has a result, and every original has size and hash.
Graphs stay small because the public validators need time that grows with the square of a graph.
"""

import json
import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime
from importlib.resources import files
from typing import Any

from palermo.evidence.entry import Entry
from palermo.evidence.event import NODE, CustodyEvent
from palermo.evidence.package.inventory import Disclosed
from palermo.evidence.package.layout import GRAPH_INDEX_FILE, GRAPHS, SHAPES_FILE

Node = dict[str, Any]

_ACTIONS = 40  # in one graph
_NAMESPACE = uuid.UUID("6d9a3a4e-5a0b-5c53-9d0e-0f6f0c5f0b1d")
_ONTOLOGY = "https://ontology.unifiedcyberontology.org/uco"
_CONTEXT = {
    "kb": "urn:palermo:kb:",
    "case-investigation": "https://ontology.caseontology.org/case/investigation/",
    "uco-action": f"{_ONTOLOGY}/action/",
    "uco-core": f"{_ONTOLOGY}/core/",
    "uco-identity": f"{_ONTOLOGY}/identity/",
    "uco-observable": f"{_ONTOLOGY}/observable/",
    "uco-tool": f"{_ONTOLOGY}/tool/",
    "uco-types": f"{_ONTOLOGY}/types/",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


class Graphs:
    """The graphs of one package. The same log gives the same node names in every package of it."""

    def __init__(self, log: str, case: str, entries: Sequence[Entry]) -> None:
        """Take the shown entries of the log `log`, of the case with the number `case`."""
        self._log, self._case = log, case
        self._entries: dict[str, list[Entry]] = {}
        for entry in entries:
            for exhibit in entry.event.exhibits:
                self._entries.setdefault(exhibit.id, []).append(entry)

    def files(self, exhibits: Sequence[Disclosed]) -> Iterator[tuple[str, str]]:
        """Yield path and text of every graph, of the shapes, and last of the index."""
        paths = []
        for exhibit in exhibits:
            for path, nodes in self._graphs(exhibit):
                paths.append(path)
                yield path, _text(nodes)
        yield SHAPES_FILE, files(__package__).joinpath("shapes.ttl").read_text("utf-8")
        index = self._investigation([])
        index["rdfs:seeAlso"] = [{"@id": path} for path in paths]
        yield GRAPH_INDEX_FILE, _text([index])

    def _graphs(self, exhibit: Disclosed) -> Iterator[tuple[str, list[Node]]]:
        entries = self._entries.get(exhibit.id, [])
        for number, start in enumerate(range(0, max(len(entries), 1), _ACTIONS), start=1):
            part = "" if number == 1 else f".{number}"
            path = f"{GRAPHS}/{exhibit.id}{part}.jsonld"
            yield path, self._graph(exhibit, entries[start : start + _ACTIONS])

    def _graph(self, exhibit: Disclosed, entries: Sequence[Entry]) -> list[Node]:
        nodes: dict[str, Node] = {}
        actions = []
        file = self._file(exhibit)
        for entry in entries:
            event = entry.event
            who, tool = self._performer(event), self._tool(event)
            record = self._record(exhibit, entry)
            action: Node = {
                "@id": self._name("investigative-action", f"{entry.seq}/{exhibit.id}"),
                "@type": "case-investigation:InvestigativeAction",
                "uco-core:name": event.type.value,
                "uco-core:description": _described(entry),
                "uco-action:startTime": _moment(event.occurred_at),
                "uco-action:performer": _to(who),
                "uco-action:instrument": [_to(tool)],
                "uco-action:object": [_to(file)],
                "uco-action:result": [_to(record)],
            }
            actions.append(action)
            for node in (who, tool, record, action):
                nodes[node["@id"]] = node
        return [self._investigation(actions), file, *self._parent(exhibit), *nodes.values()]

    def _investigation(self, actions: Sequence[Node]) -> Node:
        node: Node = {
            "@id": self._name("investigation", self._case),
            "@type": "case-investigation:Investigation",
            "uco-core:name": self._case,
        }
        if actions:
            node["uco-core:object"] = [_to(action) for action in actions]
        return node

    def _file(self, exhibit: Disclosed) -> Node:
        size = _typed("xsd:integer", str(exhibit.size))
        return {
            "@id": self._name("file", exhibit.id),
            "@type": "uco-observable:File",
            "uco-core:hasFacet": [
                {
                    "@id": self._name("file-facet", exhibit.id),
                    "@type": "uco-observable:FileFacet",
                    "uco-observable:fileName": exhibit.name,
                    "uco-observable:filePath": exhibit.path,
                    "uco-observable:sizeInBytes": size,
                },
                {
                    "@id": self._name("content-data-facet", exhibit.id),
                    "@type": "uco-observable:ContentDataFacet",
                    "uco-observable:mimeType": exhibit.media_type,
                    "uco-observable:sizeInBytes": size,
                    "uco-observable:hash": [
                        {
                            "@id": self._name("hash", exhibit.id),
                            "@type": "uco-types:Hash",
                            "uco-types:hashMethod": "SHA256",
                            "uco-types:hashValue": _typed("xsd:hexBinary", exhibit.sha256),
                        }
                    ],
                },
            ],
        }

    def _parent(self, exhibit: Disclosed) -> list[Node]:
        """Relate a derived exhibit to the one it was made from, which has a graph of its own."""
        if exhibit.parent is None:
            return []
        parent = self._name("file", exhibit.parent)
        return [
            {"@id": parent, "@type": "uco-observable:ObservableObject"},
            {
                "@id": self._name("relationship", exhibit.id),
                "@type": "uco-observable:ObservableRelationship",
                "uco-core:source": {"@id": self._name("file", exhibit.id)},
                "uco-core:target": {"@id": parent},
                "uco-core:kindOfRelationship": "Derived_From",
                "uco-core:isDirectional": True,
            },
        ]

    def _performer(self, event: CustodyEvent) -> Node:
        """Return who acted. The node acts for its organisation, and is never itself an agent."""
        actor = event.actor
        if actor.id == NODE:
            return {
                "@id": self._name("organization", actor.organisation),
                "@type": "uco-identity:Organization",
                "uco-core:name": actor.organisation,
            }
        return {
            "@id": self._name("person", f"{actor.organisation}/{actor.id}"),
            "@type": "uco-identity:Person",
            "uco-core:name": actor.id,
            "uco-core:description": f"{actor.role}, {actor.organisation}",
        }

    def _tool(self, event: CustodyEvent) -> Node:
        tool = event.tool
        return {
            "@id": self._name("tool", f"{tool.name}/{tool.version}/{tool.sha256}"),
            "@type": "uco-tool:Tool",
            "uco-core:name": tool.name,
            "uco-tool:version": tool.version,
        }

    def _record(self, exhibit: Disclosed, entry: Entry) -> Node:
        return {
            "@id": self._name("provenance-record", f"{entry.seq}/{exhibit.id}"),
            "@type": "case-investigation:ProvenanceRecord",
            "uco-core:description": f"Entry {entry.seq} ({entry.event_id}) of log {self._log}",
            "case-investigation:exhibitNumber": exhibit.id,
            "uco-core:object": [{"@id": self._name("file", exhibit.id)}],
        }

    def _name(self, kind: str, of: str) -> str:
        return f"kb:{kind}-{uuid.uuid5(_NAMESPACE, f'{self._log}/{kind}/{of}')}"


def _described(entry: Entry) -> str:
    event = entry.event
    ground = f"{event.ground.power}, {event.ground.legal_basis}"
    return f"{event.purpose} (under {ground}; logged {event.logged_at.isoformat()})"


def _to(node: Node) -> Node:
    return {"@id": node["@id"]}


def _typed(kind: str, value: str) -> Node:
    return {"@type": kind, "@value": value}


def _moment(moment: datetime) -> Node:
    return _typed("xsd:dateTime", moment.isoformat())


def _text(nodes: Sequence[Node]) -> str:
    """Write a graph with one node a line."""
    lines = ",\n".join(json.dumps(node, ensure_ascii=False) for node in nodes)
    return f'{{"@context": {json.dumps(_CONTEXT, indent=1)},\n"@graph": [\n{lines}\n]}}\n'
