"""A made-up dossier: three networks, six languages, people who ask for help, and hostile text."""

import hashlib
from datetime import timedelta

from tests.investigation.dossier.sample_parts import (
    ATTACK,
    EXHIBITS,
    START,
    campaign,
    graph,
    indications,
    item_text,
    ref,
)

from palermo.investigation.dossier import (
    DossierContent,
    IdentifierView,
    Input,
    Limit,
    Listed,
    MemberView,
    NetworkView,
    Place,
    Rejection,
    Source,
    SupportView,
    Words,
    timeline,
)
from palermo.model import (
    Assessment,
    AuthorisedBy,
    Authority,
    Scope,
)


def network(number: int, langs: list[str], *, first_row: int, days: int) -> NetworkView:
    campaigns, members, times = [], [], []
    row = first_row
    for lang in langs:
        rows = list(range(row, row + 8))
        row += 8
        campaigns.append(campaign(lang, rows))
        for i, r in enumerate(rows):
            at = START + timedelta(days=(i * 5 + r * r) % days, hours=r % 11)
            times.append(at)
            members.append(
                MemberView(
                    ref=ref(r),
                    excerpt=item_text(lang, r),
                    posted_at=at,
                    platform=("marketplace.example", "chat.example")[r % 2],
                    account=f"account-{number}-{r % 9}",
                    lang=lang,
                )
            )
    rows = list(range(first_row, first_row + 8))
    quiet = number == 3
    return NetworkView(
        id=f"N-{number:04d}",
        size=len(members) * 3,
        accounts=9,
        platforms=("chat.example", "marketplace.example"),
        languages=tuple(langs),
        first_seen=min(times),
        last_seen=max(times),
        days_active=len({t.date() for t in times}),
        assessment=Assessment(
            indicated=() if quiet else ("deceptive_recruitment", "exploitation"),
            open=("recruitment_by_abuse_of_vulnerability",),
            counter=("K1",),
            adult_pattern=not quiet,
            child_review=number == 2,
            support_first=number == 1,
        ),
        reported=("coercion_at_destination",) if number == 1 else (),
        place=Place(id=f"N-{number:04d}", rank=number, by_size=number, by_days=1, by_indications=1),
        indications=indications(langs[0], rows),
        campaigns=Listed.of(campaigns),
        identifiers=Listed(
            (
                IdentifierView(
                    kind="phone",
                    value=f"+380445550{number}11",
                    items=12,
                    accounts=4,
                    used=True,
                    reason="same campaign",
                    refs=(ref(first_row), ref(first_row + 1), ref(first_row + 2)),
                    first_seen=START,
                    last_seen=START + timedelta(days=12),
                ),
                IdentifierView(
                    kind="domain",
                    value="a-very-long-domain-name-that-has-no-place-to-break.example",
                    items=412,
                    accounts=390,
                    used=False,
                    reason=Words(
                        en="stands in 57 groups that share nothing else",
                        fr="figure dans 57 groupes qui ne partagent rien d’autre",
                    ),
                    refs=(ref(first_row + 3),),
                ),
            ),
            9,
        ),
        graph=graph(campaigns, number),
        timeline=timeline([*times, None]),
        members=Listed(tuple(members), len(members) * 3),
    )


def sample() -> DossierContent:
    networks = [
        network(1, ["en", "ar", "zh"], first_row=1, days=60),
        network(2, ["fr", "es"], first_row=101, days=300),
        network(3, ["ru"], first_row=201, days=20),
    ]
    loose = network(4, ["en"], first_row=301, days=5)
    hostile = MemberView(
        ref=ref(1, 1), excerpt=ATTACK, account=ATTACK, platform="chat.example", lang='x" onload=1'
    )
    first = networks[0]
    networks[0] = NetworkView(
        **{
            **{name: getattr(first, name) for name in first.__dataclass_fields__},
            "members": Listed((hostile, *first.members.shown), first.members.total + 1),
        }
    )
    help_ref = ref(2, 1)
    texts = {
        view_ref: (member.excerpt, member.lang)
        for view in (*networks, loose)
        for member in view.members.shown
        for view_ref in [member.ref]
    }
    texts[help_ref] = ("PLEASE-DO-NOT-SHOW-ALL they keep my passport, please help me", "en")
    return DossierContent(
        title="Sirocco: recruitment offers, spring 2026",
        case="SIR-2026-014",
        authority=Authority(
            organisation="Regional unit against trafficking, Port Salen",
            power="practice/observe",
            legal_basis="Practice Act, section 12",
            purpose="To find who recruits by the offers described in the file",
            case="SIR-2026-014",
            authorised_by=AuthorisedBy(name="A. Verano", role="public-prosecutor"),
            valid_from=START,
            valid_until=START + timedelta(days=180),
            scope=Scope(material=("ads", "messages"), measures=("collect", "analyse")),
            offences=("trafficking-in-persons",),
            sha256=hashlib.sha256(b"authority").hexdigest(),
        ),
        power_title=Words(en="Observation of public offers", fr="Observation d’offres publiques"),
        power_article="Practice Act, section 12 (2)",
        tool_version="Palermo 0.1.0",
        made_at=START + timedelta(days=90),
        inputs=(
            Input(
                sha256=EXHIBITS[0],
                name="ads.parquet",
                size=48_300_112,
                rows_read=100_000,
                rows_kept=99_950,
                rows_set_aside=50,
            ),
            Input(
                sha256=EXHIBITS[1],
                name="chats.csv",
                size=81_210,
                rows_read=412,
                rows_kept=410,
                rows_set_aside=2,
            ),
        ),
        counts={
            "items": 100_360,
            "identifiers": 41_202,
            "campaigns": 311,
            "links": 5_120,
            "networks": 44,
            "an_unknown_count": 3,
        },
        rejected=Listed(
            (
                Rejection(
                    exhibit=EXHIBITS[0],
                    row=17,
                    id=None,
                    reason="empty_text",
                    detail="no text, or only blanks",
                    kept=False,
                ),
                Rejection(
                    exhibit=EXHIBITS[1],
                    row=0,
                    id=None,
                    reason="no_zone",
                    detail="410 dates read as UTC",
                    kept=True,
                ),
                Rejection(
                    exhibit=EXHIBITS[1], row=9, id="9", reason="ragged", detail=ATTACK, kept=False
                ),
            ),
            52,
        ),
        networks=Listed(tuple(networks), 44),
        campaigns_without_network=Listed((loose,), 6),
        support_first=Listed(
            (
                SupportView(
                    ref=help_ref,
                    quote="please help me",
                    network="N-0001",
                    platform="chat.example",
                    posted_at=START,
                    lang="en",
                ),
                SupportView(
                    ref=ref(9),
                    quote="ساعدوني",
                    network="N-0001",
                    platform="chat.example",
                    posted_at=START,
                    lang="ar",
                ),
            ),
            2,
        ),
        limits=(
            Limit(
                what=Words(
                    en="Items wrongly put into a campaign",
                    fr="Éléments placés à tort dans une campagne",
                ),
                figure=Words(en="0.4 % (12 of 3,000)", fr="0,4 % (12 sur 3 000)"),
                basis=Words(
                    en="practice case, 100 000 items", fr="cas d’exercice, 100 000 éléments"
                ),
                command="palermo campaigns items.parquet -o out.parquet",
            ),
        ),
        sources=tuple(
            Source(
                ref=r,
                text=text,
                lang=lang,
                posted_at=START,
                platform="chat.example",
                account="someone",
                url="https://chat.example/p/1",
            )
            for r, (text, lang) in texts.items()
        ),
    )
