"""Telephone numbers however written, and numbers that are none. All are reserved or made up."""

import random

import phonenumbers
import pytest

from palermo.analysis.identifiers import extract_text, plans
from palermo.analysis.identifiers.spelled import readings

GB, FR, US = "+447700900123", "+33639981234", "+12025550143"


def phones(text: str, lang: str | None = None, regions: tuple[str, ...] = ()) -> list[str]:
    found = [m for m in extract_text(text, lang=lang, regions=regions) if m.kind == "phone"]
    assert all(text[m.start : m.end] == m.raw for m in found)
    return [m.value for m in found]


@pytest.mark.parametrize(
    "text",
    [
        "+447700900123",
        "+44 7700 900123",
        "0044 7700 900 123",
        "+44 (0)7700 900123",
        "(+44) 7700-900.123",
        "＋４４ ７７００ ９００１２３",
        "+44 77OO 9OO I23",
        "+44 77\u200b00 900\u200b123",
        "+٤٤ ٧٧٠٠ ٩٠٠ ١٢٣",
        "+4️⃣4️⃣7️⃣7️⃣0️⃣0️⃣9️⃣0️⃣0️⃣1️⃣2️⃣3️⃣",
        "+⁴⁴ ⁷⁷⁰⁰ ⁹⁰⁰¹²³",
        "+𝟒𝟒 𝟕𝟕𝟎𝟎 𝟗𝟎𝟎𝟏𝟐𝟑",
        "+④④ ⑦⑦⓪⓪ ⑨⓪⓪①②③",
        "+४४ ७७०० ९००१२३",
        "+4 4 7 7 0 0 9 0 0 1 2 3",
        "+4-4-7-7-0-0-9-0-0-1-2-3",
        "＋四四七七零零九零零一二三",
        "plus four four seven seven zero zero nine zero zero one two three",
        "plus 4 four 7 seven zero 0 nine double zero one 2 three",
        "plus quarante-quatre soixante-dix-sept zéro zéro neuf zéro zéro un deux trois",
        "más cuatro cuatro siete siete cero cero nueve cero cero uno dos tres",
        "+44 seven seven zero zero, nine zero zero, one two three",
    ],
)
def test_international_forms(text: str) -> None:
    assert phones(f"ok {text} ok") == [GB]
    assert phones(text) == [GB]


@pytest.mark.parametrize(
    ("text", "lang", "value"),
    [
        ("call 07700 900123", "en", GB),
        ("call 07700900123", "en", GB),
        ("07700 900 123", "en", GB),
        ("text me 0-7-7-0-0-9-0-0-1-2-3", "en", GB),
        ("Tel O77OO 9OO I23", "en", GB),
        ("oh seven seven double oh nine hundred one two three", "en", GB),
        ("call zero seven seven triple 0 no, 07700 900123", "en", GB),
        ("(202) 555-0143", "en", US),
        ("202-555-0143", "en", US),
        ("202-555-0143", None, US),
        ("Call 07700 900123", None, GB),
        ("appelez le 06 39 98 12 34", None, FR),
        ("06 39 98 12 34", "fr", FR),
        ("06.39.98.12.34", "fr", FR),
        ("tél : 0639981234", "fr", FR),
        ("zéro six trente-neuf quatre-vingt-dix-huit douze trente-quatre", "fr", FR),
        ("06 trente-neuf 98 douze 34", "fr", FR),
        ("llama al seis tres nueve nueve ocho uno dos tres cuatro", "es", "+34639981234"),
        ("llámame 612 345 678", "es", "+34612345678"),
        ("电话13800138000", "zh", "+8613800138000"),
        ("звоните 8 (916) 123-45-67", "ru", "+79161234567"),
        ("اتصل 0501234567", "ar", "+971501234567"),
        ("WhatsApp 447700900123", "en", GB),
        ("+44 7700 900123 24/7", "en", GB),
        ("07700 900123 (WhatsApp)", "en", GB),
    ],
)
def test_national_and_other_forms(text: str, lang: str | None, value: str) -> None:
    assert phones(text, lang) == [value]


