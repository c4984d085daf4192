"""Phase 3, decide: whose matter it is, where two hold a power without a lead, and where nobody is there to decide."""

from sim.fast.compiled import inner
from sim.fast.timing import APPROACH, PROCUREMENT, RESERVE, RESTRICTION, WORKFORCE
from sim.rules.ownership import is_taken_up, second_comes_first
from sim.streams import Purpose, uniform

NO_LEAD = int(Purpose.NO_LEAD)


@inner
def whose_turn(turn, day, first, second):
    """Return the table of the holders whose turn it is in today's round, of a power's first ones and second ones."""
    return second if is_turn_of_second(turn, day, first) else first


@inner
def is_turn_of_second(turn, day, power):
    """Say whether it is the second holders' turn in today's round of a power, which has two."""
    return second_comes_first(day // power.cadence) == (turn == 0)


@inner
def takes_up(day, scope, power, slot, seed):
    """Say whether the holder of a scope takes its power up in this round; where it has the lead, it does."""
    chance = power.takes_up[scope]
    if chance >= 1.0:
        return True
    return is_taken_up(chance, uniform(seed, power.scope_key[scope], day, slot, NO_LEAD, power.second))


@inner
def count_owners(day, t, s, seeds):
    """Count today, for each power, where it has no owner since its last round, and where it has two."""
    count_days(day, t.approach, t.second_approach, APPROACH, s, seeds)
    count_days(day, t.reserve, t.second_reserve, RESERVE, s, seeds)
    count_days(day, t.workforce, t.second_workforce, WORKFORCE, s, seeds)
    if t.par.has_epidemic > 0.0:
        count_days(day, t.restriction, t.second_restriction, RESTRICTION, s, seeds)
    if t.par.has_supplies > 0.0:
        count_days(day, t.procurement, t.second_procurement, PROCUREMENT, s, seeds)
    if t.par.has_commissioning > 0.0:
        count_days(day, t.commissioning, t.commissioning, 0, s, seeds)


@inner
def count_days(day, first, second, slot, s, seeds):
    """Count one power: nothing where everybody has one owner who is there, nor before the first round."""
    held = day - day % first.cadence
    if first.sure == 1 or held == 0:
        return
    places, worlds = s.unowned.shape
    for p in range(places):
        other = second.scope_of_place[p] if second.second == 1 else -1
        for w in range(worlds):
            owners = 1 if takes_up(held, first.scope_of_place[p], first, slot, seeds[w]) else 0
            if other >= 0 and takes_up(held, other, second, slot, seeds[w]):
                owners += 1
            s.unowned[p, w] += 1.0 if owners == 0 else 0.0
            s.owned_twice[p, w] += 1.0 if owners == 2 else 0.0
