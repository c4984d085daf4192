"""Three places, two days, every phase worked by hand, and both engines held to it.

Ayton (100,000 people), Beeton (200,000) and Ceaton (100,000) lie in a row: A - B - C. A and B share a resilience
forum, C has none. Each place decides its ways of working with its partners (which takes talks), the forum where
surge staff go and when contact is limited; where there is no forum, the place does. Staff move within places and
between neighbours. Day 13 is a day of weekly reports, on which all but restriction is decided; day 14 puts it into
effect, decides on restriction, and begins trials. The run starts from a state written down here, as it might be on
the eve of day 13, and with hidden truths written down here: only the normals of observation and trial are drawn.

What follows for Ayton's outbreak control (staff 18 = 100 thousand x .9 x .2; ordinary need 10; 2 surge staff):

Day 13, strike. Contacts: 85% at home, 10% in Beeton, 5% anywhere: .85 x 500/100,000 + .1 x 800/200,000
+ .05 x 1,400/400,000 = .004825. Transmission: 2.5 x (1 - exp(-1/5)) = .45317 a day; half of yesterday's control was
done (12 served, 12 open), which cuts it by .5 x .5; caution at 500 in 100,000 divides it by 1 + 100 x .005: .22659. So
of 96,700 susceptible 96,700 x (1 - exp(-.22659 x .004825)) = 105.662 fall ill, and .01 x 100 x 1 = 1 comes from abroad.
Of 300 exposed 300 x (1 - exp(-1/2)) = 118.041 become infectious; of 500 infectious 500 x (1 - exp(-1/5)) = 90.635
recover: 527.406 stay. Need: 10, + .5 for each case = 59.020, + .005 x 24 open in other services = .12, + .01 x half of
Beeton's 30 open = .15: 69.290. Open: 12 + 69.290 = 81.290.

Report. Cases since the last report: 600 + 118.041; a fifth of them are found: .2 x 718.041 = 143.608 per 100,000.
Of approach 0 the council has seen .02 below average with weight 20, community health 0 with weight 10; a week's
forgetting leaves 20/(1 + 7 d 20) = 19.920 and 9.980, with d = .2^2 x .5/700. The second counts for .8 x .5 = .4,
and the lead's word, -.025, for 1/(.04 + 13 d) = 24.770. Together they weigh 48.682, and tell
(-.02 x 19.920 - .025 x 24.770)/48.682 = -.0209.

Decide. Three items can be looked at. Most pressing in Ayton are outbreak control (loudness 1.5 x 81.290 open x 7 days
since it was looked at last = 854), clinical care (1.5 x 2 x 49.740 x 7 = 1,045) and essentials (.5 x 18.190 x 7 = 64);
social care, with .5 x .6 x 12.2 x 13 = 48, must wait. Approach 2 is believed to be better by .15 - .05 = .1 than
approach 0, more than the .02 that a change must bring. Talks take 10 x (1 - .5) = 5 days: due on day 18.

Outbreak control is short of 6 staff: 12 are wanted at half skill. Free are 4.5 of social care's 12 spare (a quarter of
its 18) and 4.5 of wellbeing's 9: all 9 move in, from day 14 on. That leaves 1.5 short of 90 staff, within 2%, so Ayton
may lend: of 12 + 9 - 9 - .05 x 90 = 7.5 spare at most .05 x 90 = 4.5, and at once, to Beeton, its only peer.

Deliver. Absent: .05 + 527.406/100,000 = 5.527%. Links and seats take 5.3% of the time, analysis 1%. So
(18 x (1 - 4.5/90) + 2) x .94473 x .937 = 16.908 staff-days, less 1 of training owed. Approach 0 resolves
exp(-.09) = .91393 a staff-day, approach 1, on trial for a tenth of cases, exp(.06) = 1.06184: .92872; with the only
neighbour working alike x 1.1 = 1.02159. As many people as ever come forward: 15.908 x 1.02159 = 16.251 of 81.290 cases
are served. Of the 65.039 left a tenth lapses: 6.504; 58.535 stay open.

Learn. The council served .7 x 16.251 = 11.376 of a full day's 12.6: precision .8 x .90283/.5^2 = 2.889, of which nine
tenths (2.600) on approach 0. It sees -.09 + z/sqrt(2.600), and its mean moves by 2.600/22.520 of the way there.

Share. From B, one tie away (clarity .9 x .6 = .54, likeness .6 exp(-.5^2/.245) = .216), and C, two ties away
(.81 x .6 x .8 = .389, likeness .010), Ayton hears with precision .54/(.02 x .784 + 1/w) and .389/(.02 x .990 + 1/w).

Relate. Trust upward: .5 + .07 x .5 = .535; in Beeton, which it heard: .6 + .07 x .4 = .628; Beeton's in Ayton, which
helped: .7 + .14 x .3 = .742. Shared language: .5 + .056 x .5 = .528, less .014 x .128 = .5262.
"""

from __future__ import annotations

import math
import tomllib
from typing import Any

import numpy as np
import pytest

from sim.fast.engine import Block
from sim.governance.setup import Setup, prepare
from sim.model import GovernanceModel
from sim.phases import PHASES
from sim.series import ROWS
from sim.state import COLUMNS, Snapshot, dtype_of, one_world
from sim.streams import Purpose, normal
from sim.world.country import Country, build_country
from sim.world.crisis import Crisis
from sim.world.files import load_scenario
from sim.world.places import PlaceRow
from sim.world.scenario import SERVICES as SERVICE_NAMES
from tests.laws import worlds

