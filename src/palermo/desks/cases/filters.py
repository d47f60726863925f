"""Which items are shown: a filter read from an address, as a query, and in words.

Guarantees that what a list, its export and its timeline show under one address is the same set,
and that the words on the page name every condition of it.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from palermo.desks.access.models import Case
from palermo.desks.access.visibility import Viewer
from palermo.desks.cases.facts import facet
from palermo.desks.cases.keyset import Order
from palermo.desks.cases.models import Identifier, Indication, Item, Mention, Network
from palermo.desks.cases.words import KINDS, POLARITIES, called, indicator, indicators

ORDERS = {
    "newest": Order("newest", "posted_at", descending=True, tie_descending=True, nullable=True),
    "oldest": Order("oldest", "posted_at", nullable=True),
    "material": Order("material", "id"),
}
_SORTS = {
    "newest": _("newest first"),
    "oldest": _("oldest first"),
    "material": _("as in the material"),
}
_ANY = [("", _("any"))]


class ItemFilter(forms.Form):
    """The conditions on items. Every field may be left empty."""

    platform = forms.CharField(label=_("Platform"), required=False, max_length=120)
    lang = forms.CharField(label=_("Language"), required=False, max_length=16)
    place = forms.CharField(label=_("Place"), required=False, max_length=200)
    account = forms.CharField(label=_("Account"), required=False, max_length=200)
    since = forms.DateField(
        label=_("Posted from"), required=False, widget=forms.DateInput({"type": "date"})
    )
    until = forms.DateField(
        label=_("Posted until"), required=False, widget=forms.DateInput({"type": "date"})
    )
    network = forms.CharField(label=_("Network"), required=False, max_length=40)
    campaign = forms.CharField(label=_("Campaign"), required=False, max_length=40)
    polarity = forms.ChoiceField(
        label=_("Indicated"), required=False, choices=[*_ANY, *POLARITIES.items()]
    )
    rule = forms.CharField(label=_("Indicator"), required=False, max_length=40)
    kind = forms.ChoiceField(
        label=_("With identifier"), required=False, choices=[*_ANY, *KINDS.items()]
    )
    value = forms.CharField(label=_("Value of the identifier"), required=False, max_length=500)
    order = forms.ChoiceField(label=_("Order"), required=False, choices=list(_SORTS.items()))

    def __init__(self, data: Mapping[str, Any], viewer: Viewer, case: Case) -> None:
        super().__init__(data)
        self.viewer, self.case = viewer, case

    def offer(self) -> None:
        """Fill the lists of choices; needed only where the form itself is shown."""
        for column in ("platform", "lang", "place"):
            self._choose(column, [(v, f"{v} ({n})") for v, n in self._facet(column)])
        networks = Network.rows.visible_to(self.viewer).of(self.case).values_list("key", "rank")
        self._choose("network", [(key, f"{rank}: {key}") for key, rank in networks[:200]])
        self._choose("rule", [(one.id, f"{one.id}: {one.title}") for one in indicators().values()])

    def _facet(self, column: str) -> list[tuple[str, int]]:
        return facet(self.viewer, self.case, column)

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        given = self.data.get(name, "")
        if given and given not in {value for value, _label in choices}:
            choices = [(given, given), *choices]
        self.fields[name].widget = forms.Select(choices=[*_ANY, *choices])

    @property
    def conditions(self) -> dict[str, Any]:
        """Return the fields that are filled in and make sense."""
        self.is_valid()
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if value not in {"", None} and name != "order"
        }

    @property
    def standing(self) -> Order:
        """Return how the list stands."""
        self.is_valid()
        return ORDERS[self.cleaned_data.get("order") or "newest"]

    def items(self, action: str = "read") -> QuerySet[Item]:
        """Return the items of the case that fulfil every condition; without order."""
        rows: QuerySet[Item] = Item.rows.visible_to(self.viewer, action).of(self.case).order_by()
        for name, value in self.conditions.items():
            rows = rows.filter(_QUERIES[name](self, value))
        return rows

    def words(self) -> list[str]:
        """Return every condition in words."""
        return [_WORDS[name](self, value) for name, value in self.conditions.items()]

    def address(self, **changes: str) -> str:
        """Return the query string of this filter with some fields changed; empty ones go away."""
        given = {name: str(self.data.get(name, "")) for name in self.fields}
        given.update(changes)
        return urlencode({name: value for name, value in given.items() if value})


def _start(_form: ItemFilter, day: Any) -> Q:
    return Q(posted_at__gte=datetime.combine(day, time(), UTC))


def _end(_form: ItemFilter, day: Any) -> Q:
    return Q(posted_at__lt=datetime.combine(day + timedelta(days=1), time(), UTC))


def _by_polarity(form: ItemFilter, value: str) -> Q:
    found = Indication.rows.of(form.case).filter(item=OuterRef("pk"), polarity=value)
    return Q(Exists(found))


def _by_rule(form: ItemFilter, value: str) -> Q:
    return Q(Exists(Indication.rows.of(form.case).filter(item=OuterRef("pk"), rule=value)))


def _by_kind(form: ItemFilter, value: str) -> Q:
    if form.cleaned_data.get("value"):
        return Q()  # the value says it
    found = Mention.rows.of(form.case).filter(item=OuterRef("pk"), identifier__kind=value)
    return Q(Exists(found))


def _by_value(form: ItemFilter, value: str) -> Q:
    named = Identifier.rows.of(form.case).filter(value=value)
    if kind := form.cleaned_data.get("kind"):
        named = named.filter(kind=kind)
    keys = list(named.values_list("pk", flat=True)[:50])
    return Q(pk__in=Mention.rows.filter(identifier__in=keys).values("item"))


def _equal(column: str) -> Callable[[ItemFilter, Any], Q]:
    return lambda _form, value: Q(**{column: value})


_QUERIES: dict[str, Callable[[ItemFilter, Any], Q]] = {
    **{
        name: _equal(name)
        for name in ("platform", "lang", "place", "account", "network", "campaign")
    },
    "since": _start,
    "until": _end,
    "polarity": _by_polarity,
    "rule": _by_rule,
    "kind": _by_kind,
    "value": _by_value,
}

_WORDS: dict[str, Callable[[ItemFilter, Any], str]] = {
    "platform": lambda _f, v: gettext("on the platform %(value)s") % {"value": v},
    "lang": lambda _f, v: gettext("in the language %(value)s") % {"value": v},
    "place": lambda _f, v: gettext("for the place %(value)s") % {"value": v},
    "account": lambda _f, v: gettext("by the account %(value)s") % {"value": v},
    "since": lambda _f, v: gettext("posted on %(value)s or later") % {"value": date_format(v)},
    "until": lambda _f, v: gettext("posted on %(value)s or earlier") % {"value": date_format(v)},
    "network": lambda _f, v: gettext("of the network %(value)s") % {"value": v},
    "campaign": lambda _f, v: gettext("of the campaign %(value)s") % {"value": v},
    "polarity": lambda _f, v: (
        gettext("where an indication says: %(value)s") % {"value": called("polarity", v)}
    ),
    "rule": lambda _f, v: (
        gettext("with the indication %(value)s") % {"value": f"{v} ({indicator(v).title})"}
    ),
    "kind": lambda _f, v: gettext("that state: %(value)s") % {"value": called("kind", v)},
    "value": lambda _f, v: gettext("that state the value %(value)s") % {"value": v},
}
