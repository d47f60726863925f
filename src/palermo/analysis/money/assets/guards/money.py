"""Guards of sums, values and what the books hold."""

from datetime import timedelta

from palermo.analysis.money.assets.books import ADVANCED, ASSET, CASH, COST, INCOME
from palermo.analysis.money.assets.guards.case import Case, guard
from palermo.analysis.money.assets.states import state_table
from palermo.model.money import written

#: How an asset may be disposed of.
METHODS = ("auction", "direct", "destroy")


@guard
def money_positive(case: Case) -> str:
    """A sum above nothing."""
    return "" if case.money.minor > 0 else "a sum above 0 (money.minor)"


@guard
def currency_same(case: Case) -> str:
    """The asset's own currency: what was exchanged is entered as what came in."""
    if case.money.currency != case.it.currency:
        return f"a sum in {case.it.currency}; {case.money.currency} is another currency"
    return ""


@guard
def money_frozen(case: Case) -> str:
    """Money is counted when it is frozen; other property was valued."""
    if not case.it.is_money:
        return "" if case.it.valuation else "a valuation"
    if case.facts.money is None:
        return "the sum that was frozen (money)"
    return currency_same(case) or money_positive(case)


@guard
def cost_from_income(case: Case) -> str:
    """The principal stays whole for the victims: costs come out of income, or are advanced."""
    if case.facts.paid_from == "advance":
        return ""
    if case.facts.paid_from != "income":
        return "paid_from: income or advance"
    books, asset = case.ledger.books, case.it
    income, cost, advanced = (
        books.of(account, asset.id, asset.currency) for account in (INCOME, COST, ADVANCED)
    )
    left = income - (cost - advanced)  # what others advanced was not paid out of income
    left = min(left, books.of(CASH, asset.id, asset.currency))
    if case.money.minor > left:
        return (
            f"income enough; {written(left, asset.currency)} is left, the rest is to be advanced "
            "(paid_from: advance) and paid back after the victims"
        )
    return ""


@guard
def held_enough(case: Case) -> str:
    """No more than what is held."""
    held = case.ledger.books.of(
        ASSET if case.ledger.books.of(ASSET, case.it.id, case.it.currency) else CASH,
        case.it.id,
        case.it.currency,
    )
    if case.money.minor > held:
        return f"a sum of at most {written(held, case.it.currency)}, which is what is held"
    return ""


@guard
def valuation_sound(case: Case) -> str:
    """A value of nothing or more, in the asset's currency, on a day that has come, by a method."""
    valuation = case.facts.valuation
    if valuation is None or valuation.value.minor < 0:
        return "a value of 0 or more (valuation.value)"
    if valuation.value.currency != case.it.currency:
        return f"a value in {case.it.currency}"
    if valuation.on > case.today:
        return f"a valuation already made; {valuation.on} is later than {case.today}"
    if not (valuation.method.strip() and valuation.valuer.strip()):
        return "the valuation's method and valuer"
    return ""


@guard
def valuation_newer(case: Case) -> str:
    """Values do not go back in time."""
    old, new = case.it.valuation, case.facts.valuation
    if old is not None and new is not None and new.on < old.on:
        return f"a valuation not before {old.on}, the day of the last one"
    return ""


@guard
def valuation_fresh(case: Case) -> str:
    """Nothing is given away at an old value."""
    days = state_table().valuation_days
    valuation = case.it.valuation
    if valuation is None or case.today - valuation.on > timedelta(days=days):
        return f"a valuation of the last {days} days"
    return ""


@guard
def method_known(case: Case) -> str:
    """How it is disposed of."""
    return "" if case.facts.method in METHODS else f"a method out of {', '.join(METHODS)}"


@guard
def not_money(case: Case) -> str:
    """Money is neither valued nor sold."""
    return f"property other than money; {case.it.id} is {case.it.kind}" if case.it.is_money else ""


@guard
def not_sold(case: Case) -> str:
    """What was sold is money by now."""
    return f"property that is there; {case.it.id} was sold" if case.it.sold else ""


@guard
def not_in_money(case: Case) -> str:
    """Money that is held can not be written off."""
    cash = case.ledger.books.of(CASH, case.it.id, case.it.currency)
    if cash:
        return f"no money held; {written(cash, case.it.currency)} can not be written off"
    return ""


@guard
def nothing_left(case: Case) -> str:
    """Books at nothing: no property, no money, nothing advanced and not paid back."""
    for account in (ASSET, CASH, ADVANCED):
        if left := case.ledger.books.of(account, case.it.id, case.it.currency):
            return f"nothing left in the books; {account} has {written(left, case.it.currency)}"
    return ""
