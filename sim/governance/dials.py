"""Two independent dials, each from 0 to 1: how central decisions are, and how dense the links between deciders.

Every setting comes from a table below; none is an amount. `dialled(0, 0)` is places that decide alone, and
`dialled(1, 0)` a slow centre without links: the poles between which the shipped structures lie.
"""

from __future__ import annotations

import re
from typing import Any

from sim.errors import InputError
from sim.governance.structure import POWERS, Peer, Structure, Tier

MARK = "dial:"
Step = tuple[float, Tier]

# The value of the first dial at which a power rises to a wider tier (assumption). What spills over to others rises
# first (Oates 1972). Regional bodies are left out: they cover 82 of England's 152 places, and a step onto them would
# leave the others behind.
RISES: dict[str, tuple[Step, Step]] = {
    "restriction": ((0.1, "forum"), (0.5, "nation")),
    "procurement": ((0.2, "health_system"), (0.6, "nation")),
    "reserve": ((0.3, "forum"), (0.7, "nation")),
    "commissioning": ((0.35, "health_system"), (0.75, "nation")),
    "approach": ((0.4, "forum"), (0.8, "nation")),
    "workforce": ((0.5, "forum"), (0.9, "nation")),
}
OTHERS_RISE: tuple[Step, Step] = ((0.4, "forum"), (0.8, "nation"))  # a power without a row of its own
DATA_RISE = 0.65  # the value at which the nation, and no longer the place, sees figures first (assumption)

# Settings that go in a straight line from the first value at 0 to the second at 1 (assumptions: the poles are those of
# the structures silos, command and mesh).
CADENCE_DAYS, APPROVAL_DAYS, REVERSAL_COST = (7, 14), (0.0, 7.0), (0.02, 0.03)
DEGREE, PARTNERSHIP, GUIDANCE = (0, 12), (0.3, 0.8), (0.0, 0.9)
CHANNEL_DAYS = (14, 2)  # up and down: the denser the links, the sooner
SEATS = ("public_health", "care_homes", "social_care", "schools")  # at a table: the first, up to all


def dialled(centralisation: float, density: float) -> Structure:
    """Return the structure at a setting of the two dials.

    Parameters
    ----------
    centralisation
        From 0 (each place decides for itself, weekly and at once) to 1 (the nation decides everything, once a
        fortnight and after a week's approvals).
    density
        From 0 (no peers, no guidance, one sector at the table) to 1 (twelve peers, clear and quick channels, four
        sectors at the table; staff are lent along the ties). The open base is a substitute for links, and is not
        moved.

    Returns
    -------
    Structure
        With a name such as ``dial_0.3_0.7``.

    Raises
    ------
    InputError
        If a dial is not in [0, 1].
    """
    for which, value in (("centralisation", centralisation), ("density", density)):
        if not 0.0 <= value <= 1.0:
            raise InputError(f"the dial of {which} stands at {value:g}.", "Set it from 0 to 1.", key=MARK.rstrip(":"))
    return Structure.model_validate(
        {
            "name": f"dial_{_plain(centralisation)}_{_plain(density)}",
            "title": f"Dials: {centralisation:g} central, {density:g} linked",
            "description": _description(centralisation, density),
            "sources": ["Assumption: a setting of two dials; sim/governance/dials.py has the tables."],
            "powers": {name: _power(name, centralisation, density) for name in POWERS},
            "trial": _trial(centralisation),
            "channels": _channels(density),
            "evidence": {"data_holder": "nation" if centralisation >= DATA_RISE else "place"},
        }
    )


def is_dial(word: Any) -> bool:
    """Return whether a word asks for a setting of the dials, such as ``dial:0.3,0.7``."""
    return isinstance(word, str) and word.startswith(MARK)


def dialled_from(word: str) -> Structure:
    """Return the structure that a word such as ``dial:0.3,0.7`` asks for.

    Raises
    ------
    InputError
        If it does not hold two numbers from 0 to 1.
    """
    parts = word.removeprefix(MARK).split(",")
    try:
        centralisation, density = (float(part) for part in parts)
    except ValueError:
        problem = f'"{word}" does not set two dials.'
        raise InputError(
            problem, f"Write {MARK}0.3,0.7: centralisation, then link density, each from 0 to 1."
        ) from None
    return dialled(centralisation, density)


def words_in(text: str) -> list[str]:
    """Return the words of a list with commas between, in which a setting of the dials has a comma of its own."""
    found = re.findall(rf"\s*({MARK}[^,]*,[^,]*|[^,]+)", text)
    return [word.strip() for word in found if word.strip()]


def tier_of(name: str, centralisation: float) -> Tier:
    """Return the tier that holds a power at a setting of the first dial."""
    reached = [tier for value, tier in RISES.get(name, OTHERS_RISE) if centralisation >= value]
    return reached[-1] if reached else "place"


def _between(ends: tuple[float, float], dial: float) -> float:
    return ends[0] + (ends[1] - ends[0]) * dial


def _whole(ends: tuple[float, float], dial: float) -> int:
    return int(_between(ends, dial) + 0.5)


def _plain(dial: float) -> str:
    """Return a dial as part of a name: 0.3, 1, 0.125."""
    return f"{dial:.6f}".rstrip("0").rstrip(".")


def _power(name: str, centralisation: float, density: float) -> dict[str, Any]:
    settings = {
        "holder": tier_of(name, centralisation),
        "cadence_days": _whole(CADENCE_DAYS, centralisation),
        "approval_days": _between(APPROVAL_DAYS, centralisation),
        "reversal_cost": _between(REVERSAL_COST, centralisation),
    }
    linked = _whole(DEGREE, density) > 0
    own: dict[str, dict[str, Any]] = {
        "approach": {"advice": _seats(density)},
        "reserve": {"advice": _seats(density), "rule": "seen_need"},
        "procurement": {"advice": _seats(density), "rule": "seen_need"},
        "commissioning": {"advice": _seats(density), "rule": "seen_need"},
        "workforce": {"services": "pooled", "places": "mutual_aid" if linked else "none"},
    }
    return settings | own.get(name, {})


def _seats(density: float) -> list[str]:
    return list(SEATS[: _whole((1, len(SEATS)), density)])


def _trial(centralisation: float) -> dict[str, Any]:
    """Let anybody try, or as many cases in pilot places chosen from above where the nation decides."""
    if tier_of("approach", centralisation) == "nation":
        return {"licence": "pilots", "share": 0.3, "pilots": 0.15}
    return {"licence": "anyone", "share": 0.05}


def _channels(density: float) -> dict[str, Any]:
    degree, days = _whole(DEGREE, density), _whole(CHANNEL_DAYS, density)
    network = {"network": "small_world", "degree": degree, "relay_hops": 2} if degree > 0 else Peer().model_dump()
    return {
        "reporting": {"delay_days": days, "granularity": "place" if density >= 0.5 else "region"},
        "guidance": {"delay_days": days, "clarity": _between(GUIDANCE, density)},
        "peer": network,
        "partnership": {"clarity": _between(PARTNERSHIP, density)},
    }


def _description(centralisation: float, density: float) -> str:
    tiers: dict[Tier, list[str]] = {}
    for name in POWERS:
        tiers.setdefault(tier_of(name, centralisation), []).append(name)
    held = "; ".join(f"{tier.replace('_', ' ')}: {', '.join(names)}" for tier, names in tiers.items())
    ties = _whole(DEGREE, density)
    said = "A point between poles, not a way of governing that anybody has described."
    return f"{said} Who holds what: {held}. Peer ties of each place: about {ties}."
