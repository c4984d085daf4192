"""The main model's own parts obey the closed forms in the limits where they apply.

A limit is reached by settings of a scenario and a structure where there are some, and else by setting a block's state
or table. What the model has no part for (many hands that merge sums, customers in a queue, a commons, a rumour) is
listed in docs/known_answers.md.
"""

from dataclasses import replace
from math import exp, log, sqrt

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import norm

from sim.fast.engine import Block
from sim.governance.setup import prepare
from sim.governance.structure import (
    ApproachPower,
    Channels,
    CommissioningPower,
    EvidenceRule,
    Peer,
    Powers,
    ProcurementPower,
    Reporting,
    ReservePower,
    RestrictionPower,
    Structure,
    WorkforcePower,
)
from sim.known_answers import g2_delay, g7_provision, g8_pooling, g9_screening, g10_spread, graphs
from sim.known_answers.case import ERRORS_ALLOWED, generator, mean_and_error, share_and_error
from sim.phases import PHASES
from sim.rules.choice import imagined, items_this_round, newest_report, report_day, worth_changing
from sim.rules.delivery import first_offer, productivity, second_offer
from sim.rules.evidence import own_mean, pooled_mean, pooled_variance, weight_of_message
from sim.rules.resources import seen_weight, share_of
from sim.world.crises import Epidemic
from sim.world.scenario import CountrySettings, EvidenceSettings, RestrictionSettings, Scenario

DECIDE, SHARE = PHASES.index("decide"), PHASES.index("share")
DAY = 28  # a day on which weekly powers decide, with reports of four weeks behind it
SERVICE = 1  # the service whose need is looked at
SEED = 1


def country(places):
    return CountrySettings(kind="synthetic", places=places, regions=1)


def scenario(places, days=35, **more):
    return Scenario(name="limit", title="A limit", days=days, country=country(places), **more)


def structure(reserve="place", approach="place", peer=None, rule="seen_need"):
    """Return a structure without delays or hesitation, whose deciders have time for everything."""
    plain = {"reversal_cost": 0.0, "analyst_share": 0.1}
    return Structure(
        name="limit",
        title="A limit",
        powers=Powers(
            approach=ApproachPower(holder=approach, **plain),
            reserve=ReservePower(holder=reserve, rule=rule, **plain),
            workforce=WorkforcePower(holder="place", **plain),
            restriction=RestrictionPower(holder="place", **plain),
            procurement=ProcurementPower(holder="place", **plain),
            commissioning=CommissioningPower(holder="place", **plain),
        ),
        channels=Channels(reporting=Reporting(delay_days=0, granularity="place"), peer=peer or Peer()),
        evidence=EvidenceRule(data_holder="open"),
    )


def block_of(a_scenario, a_structure, worlds):
    block = Block(prepare(a_scenario, a_structure), list(range(worlds)))
    block.day = DAY
    return block


# --- G8: pooling -------------------------------------------------------------------------------------------------


def reserve_costs(holder, demand, stock, rule="seen_need"):
    """Return cost by world when a reserve is held and shared out by the model's own decide phase.

    Surge staff are all there is: a place needs ``demand`` of them, and has what the holder of the reserve gives it.
    """
    places, worlds = demand.shape
    block = block_of(scenario(places), structure(reserve=holder, rule=rule), worlds)
    state = block.state
    state.open_cases[:] = 0.0
    state.open_cases[:, SERVICE, :] = 1000.0 * demand  # cases, many beside the little that each head counts for
    state.told_need[:] = state.open_cases[:, None]
    state.reserve[:] = 0.0
    state.reserve[:, SERVICE, :] = stock / places
    block.run_phase(DECIDE)
    got = state.reserve_next[:, SERVICE, :]
    return (np.maximum(got - demand, 0.0) + 9.0 * np.maximum(demand - got, 0.0)).sum(axis=0)


@pytest.mark.parametrize(("places", "correlation"), [(4, 0.0), (9, 0.0), (9, 0.25), (9, 1.0)])
def test_a_reserve_held_by_the_nation_saves_what_eppen_says(places, correlation):
    worlds, mean, sd = 600, 100.0, 5.0
    draws = generator(SEED, 100)
    common, own = draws.standard_normal(worlds), draws.standard_normal((places, worlds))
    demand = mean + sd * (sqrt(correlation) * common + sqrt(1.0 - correlation) * own)
    z = g8_pooling.critical_quantile(1.0, 9.0)
    of_sum = sd * sqrt(g8_pooling.common_correlation(places, correlation).sum())
    apart = reserve_costs("place", demand, places * (mean + z * sd))
    pooled = reserve_costs("nation", demand, places * mean + z * of_sum)
    ratio, error = g8_pooling.ratio_of_means(apart, pooled)
    expected = g8_pooling.cost_ratio(g8_pooling.common_correlation(places, correlation))
    assert abs(ratio - expected) < ERRORS_ALLOWED * error + 1e-4  # a head counts for a little beside need


