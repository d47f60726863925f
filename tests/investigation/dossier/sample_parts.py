"""The pieces of the made-up dossier: texts in six languages, campaigns, indications, a drawing."""

import hashlib
from datetime import UTC, datetime, timedelta

from palermo.investigation.dossier import (
    CampaignView,
    Example,
    Graph,
    GraphEdge,
    GraphNode,
    IndicationView,
    Listed,
    Ref,
)
from palermo.model import (
    Segment,
    SegmentRole,
    Template,
    TemplatePart,
    Variation,
)

START = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
EXHIBITS = tuple(hashlib.sha256(name.encode()).hexdigest() for name in ("ads", "chats"))
ATTACK = (
    "</script><img src=x onerror=alert(1)>\u202egnp.exe\u202c </title></style>"
    "\"'><svg onload=1> \u200bzero\u200d\x00 {{ 7*7 }}"
)

#: Language, text with one phone and one place per item, phrase that an indicator finds.
TEXTS = {
    "en": (
        "Hostess wanted in {place}, no experience, we pay your flight. Text {phone}, ask for Nina.",
        "we pay your flight",
    ),
    "fr": (
        "Cherche serveuses à {place}, logement et billet fournis. Écrire à {phone}, demander Nina.",
        "logement et billet fournis",
    ),
    "es": (
        "Se buscan modelos en {place}, viaje pagado, sin papeles no importa. Escribe al {phone}.",
        "viaje pagado",
    ),
    "ar": (
        "مطلوب عاملات منزل في {place}، السكن والتذكرة علينا. للتواصل واتساب {phone} اسألي عن نينا",
        "السكن والتذكرة علينا",
    ),
    "ru": (
        "Требуются девушки в {place}, билет оплатим, паспорт оформим сами. Звоните {phone}.",
        "паспорт оформим сами",
    ),
    "zh": (
        "{place}高薪招聘,包吃包住包机票,护照由公司保管。联系电话{phone},找妮娜。",
        "护照由公司保管",
    ),
}
PLACES = {
    "en": ("Dubrova", "Port Salen", "Maris"),
    "fr": ("Dubrova", "Port-Salen", "Maris"),
    "es": ("Dubrova", "Puerto Salén", "Maris"),
    "ar": ("دبروفا", "ميناء سالين", "ماريس"),
    "ru": ("Дуброве", "Порт-Салене", "Марисе"),
    "zh": ("杜布罗瓦", "萨伦港", "马里斯"),
}


def ref(row: int, exhibit: int = 0) -> Ref:
    digest = hashlib.sha256(f"{exhibit}/{row}".encode()).hexdigest()
    return Ref(f"item-{exhibit}-{row}", EXHIBITS[exhibit], row, digest)


def _segments(lang: str, index: int) -> tuple[Segment, ...]:
    text = TEXTS[lang][0]
    fill = {"place": PLACES[lang][index % 3], "phone": f"+380 44 555 01{index % 90 + 10}"}
    order = sorted(fill, key=lambda name: text.index("{" + name + "}"))
    out: list[Segment] = []
    for number, name in enumerate(order, start=1):
        before, text = text.split("{" + name + "}", 1)
        out.append(Segment(role=SegmentRole.CONSTANT, text=before))
        out.append(
            Segment(role=SegmentRole.SLOT, text=fill[name], slot=number - 1)
        )  # numbered from 0, shown from 1
    out.append(Segment(role=SegmentRole.CONSTANT, text=text))
    if index % 3 == 1:
        out.append(Segment(role=SegmentRole.INSERTION, text=" 24/7 !!!"))
    return tuple(out)


def item_text(lang: str, index: int) -> str:
    return "".join(segment.text for segment in _segments(lang, index))


