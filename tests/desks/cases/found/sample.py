"""Things in the practice case that tests point at."""

from tests.desks.cases.sirocco import SiroccoCase

from palermo.desks.cases.models import Campaign, Identifier, Item, Network


def first_item(made: SiroccoCase) -> Item:
    """The item that came first in the material."""
    found: Item = Item.rows.of(made.case).earliest("pk")
    return found


def shared_phone(made: SiroccoCase) -> Identifier:
    """The telephone number that links most items."""
    phones = Identifier.rows.of(made.case).filter(kind="phone", used=True)
    found: Identifier = phones.order_by("-items", "pk")[0]
    return found


def network(made: SiroccoCase) -> Network:
    """The network of the first rank."""
    found: Network = Network.rows.of(made.case).get(rank=1)
    return found


def campaign(made: SiroccoCase) -> Campaign:
    """The largest campaign."""
    found: Campaign = Campaign.rows.of(made.case)[0]
    return found