def test_a_reserve_shared_out_by_head_count_saves_nothing():
    # What saves is not that the nation holds it, but that it goes where the need is.
    demand = 100.0 + 5.0 * generator(SEED, 107).standard_normal((9, 200))
    stock = 9.0 * 106.0
    by_heads = reserve_costs("nation", demand, stock, rule="formula").mean()
    assert by_heads > reserve_costs("place", demand, stock).mean() > reserve_costs("nation", demand, stock).mean()


def test_the_rule_for_claims_gives_each_its_share_of_need():
    demand, pool = np.array([10.0, 30.0, 60.0]), 50.0
    claims = [seen_weight(1.0, 1.0, need, 0.0) for need in demand]
    got = [pool * share_of(claim, sum(claims)) for claim in claims]
    assert got == pytest.approx(demand / demand.sum() * pool)


def test_offering_twice_pools_the_desks_of_a_service():
    # What is offered in proportion and then once more is all that one queue before all desks could serve.
    draws = generator(SEED, 101)
    for cases, *limits in draws.uniform(0.0, 10.0, (200, 5)):
        share = 1.0 / len(limits)
        first = [first_offer(cases, share, limit) for limit in limits]
        left, room = cases - sum(first), sum(limits) - sum(first)
        second = [second_offer(left, limit - got, room) for limit, got in zip(limits, first, strict=True)]
        assert sum(first) + sum(second) == pytest.approx(min(cases, sum(limits)))
        assert all(a + b <= limit + 1e-9 for a, b, limit in zip(first, second, limits, strict=True))


# --- G10: agreement and delay ------------------------------------------------------------------------------------


def degroot_block(network, places):
    """Return a block in which all are alike, trust is full and fixed, and the prior weighs nothing."""
    setup = prepare(scenario(places), structure(peer=Peer(network=network, degree=4, delay_days=0)))
    stretch = setup.stretches[0]
    par = stretch.table.par._replace(spread_variance_local=0.0, spread_variance_common=1e12)
    table = stretch.table._replace(par=par, listen_likeness=np.ones_like(stretch.table.listen_likeness))
    block = Block(replace(setup, stretches=(replace(stretch, table=table),)), [SEED])
    block.state.trust[:] = 1.0
    block.day = DAY - 1  # the day of a weekly report
    return block


def share_once(block, beliefs):
    """Let every place be told the others' beliefs, all of the same weight, and return what it then believes."""
    block.state.told_mean[:] = beliefs[:, None, None, None, None]
    block.state.told_weight[:] = 1.0
    block.day = DAY - 1
    block.run_phase(SHARE)
    return block.state.belief_mean[:, SERVICE, 0, 0].copy()


@pytest.mark.parametrize("network", ["complete", "hub", "neighbours", "random"])
def test_sharing_evidence_under_fixed_trust_agrees_at_the_second_eigenvalue(network):
    places = 16
    block = degroot_block(network, places)
    graph = graphs.of_country(block.setup.country, Peer(network=network, degree=4))
    weights = g10_spread.equal_weights(graph)
    beliefs = generator(SEED, 102).standard_normal(places)
    assert share_once(block, beliefs) == pytest.approx(weights @ beliefs)
    rate = late_decay(block, beliefs, g10_spread.influence(weights))
    assert rate == pytest.approx(g10_spread.second_eigenvalue(weights), abs=1e-6)


def late_decay(block, beliefs, influence):
    """Return by how much the distance from the consensus shrinks in a late round of sharing."""
    rate = 0.0
    for _ in range(400):
        apart = beliefs - influence @ beliefs
        size = np.linalg.norm(apart)
        if size < 1e-9:
            return 0.0
        beliefs = share_once(block, apart / size)
        rate = np.linalg.norm(beliefs - influence @ beliefs)
    return rate


def test_the_consensus_of_shared_evidence_leans_on_the_hub():
    places = 16
    block = degroot_block("hub", places)
    hub = int(np.argmax(block.setup.country.population))
    beliefs = np.zeros(places)
    beliefs[hub] = 1.0
    for _ in range(60):
        beliefs = share_once(block, beliefs)
    assert beliefs == pytest.approx(np.full(places, 16.0 / 46.0), abs=1e-6)  # (d + 1) / sum (d + 1)


