"""An authority covers what the law and its own words allow, and nothing else."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palermo.law import Grant, check, law_book
from palermo.model import AuthorisedBy, Authority, Refused, Scope

BOOK = law_book()


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def person(role: str) -> AuthorisedBy:
    return AuthorisedBy(name="A. Example", role=role)


PROVIDER = Authority(
    organisation="Example Job Board (fictional)",
    power="eu/dsa-own-initiative",
    legal_basis="Regulation (EU) 2022/2065, Article 7",
    purpose="find recruitment by deceit",
    case="C-1",
    authorised_by=person("head-of-trust-and-safety"),
    valid_from=moment("2026-01-01T00:00Z"),
    valid_until=moment("2036-01-01T00:00Z"),
    scope=Scope(material=("ads", "posts"), platforms=("Jobs", "Au pair"), measures=("detect",)),
    offences=("trafficking-in-persons",),
)
INTERCEPTION = Authority(
    organisation="Example unit (fictional)",
    power="france/interception-enquiry",
    legal_basis="Code de procédure pénale, art. 706-95",
    purpose="find the recruiters",
    case="C-2",
    authorised_by=person("liberty-and-custody-judge"),
    valid_from=moment("2026-01-31T09:00+01:00"),
    valid_until=moment("2026-02-28T09:00+01:00"),
    offences=("aggravated-trafficking-in-persons",),
)
CAPTURE = replace(
    INTERCEPTION,
    power="france/remote-data-capture",
    authorised_by=person("investigating-judge"),
    valid_from=moment("2026-01-15T00:00+01:00"),
    valid_until=moment("2026-05-15T00:00+02:00"),
)


def ask(
    authority: Authority,
    at: str,
    measure: str = "detect",
    material: str = "ads",
    platforms: tuple[str, ...] = (),
) -> Grant:
    return check(
        authority, BOOK, at=moment(at), measure=measure, material=material, platforms=platforms
    )


def test_the_practice_case_is_covered() -> None:
    grant = ask(PROVIDER, "2026-11-24T10:00Z", platforms=("jobs",))
    assert grant.power.origin.article == "Regulation (EU) 2022/2065, Article 7"
    assert grant.ends == PROVIDER.valid_until
    assert grant.caveats == ()
    assert grant.conditions


def test_an_unchecked_rule_says_so() -> None:
    authority = replace(
        PROVIDER, power="eu/gdpr-legal-obligation", authorised_by=person("data-controller")
    )
    assert "not been checked" in ask(authority, "2026-11-24T10:00Z").caveats[0]


@pytest.mark.parametrize(
    ("change", "at", "asked", "said"),
    [
        ({"purpose": " "}, "2026-11-24T10:00Z", {}, "states no purpose"),
        ({"case": ""}, "2026-11-24T10:00Z", {}, "states no case"),
        (
            {"power": "eu/dsa-own-initative"},
            "2026-11-24T10:00Z",
            {},
            "did you mean eu/dsa-own-init",
        ),
        ({"power": "mars/anything"}, "2026-11-24T10:00Z", {}, "no law pack knows this power"),
        (
            {"valid_from": moment("2023-01-01T00:00Z")},
            "2026-11-24T10:00Z",
            {},
            "Article 7): not known to be in force when the authority begins (2023-01-01), only",
        ),
        ({}, "2025-12-31T23:59Z", {}, "the authority begins on 2026-01-01"),
        ({}, "2036-01-01T00:00Z", {}, "the authority ended on 2036-01-01"),
        (
            {"authorised_by": person("intern")},
            "2026-11-24T10:00Z",
            {},
            "`intern` may not authorise it; it takes the decision of head-of-trust-and-safety or",
        ),
        (
            {"regime": "enquiry"},
            "2026-11-24T10:00Z",
            {},
            "no regime `enquiry`; write one of general",
        ),
        ({}, "2026-11-24T10:00Z", {"measure": "intercept"}, "the power does not reach the measure"),
        (
            {},
            "2026-11-24T10:00Z",
            {"measure": "remove"},
            "the authority does not reach the measure",
        ),
        ({}, "2026-11-24T10:00Z", {"measure": "guess"}, "unknown measure `guess`; use one of"),
        (
            {},
            "2026-11-24T10:00Z",
            {"material": "messages"},
            "does not reach the material `messages`",
        ),
        (
            {},
            "2026-11-24T10:00Z",
            {"platforms": ("Jobs", "Elsewhere")},
            "does not reach the platform Elsewhere, only Jobs, Au pair",
        ),
    ],
)
def test_a_service_is_refused(
    change: dict[str, object], at: str, asked: dict[str, object], said: str
) -> None:
    authority = replace(PROVIDER, **change)  # type: ignore[arg-type]  # one field a row
    with pytest.raises(Refused) as caught:
        ask(authority, at, **asked)  # type: ignore[arg-type]  # one argument a row
    assert said in str(caught.value)
    assert str(caught.value).startswith(authority.power)


def test_an_interception_of_exactly_one_calendar_month_is_covered() -> None:
    grant = ask(INTERCEPTION, "2026-02-10T10:00Z", "intercept", "messages")
    assert grant.regime.name == "enquiry"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"valid_until": moment("2026-02-28T09:01+01:00")},
            "1 month, renewable once, the authority states 0 renewals; it may last until 2026",
        ),
        ({"renewals": 2}, "renewed 2 times, the law allows 1"),
        ({"offences": ()}, "for listed offences only and the authority names none"),
        (
            {"offences": ("trafficking-in-persons",)},
            "not available for the offence `trafficking-in-persons`",
        ),
        ({"authorised_by": person("public-prosecutor")}, "takes the decision of liberty-and-"),
    ],
)
def test_an_interception_is_refused(change: dict[str, object], said: str) -> None:
    authority = replace(INTERCEPTION, **change)  # type: ignore[arg-type]  # one field a row
    with pytest.raises(Refused) as caught:
        ask(authority, "2026-02-10T10:00Z", "intercept", "messages")
    assert said in str(caught.value)


def test_a_renewal_begins_where_the_first_month_ended() -> None:
    renewed = replace(INTERCEPTION, renewals=1, valid_until=moment("2026-03-28T09:00+01:00"))
    assert ask(renewed, "2026-03-20T00:00Z", "intercept", "messages").measure == "intercept"
    longer = replace(renewed, valid_until=moment("2026-03-31T09:00+01:00"))
    with pytest.raises(Refused, match="2026-03-28"):
        ask(longer, "2026-03-20T00:00Z", "intercept", "messages")


def test_the_role_chooses_the_regime_and_renewals_stop_at_two_years() -> None:
    assert ask(CAPTURE, "2026-02-01T00:00Z", "capture", "devices").regime.name == "information"
    at_the_total = replace(CAPTURE, renewals=5, valid_until=moment("2028-01-15T00:00+01:00"))
    assert ask(at_the_total, "2027-12-01T00:00Z", "capture", "devices").measure == "capture"
    beyond = replace(CAPTURE, renewals=6, valid_until=moment("2028-01-16T00:00+01:00"))
    with pytest.raises(Refused, match="2 years in all"):
        ask(beyond, "2027-12-01T00:00Z", "capture", "devices")


def test_a_regime_may_be_named_and_must_fit_the_role() -> None:
    with pytest.raises(Refused, match="may not authorise"):
        ask(replace(CAPTURE, regime="enquiry"), "2026-02-01T00:00Z", "capture", "devices")


def test_summer_time_inside_a_period_neither_adds_nor_takes_an_hour() -> None:
    autumn = replace(
        CAPTURE,
        valid_from=moment("2026-07-15T00:00+02:00"),
        valid_until=moment("2026-11-15T00:00+01:00"),  # 00:00 on the wall, one hour later in UTC
    )
    assert ask(autumn, "2026-08-01T00:00Z", "capture", "devices").measure == "capture"
    trick = replace(
        CAPTURE,
        valid_from=moment("2026-07-15T00:00+14:00"),
        valid_until=moment("2026-11-15T00:00-12:00"),
    )
    with pytest.raises(Refused, match="may last until"):
        ask(trick, "2026-08-01T00:00Z", "capture", "devices")


def test_hours_are_hours() -> None:
    short = replace(
        INTERCEPTION,
        power="france/connection-data-interception",
        valid_until=INTERCEPTION.valid_from + timedelta(hours=48),
    )
    assert ask(short, "2026-02-01T00:00Z", "intercept", "messages").measure == "intercept"
    longer = replace(short, valid_until=short.valid_until + timedelta(seconds=1))
    with pytest.raises(Refused, match="48 hours, renewable once"):
        ask(longer, "2026-02-01T00:00Z", "intercept", "messages")


def test_after_the_renumbering_the_successor_is_named() -> None:
    authority = replace(
        INTERCEPTION,
        valid_from=moment("2028-12-15T00:00+01:00"),
        valid_until=moment("2029-01-15T00:00+01:00"),
    )
    assert ask(authority, "2028-12-31T12:00+01:00", "intercept", "messages").measure == "intercept"
    with pytest.raises(Refused) as caught:
        ask(authority, "2029-01-01T00:00+01:00", "intercept", "messages")
    assert "ended on 2029-01-01" in str(caught.value)
    assert "art. L3552-1 ff of the code of 2029" in str(caught.value)


def test_a_prosecutor_cannot_order_traffic_or_content_data_across_borders() -> None:
    order = replace(
        PROVIDER,
        power="eu/epoc-traffic-and-content",
        authorised_by=person("public-prosecutor"),
        valid_from=moment("2026-09-01T00:00Z"),
        scope=Scope(),
    )
    with pytest.raises(Refused, match=r"Articles 4\(2\) and 5\(4\)"):
        ask(order, "2026-11-01T00:00Z", "request", "messages")
    by_judge = replace(order, authorised_by=person("judge"))
    assert ask(by_judge, "2026-11-01T00:00Z", "request", "messages").measure == "request"


def test_the_clock_needs_a_time_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        check(PROVIDER, BOOK, at=datetime(2026, 1, 2), measure="detect", material="ads")  # noqa: DTZ001 - that is the point


@given(
    st.integers(0, 20 * 366 * 24).map(lambda h: moment("2020-01-01T00:00Z") + timedelta(hours=h))
)
def test_outside_its_time_an_authority_covers_nothing(at: datetime) -> None:
    inside = PROVIDER.valid_from <= at < PROVIDER.valid_until
    try:
        check(PROVIDER, BOOK, at=at, measure="detect", material="ads")
        granted = True
    except Refused:
        granted = False
    assert granted == inside
