"""Joint decisions: what each member of a table gains, and whether they agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.fast.talks import TALKS
from sim.rules.choice import is_tighter, line_of_change, newest_report
from sim.rules.maths import exp
from sim.rules.resources import share_of
from sim.rules.talks import chance_of_consent, days_of_talks, gain_from_limit, member_view
from sim.streams import uniform

if TYPE_CHECKING:
    from sim.agents.council import LocalAuthority
    from sim.agents.links import Desk
    from sim.agents.remit import Scope
    from sim.model import GovernanceModel


def gains_from_approach(model: GovernanceModel, scope: Scope, service: int, best: int) -> list[float]:
    """Return what each member gains by an approach, in logs: several places, or those who work in one."""
    if not scope.is_one_place():
        return [_gain_of_place(model, council, service, best) for council in scope.members]
    council = scope.members[0]
    return [
        _desk_view(council, desk, best) - _desk_view(council, desk, desk.approach) for desk in council.serving[service]
    ]


def _gain_of_place(model: GovernanceModel, council: LocalAuthority, service: int, best: int) -> float:
    slot = model.slot_of(max(newest_report(model.day, 0), 0))
    gain = _place_view(council, slot, service, best)
    for desk in council.serving[service]:
        gain -= desk.share * _place_view(council, slot, service, desk.approach)
    return gain


def _place_view(council: LocalAuthority, slot: int, service: int, approach: int) -> float:
    """Return what a place expects: what the table believes of it, corrected by its own report."""
    return member_view(
        council.belief_mean[service][approach],
        council.belief_variance[service][approach],
        council.told_mean[slot][service][approach],
        council.told_weight[slot][service][approach],
    )


def _desk_view(council: LocalAuthority, desk: Desk, approach: int) -> float:
    """Return what those at a desk expect: what the place believes, corrected by their own work."""
    mean, variance = council.belief_mean[desk.service][approach], council.belief_variance[desk.service][approach]
    return member_view(mean, variance, desk.mean[approach], desk.weight[approach])


def gains_from_reserve(scope: Scope) -> list[float]:
    """Return the surge staff that each place would gain, over its own staff."""
    gains = []
    for council in scope.members:
        gain = 0.0
        for planned, staff in zip(council.reserve_next, council.reserve, strict=True):
            gain += planned - staff
        gains.append(share_of(gain, council.all_staff))
    return gains


def gains_from_restriction(model: GovernanceModel, scope: Scope, wanted: float) -> list[float]:
    """Return how far each place's own rate lies past the limit that it prefers, from -1 to 1."""
    par, gains = model.par, []
    number = newest_report(model.day, int(par.epidemic_report_delay_days))
    in_force = scope.members[0].restricted
    line = line_of_change(wanted, in_force, par.restriction_threshold, par.restriction_lighter_at)
    for council in scope.members:
        rate = council.told_rate[model.slot_of(number)] if number >= 0 else 0.0
        limit = line * exp(par.restriction_preference_log_sd * council.preference)
        gains.append(gain_from_limit(rate, limit, is_tighter(wanted, in_force)))
    return gains


def talks_take(model: GovernanceModel, negotiation_days: float, gains: list[float]) -> float:
    """Return the days that talks take where there is no trust at all."""
    opposed = 0.0
    for gain in gains:
        opposed += 1.0 if gain < 0.0 else 0.0
    seats, dispute = model.par.talks_seats, model.par.talks_dispute
    return days_of_talks(negotiation_days, len(gains), seats, share_of(opposed, float(len(gains))), dispute)


def rounds_until_agreed(model: GovernanceModel, key: np.uint64, slot: int, gains: list[float]) -> int | None:
    """Return the number of rounds that pass before all agree, or None if they do not by the deadline."""
    par, total, chance = model.par, 0.0, 1.0
    for gain in gains:
        total += gain
    mean = share_of(total, float(len(gains)))
    for gain in gains:
        chance = chance * chance_of_consent(
            gain, mean, par.talks_side_payments, par.talks_unanimity, par.talks_tolerance
        )
    for number in range(int(par.talks_deadline_days) // int(par.talks_round_days) + 1):
        if uniform(np.uint64(model.seed), key, model.day, slot, TALKS, number) < chance:
            return number
    return None