def test_clarity_and_the_prior_slow_agreement_down():
    # With messages that count for less than what is known at first hand, the second eigenvalue is larger.
    graph = graphs.cycle(12)
    told = weight_of_message(0.5, 1.0, 0.0)

    def heard(beliefs):
        near = told * (np.roll(beliefs, 1) + np.roll(beliefs, -1))
        prior, unsure = pooled_mean(near, 2.0 * told, 1e12), pooled_variance(2.0 * told, 1e12)
        return np.array([own_mean(p, unsure, b, 1.0) for p, b in zip(prior, beliefs, strict=True)])

    weights = np.array([heard(row) for row in np.eye(12)]).T
    assert weights.sum(axis=1) == pytest.approx(np.ones(12))
    slower, faster = (
        g10_spread.second_eigenvalue(weights),
        g10_spread.second_eigenvalue(g10_spread.equal_weights(graph)),
    )
    assert slower == pytest.approx((1.0 + 1.0 * np.cos(np.pi / 6.0)) / 2.0)
    assert slower > faster


@pytest.mark.parametrize(("items", "hands"), [(40, 1), (40, 2), (40, 8), (100, 25)])
def test_attention_gives_the_loading_part_of_radners_delay(items, hands):
    # A holder with `hands` items a round is through after N/P rounds; the model merges nothing, so no logarithm.
    rounds, done = 0, 0
    while done < items:
        done += items_this_round(float(hands), rounds)
        rounds += 1
    assert rounds == items // hands
    assert g10_spread.formula_delay(items, hands) == rounds + int(np.ceil(np.log2(hands)))


# --- G2: late news -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("delay_days", "coupling"), [(0, 0.0), (7, 0.0), (14, 1.0)])
def test_weekly_reports_cost_a_centre_what_team_theory_says_of_their_age(delay_days, coupling):
    # News of one day in seven is from delay to delay + 6 days old; the loss is the mean over these ages.
    setting = g2_delay.Setting(units=6, memory=0.97, coupling=coupling)
    theta = g2_delay.conditions(setting, 140_000, generator(SEED, 103))
    days = np.arange(200, len(theta))
    known = np.array([report_day(newest_report(int(day), delay_days)) for day in days])
    age = days - known
    assert set(age.tolist()) == set(range(delay_days, delay_days + 7))
    told = theta[known] * (setting.memory**age)[:, None]
    loss = g2_delay.loss(g2_delay.together(told, coupling), theta[days], coupling)
    value, error = mean_and_error([part.mean() for part in np.array_split(loss, 100)])
    expected = np.mean([g2_delay.central(setting, delay_days + late) for late in range(7)])
    assert abs(value - expected) < ERRORS_ALLOWED * error + g2_delay.TOLERANCE * expected


def test_pooling_evidence_loses_what_team_theory_says_of_news_as_good():
    # Where acting alike is worth nothing, news that explains a share q of the truth leaves a loss of 1 - q.
    draws, q, runs = generator(SEED, 104), 0.4, 50_000
    weight = q / (1.0 - q)
    truth = draws.standard_normal(runs)
    seen = truth + draws.standard_normal(runs) / sqrt(weight)
    value, error = mean_and_error((pooled_mean(weight * seen, weight, 1.0) - truth) ** 2)
    assert pooled_variance(weight, 1.0) == pytest.approx(1.0 - q)
    assert abs(value - (1.0 - q)) < ERRORS_ALLOWED * error


# --- G7: uniform or local ----------------------------------------------------------------------------------------


def chosen_gain(holder, effects):
    """Return the mean over people of the log productivity chosen by the model's decide phase, by world."""
    places, _, worlds = effects.shape
    block = block_of(
        scenario(places, evidence=EvidenceSettings(item_cost_days=0.01)), structure(approach=holder), worlds
    )
    state = block.state
    state.belief_mean[:, SERVICE] = effects
    state.belief_mean[:, [k for k in range(state.belief_mean.shape[1]) if k != SERVICE]] = 0.0
    state.open_cases[:] = 0.0
    state.open_cases[:, SERVICE] = 1000.0
    state.told_need[:] = state.open_cases[:, None]
    block.run_phase(DECIDE)
    due = state.approach_next[:, SERVICE, :]
    land = block.setup.land
    at_desks = state.approach.reshape(places, len(land.desk_service), worlds)  # all desks of a service start alike
    chosen = np.where(due < 0, at_desks[:, land.service_desk_start[SERVICE]], due)
    gained = np.take_along_axis(effects, chosen[:, None, :], axis=1)[:, 0, :]
    people = block.setup.land.population / block.setup.land.population.sum()
    return people @ gained, people


