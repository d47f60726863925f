"""Guards of the asset itself, and of requests to other States."""

from palermo.analysis.money.assets.guards.case import Case, guard
from palermo.analysis.money.assets.guards.orders import basis_known
from palermo.model.asset import ASSET_KINDS

#: Kinds of requests to another State; forms for them are in `forms/`.
REQUEST_KINDS = ("freezing", "confiscation", "aro", "untoc13")


@guard
def asset_new(case: Case) -> str:
    """An asset is entered once."""
    return "another name; there is one" if case.asset is not None else ""


@guard
def asset_words(case: Case) -> str:
    """Kind and basis are known words."""
    if case.facts.kind not in ASSET_KINDS:
        return f"a kind out of {', '.join(ASSET_KINDS)}"
    return basis_known(case)


@guard
def successor_known(case: Case) -> str:
    """Another asset of the case takes its place, up to its value."""
    if case.facts.successor not in case.ledger.assets or case.facts.successor == case.it.id:
        return f"another asset of the case as successor; {case.facts.successor} is none"
    return ""


@guard
def request_new(case: Case) -> str:
    """A request is entered once."""
    return "another name; there is one" if case.facts.request in case.it.requests else ""


@guard
def request_kind(case: Case) -> str:
    """Freezing, confiscation, or one of the other forms."""
    if case.facts.kind in REQUEST_KINDS:
        return ""
    return f"a kind out of {', '.join(REQUEST_KINDS)}"


def _request_in(case: Case, state: str) -> str:
    request = case.it.requests.get(case.facts.request)
    if request is None or request.state != state:
        return f"a request that is {state}; {case.facts.request} is none"
    return ""


@guard
def request_was_sent(case: Case) -> str:
    """An answer to a request that waits for one."""
    return _request_in(case, "sent")


@guard
def request_was_recognised(case: Case) -> str:
    """Execution follows recognition."""
    return _request_in(case, "recognised")
