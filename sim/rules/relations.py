"""How trust, shared language and confidence grow and fall (phase relate). Rates are a day."""

from sim.fast.compiled import rule
from sim.rules.maths import exp, log, logistic


@rule
def trust_after_help(trust: float, rate: float, days: float) -> float:
    """Return trust after days of help or of being heard."""
    return trust + min(1.0, rate * days) * (1.0 - trust)


@rule
def trust_after_slight(trust: float, rate: float, ratio: float, times: float) -> float:
    """Return trust after being overridden or kept in the dark: lost faster than won (Slovic 1993)."""
    return trust - min(1.0, ratio * rate * times) * trust


@rule
def language_after_work(language: float, start: float, growth: float, fade: float, joint: float, days: float) -> float:
    """Return shared language after days of joint work; it fades towards where it began."""
    grown = language + min(1.0, growth * joint * days) * (1.0 - language)
    return grown - min(1.0, fade * days) * (grown - start)


@rule
def confidence(
    base: float, unmet: float, results_effect: float, rally: float, others: float, rules_effect: float
) -> float:
    """Return residents' confidence: results, a rally that fades, and rules that differ next door."""
    return logistic(log(base / (1.0 - base)) - results_effect * unmet + rally - rules_effect * others)


@rule
def rally_today(rally: float, days_since: float, days: float) -> float:
    """Return what is left of the rally round those who lead."""
    return rally * exp(-days_since / days) if days_since >= 0.0 else 0.0


@rule
def takeup_of(confidence_now: float, floor: float) -> float:
    """Return take-up at this confidence."""
    return floor + (1.0 - floor) * confidence_now