def test_without_spill_over_local_choice_gains_what_oates_says_uniform_choice_gives_up():
    # Effects are the sum of a common part and a local one. The best of A normals of sd s is s * E(A) on average:
    # places each get it at the full sd, one choice for all at the sd of the mean over people.
    places, approaches, worlds, common, local = 8, 6, 800, 0.5, 0.5
    draws = generator(SEED, 105)
    effects = sqrt(common) * draws.standard_normal((1, approaches, worlds))
    effects = effects + sqrt(local) * draws.standard_normal((places, approaches, worlds))
    points = np.linspace(-9.0, 9.0, 20_001)
    best = np.trapezoid(points * approaches * norm.pdf(points) * norm.cdf(points) ** (approaches - 1), points)
    each, people = chosen_gain("place", effects)
    one, _ = chosen_gain("nation", effects)
    for found, variance in ((each, common + local), (one, common + local * (people @ people))):
        value, error = mean_and_error(found)
        assert abs(value - best * sqrt(variance)) < ERRORS_ALLOWED * error
    assert (each >= one - 1e-12).all()


def test_a_gain_from_working_alike_turns_the_model_as_spill_over_turns_oates():
    # The model's own spill-over between places is interoperability: above a critical gain, one way for all is better.
    local_gain = 0.12  # log productivity that each gets from its own choice over the common one

    def uniform_less_local(gain):
        alone = productivity(exp(local_gain), 0.0, 0.0, 0.0, 0.0, gain)
        return productivity(1.0, 0.0, 0.0, 0.0, 1.0, gain) - alone

    critical = brentq(uniform_less_local, 0.0, 1.0)
    assert critical == pytest.approx(exp(local_gain) - 1.0)
    spill = g7_provision.critical_spill(g7_provision.TWO)
    assert g7_provision.welfare("local", g7_provision.TWO, g7_provision.between_two(spill - 0.01)) > -1.2275
    assert uniform_less_local(critical - 0.01) < 0.0 < uniform_less_local(critical + 0.01)


# --- G9: screening -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tree", [g9_screening.hierarchy(3), g9_screening.polyarchy(3), g9_screening.majority(3)])
@pytest.mark.parametrize("gain", [0.1, -0.05])
def test_deciders_of_the_model_in_a_tree_screen_as_sah_and_stiglitz_say(tree, gain):
    # Each decider draws from what it believes of a change and makes it if it is worth its cost.
    draws, runs, sd, cost = generator(SEED, 106), 20_000, 0.1, 0.02
    chance = float(norm.sf((cost - gain) / sd))
    votes = np.zeros(runs)
    for _ in tree.members:
        votes += [worth_changing(imagined(gain, sd * sd, z), 0.0, cost) for z in draws.standard_normal(runs)]
    share, error = share_and_error(int((votes >= tree.needed).sum()), runs)
    assert abs(share - g9_screening.passes(tree, {g9_screening.SCREENER: chance})) < ERRORS_ALLOWED * error


# --- G5: final size ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reproduction", [1.5, 2.0, 3.0])
def test_an_epidemic_left_alone_reaches_the_final_size(reproduction):
    infectious_days = 7.0
    epidemic = Epidemic(
        reproduction_number=reproduction,
        latent_days=0.5,
        infectious_days=infectious_days,
        first_day=0,
        import_days=1,
        imports_per_million=0.01,
        import_log_sd=0.0,
        neighbour_mixing=0.0,
        national_mixing=0.0,
        wobble_log_sd=0.0,
        caution=0.0,
        control_effect=0.0,
    )
    open_ = RestrictionSettings(threshold=100_000.0, preference_log_sd=0.0)
    block = Block(prepare(scenario(3, 700, epidemic=epidemic, restriction=open_), structure()), [SEED]).run()
    share = 1.0 - block.state.susceptible[:, 0] / block.setup.land.population
    # The model's daily step is set so that the number that is asked for is the one that acts.
    expected = brentq(lambda z: log(1.0 - z) + reproduction * z, 0.01, 1.0 - 1e-12)
    assert share == pytest.approx(np.full(3, expected), abs=1e-5)
    assert block.state.total_restricted.sum() == 0.0
