"""Phase 7, relate: trust, shared language and confidence grow and fall, once a week."""

import numpy as np

from sim.fast.compiled import inner
from sim.fast.morale import bear
from sim.fast.programmes import develop, holds_sessions
from sim.rules.choice import is_report_day
from sim.rules.programmes import times_faster
from sim.rules.relations import (
    confidence,
    language_after_work,
    rally_today,
    takeup_of,
    trust_after_help,
    trust_after_slight,
)
from sim.rules.resources import share_of

WEEK = 7.0


@inner
def relate(day, land, t, x, s):
    """On report days, let the week's dealings tell."""
    if is_report_day(day):
        bear(land, t, s)
        develop(day, t, s)
        trust_above(t, s)
        trust_peers(land, t, s)
        understand(day, t, s)
        feel(day, land, t, s)


@inner
def trust_above(t, s):
    """Trust upward grows with being heard and told, falls with overrides and with being kept in the dark."""
    places, worlds = s.restricted.shape
    par = t.par
    for p in range(places):
        for w in range(worlds):
            growth = par.culture_trust_growth[w] * times_faster(par.leadership_boost[w], s.leading[p, w])
            slights = s.overrides_this_week[p, w] + t.in_the_dark
            if t.trusts_up == 1:
                trust = trust_after_help(s.trust[p, w], growth * (1 - t.in_the_dark), WEEK)
                s.trust[p, w] = trust_after_slight(
                    trust, par.culture_trust_growth[w], par.culture_trust_loss_ratio[w], slights
                )
            if t.open_base == 1:
                s.trust[places + p, w] = trust_after_help(s.trust[places + p, w], growth, WEEK)
            s.overrides_this_week[p, w] = 0.0


@inner
def trust_peers(land, t, s):
    """Trust in a peer grows with being heard, and twice as fast when it helps."""
    places, worlds = s.restricted.shape
    for p in range(places):
        for i in range(t.tie_start[p], t.tie_start[p + 1]):
            r = t.tie_relation[i]
            for w in range(worlds):
                times = 2.0 if s.helped[t.tie_back[i], w] > 0.0 else 1.0
                growth = t.par.culture_trust_growth[w] * times_faster(t.par.leadership_boost[w], s.leading[p, w])
                s.trust[r, w] = trust_after_help(s.trust[r, w], growth * times, WEEK)


@inner
def understand(day, t, s):
    """Shared language grows with joint work across sectors."""
    par = t.par
    places, worlds = s.language.shape
    sessions = holds_sessions(day, t)
    for p in range(places):
        for w in range(worlds):
            joint = t.partnership + (par.joint_sessions_worth[w] if sessions else 0.0)
            s.language[p, w] = language_after_work(
                s.language[p, w],
                par.culture_language_start[w],
                par.culture_language_growth[w] * times_faster(par.leadership_boost[w], s.leading[p, w]),
                par.culture_language_fade[w],
                joint,
                WEEK,
            )


@inner
def feel(day, land, t, s):
    """Residents' confidence follows results, the rally of a crisis, and rules that differ next door."""
    par = t.par
    places, worlds = s.language.shape
    rally = np.zeros(worlds)
    for w in range(worlds):
        rally[w] = rally_today(par.culture_rally[w], day - par.crisis_day, par.culture_rally_days[w])
    for p in range(places):
        first, last = land.neighbour_start[p], land.neighbour_start[p + 1]
        for w in range(worlds):
            others = 0.0
            for link in range(first, last):
                others += 1.0 if s.restricted[land.neighbour[link], w] != s.restricted[p, w] else 0.0
            unmet = share_of(s.lapsed_this_week[p, w], s.need_this_week[p, w])
            s.confidence[p, w] = confidence(
                par.culture_confidence_base[w],
                min(1.0, unmet),
                par.culture_confidence_results[w],
                rally[w],
                share_of(others, float(last - first)),
                par.culture_confidence_rules[w] * t.minds_rules[p],
            )
            s.takeup[p, w] = takeup_of(s.confidence[p, w], par.culture_takeup_floor[w])
            s.effort[p, w] = par.culture_effort[w] * s.confidence[p, w]
            s.lapsed_this_week[p, w] = 0.0
            s.need_this_week[p, w] = 0.0
