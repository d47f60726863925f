import pytest

from palermo.analysis.indicators.conditions import read_condition
from palermo.model import Unreadable


def test_a_condition_is_a_truth_table() -> None:
    condition = read_condition("pay and (lure or easy) and not duties")
    assert condition.names == ("pay", "lure", "easy", "duties")
    assert condition.required == {"pay", "lure", "easy"}
    assert condition.holds(frozenset({"pay", "easy"}))
    assert not condition.holds(frozenset({"pay", "easy", "duties"}))
    assert not condition.holds(frozenset({"lure", "easy"}))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("pay and", "cannot be read"),
        ("__import__('os')", "only names, and, or, not"),
        ("pay > 3", "only names, and, or, not"),
        ("pay.lure", "only names, and, or, not"),
        ("not pay", "without any of its words"),
        ("pay or not lure", "without any of its words"),
        ("pay and not pay", "both asks for and excludes pay"),
        ("a and b and c and d and e and f and g", "more than 6 names"),
        ("a\x00b", "cannot be read"),
    ],
)
def test_anything_else_is_refused(text: str, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        read_condition(text)
