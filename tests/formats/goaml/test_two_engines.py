"""What our check and an outside XSD validator say of the same reports; written and read again."""

from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from tests.formats.goaml.making import CHANGES, changed, places, reports

from palermo.formats.goaml import (
    Node,
    check,
    parse_xml,
    profiles,
    read_profile,
    schema_text,
    version_of,
    write_xml,
)
from palermo.formats.reports import Severity

_STRUCTURE = {"ROOT", "STRUCTURE", "ORDER", "VALUE", "UNKNOWN"}
_QUICK = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@cache
def outside(name: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.fromstring(schema_text(read_profile(name)).encode()))


def both(report: Node, name: str) -> tuple[bool, bool]:
    """Tell whether our check and the outside one find the report sound in structure and values."""
    found = check(report, read_profile(name))
    ours = not any(one.severity is Severity.ERROR and one.rule in _STRUCTURE for one in found)
    return ours, outside(name).validate(etree.fromstring(write_xml(report)))


@pytest.mark.parametrize("name", profiles())
@_QUICK
@given(data=st.data())
def test_what_the_schema_allows_is_sound_and_read_again_the_same(
    name: str, data: st.DataObject
) -> None:
    report = data.draw(reports(read_profile(name)))
    written = write_xml(report)
    assert parse_xml(written) == report
    assert write_xml(parse_xml(written)) == written
    assert both(report, name) == (True, True)


@pytest.mark.parametrize("name", ["example-4", "example-5"])
@_QUICK
@given(data=st.data())
def test_two_engines_agree_on_what_one_change_breaks(name: str, data: st.DataObject) -> None:
    report = data.draw(reports(read_profile(name)))
    path = data.draw(st.sampled_from(places(report)))
    change = data.draw(st.sampled_from(sorted(CHANGES)))
    broken = changed(report, path, CHANGES[change])
    ours, theirs = both(broken, name)
    assert ours == theirs, [str(one) for one in check(broken, read_profile(name))]


def test_each_version_has_an_xsd_and_profiles_narrow_it() -> None:
    report = parse_xml(b"<report><rentity_id>1</rentity_id></report>")
    for name in profiles():
        assert both(report, name) == (False, False)
    assert "list.report_indicator_type" in schema_text(read_profile("example-4"))
    assert "list.report_indicator_type" not in schema_text(read_profile("core-4.0"))
    old, new = (schema_text(read_profile(name)) for name in ("core-4.0", "core-5.0"))
    assert '<xs:element name="social_media"' in new
    assert '<xs:element name="social_media"' not in old


def test_the_version_shows_in_the_elements() -> None:
    assert version_of(parse_xml(b"<report><reason>r</reason></report>")) == "4.0"
    assert version_of(parse_xml(b"<report><report_date>r</report_date></report>")) == "5.0"
    assert (
        version_of(parse_xml(b"<report><schema_version>5.0.2</schema_version></report>")) == "5.0"
    )
    assert version_of(parse_xml(b"<report><schema_version>4.2</schema_version></report>")) == "4.0"
