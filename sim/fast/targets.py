"""Activity targets: what is reported, what holders follow, and where effort turns (report, decide, deliver)."""

from sim.fast.compiled import lanes
from sim.rules.programmes import is_on
from sim.rules.resources import seen_weight
from sim.rules.targets import drawn_off, said_to_be_served, turned_here


@lanes
def counts_today(day, t):
    """Say whether activity is counted today."""
    return t.par.has_targets > 0.0 and is_on(day, t.par.targets_first_day, t.par.targets_length_days)


@lanes
def weight_of(day, t, k):
    """Return what a case weighs for those who decide: its harm, or what is counted, where they follow that."""
    if t.programmes.follows == 1 and counts_today(day, t):
        return t.programmes.counted_weight[k]
    return t.harm_weight[k]


@lanes
def claim_on(day, land, t, power, p, k, cases):
    """Return the claim of a service of a place on surge staff or paid help, by its open cases as they are known."""
    return seen_weight(power.in_the_room[k], weight_of(day, t, k), cases, land.thousand[p])


@lanes
def claimed_as_served(day, t, s, p, k, w):
    """Return open cases of a service that the report of today calls served."""
    if t.programmes.counted[k] == 0 or not counts_today(day, t):
        return 0.0
    left = max(0.0, s.open_cases[p, k, w] - s.shown[p, k, w])
    return said_to_be_served(s.served[p, k, w], left, t.par.targets_target[w], t.par.targets_gaming[w])


@lanes
def turn_to_what_counts(day, land, t, s, p, busy, absent, lent, surge):
    """Let effort of a place turn to what is counted: ``surge`` (K, W) falls elsewhere and rises there."""
    if not counts_today(day, t):
        return
    for w in range(len(lent)):
        skill, shift = t.par.friction_skill_elsewhere[w], t.par.targets_shift[w]
        pool, counted = 0.0, 0.0
        for k in range(len(surge)):
            if t.programmes.counted[k] == 1:
                counted += land.staff[p, k]
            else:
                own = (land.staff[p, k] - s.moved_out[p, k, w]) * (1.0 - lent[w]) + surge[k, w]
                turned = drawn_off(shift, own)
                pool += turned
                surge[k, w] -= turned
        for k in range(len(surge)):
            if t.programmes.counted[k] == 1:
                surge[k, w] += turned_here(pool, skill, land.staff[p, k], counted)
        working = 1.0 - t.coordination[p, w] - t.analysis[p, w] - busy
        s.total_lost[p, w] += (1.0 - skill) * pool * (1.0 - absent[w]) * working


@lanes
def strive(day, t, k, help_):
    """Let more be done in the same time where it is counted: ``help_`` (W,) multiplies the work of staff."""
    if t.programmes.counted[k] == 1 and counts_today(day, t):
        for w in range(len(help_)):
            help_[w] = help_[w] * (1.0 + t.par.targets_rise[w])
