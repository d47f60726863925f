"""Forgetting what was remembered of earlier texts, for measuring; answers never depend on it."""

from palermo.analysis.identifiers import (
    accounts,
    age_rules,
    dialling,
    handle_rules,
    money,
    numbering,
    spoken_mail,
    web,
)


def forget() -> None:
    """Empty every memory of texts seen; word lists and compiled code stay."""
    for remembered in (
        accounts.wallet,
        accounts.iban,
        age_rules.judge,
        dialling.read_number,
        handle_rules.following,
        handle_rules.after_sign,
        handle_rules.preceding,
        money.amount,
        numbering.international,
        numbering.in_region,
        spoken_mail.in_window,
        web.in_run,
    ):
        remembered.cache_clear()
