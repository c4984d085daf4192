"""A stretch of days, phase by phase, for a block of worlds."""

from sim.fast.commission import commission
from sim.fast.compiled import compiled
from sim.fast.decide import decide
from sim.fast.deliver import deliver
from sim.fast.learn import learn
from sim.fast.record import record
from sim.fast.relate import relate
from sim.fast.report import report
from sim.fast.share import share
from sim.fast.strike import strike


@compiled
def run_days(first, last, first_phase, last_phase, land, t, x, s, t2, s2, m, series):
    """Run days ``first`` to ``last - 1``, each from one phase to before another.

    ``t2`` and ``s2`` are table and state as the second holders of the approach see them, with their power and what they
    believe; else the same. ``m`` is room for a place's numbers of a day. The phases are numbered as in
    ``sim.phases.PHASES``; a test holds this order to it.
    """
    for day in range(first, last):
        if first_phase <= 0 < last_phase:
            strike(day, land, t, x, s)
        if first_phase <= 1 < last_phase:
            report(day, land, t, x, s)
        if first_phase <= 2 < last_phase:
            decide(day, land, t, x, s, t2, s2)
            commission(day, land, t, x, s)
        if first_phase <= 3 < last_phase:
            deliver(day, land, t, x, s, m)
        if first_phase <= 4 < last_phase:
            learn(day, land, t, x, s)
        if first_phase <= 5 < last_phase:
            share(day, land, t, x, s, t2, s2)
        if first_phase <= 6 < last_phase:
            relate(day, land, t, x, s)
        if first_phase <= 7 < last_phase:
            record(day, land, t, x, s, series)
