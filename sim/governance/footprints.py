"""The footprints that a place straddles: the areas of those who decide for it, which may not have the same borders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sim.governance.holders import Holders
from sim.governance.structure import second_of

Members = tuple[int, ...]


def further_footprints(holders: Holders, powers: Sequence[str]) -> list[int]:
    """Return for each place the footprints beyond the first of those above it who hold one of some powers.

    Two areas with the same places are one footprint: a forum and a health system within one border cost nothing.
    """
    footprint = _footprints(holders)
    held = [getattr(holders.structure.powers, name) for name in powers]
    held += [holders.as_second(power) for power in held if second_of(power) is not None]
    further = []
    for place in range(holders.places):
        areas = [holders.holder(power, place) for power in held]
        met = {footprint[area] for area in areas if area[0] != "place"}
        further.append(max(0, len(met) - 1))
    return further


def _footprints(holders: Holders) -> dict[Any, Members]:
    """Return the places of every area above the places."""
    members: dict[Any, list[int]] = {}
    for tier, areas in holders.country.areas.items():
        for place, area in enumerate(areas.of_place.tolist()):
            members.setdefault((tier, area), []).append(place)
    return {area: tuple(places) for area, places in members.items()}
