"""When a decision takes effect: approvals, and the talks that a joint decision needs."""

from sim.fast.compiled import inner
from sim.rules.choice import days_to_effect
from sim.rules.maths import exp
from sim.streams import Purpose, normal

APPROVAL = int(Purpose.APPROVAL)
# Role slots of the draws: services of the approach first, then one for each further power.
RESERVE, WORKFORCE, RESTRICTION, PROCUREMENT, COMMISSIONING = 100, 101, 102, 103, 104
APPROACH = 0  # where one draw is for all services


@inner
def waiting_days(day, key, power, slot, talks, trust, seed, w):
    """Return days from a decision to its effect; ``talks`` are the days of talks where there is no trust at all."""
    lognormal = 0.0
    if power.median[w] > 0.0:
        lognormal = power.median[w] * exp(power.log_sd[w] * normal(seed, key, day, slot, APPROVAL, 0))
    return days_to_effect(power.fixed[w], lognormal, talks, trust)


@inner
def trust_at_table(power, language, trust, first, last, w):
    """Return mean trust among those who decide jointly: in a place shared language, above it trust upward."""
    if power.place_holds[power.scope_place[first]] > 0:
        return language[power.scope_place[first], w]
    total = 0.0
    for i in range(first, last):
        total += trust[power.scope_place[i], w]
    return total / (last - first)
