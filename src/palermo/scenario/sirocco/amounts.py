"""Prices, ages and the traps around them: figures whose meaning stands beside them in the text.

Each writer returns a firm piece and states what it truly says: a price with its currency, an age of
a person. Reference and licence numbers, dates, hours, postcodes and years of experience state
nothing.
"""

from collections.abc import Callable
from typing import Any

from palermo.scenario.sirocco.draft import Draft

Writer = Callable[[Draft], str]
_EASTERN = {ord(d): chr(0x660 + int(d)) for d in "0123456789"}

#: Range of an amount in euros and the step it is rounded to, by slot.
_RANGES = {"pay": (900, 4800, 50), "fee": (150, 900, 10), "price": (5, 280, 5)}


def price_writers(forms: list[dict[str, Any]]) -> dict[str, Writer]:
    """Writers for `pay`, `fee` and `price` from a language's price forms.

    A form is `write` (with `{n}`), `currency`, `group` (thousands separator) and, if not the
    euro's scale, `scale`; `point` is a decimal separator for small sums, `eastern` asks for
    Arabic-Indic figures.
    """
    return {slot: _price(forms, *_RANGES[slot]) for slot in _RANGES}


def _price(forms: list[dict[str, Any]], low: int, high: int, step: int) -> Writer:
    ready: list[tuple[Any, ...]] = []
    for form in forms:
        scale = form.get("scale", 1)
        ready.append(
            (
                *str(form["write"]).split("{n}"),
                form["currency"],
                form.get("group", ""),
                (low * scale, high * scale, step * scale),
                form.get("point", "") if high < 500 else "",
                _EASTERN if form.get("eastern") else None,
            )
        )

    def write(draft: Draft) -> str:
        before, after, currency, group, (least, most, by), point, eastern = ready[
            draft.draw() % len(ready)
        ]
        amount = least + draft.draw() % ((most - least) // by) * by
        text = f"{amount:,}".replace(",", group) if amount >= 1000 else str(amount)
        value = str(amount)
        if point and draft.draw() % 4 == 0:
            text, value = f"{amount}{point}95", f"{amount}.95"
        draft.state("price", f"{value} {currency}")
        return f"{before}{text.translate(eastern) if eastern else text}{after}"

    return write


def age_writers(forms: list[str], ranges: list[str], years: list[str]) -> dict[str, Writer]:
    """Writers for `age` and `age_range` (two ages a person may have; both are stated).

    `{n}` is the age, `{y}` the word for years that goes with it (`years`: for one, few, many).
    """

    def word(n: int) -> str:
        if n % 10 == 1 and n % 100 != 11:
            return years[0]
        return years[1] if n % 10 in {2, 3, 4} and n % 100 not in {12, 13, 14} else years[2]

    written = [[f.format(n=n, y=word(n)) for f in forms] for n in range(70)]

    def age(draft: Draft) -> str:
        n = 19 + draft.draw() % 29
        draft.state("age", str(n))
        return draft.pick(written[n])

    def age_range(draft: Draft) -> str:
        low = (16, 18, 18, 18, 19, 20)[draft.draw() % 6]
        high = low + (4, 7, 9, 10)[draft.draw() % 4]
        draft.state("age", str(low))
        draft.state("age", str(high))
        return draft.pick(ranges).format(a=low, b=high, y=word(high))

    return {"age": age, "age_range": age_range}


def trap_writers(forms: dict[str, list[str]]) -> dict[str, Writer]:
    """Writers for figures that identify nobody: in each form a `#` is a figure.

    Dates use `{d}`, `{m}`, `{y}`; hours `{h}` and `{H}`; `{e}` is a number of years at work.
    """
    return {slot: _trap(tuple(choices)) for slot, choices in forms.items()}


def _trap(choices: tuple[str, ...]) -> Writer:
    def write(draft: Draft) -> str:
        draw = draft.draw
        form = choices[draw() % len(choices)]
        if "{" in form:
            day = draw()
            form = form.format(
                d=f"{1 + day % 28:02d}",
                m=f"{1 + day // 28 % 12:02d}",
                y=2026,
                h=f"{6 + day % 5:02d}",
                H=f"{15 + day % 6:02d}",
                e=2 + day % 24,
            )
        while "#" in form:
            figures = draw()
            form = form.replace("#", str(1 + figures % 9), 1).replace(
                "#", str(figures // 9 % 10), 1
            )
        return form

    return write
