"""How an infection spreads in a place (phase strike). SEIR in people, one day at a time."""

from sim.fast.compiled import rule
from sim.rules.maths import exp


@rule
def supported(takeup: float, support_gbp: float, half_gbp: float) -> float:
    """Return take-up of a restriction once support is paid: of those who would not keep it, some then can."""
    return takeup + (1.0 - takeup) * support_gbp / (support_gbp + half_gbp)


@rule
def transmission(
    per_day: float, contact_cut: float, restricted: float, takeup: float, control_cut: float, control: float
) -> float:
    """Return infections a day that one infectious person causes, under restriction and outbreak control."""
    return per_day * (1.0 - contact_cut * restricted * takeup) * (1.0 - control_cut * control)


@rule
def cautious(transmission_now: float, caution: float, prevalence: float) -> float:
    """Return transmission when people keep away of their own accord as more of them are infectious."""
    return transmission_now / (1.0 + caution * prevalence)


@rule
def newly_infected(susceptible: float, pressure: float) -> float:
    """Return people infected today at this hazard (expected number; never more than there are)."""
    return susceptible * (1.0 - exp(-pressure))


@rule
def leaving(people: float, mean_days: float) -> float:
    """Return people who leave a stage today, after ``mean_days`` in it on average."""
    return people * leaving_share(mean_days)


@rule
def leaving_share(mean_days: float) -> float:
    """Return the share of those in a stage who leave it today."""
    return 1.0 - exp(-1.0 / mean_days)


@rule
def deaths(cases: float, fatality: float, unmet_effect: float, unmet_share: float) -> float:
    """Return deaths among today's cases: more where clinical need goes unmet."""
    return min(cases, cases * fatality * (1.0 + unmet_effect * unmet_share))


@rule
def absent_share(ordinary: float, per_prevalence: float, infectious: float, population: float) -> float:
    """Return the share of staff absent: the ordinary share, and more as the infection spreads."""
    return min(0.6, ordinary + per_prevalence * infectious / population)


@rule
def absent_or_away(absent: float, away: float) -> float:
    """Return the share of staff not at work: the absent, and of the rest those whom a crisis keeps away."""
    return absent + away * (1.0 - absent)
