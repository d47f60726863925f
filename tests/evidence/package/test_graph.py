"""The graphs, judged by the public CASE validator and by our own shapes."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

CASE_VALIDATE = Path(sys.executable).parent / "case_validate"
Node = dict[str, Any]


def judged(graph: Path, shapes: Path) -> tuple[bool, str]:
    done = subprocess.run(
        [CASE_VALIDATE, "--built-version", "case-1.4.0", "--ontology-graph", shapes, graph],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in {0, 1}, done.stderr
    return done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_every_graph_passes_without_warnings(package: Path) -> None:
    graphs = [package / "case.jsonld", *sorted((package / "case").glob("*.jsonld"))]
    assert len(graphs) == 7
    for graph in graphs:
        holds, said = judged(graph, package / "case" / "shapes.ttl")
        assert holds, said
    listed = json.loads((package / "case.jsonld").read_text())["@graph"][0]["rdfs:seeAlso"]
    assert {one["@id"] for one in listed} == {
        path.relative_to(package).as_posix() for path in graphs[1:]
    }


def one_graph(package: Path, name: str = "ads.csv") -> Path:
    return next(p for p in (package / "case").glob("*.jsonld") if f'"{name}"' in p.read_text())


def nodes(graph: Node, kind: str) -> list[Node]:
    return [node for node in graph["@graph"] if node["@type"] == kind]


def tool_performs(graph: Node) -> None:
    (tool,) = nodes(graph, "uco-tool:Tool")
    for action in nodes(graph, "case-investigation:InvestigativeAction"):
        action["uco-action:performer"] = {"@id": tool["@id"]}


def no_result(graph: Node) -> None:
    del nodes(graph, "case-investigation:InvestigativeAction")[0]["uco-action:result"]


def no_start(graph: Node) -> None:
    del nodes(graph, "case-investigation:InvestigativeAction")[0]["uco-action:startTime"]


def no_hash(graph: Node) -> None:
    (file,) = nodes(graph, "uco-observable:File")
    del file["uco-core:hasFacet"][1]["uco-observable:hash"]


def no_size(graph: Node) -> None:
    (file,) = nodes(graph, "uco-observable:File")
    del file["uco-core:hasFacet"][1]["uco-observable:sizeInBytes"]


def no_content(graph: Node) -> None:
    (file,) = nodes(graph, "uco-observable:File")
    del file["uco-core:hasFacet"][1]


def misspelt(graph: Node) -> None:
    action = nodes(graph, "case-investigation:InvestigativeAction")[0]
    action["uco-action:performr"] = action["uco-action:performer"]


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (tool_performs, "must be a person or an organisation, never a tool"),
        (no_result, "must have a result"),
        (no_start, "must say once when it began"),
        (no_hash, "must have its SHA-256"),
        (no_size, "must have its size"),
        (no_content, "must have its size and hash"),
        (misspelt, "performr"),
    ],
)
def test_the_shapes_refuse(package: Path, spoil: Callable[[Node], None], why: str) -> None:
    path = one_graph(package)
    graph = json.loads(path.read_text())
    spoil(graph)
    path.write_text(json.dumps(graph))
    holds, said = judged(path, package / "case" / "shapes.ttl")
    assert not holds
    assert why in said


def test_people_and_organisations_perform_and_tools_are_instruments(package: Path) -> None:
    graph = json.loads(one_graph(package, "statement.txt").read_text())
    by_id = {node["@id"]: node for node in graph["@graph"]}
    actions = nodes(graph, "case-investigation:InvestigativeAction")
    kinds = [by_id[one["uco-action:performer"]["@id"]]["@type"] for one in actions]
    assert kinds == [
        "uco-identity:Organization",
        "uco-identity:Organization",
        "uco-identity:Person",
        "uco-identity:Organization",
    ]
    assert [one["uco-core:name"] for one in actions] == [
        "receive",
        "analyse",
        "access",
        "transfer_out",
    ]