Hand = dict[str, Any]
SEED = 12
PLACES, SERVICES, APPROACHES, DESKS = 3, 5, 3, 11
A, B, C = range(PLACES)
OUTBREAK, CLINICAL, SOCIAL, ESSENTIALS, WELLBEING = range(SERVICES)

PEOPLE = np.array([100_000.0, 200_000.0, 100_000.0])
THOUSAND = PEOPLE / 1000.0
STAFF = np.repeat(THOUSAND[:, None] * 0.9 * 0.2, SERVICES, axis=1)  # 18, 36, 18 in each service
ORDINARY = np.repeat(THOUSAND[:, None] * 0.5 * 0.2, SERVICES, axis=1)  # 10, 20, 10
NEIGHBOURS = np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]])
# Desks in order: service, share of its staff, whether it leads the service, whether it is voluntary.
DESK_SERVICE = np.array([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 4])
DESK_SHARE = np.array([0.7, 0.3, 0.7, 0.3, 0.7, 0.3, 0.5, 0.5, 0.4, 0.3, 0.3])
LEADS = np.array([1, 0, 1, 1, 1, 0, 1, 0, 1, 0, 0])
VOLUNTARY = np.array([0, 0, 0, 0, 0, 1, 0, 1, 0, 1, 1])

HARM = np.array([1.0, 1.5, 1.0, 1.0, 1.0])
VISIBLE = np.array([1.5, 2.0, 0.6, 1.0, 0.4])
PER_INFECTION = np.array([0.5, 0.25, 0.0, 0.0, 0.0])
PER_RESTRICTED = np.array([0.0, 0.0, 0.0, 0.1, 0.0])
COPRODUCTION = np.array([0.0, 0.0, 0.0, 0.5, 0.0])
SURGE = np.array([0.0, 0.5, 0.0])
COORDINATION = np.array([0.053, 0.063, 0.053])  # seat .005, talks .02, partners .01 x .8, report .01, .01 a tie
WORKING = 1.0 - COORDINATION - 0.01
CAPABILITY = np.array([1.0, 1.25, 0.8])
WOBBLE = np.array([[1.0, 1.0, 1.0], [1.0, 1.1, 0.9], [1.2, 1.0, 1.0]])
IMPORTS = np.array([1.0, 0.5, 2.0])
DRIFT = 0.04 * 0.5 / 700.0
LIKENESS = {0.5: 0.6 * math.exp(-0.25 / 0.245), 1.0: 0.6 * math.exp(-1.0 / 0.245)}  # by distance

CONDITIONS = """
take_up = { discretion = 0.0 }
talks = { unanimity = 0.0, seats = 0.0, dispute = 0.0 }
approaches = { count = 3, spread = 0.2, interoperability = 0.1, own_share = 0.4, smooth_length = 0.35 }
friction = { movable = 0.25, skill_elsewhere = 0.5, aid_cap = 0.05, aid_loss = 0.2, aid_margin = 0.05 }
costs = { tie = 0.01, report = 0.01, seat = 0.005, joint = 0.02, partnership = 0.01, negotiation_days = 10.0 }
restriction = { threshold = 100.0, release = 0.4, hold_days = 21, preference_log_sd = 0.5, effect = 0.5 }

[load]
base = 0.5
staff_per_1000 = 1.0
reserve_share = 0.1
vcs_slope = 0.0
vcs_reach = 0.5
absence = 0.05
absence_per_prevalence = 1.0
training_days = 1.0
unfamiliarity = 0.2
unfamiliarity_days = 14.0
spill = 0.01
cascade = 0.02
lapse_case_days = 10.0

[evidence]
result_noise = 0.5
believed_heterogeneity = 0.5
believed_shift_days = 700.0
lead_noise = 1.0
omega = 0.5
trial_days = 14
item_cost_days = 1.0
item_cost_exponent = 1.0

[culture]
candour = 0.8
trust_growth = 0.01
trust_loss_ratio = 4.0
language_start = 0.4
language_growth = 0.01
language_fade = 0.002
confidence_base = 0.8
confidence_results = 4.0
confidence_rules = 0.5
rally = 0.8
rally_days = 60.0
takeup_floor = 0.5
effort = 0.5
effort_worth = 0.5

[epidemic]
reproduction_number = 2.5
latent_days = 2.0
infectious_days = 5.0
first_day = 10
import_days = 4
imports_per_million = 10.0
neighbour_mixing = 0.1
national_mixing = 0.05
caution = 100.0
control_effect = 0.5
fatality = 0.01
fatality_age_slope = 0.0
fatality_deprivation_slope = 0.0
fatality_unmet = 1.0
ascertainment = 0.2
report_delay_days = 0
"""
GOVERNING = """
evidence = { data_holder = "place" }
trial = { licence = "anyone", share = 0.1 }

[powers.approach]
holder = "place"
joint = true
approval_days = 0.0
advice = ["public_health"]
cadence_days = 13
reversal_cost = 0.02
analyst_share = 0.0025

[powers.reserve]
holder = "forum"
fallback = "place"
joint = false
rule = "seen_need"
approval_days = 1.0
advice = []
cadence_days = 13
reversal_cost = 0.02
analyst_share = 0.0025

[powers.workforce]
services = "pooled"
places = "mutual_aid"
approval_days = 1.0
cadence_days = 13
reversal_cost = 0.02
analyst_share = 0.0025

[powers.restriction]
holder = "forum"
fallback = "place"
joint = false
approval_days = 0.0
cadence_days = 14
reversal_cost = 0.02
analyst_share = 0.0025

[channels]
reporting = { delay_days = 7 }
guidance = { clarity = 0.0 }
peer = { network = "neighbours", delay_days = 0, relay_hops = 2, clarity = 0.9 }
partnership = { clarity = 0.8 }
open = { coverage = 0.0 }
"""