def campaign(lang: str, rows: list[int]) -> CampaignView:
    members = [_segments(lang, row) for row in rows]
    slots = [s.slot for s in members[0] if s.slot is not None]
    parts = [
        TemplatePart(text=s.text)
        if s.slot is None
        else TemplatePart(
            slot=s.slot,
            kind="phone" if any("+380" in m.text for m in [s]) else "place",
            fillers=tuple(
                dict.fromkeys(m.text for member in members for m in member if m.slot == s.slot)
            ),
        )
        for s in members[0]
        if s.role is not SegmentRole.INSERTION
    ]
    assert slots
    name = f"C-{lang}-{rows[0]:04d}"
    return CampaignView(
        id=name,
        size=len(rows),
        template=Template(
            campaign=name,
            parts=tuple(parts),
            support=len(rows),
            compression=0.31,
            different=len(rows),
            length=18,
            variations=(
                Variation(part=0, at=4, left_out="", put_in=("✆ now", "<b>"), members=2),
                Variation(part=0, at=0, left_out=parts[0].text[:6], put_in=(), members=2),
            ),
        ),
        examples=tuple(
            Example(segments=member, ref=ref(row), lang=lang)
            for member, row in zip(members, rows, strict=True)
        ),
        languages=(lang,),
        first_seen=START,
        last_seen=START + timedelta(days=40),
    )


def indications(lang: str, rows: list[int]) -> tuple[IndicationView, ...]:
    def one(
        rule: str, title: str, dimension: str, strength: str, polarity: str, at: int
    ) -> IndicationView:
        return IndicationView(
            rule=rule,
            title=title,
            dimension=dimension,
            strength=strength,
            polarity=polarity,
            items=len(rows),
            quote=TEXTS[lang][1],
            ref=ref(rows[at % len(rows)]),
            lang=lang,
        )

    return (
        one("A1", "Travel paid by the recruiter", "deceptive_recruitment", "strong", "for", 0),
        one("A4", "No experience or language asked", "deceptive_recruitment", "medium", "for", 1),
        one("E2", "Documents kept by the employer", "exploitation", "strong", "for", 2),
        one("E7", "Housing tied to the job", "exploitation", "medium", "for", 0),
        one(
            "B1",
            "Address to people without papers",
            "recruitment_by_abuse_of_vulnerability",
            "weak",
            "for",
            1,
        ),
        one("K1", "Names a registered agency", "counter", "medium", "against", 2),
    )


def graph(campaigns: list[CampaignView], number: int) -> Graph:
    nodes = [GraphNode(id=c.id, kind="campaign", label=c.id, size=c.size) for c in campaigns]
    nodes += [
        GraphNode(id=f"p{i}", kind="phone", label=f"+380445550{number}{i:02d}", size=3 + i)
        for i in range(5)
    ]
    nodes += [
        GraphNode(id=f"t{i}", kind="telegram", label=f"nina_jobs_{number}{i}", size=2 + i)
        for i in range(3)
    ]
    nodes += [
        GraphNode(id=f"a{i}", kind="account", label=f"account-{number}-{i}", size=1 + i)
        for i in range(9)
    ]
    names = [c.id for c in campaigns]
    edges = [
        GraphEdge(
            a=names[i % len(names)],
            b=f"p{i}",
            reason=f"phone:+380445550{number}{i:02d}",
            strength=0.9,
        )
        for i in range(5)
    ]
    edges += [
        GraphEdge(
            a=names[(i + 1) % len(names)],
            b=f"p{i}",
            reason=f"phone:+380445550{number}{i:02d}",
            strength=0.9,
        )
        for i in range(3)
    ]
    edges += [
        GraphEdge(
            a=names[i % len(names)],
            b=f"t{i}",
            reason=f"telegram:nina_jobs_{number}{i}",
            strength=0.85,
        )
        for i in range(3)
    ]
    edges += [
        GraphEdge(a=names[i % len(names)], b=f"a{i}", reason="domain:jobs.example", strength=0.4)
        for i in range(9)
    ]
    return Graph(nodes=Listed(tuple(nodes), len(nodes) + 7), edges=Listed.of(edges))
