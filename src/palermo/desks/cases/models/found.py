"""What the last run found, as rows: a copy of the case's tables, made anew by every run.

People's work never points at these rows but at what they are called (`Subject`), so that it
outlives them.
"""

from django.db import models

from palermo.desks.access.rows import CaseRow


class Item(CaseRow):
    """An ad, post or message. `ident` is its id in the tables; it lies in `exhibit`, `row`."""

    ident = models.CharField(max_length=200)
    text = models.TextField()
    lang = models.CharField(max_length=16, blank=True)
    posted_at = models.DateTimeField(null=True)
    platform = models.CharField(max_length=120, blank=True)
    account = models.CharField(max_length=200, blank=True)
    url = models.TextField(blank=True)
    place = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=40, blank=True)
    exhibit = models.CharField(max_length=64)
    row = models.BigIntegerField()
    row_hash = models.CharField(max_length=64)
    campaign = models.CharField(max_length=40, blank=True)
    network = models.CharField(max_length=40, blank=True)

    class Meta(CaseRow.Meta):
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["case", "ident"], name="item_ident")]
        # Each serves a list that is read in the order of time, filtered by what stands before it.
        indexes = [
            models.Index(fields=["case", "posted_at", "id"]),
            models.Index(fields=["case", "network", "posted_at", "id"]),
            models.Index(fields=["case", "campaign", "posted_at", "id"]),
            models.Index(fields=["case", "place", "posted_at", "id"]),
            models.Index(fields=["case", "account", "posted_at", "id"]),
        ]

    def __str__(self) -> str:
        return self.ident


class Identifier(CaseRow):
    """A normalised value and how good a link it is: `used` says whether it linked items."""

    kind = models.CharField(max_length=30)
    value = models.CharField(max_length=500)
    items = models.IntegerField(default=0)
    accounts = models.IntegerField(default=0)
    campaigns = models.IntegerField(default=0)
    first_seen = models.DateTimeField(null=True)
    last_seen = models.DateTimeField(null=True)
    used = models.BooleanField(null=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta(CaseRow.Meta):
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["case", "kind", "value"], name="identifier_value")
        ]
        indexes = [
            models.Index(fields=["kind", "value"]),
            models.Index(fields=["case", "-items", "id"]),
            models.Index(fields=["case", "kind", "-items", "id"]),
            # The few that were held back, for a person to look at.
            models.Index(
                fields=["case", "-items", "id"],
                condition=models.Q(used=False),
                name="identifier_held_back",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}:{self.value}"


class Mention(CaseRow):
    """A place in an item's text where an identifier stands: characters `start` to `end`."""

    # The indexes below begin with these two: further ones would only make landing slower.
    identifier = models.ForeignKey(
        Identifier, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="+", db_index=False)
    raw = models.TextField()
    start = models.IntegerField()
    end = models.IntegerField()
    confidence = models.CharField(max_length=10)
    reason = models.CharField(max_length=200)

    class Meta(CaseRow.Meta):
        indexes = [
            models.Index(fields=["identifier", "item"]),
            models.Index(fields=["item", "start"]),
        ]

    def __str__(self) -> str:
        return self.raw


class Campaign(CaseRow):
    """Texts of one template; `template` holds its parts, as `findings.json` states them."""

    key = models.CharField(max_length=40)
    items = models.IntegerField()
    accounts = models.IntegerField(default=0)
    first_seen = models.DateTimeField(null=True)
    last_seen = models.DateTimeField(null=True)
    network = models.CharField(max_length=40, blank=True)
    template = models.JSONField(default=dict)

    class Meta(CaseRow.Meta):
        ordering = ["-items", "key"]
        constraints = [models.UniqueConstraint(fields=["case", "key"], name="campaign_key")]
        indexes = [models.Index(fields=["case", "-items", "key"])]

    def __str__(self) -> str:
        return self.key


class Network(CaseRow):
    """Items that are proposed to come from the same hands; `facts` as `findings.json` states.

    `nodes` and `ties` count what its drawing would show in full (`graph.prepare`).
    """

    key = models.CharField(max_length=40)
    rank = models.IntegerField()
    items = models.IntegerField()
    accounts = models.IntegerField(default=0)
    first_seen = models.DateTimeField(null=True)
    last_seen = models.DateTimeField(null=True)
    support_first = models.BooleanField(default=False)
    child_review = models.BooleanField(default=False)
    facts = models.JSONField(default=dict)
    nodes = models.IntegerField(default=0)
    ties = models.IntegerField(default=0)

    class Meta(CaseRow.Meta):
        ordering = ["rank"]
        constraints = [models.UniqueConstraint(fields=["case", "key"], name="network_key")]
        indexes = [models.Index(fields=["case", "rank"])]

    def __str__(self) -> str:
        return self.key


class Link(CaseRow):
    """A proposed link between two items: the identifier, campaign or photo that both share."""

    a = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="+")
    b = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="+")
    reason = models.CharField(max_length=560)
    strength = models.FloatField()
    network = models.CharField(max_length=40, blank=True)

    class Meta(CaseRow.Meta):
        ordering = ["id"]
        indexes = [models.Index(fields=["case", "network", "id"])]

    def __str__(self) -> str:
        return self.reason


class Indication(CaseRow):
    """A published indicator found in an item, for (`support`) or against (`counter`)."""

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="+", db_index=False)
    rule = models.CharField(max_length=40)
    version = models.IntegerField()
    dimension = models.CharField(max_length=60)
    strength = models.CharField(max_length=20)
    polarity = models.CharField(max_length=20)
    start = models.IntegerField()
    end = models.IntegerField()
    quote = models.TextField()

    class Meta(CaseRow.Meta):
        indexes = [
            models.Index(fields=["case", "rule", "item"]),
            models.Index(fields=["case", "polarity", "item"]),
            models.Index(fields=["item", "start"]),
        ]

    def __str__(self) -> str:
        return self.rule


class Node(CaseRow):
    """What items of a network share: an identifier, a campaign, an account or a photo.

    `items` counts those of the network. `used` says whether the value links them, as
    `Identifier.used`; accounts and campaigns always do.
    """

    network = models.CharField(max_length=40)
    kind = models.CharField(max_length=30)
    value = models.CharField(max_length=560)
    items = models.IntegerField()
    used = models.BooleanField(default=True)
    first_seen = models.DateTimeField(null=True)
    last_seen = models.DateTimeField(null=True)

    class Meta(CaseRow.Meta):
        ordering = ["-items", "id"]
        constraints = [
            models.UniqueConstraint(fields=["case", "network", "kind", "value"], name="node_once")
        ]
        indexes = [
            models.Index(fields=["case", "network", "-items", "id"]),
            models.Index(fields=["case", "network", "kind", "-items", "id"]),
        ]

    def __str__(self) -> str:
        return f"{self.kind}:{self.value}"


class Tie(CaseRow):
    """Two nodes that some items of the network carry together: so many as `items` says."""

    network = models.CharField(max_length=40)
    a = models.ForeignKey(Node, on_delete=models.CASCADE, related_name="+", db_index=False)
    b = models.ForeignKey(Node, on_delete=models.CASCADE, related_name="+", db_index=False)
    items = models.IntegerField()

    class Meta(CaseRow.Meta):
        ordering = ["-items", "id"]
        indexes = [
            models.Index(fields=["a", "-items"]),
            models.Index(fields=["b", "-items"]),
            models.Index(fields=["case", "network", "-items", "id"]),
        ]

    def __str__(self) -> str:
        return f"{self.items} items of {self.network}"