# ---- what is run ----


def country() -> Country:
    rows = []
    for n, name in enumerate(("Ayton", "Beeton", "Ceaton")):
        areas = {"nation": "Threeland", "region": "R", "statistical_region": "R", "health_system": "H"}
        areas |= {"forum": "F"} if n < C else {}
        rows.append(PlaceRow(name, name, PEOPLE[n], 1.0, 1.0, 0.1, float(n), 0.0, areas))
    return build_country("Threeland", rows, [("Ayton", "Beeton"), ("Beeton", "Ceaton")])


def setup(patch: pytest.MonkeyPatch) -> Setup:
    patch.setattr("sim.governance.setup.load_country", lambda _: country())
    columns = (PER_INFECTION, PER_RESTRICTED, COPRODUCTION)
    names = ("need_per_infection", "need_per_restricted", "coproduction")
    each = [dict(zip(names, map(float, row), strict=True)) | {"lapse_rate": 0.1} for row in zip(*columns, strict=True)]
    services = dict(zip(SERVICE_NAMES, each, strict=True))
    crisis = worlds.changed(load_scenario("small_outbreak"), days=16, services=services, **tomllib.loads(CONDITIONS))
    governing = worlds.structure("mesh", **tomllib.loads(GOVERNING))
    return prepare(crisis, governing)


def truth() -> np.ndarray[Any, Any]:
    """Return log productivity, shape (places, services, approaches): near 0, about a case a staff-day."""
    p, k, a = np.meshgrid(range(PLACES), range(SERVICES), range(APPROACHES), indexing="ij")
    return 0.03 * ((2 * p + 3 * k + 5 * a) % 7) - 0.09


def crisis() -> Crisis:
    log_effect = truth()[None, ..., None]
    return Crisis(
        seed=np.array([SEED], np.uint64),
        stretch=np.zeros((16, 1), np.int64),
        log_effect=log_effect,
        effect=np.exp(log_effect),
        best=log_effect.max(axis=3),
        practice=np.zeros((PLACES, SERVICES, 1), np.int64),
        lead_mean=(0.5 * truth() + 0.02)[..., None],
        capability=CAPABILITY[:, None].copy(),
        preference=np.array([[0.3], [-0.3], [0.0]]),
        wobble=WOBBLE[..., None].copy(),
        imports=IMPORTS[:, None].copy(),
        surge=SURGE[None, :, None].copy(),
        chronic=np.zeros((1, PLACES, SERVICES, 1)),
        struck=np.zeros((1, PLACES, SERVICES, 1)),
        away=np.zeros((1, PLACES, 1)),
        offered=np.ones((1, 1)),
        use=np.ones((1, 1)),
        dearer=np.ones((1, 1)),
        variant=np.ones(16),
    )


# Relations: three upward, three in the open base (not used), then each place's trust in each peer.
UP_A, UP_B, UP_C = 0, 1, 2
A_TO_B, B_TO_A, B_TO_C, C_TO_B = 6, 7, 8, 9
SLOTS = 3


def eve() -> Hand:
    """Return the state at the start of day 13."""
    sizes = {"world": 1, "place": PLACES, "community": PLACES, "desk": PLACES * DESKS, "relation": 10}
    sizes |= {"service": SERVICES, "second_service": 0, "approach": APPROACHES, "slot": SLOTS, "buyer": 1, "transit": 1}
    h: Hand = {
        c.name: np.full((sizes[c.owner], *(sizes[axis] for axis in c.axes)), c.start, dtype_of(c)) for c in COLUMNS
    }
    h["exposed"][:], h["infectious"][:], h["recovered"][:] = [300, 400, 20], [500, 800, 100], [2500, 3000, 200]
    h["susceptible"][:] = PEOPLE - h["exposed"] - h["infectious"] - h["recovered"]
    h["cases_this_week"][:] = [600, 700, 40]
    h["confidence"][:], h["takeup"][:], h["effort"][:] = [0.8, 0.7, 0.6], [0.9, 0.85, 0.8], [0.4, 0.35, 0.3]
    h["open_cases"][:] = [[12, 10, 2, 8, 4], [30, 20, 6, 10, 0], [1, 2, 3, 4, 5]]
    h["served"][:] = [[12, 20, 9, 9, 9], [20, 30, 18, 18, 20], [10, 11, 9, 8, 7]]
    h["need_this_week"][:], h["lapsed_this_week"][:] = [400, 900, 350], [10, 40, 5]
    h["approach"][:] = np.array([[0, 1, 2, 0, 1], [0, 1, 0, 1, 0], [2, 2, 1, 1, 0]])[:, DESK_SERVICE].ravel()
    h["trial"][desks_of(A, OUTBREAK)], h["trial"][desks_of(B, CLINICAL)] = 1, 0
    h["approach_next"][C, CLINICAL], h["approach_due"][C, CLINICAL] = 0, 14
    h["changed"][desks_of(C, CLINICAL)] = 0  # 14 days before it changes again: a U-turn
    h["approach_considered"][:] = [[6, 6, 0, 6, 12], [6, 6, 0, 6, 0], [0, 6, 6, 6, 0]]
    h["unfamiliarity"][desks_of(A, SOCIAL)] = 0.1
    h["training_owed"][desks_of(A, OUTBREAK)], h["training_owed"][desks_of(B, SOCIAL)] = [0.7, 0.3], [28.0, 12.0]
    h["reserve"][:] = np.repeat([[2.0], [4.0], [2.0]], SERVICES, axis=1)
    h["reserve_next"][:] = h["reserve"]
    h["spare"][:] = [[0, 0, 12, 0, 9], [0, 0, 5, 0, 0], [10, 8, 2, 0, 0]]
    h["short"][:] = [[6, 0, 0, 0, 0], [12, 3, 0, 0, 0], [0, 0, 0, 0, 0]]
    h["aid_out"][A], h["aid_in"][B, OUTBREAK] = 4.5, 3.6  # 4.5 staff on loan from A to B, a fifth of their time lost
    h["helped"][A_TO_B] = 4.5
    h["restricted"][C], h["restricted_next"][C], h["restriction_changed"][C] = 1.0, 1.0, -8
    h["belief_mean"][..., 0], h["belief_mean"][..., 1], h["belief_mean"][..., 2] = 0.05, 0.06, 0.15
    h["belief_variance"][:] = 0.03
    h["told_need"][:, 0] = [[10, 12, 3, 5, 4], [40, 20, 6, 9, 1], [2, 2, 2, 2, 2]]  # the report of day 6
    h["told_rate"][:, 0] = [200, 150, 30]
    d, a = np.meshgrid(range(PLACES * DESKS), range(APPROACHES), indexing="ij")
    h["mean"][:] = 0.02 * ((d + 2 * a) % 5) - 0.02
    h["weight"][:] = np.where(a == 0, 20.0, 5.0) * np.where(d % 2 == 0, 1.0, 0.5)
    h["language"][:] = [0.5, 0.6, 0.4]
    h["overrides_this_week"][B] = 1.0
    h["morale"][:] = [0.7, 0.6, 0.4]
    h["trust"][:] = 0.5
    h["trust"][[A_TO_B, B_TO_A, B_TO_C, C_TO_B]] = [0.6, 0.7, 0.8, 0.9]
    return h


