"""Phase 3, decide: a new way of working reaches the desks, which follow or do not."""

from sim.fast.compiled import lanes
from sim.rules.mandates import chance_to_follow, may_keep, own_experience, works_better
from sim.streams import Purpose, uniform

TAKE_UP = int(Purpose.TAKE_UP)
OVERRIDE = int(Purpose.OVERRIDE)
U_TURN_DAYS = 28
WEEK = 7


@lanes
def proclaim(day, land, t, x, s, p, k, w):
    """Let a decision on the approach of a service be the mandate from today on; failed talks leave it as it was."""
    if s.approach_next[p, k, w] < 0:
        s.approach_due[p, k, w] = -1
        return
    s.mandate[p, k, w] = s.approach_next[p, k, w]
    s.silenced[p, k, w] = -1
    s.approach_next[p, k, w] = -1
    s.approach_due[p, k, w] = -1
    base = p * land.desk_service.shape[0]
    for d in range(land.service_desk_start[k], land.service_desk_start[k + 1]):
        if s.approach[base + d, w] != s.mandate[p, k, w]:
            follow(day, land, t, x, s, p, k, d, w)


@lanes
def review_mandates(day, land, t, x, s):
    """Once a week, let those who have not taken a mandate up think again, and count them."""
    places, services, worlds = s.open_cases.shape
    desks = land.desk_service.shape[0]
    for p in range(places):
        if t.approach.place_holds[p] == 2:
            continue
        for k in range(services):
            for d in range(land.service_desk_start[k], land.service_desk_start[k + 1]):
                for w in range(worlds):
                    if s.mandate[p, k, w] >= 0:
                        if s.approach[p * desks + d, w] != s.mandate[p, k, w]:
                            follow(day, land, t, x, s, p, k, d, w)
                            override(day, land, t, x, s, p, k, d, w)
                        s.mandated[p, w] += land.desk_share[p, d]
                        if s.approach[p * desks + d, w] != s.mandate[p, k, w]:
                            s.refused[p, w] += land.desk_share[p, d]


@lanes
def follow(day, land, t, x, s, p, k, d, w):
    """Let one desk take the mandate up, or keep its way for now."""
    row, wanted, spread = p * land.desk_service.shape[0] + d, s.mandate[p, k, w], t.par.approaches_spread[w]
    now, gain = s.approach[row, w], gain_seen(spread, s, row, wanted, w)
    if may_keep(t.opt_out, s.weight[row, now, w], gain, t.approach.reversal[w]):
        return
    chance = chance_to_follow(
        t.par.take_up_discretion[w], t.par.take_up_base[w], t.enforcement[p, w], t.par.take_up_belief[w], gain, spread
    )
    if uniform(x.seed[w], land.key[p], day, d, TAKE_UP, 0) < chance:
        change_way(day, land, t, s, p, d, wanted, w)


@lanes
def gain_seen(spread, s, row, wanted, w):
    """Return what a desk's own experience says it gains by another way, in logs."""
    now = s.approach[row, w]
    return own_experience(s.mean[row, wanted, w], s.weight[row, wanted, w], spread) - own_experience(
        s.mean[row, now, w], s.weight[row, now, w], spread
    )


@lanes
def override(day, land, t, x, s, p, k, d, w):
    """Let those above override a desk that still departs though its own way works: its way is told of no more."""
    row, wanted = p * land.desk_service.shape[0] + d, s.mandate[p, k, w]
    now = s.approach[row, w]
    if t.override == 0.0 or now == wanted or t.approach.place_holds[p] + t.second_approach.place_holds[p] > 0:
        return
    gain = gain_seen(t.par.approaches_spread[w], s, row, wanted, w)
    if not works_better(s.weight[row, now, w], gain, t.approach.reversal[w]):
        return
    if uniform(x.seed[w], land.key[p], day, d, OVERRIDE, 0) < t.override:
        s.overrides[p, w] += land.desk_share[p, d]
        s.overrides_this_week[p, w] += land.desk_share[p, d]
        s.silenced[p, k, w] = now
        change_way(day, land, t, s, p, d, wanted, w)


@lanes
def change_way(day, land, t, s, p, d, fresh, w):
    """Change the way of working at a desk: training is owed, and for a while the work is unfamiliar."""
    row = p * land.desk_service.shape[0] + d
    s.approach[row, w] = fresh
    if s.trial[row, w] == fresh:
        s.trial[row, w] = -1
    s.unfamiliarity[row, w] = t.par.load_unfamiliarity[w]
    s.training_owed[row, w] = t.par.load_training_days[w] * land.desk_staff[p, d]
    if day - s.changed[row, w] < U_TURN_DAYS:
        s.u_turns[p, w] += land.desk_share[p, d]
    s.changed[row, w] = day
