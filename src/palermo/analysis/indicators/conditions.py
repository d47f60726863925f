"""The condition of a rule: named phrase lists joined by `and`, `or` and `not`, made a truth table.

Guarantees that a condition can do nothing but say yes or no: it is parsed, checked node by node
against a white list and turned into a table; no text of a rule is ever executed. A condition
that would hold for a text without any of the named words is refused.
"""

import ast
from dataclasses import dataclass

from palermo.model import Unreadable

#: A truth table has 2**MAX_NAMES rows at most.
MAX_NAMES = 6


@dataclass(frozen=True, slots=True)
class Condition:
    """A parsed condition. `names` in order of appearance; bit i of a mask says names[i] was found.

    `table[mask]` is the answer; `required` are the names that speak for it (not negated).
    """

    names: tuple[str, ...]
    required: frozenset[str]
    table: tuple[bool, ...]

    def holds(self, found: frozenset[str]) -> bool:
        """Answer for a text in which the lists `found` were found."""
        return self.table[sum(1 << i for i, name in enumerate(self.names) if name in found)]


def read_condition(text: str) -> Condition:
    """Parse `text`, such as ``pay and vague and not duties``; raise Unreadable if it is not one."""
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError) as error:
        raise Unreadable(f"condition '{text}' cannot be read; write names with and, or, not") from (
            error
        )
    polarity: dict[str, set[bool]] = {}
    _collect(tree, text, positive=True, polarity=polarity)
    names = tuple(polarity)
    if len(names) > MAX_NAMES:
        raise Unreadable(f"condition '{text}' has more than {MAX_NAMES} names; split the rule")
    both = sorted(name for name, signs in polarity.items() if len(signs) == 2)
    if both:
        raise Unreadable(f"condition '{text}' both asks for and excludes {', '.join(both)}")
    table = tuple(
        _answer(tree, {name for i, name in enumerate(names) if mask >> i & 1})
        for mask in range(1 << len(names))
    )
    if table[0]:
        raise Unreadable(f"condition '{text}' holds for a text without any of its words")
    return Condition(names, frozenset(n for n, signs in polarity.items() if True in signs), table)


def _collect(node: ast.expr, text: str, *, positive: bool, polarity: dict[str, set[bool]]) -> None:
    match node:
        case ast.Name(id=name):
            polarity.setdefault(name, set()).add(positive)
        case ast.BoolOp(values=values):
            for value in values:
                _collect(value, text, positive=positive, polarity=polarity)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            _collect(operand, text, positive=not positive, polarity=polarity)
        case _:
            raise Unreadable(
                f"condition '{text}' has '{ast.unparse(node)}'; only names, and, or, not are read"
            )


def _answer(node: ast.expr, found: set[str]) -> bool:
    match node:
        case ast.Name(id=name):
            return name in found
        case ast.BoolOp(op=ast.And(), values=values):
            return all(_answer(value, found) for value in values)
        case ast.BoolOp(values=values):
            return any(_answer(value, found) for value in values)
        case ast.UnaryOp(operand=operand):
            return not _answer(operand, found)
        case _:  # pragma: no cover - _collect let nothing else through
            raise AssertionError(ast.dump(node))