def test_regions_decide() -> None:
    assert phones("call 0491 570 006", regions=("AU",)) == ["+61491570006"]
    assert phones("call 0639981234", "en", regions=("FR",)) == [FR]
    assert phones("call 0639981234", "en-FR") == [FR]


def test_two_numbers() -> None:
    assert phones("call 07700 900123, 07700 900456", "en") == [GB, "+447700900456"]
    assert phones("call 07700 900123 / 07700 900456", "en") == [GB, "+447700900456"]
    assert phones("+44 7700 900123 +33 6 39 98 12 34") == [GB, FR]


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("order 07700900123 and ref. 07700 900123", "en"),
        ("12.05.2026 08:00-18:00, 2026-05-12", "en"),
        ("call between 0800-1800 or 8.00-18.00", "en"),
        ("call us in 2019-2024", "en"),
        ("on 12/05/2026 call", "en"),
        ("card 4111 1111 1111 1111", "en"),
        ("call me: IBAN DE89 3704 0044 0532 0130 01", "en"),
        ("build 10.0.19045.3803, call 192.168.100.200", "en"),
        ("18+ 2000000000", "en"),
        ("C++ 447700900123", "en"),
        ("parcel 1Z999AA10123456784", "en"),
        ("call for lot a0770090012b", "en"),
        ("n° de commande 0639981234", "fr"),
        ("SIRET 732 829 320 00074", "fr"),
        ("more than +20 000 000 000 users", "en"),
        ("07700900123", "en"),
        ("订单号13800138000", "zh"),
        ("заказ 89161234567", "ru"),
        ("رقم الطلب 0501234567", "ar"),
        ("one two three four five six seven eight nine ten", "en"),
        ("pay 20000 30000 40000", "en"),
        ("licence no. 0612 345 678", "en"),
        ("1 2 3 4 5 6 7 8 9 10 11 12", "en"),
        ("978-3-16-148410-0", "en"),
    ],
)
def test_numbers_that_are_no_telephone(text: str, lang: str) -> None:
    assert phones(text, lang) == []


def test_reason_names_the_messenger() -> None:
    (found,) = extract_text("WhatsApp +44 7700 900123")
    assert found.kind == "phone"
    assert "whatsapp" in found.reason
    assert found.confidence == "medium"  # a possible number in a range that is not in use
    (valid,) = extract_text("+1 202 555 0143")
    assert valid.confidence == "high"


def test_raw_is_the_whole_wording() -> None:
    raws = [m.raw for m in extract_text("Call (202) 555-0143 or +44 7700 900123.", lang="en")]
    assert raws == ["(202) 555-0143", "+44 7700 900123"]


def test_readings_of_spoken_numbers() -> None:
    assert (
        readings("soixante et onze quatre-vingts quatre-vingt-dix-neuf dix-sept")[0] == "71809917"
    )
    assert readings("soixante-dix, quinze")[0] in {"7015", "85"}
    assert "7700900123" in readings("seventy seven double oh nine hundred one two three")
    assert readings("noventa y ocho novecientos doce")[:2] == ["9890012", "98912"]


def test_plans_agree_with_the_library() -> None:
    draw = random.Random(7)
    regions = [*phonenumbers.SUPPORTED_REGIONS, *["GB", "FR", "US", "RU", "CN", "IT", "MX"] * 20]
    codes = sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)
    for _ in range(1500):
        digits = "".join(draw.choice("0123456789") for _ in range(draw.randint(8, 12)))
        region = draw.choice(sorted(regions))
        if draw.random() < 0.5:
            example = phonenumbers.example_number(region)
            assert example is not None
            digits = draw.choice(["", "0"]) + phonenumbers.national_significant_number(example)
        assert plans.parse_at_home(digits, region) == plans._by_parser(digits, region)
        abroad = (str(draw.choice(codes)) + digits)[:15]
        assert plans.parse_abroad(abroad) == plans._by_parser("+" + abroad, None)
