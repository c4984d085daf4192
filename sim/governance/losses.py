"""Who or what is lost for a time, who succeeds, and what a structure is meanwhile.

A loss befalls the country, so it is the scenario's: every structure meets it, each in its own way.
"""

from __future__ import annotations

from collections.abc import Iterable

from sim.governance.holders import Away
from sim.governance.nations import ByNation, tiers_of
from sim.governance.networks import Ties
from sim.governance.structure import POWERS, Power, Structure, Tier, second_of
from sim.world.scenario import Loss, Scenario, Succession

# Who takes over from whom, where the tier below does.
BELOW: dict[str, Tier] = {
    "nation": "region",
    "devolved": "forum",
    "region": "forum",
    "forum": "place",
    "health_system": "place",
}


def boundaries(scenario: Scenario) -> list[int]:
    """Return the days on which something is lost, passes to a successor, or is back, in order."""
    days = set()
    for loss in scenario.loss:
        days |= {loss.day, loss.day + loss.days}
        if scenario.succession.rule != "none" and scenario.succession.hand_over_days < loss.days:
            days.add(loss.day + scenario.succession.hand_over_days)
    failure = scenario.financial_failure
    days |= set() if failure is None else {failure.first_day, failure.first_day + failure.length_days} - {0}
    return sorted(day for day in days if day < scenario.days)


def away(scenario: Scenario, day: int) -> Away:
    """Return which tiers cannot decide on a day, and for which of them deputies do."""
    tiers = [loss for loss in _lost(scenario, day) if loss.of in BELOW]
    deputised = {loss.of for loss in tiers if scenario.succession.rule == "deputy" and _over(loss, scenario, day)}
    passed_on = {loss.of for loss in tiers if scenario.succession.rule == "below" and _over(loss, scenario, day)}
    vacant = {loss.of for loss in tiers} - deputised - passed_on
    return Away(frozenset(vacant), frozenset(deputised), _fails(scenario, day))


def _fails(scenario: Scenario, day: int) -> bool:
    """Say whether some councils are in financial failure on a day."""
    failure = scenario.financial_failure
    return failure is not None and failure.first_day <= day < failure.first_day + failure.length_days


def governed_on(scenario: Scenario, structure: Structure, day: int) -> Structure:
    """Return a structure as it is on a day, with what is lost closed and powers passed on to successors."""
    for loss in _lost(scenario, day):
        if loss.of == "open_base":
            structure = _with_open_base_closed(structure)
        elif loss.of in BELOW:
            structure = _without(structure, loss, scenario.succession, _over(loss, scenario, day))
    return structure


def ties_on(scenario: Scenario, ties: Ties, day: int) -> Ties:
    """Return the peer ties that are there on a day: without those of the best-connected place, if that is lost."""
    if not ties or all(loss.of != "best_connected" for loss in _lost(scenario, day)):
        return ties
    hub = best_connected(ties)
    return {tie for tie in ties if hub not in tie}


def best_connected(ties: Ties) -> int:
    """Return the place with the most ties; of several the one that comes first."""
    count: dict[int, int] = {}
    for tie in ties:
        for place in tie:
            count[place] = count.get(place, 0) + 1
    return min(count, key=lambda place: (-count[place], place))


def _lost(scenario: Scenario, day: int) -> list[Loss]:
    return [loss for loss in scenario.loss if loss.day <= day < loss.day + loss.days]


def _over(loss: Loss, scenario: Scenario, day: int) -> bool:
    """Say whether a hand-over is over by a day."""
    return day >= loss.day + scenario.succession.hand_over_days


def _with_open_base_closed(structure: Structure) -> Structure:
    channels = structure.channels
    closed = channels.model_copy(update={"open": channels.open.model_copy(update={"coverage": 0.0})})
    return structure.model_copy(update={"channels": closed})


def _without(structure: Structure, loss: Loss, succession: Succession, over: bool) -> Structure:
    """Return a structure without a tier: nobody guides if it is the nation's, and its powers may pass on."""
    if loss.of == "nation" and not (over and succession.rule == "deputy"):
        channels = structure.channels
        silent = channels.guidance.model_copy(update={"clarity": 0.0})
        structure = structure.model_copy(update={"channels": channels.model_copy(update={"guidance": silent})})
    if not (over and succession.rule == "below"):
        return structure
    return structure.model_copy(update={"powers": _passed_on(structure, loss.of, POWERS)})


def _below(holder: Tier | dict[str, Tier], tier: str) -> Tier | ByNation:
    """Return who holds a power once a tier has passed it on."""
    if isinstance(holder, dict):
        return ByNation({nation: BELOW[tier] if each == tier else each for nation, each in holder.items()})
    return BELOW[tier] if holder == tier else holder


def below(holder: Tier | dict[str, Tier]) -> Tier | ByNation:
    """Return who holds a power that each tier passes on to the one below; places and teams have none below."""
    if isinstance(holder, dict):
        return ByNation({nation: BELOW.get(each, each) for nation, each in holder.items()})
    return BELOW.get(holder, holder)


def _passed_on(structure: Structure, tier: str, names: Iterable[str]) -> object:
    changed = {}
    for name in names:
        power: Power = getattr(structure.powers, name)
        if second_of(power) == tier:  # a successor that holds the power already has no second beside it
            below = BELOW[tier]
            power = power.model_copy(update={"second": None if power.tiers == (below,) else below})
            changed[name] = power
        if tier in tiers_of(power.holder):
            after = _below(power.holder, tier)
            over: dict[str, object] = {"holder": after, "scope": None, "fallback": "place"}
            if tiers_of(after) == (second_of(power),):
                over["second"] = None
            changed[name] = power.model_copy(update=over)
    return structure.powers.model_copy(update=changed)