def desks_of(p: int, k: int) -> np.ndarray[Any, Any]:
    """Return the rows of the desks of a service in a place."""
    return p * DESKS + np.flatnonzero(k == DESK_SERVICE)


# ---- the two days, in plain arithmetic ----


def strike(h: Hand, day: int) -> None:
    at_home = h["infectious"] / PEOPLE
    everywhere = h["infectious"].sum() / PEOPLE.sum()
    next_door = np.array([at_home[B], 0.5 * (at_home[A] + at_home[C]), at_home[B]])  # by the neighbours' people
    contact = 0.85 * at_home + 0.1 * next_door + 0.05 * everywhere
    control = h["served"][:, OUTBREAK] / (h["served"][:, OUTBREAK] + h["open_cases"][:, OUTBREAK])
    rate = (
        2.5
        * (1.0 - math.exp(-1.0 / 5.0))
        * WOBBLE[day // 7]
        * (1.0 - 0.5 * h["restricted"] * h["takeup"])
        * (1.0 - 0.5 * control)
    )
    rate = rate / (1.0 + 100.0 * at_home)
    infected = h["susceptible"] * (1.0 - np.exp(-rate * contact)) + (0.01 * THOUSAND * IMPORTS if day < 14 else 0.0)
    cases, over = h["exposed"] * (1.0 - math.exp(-1.0 / 2.0)), h["infectious"] * (1.0 - math.exp(-1.0 / 5.0))
    h["susceptible"] -= infected
    h["exposed"] += infected - cases
    h["infectious"] += cases - over
    h["recovered"] += over
    h["new_cases"][:] = cases
    h["cases_this_week"] += cases
    was_open = h["open_cases"]
    cascade = 0.005 * (was_open.sum(axis=1, keepdims=True) - was_open)
    spill = 0.01 * np.array([was_open[B] / 2.0, was_open[A] + was_open[C], was_open[B] / 2.0])
    limits = PER_RESTRICTED * THOUSAND[:, None] * h["restricted"][:, None]
    h["new_need"][:] = ORDINARY * (1.0 + SURGE[:, None]) + PER_INFECTION * cases[:, None] + limits + cascade + spill
    h["shown"][:] = h["new_need"]  # nothing is hidden here
    h["open_cases"] = was_open + h["new_need"]
    h["need_this_week"] += h["new_need"].sum(axis=1)
    h["total_need"] += h["new_need"]


def report(h: Hand, day: int) -> None:
    if day == 14:
        return
    h["weight"] /= 1.0 + 7.0 * DRIFT * h["weight"]
    heard = np.where(LEADS, 1.0, 0.8 * h["language"][:, None])  # (places, desks)
    weight = heard[..., None] * h["weight"].reshape(PLACES, DESKS, APPROACHES)
    value = weight * h["mean"].reshape(PLACES, DESKS, APPROACHES)
    lead = 1.0 / (0.04 + 1e-12 + 13.0 * DRIFT)  # variance .2^2 on day 0 (never quite 0), and drift since
    for k in range(SERVICES):
        word = lead if k == OUTBREAK else 0.0  # public health alone is at the table
        weights = word + weight[:, k == DESK_SERVICE].sum(axis=1)
        total = word * (0.5 * truth()[:, k] + 0.02) + value[:, k == DESK_SERVICE].sum(axis=1)
        h["told_weight"][:, 1, k], h["told_mean"][:, 1, k] = weights, total / weights
    h["told_need"][:, 1] = h["open_cases"]
    h["told_rate"][:, 1] = 0.2 * h["cases_this_week"] / THOUSAND * 100.0
    h["cases_this_week"][:] = 0.0


def decide(h: Hand, day: int) -> None:
    if day == 13:
        decide_approach(h)
        decide_reserve(h)
        decide_workforce(h)
    else:
        take_effect(h)
        decide_restriction(h)
        begin_trials(h)


def decide_approach(h: Hand) -> None:
    """Items a place: .0025 x 13 days x 100 = 3.25 a round; by the second, 6.5 in all: 6 - 3 = 3 of them now."""
    in_room = np.array([1.0, 1.0, 0.5, 0.5, 0.5])
    pressing = HARM * VISIBLE * in_room * h["open_cases"] * (13 - h["approach_considered"])
    pressing[C, CLINICAL] = -1.0  # a decision waits for approval: it takes no attention
    for p in range(PLACES):
        for k in sorted(range(SERVICES), key=lambda k, p=p: -pressing[p, k])[:3]:
            h["approach_considered"][p, k] = 13
            believed, now = h["belief_mean"][p, k], h["approach"][desks_of(p, k)[0]]
            if believed.max() - believed[now] > 0.02:
                wait = int(10.0 * (1.0 - h["language"][p]) + 0.5)
                h["approach_next"][p, k], h["approach_due"][p, k] = believed.argmax(), 13 + wait
                h["talks"][p] += 1.0  # the partners agree for certain here
                h["decisions"][p] += 1.0
                h["decided"][p] += 1.0  # each place decides for itself
                h["decision_wait"][p] += wait  # what was known is today's report: no age


def decide_reserve(h: Hand) -> None:
    """The forum shares 30 surge staff by the need of day 6, its newest report a week old; C its 10 by what it sees."""
    seen = h["told_need"][:, 0].copy()
    seen[C] = h["open_cases"][C]
    claim = np.array([0.5, 1.0, 0.5, 0.5, 0.5]) * HARM * seen + 1e-4 * THOUSAND[:, None]
    for members, pool in (([A, B], 30.0), ([C], 10.0)):
        h["reserve_next"][members] = pool * claim[members] / claim[members].sum()
        assert np.maximum(0.0, h["reserve_next"][members] - h["reserve"][members]).sum() > 0.02 * pool
        h["reserve_due"][members] = 14


def decide_workforce(h: Hand) -> None:
    free = np.minimum(h["spare"], 0.25 * STAFF)
    wanted = h["short"] / 0.5
    moved = np.minimum(free.sum(axis=1), wanted.sum(axis=1))[:, None]
    moved = np.where(moved > 0.02 * STAFF.sum(axis=1, keepdims=True), moved, 0.0)
    h["moved_out_next"][:] = moved * free / np.maximum(free.sum(axis=1, keepdims=True), 1e-300)
    h["moved_in_next"][:] = moved * wanted / np.maximum(wanted.sum(axis=1, keepdims=True), 1e-300)
    # Between places: C is not short and has 20 spare, less what it keeps; A is short of no more than 2%.
    spare = np.maximum(0.0, h["spare"] - h["moved_out_next"]).sum(axis=1)
    short = np.maximum(0.0, h["short"] - 0.5 * h["moved_in_next"])
    staff, missing = STAFF.sum(axis=1), short.sum(axis=1)
    lends = np.where(missing > 0.02 * staff, 0.0, np.maximum(0.0, np.minimum(spare - 0.05 * staff, 0.05 * staff)))
    takes = missing / (0.5 * 0.8)
    assert lends.tolist() == [4.5, 0.0, 4.5]
    assert takes[C] == 0.0
    h["helped"][:] = 0.0
    # A's and C's only peer is B: it is offered all of both; A is offered nothing, for B has nothing to lend.
    h["helped"][[A_TO_B, C_TO_B]] = 4.5
    h["aid_out_next"][:] = [4.5, 0.0, 4.5]
    assert takes[B] > 9.0  # so it takes both
    h["aid_in_next"][:] = 0.0
    h["aid_in_next"][B] = 9.0 * 0.8 * short[B] / missing[B]
    h["aid_out"], h["aid_in"] = h["aid_out_next"].copy(), h["aid_in_next"].copy()  # mutual aid starts at once
    h["workforce_due"][:] = 14


def take_effect(h: Hand) -> None:
    here = desks_of(C, CLINICAL)
    h["mandate"][C, CLINICAL], h["approach_next"][C, CLINICAL], h["approach_due"][C, CLINICAL] = 0, -1, -1
    h["approach"][here], h["unfamiliarity"][here] = 0, 0.2
    h["training_owed"][here] = 18.0 * DESK_SHARE[CLINICAL == DESK_SERVICE]  # a day for each of 18 staff
    h["u_turns"][C], h["changed"][here] = 1.0, 14
    h["mandated"][C] = 1.0  # both desks follow at once: nobody has discretion here
    h["reserve"], h["reserve_due"][:] = h["reserve_next"].copy(), -1
    h["moved_out"], h["moved_in"] = h["moved_out_next"].copy(), h["moved_in_next"].copy()
    h["workforce_due"][:] = -1


def decide_restriction(h: Hand) -> None:
    """The forum knows of day 6: (100 x 200 + 200 x 150)/300 = 166.7, far above 100 exp(.5 x (30 - 60)/300) = 95.1.

    C sees yesterday's report, of a rate below 40 less 2%, and has held its restriction for 22 days.
    """
    assert 100.0 * math.exp(-0.05) * 1.02 < (100.0 * 200.0 + 200.0 * 150.0) / 300.0
    h["restricted_next"][[A, B]], h["restriction_due"][[A, B]] = 1.0, 14
    assert h["told_rate"][C, 1] < 40.0 * 0.98
    h["restricted_next"][C], h["restriction_due"][C] = 0.0, 14


def begin_trials(h: Hand) -> None:
    for p in range(PLACES):
        for d, k in enumerate(DESK_SERVICE):
            drawn = [
                h["belief_mean"][p, k, a] + math.sqrt(h["belief_variance"][p, k, a]) * draw(p, 14, d, Purpose.TRIAL, a)
                for a in range(APPROACHES)
            ]
            drawn[h["approach"][p * DESKS + d]] = -math.inf
            h["trial"][p * DESKS + d] = int(np.argmax(drawn))


def draw(p: int, day: int, slot: int, purpose: Purpose, item: int) -> float:
    return normal(np.uint64(SEED), country().keys[p], day, slot, purpose, item)


def deliver(h: Hand, day: int) -> None:  # noqa: PLR0915 - one service of one place is a page of arithmetic
    absent = np.minimum(0.6, 0.05 + h["infectious"] / PEOPLE)
    share_lent = h["aid_out"] / (STAFF - h["moved_out"]).sum(axis=1)
    own = (STAFF - h["moved_out"]) * (1.0 - share_lent)[:, None] + h["reserve"]
    help_in = h["moved_in"] + h["aid_in"]
    time = (1.0 - absent) * WORKING
    available = (own + 0.5 * help_in) * time[:, None]
    mine = available[:, DESK_SERVICE] * DESK_SHARE
    training = np.minimum(h["training_owed"].reshape(PLACES, DESKS), 0.5 * mine)
    hours = mine - training
    capacity = by_service(hours)
    present = (own + help_in).sum(axis=1)
    h["training_owed"] -= training.ravel()
    h["total_present"] += present
    h["total_absent"] += present * absent
    h["total_coordination"] += present * (1.0 - absent) * COORDINATION
    h["total_analysis"] += present * (1.0 - absent) * 0.01
    h["total_training"] += training.sum(axis=1)
    h["total_lost"] += 0.5 * help_in.sum(axis=1) * time + 0.2 * h["aid_out"]

    effect, (approach, trial) = np.exp(truth())[:, DESK_SERVICE], ways(h)
    in_use = np.take_along_axis(effect, approach[..., None], axis=2)[..., 0]
    on_trial = np.take_along_axis(effect, np.maximum(trial, 0)[..., None], axis=2)[..., 0]
    tried = np.where(trial >= 0, 0.1, 0.0)
    alike = np.zeros((PLACES, DESKS))
    for p in range(PLACES):
        near = NEIGHBOURS[p] == 1
        alike[p] = (approach[near] == approach[p]).mean(axis=0)
    unfamiliarity = h["unfamiliarity"].reshape(PLACES, DESKS)
    rate = ((1.0 - tried) * in_use + tried * on_trial) * (1.0 - unfamiliarity) * (1.0 + 0.1 * alike)
    helped = ((1.0 + 0.5 * h["effort"][:, None]) / (1.0 + 0.5 * 0.4)) ** COPRODUCTION  # .4 in ordinary times
    rate = rate * helped[:, DESK_SERVICE]

    takeup = h["takeup"][:, None]  # .9 in ordinary times
    reached = (takeup + (1.0 - takeup) * 0.5 * VOLUNTARY) / (0.9 + 0.1 * 0.5 * VOLUNTARY)
    limit = hours * rate * reached
    offered = h["open_cases"][:, DESK_SERVICE] * hours / capacity[:, DESK_SERVICE]
    first = np.minimum(offered, limit)
    room, rest = limit - first, h["open_cases"] - by_service(first)
    all_room = by_service(room)
    again = np.minimum(rest, all_room) / np.maximum(all_room, 1e-300)
    served_by = first + room * again[:, DESK_SERVICE]
    served = np.minimum(by_service(served_by), h["open_cases"])
    used = by_service(hours * served_by / limit)
    left = h["open_cases"] - served
    h["served_by"][:], h["served"][:], h["lapsed"][:] = served_by.ravel(), served, 0.1 * left
    h["open_cases"] = 0.9 * left
    h["lapsed_this_week"] += h["lapsed"].sum(axis=1)
    h["total_used"] += used.sum(axis=1)
    h["total_idle"] += (capacity - used).sum(axis=1)
    per_day = by_service(limit) / capacity
    h["total_missing"] += (left / per_day).sum(axis=1)
    wanted = (h["new_need"] + 0.1 * h["open_cases"]) / per_day
    home = (STAFF + h["reserve"]) * time[:, None]
    h["spare"] += (np.maximum(0.0, home - wanted) - h["spare"]) / 14.0
    h["short"] += (np.maximum(0.0, wanted - home) - h["short"]) / 7.0
    h["unfamiliarity"] *= math.exp(-1.0 / 14.0)
    unmet = left[:, CLINICAL] / (served[:, CLINICAL] + left[:, CLINICAL])
    h["deaths_today"][:] = h["new_cases"] * 0.01 * (1.0 + unmet)
    assert day in (13, 14)


def ways(h: Hand) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return approaches in use and on trial, shape (places, desks)."""
    return h["approach"].reshape(PLACES, DESKS), h["trial"].reshape(PLACES, DESKS)


def by_service(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return np.column_stack([values[:, k == DESK_SERVICE].sum(axis=1) for k in range(SERVICES)])


def learn(h: Hand, day: int) -> None:
    """A full day's cases weigh .8 / .5^2 = 3.2: candour over the square of the noise."""
    for p in range(PLACES):
        for d in range(DESKS):
            k, row = DESK_SERVICE[d], p * DESKS + d
            full_day = STAFF[p, k] * DESK_SHARE[d]
            seen = h["served_by"][row] / full_day * 0.8 * CAPABILITY[p] / 0.25
            arm = h["trial"][row]
            looks = [(h["approach"][row], seen * (0.9 if arm >= 0 else 1.0))] + (
                [(arm, seen * 0.1)] if arm >= 0 else []
            )
            for a, precision in looks:
                result = truth()[p, k, a] + draw(p, day, d, Purpose.OBSERVATION, int(a)) / math.sqrt(precision)
                mean, weight = h["mean"][row, a], h["weight"][row, a]
                h["mean"][row, a] = (mean * weight + result * precision) / (weight + precision)
                h["weight"][row, a] = weight + precision


def share(h: Hand, day: int) -> None:
    """All hear today's reports: A hears B over one tie, C over two. Local and common variance are believed to be .02.

    A message of clarity c and weight w from a place of likeness l weighs c / (.02 (1 - l) + 1/w).
    """
    if day == 14:
        return
    near, far = LIKENESS[0.5], LIKENESS[1.0]
    a_b, b_a, b_c, c_b = h["trust"][[A_TO_B, B_TO_A, B_TO_C, C_TO_B]]
    paths = {
        A: [(B, 0.9 * a_b, near), (C, 0.81 * a_b * b_c, far)],
        B: [(A, 0.9 * b_a, near), (C, 0.9 * b_c, near)],
        C: [(A, 0.81 * c_b * b_a, far), (B, 0.9 * c_b, near)],
    }
    told_mean, told_weight = h["told_mean"][:, 1], h["told_weight"][:, 1]
    for p, heard in paths.items():
        precision = [clarity / (0.02 * (1.0 - like) + 1.0 / told_weight[q]) for q, clarity, like in heard]
        like = sum(c * m for _, c, m in heard) / sum(c for _, c, _ in heard)
        prior = 0.02 + 0.02 * like
        certain = 1.0 / prior + sum(precision)
        pooled = sum(w * told_mean[q] for w, (q, _, _) in zip(precision, heard, strict=True)) / certain
        unsure = 0.02 * (1.0 - like) + 1.0 / certain
        total = 1.0 / unsure + told_weight[p]
        h["belief_mean"][p] = (pooled / unsure + told_mean[p] * told_weight[p]) / total
        h["belief_variance"][p] = 1.0 / total


def relate(h: Hand, day: int) -> None:
    """A week at .01 a day: 7% of the way to full trust, 14% for who was helped; an override costs B 4%."""
    if day == 14:
        return
    trust = h["trust"]
    trust[[UP_A, UP_B, UP_C]] += 0.07 * (1.0 - trust[[UP_A, UP_B, UP_C]])
    trust[UP_B] *= 0.96
    trust[[A_TO_B, C_TO_B]] += 0.07 * (1.0 - trust[[A_TO_B, C_TO_B]])
    trust[[B_TO_A, B_TO_C]] += 0.14 * (1.0 - trust[[B_TO_A, B_TO_C]])
    short = h["short"].sum(axis=1)
    pressed = 0.05 * short / (short + STAFF.sum(axis=1))
    morale = h["morale"] + 7.0 / 60.0 * (0.7 - h["morale"])
    h["morale"] = morale * (1.0 - 7.0 * pressed - 0.02 * h["overrides_this_week"])
    h["overrides_this_week"][:] = 0.0
    grown = h["language"] + 0.056 * (1.0 - h["language"])
    h["language"] = grown - 0.014 * (grown - 0.4)
    unmet = h["lapsed_this_week"] / h["need_this_week"]
    others = np.array([0.0, 0.5, 1.0])  # share of neighbours under other rules: C is restricted, A and B are not
    odds = math.log(4.0) - 4.0 * unmet + 0.8 * math.exp(-3.0 / 60.0) - 0.5 * others
    h["confidence"] = 1.0 / (1.0 + np.exp(-odds))
    h["takeup"], h["effort"] = 0.5 + 0.5 * h["confidence"], 0.5 * h["confidence"]
    h["lapsed_this_week"][:], h["need_this_week"][:] = 0.0, 0.0


def record(h: Hand, day: int) -> None:
    harm = (HARM * (h["open_cases"] + 10.0 * h["lapsed"])).sum(axis=1)
    h["total_harm"] += harm
    h["total_served"] += h["served"]
    h["total_lapsed"] += h["lapsed"]
    h["total_deaths"] += h["deaths_today"]
    h["total_restricted"] += h["restricted"] * PEOPLE
    at_desk, (approach, trial) = truth()[:, DESK_SERVICE], ways(h)
    used = np.take_along_axis(at_desk, approach[..., None], axis=2)[..., 0]
    tried = np.take_along_axis(at_desk, np.maximum(trial, 0)[..., None], axis=2)[..., 0]
    gap = at_desk.max(axis=2) - np.where(trial >= 0, 0.9 * used + 0.1 * tried, used)
    a_b, b_a, b_c, c_b = h["trust"][[A_TO_B, B_TO_A, B_TO_C, C_TO_B]]
    trust = (h["trust"][UP_A] + a_b) / 2.0 + (h["trust"][UP_B] + b_a + b_c) / 3.0 + (h["trust"][UP_C] + c_b) / 2.0
    row = [harm, h["open_cases"], h["new_need"], h["served"], h["lapsed"], h["new_cases"], h["deaths_today"]]
    row += [h["restricted"] * PEOPLE, gap * DESK_SHARE, (gap <= 0.05) * DESK_SHARE, h["total_idle"], h["total_missing"]]
    h["series"] = [float(np.sum(part)) for part in row] + [
        trust,
        h["language"].sum(),
        h["confidence"].sum(),
        h["morale"].sum(),
        0.0,  # what works has not shifted
        error_of_belief(h) if day == 13 else 0.0,  # day 13 is a day of report
    ]
    assert len(h["series"]) == len(ROWS)
    assert day in (13, 14)


def error_of_belief(h: Hand) -> float:
    off = np.abs(h["belief_mean"] - truth()).mean(axis=2)[:, DESK_SERVICE]
    return float((off * DESK_SHARE).sum())


BY_HAND = (strike, report, decide, deliver, learn, share, relate, record)


# ---- the test ----


@pytest.mark.coverage_subset
def test_the_world_is_the_one_described(monkeypatch):
    made = setup(monkeypatch)
    land, table = made.land, made.stretches[0].table
    assert made.country.names == ("Ayton", "Beeton", "Ceaton")
    assert made.country.x.tolist() == [0.0, 0.5, 1.0]
    assert land.staff == pytest.approx(STAFF, rel=1e-14)
    assert land.need == pytest.approx(ORDINARY, rel=1e-14)
    assert land.reserve.tolist() == [10.0, 20.0, 10.0]
    assert land.desk_service.tolist() == DESK_SERVICE.tolist()
    assert land.desk_share == pytest.approx(np.tile(DESK_SHARE, (PLACES, 1)), rel=1e-14)
    assert land.desk_is_lead.tolist() == LEADS.tolist()
    assert land.desk_is_vcs.tolist() == VOLUNTARY.tolist()
    assert table.coordination == pytest.approx(COORDINATION, rel=1e-14)
    assert table.analysis == pytest.approx(0.01, rel=1e-14)
    assert made.sizes["slot"] == SLOTS
    assert made.relations.of == {(A, B): A_TO_B, (B, A): B_TO_A, (B, C): B_TO_C, (C, B): C_TO_B}
    assert tuple(function.__name__ for function in BY_HAND) == PHASES


@pytest.mark.coverage_subset
@pytest.mark.parametrize("engine", ["fast", "mesa"])
def test_two_days_by_hand(engine, monkeypatch):
    made, hand = setup(monkeypatch), eve()
    start = Snapshot(13, (SEED,), (eve(),), np.zeros((13, len(ROWS), 1)))
    run: Any = Block(made, [SEED], crisis()) if engine == "fast" else GovernanceModel(made, SEED, crisis())
    run.restore(start)
    for day in (13, 14):
        for number, phase in enumerate(BY_HAND):
            run.run_phase(number)
            phase(hand, day)
            found = one_world(run.state, 0) if engine == "fast" else run.columns()
            for column in COLUMNS:
                expected = pytest.approx(hand[column.name], rel=1e-12, abs=1e-12)
                assert found[column.name] == expected, f"{column.name} after {phase.__name__} on day {day}"
        row = run.series[day, :, 0] if engine == "fast" else run.series[day]
        assert row == pytest.approx(hand["series"], rel=1e-12, abs=1e-12)


@pytest.mark.coverage_subset
def test_the_numbers_above(monkeypatch):
    """What the docstring works out for Ayton's outbreak control, figure by figure."""
    run = Block(setup(monkeypatch), [SEED], crisis()).restore(
        Snapshot(13, (SEED,), (eve(),), np.zeros((13, len(ROWS), 1)))
    )
    s = run.state

    def after(phase: str, **expected: float) -> None:
        run.run_phase(PHASES.index(phase))
        for name, value in expected.items():
            array = getattr(s, name)
            found = array[A, ..., 0] if array.ndim == 2 else array[A, OUTBREAK, 0]
            assert float(found) == pytest.approx(value, abs=6e-4), name

    after("strike", susceptible=96_700 - 106.662, new_cases=118.041, infectious=527.406, open_cases=81.290)
    assert s.new_need[A, OUTBREAK, 0] == pytest.approx(69.290, abs=6e-4)
    after("report")
    assert s.told_rate[A, 1, 0] == pytest.approx(143.608, abs=6e-4)
    assert s.told_weight[A, 1, OUTBREAK, 0, 0] == pytest.approx(48.682, abs=6e-4)
    assert s.told_mean[A, 1, OUTBREAK, 0, 0] == pytest.approx(-0.0209, abs=6e-5)
    after("decide", approach_due=18, approach_next=2, moved_in_next=9.0, aid_out=4.5)
    after("deliver", served=16.251, lapsed=6.504, open_cases=58.535, training_owed=0.0, total_training=1.0)
    assert s.served_by[A, 0] == pytest.approx(11.376, abs=6e-4)
    after("learn")
    seen = -0.09 + draw(A, 13, 0, Purpose.OBSERVATION, 0) / math.sqrt(2.6002)
    assert s.weight[A, 0, 0] == pytest.approx(22.520, abs=6e-4)
    assert s.mean[A, 0, 0] == pytest.approx(-0.02 + (seen + 0.02) * 2.6002 / 22.5205, abs=6e-5)
    after("share")
    after("relate", language=0.5262)
    assert s.trust[[UP_A, A_TO_B, B_TO_A], 0] == pytest.approx([0.535, 0.628, 0.742], abs=1e-12)
