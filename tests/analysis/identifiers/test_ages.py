"""Ages of persons, and years of everything else."""

import pytest

from palermo.analysis.identifiers import extract_text


def ages(text: str, lang: str | None = None) -> list[str]:
    found = extract_text(text, lang=lang)
    assert all(text[m.start : m.end] == m.raw for m in found)
    return [m.value for m in found if m.kind == "age"]


@pytest.mark.parametrize(
    "text",
    [
        "aged 23",
        "23 yo",
        "23yo",
        "23 y/o",
        "23 y.o.",
        "age: 23",
        "I am 23",
        "I'm 23, single",
        "23-year-old",
        "23 years old",
        "23yrs old",
        "23 ans",
        "J'ai 23 ans",
        "âgée de 23 ans",
        "femme de 23 ans",
        "25 est mon numéro, 23 ans",
        "tengo 23 años",
        "chica de 23 años",
        "23 años",
        "23 anni",
        "23 Jahre alt",
        "Alter: 23",
        "23 lat",
        "23 de ani",
        "23 yaşında",
        "23 jaar oud",
        "23 года",
        "мне 23 года",
        "возраст 23",
        "年龄23",
        "23岁",
        "今年２３岁",
        "العمر 23",
        "عمري 23 سنة",
        "٢٣ سنة",
        "23세",
        "23歳",
        "อายุ 23",
        "23 tuổi",
    ],
)
def test_ages(text: str) -> None:
    assert ages(text) == ["23"]
    assert ages(f"Hello. {text}.") == ["23"]


@pytest.mark.parametrize(
    "text",
    [
        "25 years of experience",
        "our company is 25 years old",
        "I am 5 minutes away",
        "I'm 2 hours late",
        "18+ only",
        "over 18 years old",
        "25 ans d'expérience",
        "contrat de 2 ans",
        "il y a 25 ans",
        "entreprise de 25 ans",
        "depuis 25 ans",
        "25 años de experiencia",
        "empresa con 25 años",
        "hace 25 años",
        "contrato de 2 años",
        "25 лет опыта",
        "опыт 25 лет",
        "на рынке 25 лет",
        "25 лет назад",
        "خبرة 25 سنة",
        "منذ 25 سنة",
        "10年经验",
        "25岁以上",
        "25 Jahre Erfahrung",
        "seit 25 Jahren",
        "room 23",
        "23 people",
        "size 23",
        "in 2023",
        "23 %",
        "9 am to 5 pm",
    ],
)
def test_years_of_something_else(text: str) -> None:
    assert ages(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "ages 18-30",
        "aged 18 to 30",
        "18-30 years old",
        "de 18 à 30 ans",
        "entre 18 et 30 ans",
        "от 18 до 30 лет",
        "18–30 лет",
        "18-30岁",
        "de 18 a 30 años",
        "من 18 إلى 30 سنة",
        "18至30岁",
        "между 18 и 30 годами: 18-30 лет",
    ],
)
def test_both_bounds_of_a_range(text: str) -> None:
    assert ages(text)[-2:] == ["18", "30"]


def test_ages_of_children() -> None:
    assert ages("two children aged 4 and 7") == ["4", "7"]
    assert ages("enfants de 4 et 7 ans") == ["4", "7"]
