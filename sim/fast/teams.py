"""Phase 3, decide: teams that hold the approach choose their own way of working, desk by desk."""

import numpy as np

from sim.fast.compiled import inner
from sim.fast.mandates import change_way
from sim.fast.targets import weight_of
from sim.rules.choice import is_better, items_this_round, newest_report, report_day, salience, worth_changing

TAKEN = -1.0  # below any salience


@inner
def decide_teams(day, land, t, s):
    """Let each team take its most pressing desks, and ask of each whether another approach is better."""
    places, worlds = s.restricted.shape
    desks = land.desk_service.shape[0]
    pressing = np.zeros(desks)
    rounds = day // t.approach.cadence
    for p in range(places):
        if t.approach.place_holds[p] == 2:
            for w in range(worlds):
                allowed = items_this_round(t.approach.items[t.approach.holder_of_place[p], w], rounds)
                press(day, land, t, s, p, w, pressing)
                for team in range(land.desk_team.max() + 1):
                    for _ in range(allowed):
                        d = most_pressing_of(team, land, pressing)
                        if d < 0:
                            break
                        pressing[d] = TAKEN
                        reconsider(day, land, t, s, p, d, w)


@inner
def press(day, land, t, s, p, w, pressing):
    """Fill ``pressing`` (D,) with how pressing each desk's work is to its team."""
    for d in range(land.desk_service.shape[0]):
        k = land.desk_service[d]
        days = day - s.looked_at[p * land.desk_service.shape[0] + d, w]
        cases = s.open_cases[p, k, w] * land.desk_share[p, d]
        pressing[d] = salience(weight_of(day, t, k), t.visibility[k], 1.0, cases, days)


@inner
def most_pressing_of(team, land, pressing):
    """Return the most pressing desk of a team that is left, or -1; at a tie the one that comes first."""
    best = -1
    for d in range(len(pressing)):
        if land.desk_team[d] == team and pressing[d] != TAKEN and (best < 0 or is_better(pressing[d], pressing[best])):
            best = d
    return best


@inner
def reconsider(day, land, t, s, p, d, w):
    """Let a team decide for one desk: the highest posterior mean, if it is worth the change, from today."""
    row = p * land.desk_service.shape[0] + d
    s.looked_at[row, w] = day
    best = 0
    for a in range(1, s.team_mean.shape[1]):
        if is_better(s.team_mean[row, a, w], s.team_mean[row, best, w]):
            best = a
    if worth_changing(s.team_mean[row, best, w], s.team_mean[row, s.approach[row, w], w], t.approach.reversal[w]):
        number = newest_report(day, 0)
        s.decisions[p, w] += land.desk_share[p, d]
        s.decided[p, w] += land.desk_share[p, d]
        s.decision_age[p, w] += land.desk_share[p, d] * (day - report_day(number) if number >= 0 else day)
        change_way(day, land, t, s, p, d, best, w)
