"""How a holder chooses: what is pressing, what is best, what is worth changing (phase decide)."""

from math import sqrt

from sim.fast.compiled import rule


@rule
def salience(harm_weight: float, visibility: float, in_the_room: float, cases: float, days: int) -> float:
    """Return how pressing an item is: loud harms first, those whose lead is in the room, and what has waited long.

    ``days`` is the time since it was last considered: without it a quiet service would never have its turn.
    """
    return harm_weight * visibility * in_the_room * cases * days


@rule
def items_this_round(items: float, rounds: int) -> int:
    """Return the whole number of items that attention allows in this round.

    Attention is bought with analyst-days; what is left over counts towards the next round.
    """
    return int((rounds + 1) * items) - int(rounds * items)


@rule
def is_better(score: float, best: float) -> bool:
    """Say whether one option beats another; at a tie the one that came first stays."""
    return score > best


@rule
def worth_changing(best: float, current: float, reversal_cost: float) -> bool:
    """Say whether an option is so much better that a change is worth its cost."""
    return best - current > reversal_cost


@rule
def imagined(mean: float, variance: float, z: float) -> float:
    """Return a draw from what is believed of an option (Thompson sampling)."""
    return mean + sqrt(max(variance, 0.0)) * z


@rule
def days_to_effect(fixed: float, lognormal: float, negotiation_days: float, trust: float) -> int:
    """Return whole days from decision to effect: approvals, and for a joint decision the talks."""
    return int(fixed + lognormal + negotiation_days * (1.0 - trust) + 0.5)


@rule
def newest_report(day: int, delay_days: int) -> int:
    """Return the number of the newest weekly report that is this old at least (negative: none yet).

    Report number i is made on day 7 i + 6.
    """
    return (day - delay_days + 1) // 7 - 1


@rule
def report_day(number: int) -> int:
    """Return the day on which a weekly report was made."""
    return 7 * number + 6


@rule
def is_report_day(day: int) -> bool:
    """Say whether weekly reports are made today."""
    return day % 7 == 6


@rule
def wants_restriction(
    rate: float, threshold: float, release: float, in_force: float, days_held: int, hold_days: int, margin: float
) -> float:
    """Return the restriction (0 or 1) that a holder wants at this rate.

    It is brought in above the threshold and lifted below a share of it, not before it was held for a
    time; ``margin`` is the reversal cost: how far past a line the rate must be.
    """
    if in_force < 0.5:
        return 1.0 if rate > threshold * (1.0 + margin) else 0.0
    if days_held >= hold_days and rate < threshold * release * (1.0 - margin):
        return 0.0
    return 1.0


@rule
def level_wanted(
    rate: float, threshold: float, release: float, in_force: float, days_held: int, hold_days: int, margin: float,
    lighter: float, lighter_at: float,
) -> float:  # fmt: skip
    """Return the level of restriction that a holder wants: the full one (1), a lighter one, or none.

    Each comes in, and goes, at lines of its own, as in `wants_restriction`; hold and margin are the same for both.

    Parameters
    ----------
    lighter
        Level of the lighter one; at 0 there is none.
    lighter_at
        Its share of the threshold.
    """
    full = 1.0 if in_force >= 1.0 else 0.0
    if wants_restriction(rate, threshold, release, full, days_held, hold_days, margin) > 0.0:
        return 1.0
    some = 1.0 if in_force > 0.0 else 0.0
    line = threshold * lighter_at
    return lighter * wants_restriction(rate, line, release, some, days_held, hold_days, margin)


@rule
def is_tighter(wanted: float, in_force: float) -> bool:
    """Say whether a restriction tightens; where the first place has it already, others of the scope are to follow."""
    return wanted > 0.0 if wanted == in_force else wanted > in_force


@rule
def line_of_change(wanted: float, in_force: float, threshold: float, lighter_at: float) -> float:
    """Return the threshold that a change of level is about: that of the full restriction, or of the lighter one."""
    return threshold if max(wanted, in_force) >= 1.0 else threshold * lighter_at


@rule
def is_u_turn(level: float, now: float, before: float) -> bool:
    """Say whether a change of level goes back on the one before it."""
    return (level > now) != (now > before)
