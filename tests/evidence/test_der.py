"""Every accepted element has one encoding; everything else is refused in words."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.evidence.authority import integer, oid, tlv

from palermo.evidence.der import GENERALIZED_TIME, INTEGER, OCTET_STRING, SEQUENCE, Element
from palermo.model import Unreadable

_primitive = st.tuples(st.sampled_from([0x02, 0x04, 0x06, 0x80, 0x9E]), st.binary(max_size=300))
_trees = st.recursive(
    _primitive.map(lambda pair: tlv(*pair)),
    lambda inner: st.lists(inner, max_size=4).map(lambda parts: tlv(SEQUENCE, *parts)),
    max_leaves=12,
)


def encoded(element: Element) -> bytes:
    """Write an element again from what was read of it."""
    if element.tag & 0x20:
        return tlv(element.tag, *map(encoded, element.within(element.tag)))
    return tlv(element.tag, element.content)


@given(_trees)
def test_what_is_written_is_read(data: bytes) -> None:
    assert encoded(Element.read(data)) == data


@given(st.binary(max_size=40) | _trees.flatmap(lambda d: st.binary(max_size=4).map(d.__add__)))
def test_what_is_accepted_has_one_encoding(data: bytes) -> None:
    try:
        element = Element.read(data)
        assert encoded(element) == element.whole == data
    except Unreadable:
        return


@given(st.integers(-(1 << 500), 1 << 500))
def test_integers(value: int) -> None:
    shortest = value.to_bytes(
        (value if value >= 0 else ~value).bit_length() // 8 + 1, "big", signed=True
    )
    assert Element.read(tlv(INTEGER, shortest)).integer() == value
    if value >= 0:
        assert Element.read(integer(value)).integer() == value
    longer = (b"\xff" if value < 0 else b"\x00") + shortest
    with pytest.raises(Unreadable, match=r"shortest form|longer than any"):
        Element.read(tlv(INTEGER, longer)).integer()


@given(
    st.integers(0, 2),
    st.integers(0, 39),
    st.lists(st.integers(0, 1 << 40), max_size=6),
)
def test_object_identifiers(first: int, second: int, rest: list[int]) -> None:
    dotted = ".".join(map(str, (first, second, *rest)))
    assert Element.read(oid(dotted)).oid() == dotted


def test_an_arc_above_79_belongs_to_the_second_number() -> None:
    assert Element.read(oid("2.999.3")).oid() == "2.999.3"


@pytest.mark.parametrize("content", [b"", b"\x80\x01", b"\x2a\x80\x01", b"\x2a\x81", b"\x01" * 65])
def test_damaged_object_identifiers(content: bytes) -> None:
    with pytest.raises(Unreadable, match="object identifier"):
        Element.read(tlv(0x06, content)).oid()


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "ends within"),
        (b"\x30", "ends within"),
        (b"\x30\x80\x00\x00", "indefinite"),
        (b"\x30\x81\x01\x00", "shortest form"),
        (b"\x30\x82\x00\x80" + bytes(128), "shortest form"),
        (b"\x30\x85\x01\x00\x00\x00\x00", "beyond all bounds"),
        (b"\x30\x83\x01\x00", "shortest form"),
        (b"\x30\x05\x00", "longer than what holds it"),
        (b"\x1f\x01\x00", "above 30"),
        (b"\x04\x01\x00\x00", "1 bytes follow"),
    ],
)
def test_what_is_no_der(data: bytes, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        Element.read(data)


def test_bounds_on_depth_and_number() -> None:
    deep = b""
    for _ in range(40):
        deep = tlv(SEQUENCE, deep)
    with pytest.raises(Unreadable, match="deeper"):
        encoded(Element.read(deep))
    with pytest.raises(Unreadable, match="more elements"):
        Element.read(tlv(SEQUENCE, b"\x05\x00" * 2_000)).within(SEQUENCE)


@given(st.datetimes(datetime(1900, 1, 1), datetime(9999, 1, 1)))  # noqa: DTZ001 - made aware below
def test_times(moment: datetime) -> None:
    moment = moment.replace(tzinfo=UTC)
    fraction = f".{moment.microsecond:06}".rstrip("0").rstrip(".")
    text = f"{moment:%Y%m%d%H%M%S}{fraction}Z".zfill(15)
    assert Element.read(tlv(GENERALIZED_TIME, text.encode())).time() == moment


@pytest.mark.parametrize(
    "text",
    ["", "20260101000000", "202601010000Z", "20260101000000+0100", "20260101000000.Z",
     "20260101000000.0Z", "20260101000000,5Z", "20260230000000Z", "20260101000060Z",
     "\u0662026010100000Z"],
)  # fmt: skip
def test_other_forms_of_time(text: str) -> None:
    with pytest.raises(Unreadable, match="another form"):
        Element.read(tlv(GENERALIZED_TIME, text.encode())).time()


def test_fields_are_taken_in_order() -> None:
    fields = Element.read(tlv(SEQUENCE, integer(1), tlv(OCTET_STRING, b"x"))).fields()
    assert fields.maybe(OCTET_STRING) is None
    assert fields.take(INTEGER).integer() == 1
    with pytest.raises(Unreadable, match="unexpected field"):
        fields.done()
    assert fields.take(OCTET_STRING).octets() == b"x"
    fields.done()
    with pytest.raises(Unreadable, match="missing"):
        fields.take()
    with pytest.raises(Unreadable, match="was expected"):
        Element.read(integer(1)).fields()
    with pytest.raises(Unreadable, match="holds no other"):
        Element.read(integer(1)).within(INTEGER)
