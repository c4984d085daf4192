"""The home nations that a country may have: those of the United Kingdom, and those of an invented country."""

from __future__ import annotations

UK_NATIONS = ("england", "northern_ireland", "scotland", "wales")
INVENTED_NATIONS = ("upland", "midland", "downland", "farland")  # the first has no government of its own, as England
HOME_NATIONS = (*UK_NATIONS, *INVENTED_NATIONS)


def nation_word(name: str) -> str:
    """Return the word that stands for a home nation in settings: Northern Ireland is ``northern_ireland``."""
    return name.lower().replace(" ", "_")


def nation_name(word: str) -> str:
    """Return the name of a home nation from its word in settings."""
    return word.replace("_", " ").title()
