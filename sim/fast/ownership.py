"""Phase 3, decide: whose matter it is, where two hold a power without a lead, and where nobody is there to decide."""

from sim.fast.compiled import inner
from sim.fast.timing import RESERVE, RESTRICTION
from sim.rules.ownership import is_taken_up
from sim.streams import Purpose, uniform

NO_LEAD = int(Purpose.NO_LEAD)


@inner
def takes_up(day, scope, power, slot, seed):
    """Say whether the holder of a scope takes its power up in this round; where it has the lead, it does."""
    chance = power.takes_up[scope]
    if chance >= 1.0:
        return True
    return is_taken_up(chance, uniform(seed, power.scope_key[scope], day, slot, NO_LEAD, power.second))


@inner
def count_owners(day, t, s, seeds):
    """Count, in every round of a power, the days until the next one: those without an owner, and those with two."""
    count_rounds(day, t.approach, t.approach, 0, False, s, seeds)
    count_rounds(day, t.reserve, t.second_reserve, RESERVE, True, s, seeds)
    count_rounds(day, t.workforce, t.workforce, 0, False, s, seeds)
    if t.par.has_epidemic > 0.0:
        count_rounds(day, t.restriction, t.second_restriction, RESTRICTION, True, s, seeds)
    if t.par.has_supplies > 0.0:
        count_rounds(day, t.procurement, t.procurement, 0, False, s, seeds)
    if t.par.has_commissioning > 0.0:
        count_rounds(day, t.commissioning, t.commissioning, 0, False, s, seeds)


@inner
def count_rounds(day, first, second, slot, shareable, s, seeds):
    """Count the days of one power, if a round of it is held today."""
    if day % first.cadence != 0:
        return
    places, worlds = s.unowned.shape
    for p in range(places):
        other = second.scope_of_place[p] if shareable else -1
        for w in range(worlds):
            owners = 1 if takes_up(day, first.scope_of_place[p], first, slot, seeds[w]) else 0
            if other >= 0 and takes_up(day, other, second, slot, seeds[w]):
                owners += 1
            s.power_days[p, w] += first.cadence
            s.unowned[p, w] += first.cadence if owners == 0 else 0
            s.owned_twice[p, w] += first.cadence if owners == 2 else 0
