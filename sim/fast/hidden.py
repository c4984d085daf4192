"""Phase 1, strike: new need is seen or stays hidden; hidden cases come forward, or lapse unseen."""

from sim.fast.compiled import lanes
from sim.rules.hidden import coming_forward, lapsing_unseen, seen_share, trusted_ties


@lanes
def bring_to_light(land, t, s, p, k, w):
    """Return the new open cases of a service in a place, and keep its books of what is hidden."""
    seen = share_seen(land, t, s, p, k, w) * s.new_need[p, k, w]
    forward = coming_forward(s.hidden[p, k, w], t.par.hidden_come_forward_days[w])
    left = s.hidden[p, k, w] - forward
    unseen = lapsing_unseen(left, t.par.hidden_lapse_days[w])
    s.hidden[p, k, w] = left - unseen + (s.new_need[p, k, w] - seen)
    s.unseen[p, k, w] = unseen
    s.total_unseen[p, k, w] += unseen
    s.new_need[p, k, w] += (t.par.hidden_burden[w] - 1.0) * forward
    return seen + t.par.hidden_burden[w] * forward


@lanes
def share_seen(land, t, s, p, k, w):
    """Return the share of a service's new need that is seen in a place, by the trusted ties it has today."""
    voluntary, understood = 0.0, t.partnership * s.language[p, w]
    for d in range(land.service_desk_start[k], land.service_desk_start[k + 1]):
        voluntary += land.desk_share[p, d] * land.desk_is_vcs[d]
    ties = trusted_ties(
        t.par.hidden_contact_finding[w], voluntary, understood, t.leads_told[k], s.language[p, w], s.effort[p, w]
    )
    return seen_share(t.seen[k], t.par.hidden_worth[w], ties)
