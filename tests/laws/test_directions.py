"""Limits and directions: each lever moves what it should, the way it should, from its lowest value to its highest.

Each row runs a small world at three values of one setting, eight seeds paired, and asks of some outcomes whether they
rise or fall: "each" in every seed, "mean" on average over the seeds. What a row claims is a direction, never a size.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.fast.engine import Block
from sim.governance.setup import prepare
from sim.series import ROWS
from sim.state import BY_NAME
from sim.world.files import load_scenario
from tests.laws import worlds

SEEDS = list(range(8))
EPIDEMIC = worlds.changed(load_scenario("small_outbreak"), days=112)
PRESSURE = worlds.changed(
    load_scenario("synthetic_pressure"),
    days=112,
    country={"places": 16, "regions": 4},
    load={"spill": 0.01, "cascade": 0.02},
)
DOUBT = worlds.changed(PRESSURE, culture={"rally": 0.0, "confidence_results": 20.0})
SCARCE = worlds.changed(PRESSURE, supplies={"world_supply": 0.8, "stock_days": 14.0, "pipeline_days": 14})
AMPLE = worlds.changed(PRESSURE, supplies={"world_supply": 10.0})
PAID = worlds.changed(PRESSURE, commissioning={"first_day": 0})
SCENARIOS = {"paid": PAID, "scarce": SCARCE, "ample": AMPLE, "epidemic": EPIDEMIC, "pressure": PRESSURE, "doubt": DOUBT}


class Lever(NamedTuple):
    """One setting and what it moves.

    Parameters
    ----------
    scenario, structure
        Names of what is run.
    path
        The setting: its groups and its name. Powers, channels and trials are the structure's.
    values
        Three values, in order.
    each, mean
        Outcomes that rise or fall in every seed, and on average: "harm up, trust down".
    """

    scenario: str
    structure: str
    path: str
    values: tuple[Any, Any, Any]
    each: str = ""
    mean: str = ""

    def claims(self, words: str) -> dict[str, float]:
        """Return outcomes with the sign of the way they go."""
        pairs = [claim.split() for claim in words.split(", ") if claim]
        return {name: {"up": 1.0, "down": -1.0}[way] for name, way in pairs}


def levers(scenario: str, structure: str, *rows: tuple[Any, ...]) -> list[Lever]:
    """Return levers that are tried on one scenario and structure."""
    return [Lever(scenario, structure, *row) for row in rows]


LEVERS: tuple[Lever, ...] = (
    # learning
    *levers("pressure", "mesh",
        ("culture.candour", (0.05, 0.5, 1.0), "weight up, regret down", "harm down"),
        ("trial.share", (0.0, 0.05, 0.3), "weight up, unsure down"),
        ("channels.partnership.clarity", (0.0, 0.5, 1.0), "language up, coordination up", "unsure down"),
        ("channels.peer.degree", (0, 2, 8), "coordination up, unsure down"),
        ("channels.peer.clarity", (0.0, 0.5, 1.0), "", "unsure down"),
        ("channels.peer.delay_days", (0, 7, 35), "", "regret up"),
        ("channels.open.coverage", (0.0, 0.3, 1.0), "", "unsure down"),
    ),
    *levers("pressure", "command",
        ("culture.candour", (0.05, 0.5, 1.0), "weight up", "regret down, harm down"),
    ),
    *levers("pressure", "silos",
        ("evidence.result_noise", (0.1, 0.6, 3.0), "weight down, unsure up, regret up", "harm up"),
        ("evidence.lead_noise", (0.1, 1.0, 5.0), "unsure up", "regret up, harm up"),
    ),
    *levers("pressure", "networked_centre",
        ("channels.reporting.clarity", (0.0, 0.5, 1.0), "", "unsure down"),
    ),
    # trust and language
    *levers("pressure", "mesh",
        ("culture.trust_start", (0.0, 0.4, 1.0), "trust up, unsure down", "harm down"),
        ("culture.trust_growth", (0.0, 0.005, 0.05), "trust up, unsure down", "harm down"),
        ("culture.language_growth", (0.0, 0.005, 0.05), "language up, unsure down", "wait down, regret down"),
        ("culture.language_fade", (0.0, 0.01, 0.2), "language down"),
    ),
    *levers("pressure", "brisk_command",
        ("culture.trust_loss_ratio", (0.0, 4.0, 20.0), "", "trust down"),
    ),
    # delay and attention
    *levers("pressure", "brisk_command",
        ("channels.reporting.delay_days", (0, 14, 42), "age up", "regret up, harm up"),
    ),
    *levers("pressure", "networked_centre",
        ("channels.reporting.delay_days", (0, 14, 42), "age up, regret up, harm up"),
    ),
    *levers("pressure", "silos",
        ("powers.approach.approval_days", (0.0, 14.0, 60.0), "wait up, regret up", "harm up"),
        ("powers.approach.reversal_cost", (0.0, 0.05, 1.0), "decisions down, u_turns down, training down"),
        ("powers.approach.analyst_share", (0.0, 0.0005, 0.002), "decisions up", "regret down, harm down"),
        ("evidence.item_cost_days", (0.2, 1.0, 100.0), "decisions down", "regret up"),
    ),
    *levers("pressure", "mesh",
        ("costs.negotiation_days", (0.0, 28.0, 100.0), "wait up, regret up", "harm up"),
    ),
    # resources
    *levers("pressure", "networked_centre",
        ("load.reserve_share", (0.0, 0.1, 0.3), "harm down"),
        ("channels.reporting.granularity", ("nation", "region", "place"), "", "harm down"),
    ),
    *levers("epidemic", "silos",
        ("friction.movable", (0.0, 0.1, 0.25), "lost up", "lapsed down, harm down"),
        ("friction.skill_elsewhere", (0.0, 0.6, 1.0), "", "lapsed down, harm down"),
    ),
    *levers("pressure", "mesh",
        ("friction.aid_loss", (0.0, 0.2, 0.9), "lost up", "harm up"),
        ("friction.aid_cap", (0.0, 0.15, 0.5), "lost up", "harm down"),
        ("friction.aid_margin", (0.0, 0.05, 1.0), "lost down"),
        ("costs.tie", (0.0, 0.003, 0.03), "coordination up, harm up"),
        ("load.absence", (0.0, 0.04, 0.3), "absent up, harm up, served down"),
        ("load.training_days", (0.0, 1.0, 10.0), "training up, harm up"),
        ("load.unfamiliarity", (0.0, 0.2, 0.8), "harm up"),
        ("approaches.interoperability", (0.0, 0.05, 0.5), "harm down"),
    ),
    # need and take-up
    *levers("pressure", "mesh",
        ("pressure.load", (0.7, 1.05, 1.5), "need up, harm up"),
        ("load.spill", (0.0, 0.01, 0.02), "need up, harm up"),
        ("load.cascade", (0.0, 0.01, 0.03), "need up, harm up"),
        ("load.lapse_case_days", (0.0, 10.0, 100.0), "harm up"),
        ("culture.confidence_results", (0.0, 4.0, 20.0), "confidence down, harm up"),
        ("culture.rally", (0.0, 0.8, 3.0), "harm down"),
    ),
    # where residents doubt, they come forward less and help less than in ordinary times
    *levers("doubt", "mesh",
        ("load.vcs_reach", (0.0, 0.5, 1.0), "harm down"),
        ("culture.takeup_floor", (0.0, 0.5, 1.0), "harm down, served up"),
        ("culture.effort", (0.0, 0.5, 2.0), "harm up"),
        ("culture.effort_worth", (0.0, 0.5, 2.0), "harm up"),
    ),
    # supplies
    *levers("scarce", "silos",
        ("supplies.world_supply", (0.3, 0.8, 3.0), "missing down, price down, harm down"),
        ("supplies.stock_days", (0.0, 14.0, 90.0), "missing down, harm down"),
        ("supplies.pipeline_days", (0, 14, 60), "missing down, harm down"),
        ("supplies.price_gbp", (0.0, 5.0, 50.0), "price up, paid up"),
        ("supplies.price_exponent", (0.0, 0.5, 2.0), "price up, paid up"),
        ("supplies.bidding", (0.0, 1.0, 5.0), "price up"),
        ("supplies.shelf_days", (30.0, 365.0, 10_000.0), "perished down", "missing down"),
        ("supplies.connected", (0.0, 0.125, 1.0), "", "gap down"),
        ("services.clinical_care.items_per_case", (0.5, 1.0, 3.0), "missing up, harm up"),
    ),
    *levers("ample", "command",
        ("supplies.bulk_discount", (0.0, 0.15, 0.5), "price down, paid down"),
        ("supplies.bulk_lead_days", (7, 60, 120), "", "missing up, harm up"),
    ),
    *levers("ample", "silos",
        ("supplies.local_lead_days", (1, 7, 60), "", "missing up, harm up"),
        ("supplies.service_level", (0.3, 0.9, 0.999), "missing down, bought up, perished up"),
        ("supplies.forecast_log_sd", (0.0, 0.25, 1.0), "bought up, perished up"),
    ),
    # paid help
    *levers("paid", "silos",
        ("commissioning.budget_gbp_per_head", (0.0, 10.0, 40.0), "help up, help_paid up, served up", "harm down"),
        ("commissioning.first_day", (0, 40, 90), "help_paid down", "harm up"),
        ("commissioning.independent.price", (0.5, 1.0, 3.0), "help down", "harm up"),
        ("commissioning.independent.bidders", (1, 3, 30), "help up"),
        ("commissioning.independent.fit", (0.0, 0.5, 1.0), "worth up, lost down", "harm down"),
        ("commissioning.independent.start_days", (0, 28, 90), "help_paid down", "harm up"),
        ("commissioning.independent.shading", (0.0, 0.3, 1.0), "worth down, lost up", "harm up"),
        ("commissioning.independent.learning_kept", (0.0, 0.5, 1.0), "", "weight up"),
        ("services.social_care.measurable", (0.0, 0.5, 1.0), "", "worth up"),
    ),
    *levers("paid", "command",
        ("commissioning.outsourcer.bidders", (1, 4, 30), "", "help up"),
        ("commissioning.bid_log_sd", (0.0, 0.2, 0.6), "", "help up"),  # of four bids the cheapest is taken
    ),
    # the epidemic
    *levers("epidemic", "silos",
        ("restriction.effect", (0.0, 0.4, 0.9), "infected down, deaths down"),
        ("restriction.threshold", (10.0, 100.0, 10_000.0), "infected up, restricted down"),
        ("restriction.hold_days", (0, 21, 90), "restricted up", "infected down"),
        ("restriction.support_gbp", (0.0, 10.0, 100.0), "support up", "infected down, deaths down"),
        ("epidemic.control_effect", (0.0, 0.3, 0.8), "infected down, deaths down"),
        ("epidemic.ascertainment", (0.02, 0.2, 1.0), "infected down, restricted up"),
        ("epidemic.report_delay_days", (0, 7, 21), "infected up"),
        ("epidemic.caution", (0.0, 200.0, 2000.0), "infected down"),
        ("epidemic.reproduction_number", (0.0, 2.5, 4.0), "infected up", "harm up"),
        ("epidemic.imports_per_million", (0.0, 1.0, 20.0), "infected up", "harm up"),
        ("epidemic.fatality", (0.0, 0.009, 0.02), "deaths up"),
        ("epidemic.fatality_unmet", (0.0, 1.0, 5.0), "deaths up"),
        ("load.absence_per_prevalence", (0.0, 1.5, 10.0), "absent up", "harm up"),
        ("culture.confidence_rules", (0.0, 0.5, 5.0), "", "confidence down"),
    ),
    *levers("epidemic", "command",
        ("epidemic.ascertainment", (0.02, 0.2, 1.0), "infected down, restricted up"),
    ),
)  # fmt: skip

Measure = Callable[[Block], NDArray[np.float64]]


def _total(name: str) -> Measure:
    axes = tuple(range(1 + len(BY_NAME[name].axes)))
    return lambda block: getattr(block.state, name).sum(axis=axes)


def _mean(name: str) -> Measure:
    axes = tuple(range(1 + len(BY_NAME[name].axes)))
    return lambda block: getattr(block.state, name).mean(axis=axes)


def _for_each_decision(name: str) -> Measure:
    return lambda block: getattr(block.state, name).sum(axis=0) / np.maximum(1.0, block.state.decisions.sum(axis=0))


def _sum(block: Block, name: str) -> NDArray[np.float64]:
    return _total(name)(block)


def _missing(block: Block) -> NDArray[np.float64]:
    """Return supplies that were missing, service by service."""
    return (block.state.total_supplies_wanted - block.state.total_supplies_used).sum(axis=0)


def _missing_share(block: Block, service: int) -> NDArray[np.float64]:
    return _missing(block)[service] / block.state.total_supplies_wanted.sum(axis=0)[service]


MEASURES: dict[str, Measure] = {
    **{name: _total(f"total_{name}") for name in ("harm", "need", "served", "lapsed", "deaths", "restricted")},
    **{name: _total(f"total_{name}") for name in ("absent", "coordination", "training", "lost", "support")},
    **{name: _total(name) for name in ("weight", "decisions", "u_turns")},
    **{name: _mean(name) for name in ("trust", "language", "confidence")},
    **{name: _total(f"total_{name}") for name in ("help", "help_paid")},
    "worth": _total("total_help_worth"),
    **{name: _total(f"total_{name}") for name in ("bought", "paid", "perished")},
    "price": lambda block: _sum(block, "total_paid") / np.maximum(1e-9, _sum(block, "total_bought")),
    "missing": lambda block: _missing(block).sum(axis=0),
    "gap": lambda block: _missing_share(block, 2) - _missing_share(block, 1),  # social care less clinical care
    "unsure": _mean("belief_variance"),
    "wait": _for_each_decision("decision_wait"),
    "age": _for_each_decision("decision_age"),
    "regret": lambda block: block.series[:, ROWS.index("regret")].mean(axis=0),
    "infected": lambda block: (block.setup.land.population[:, None] - block.state.susceptible).sum(axis=0),
}


def run(lever: Lever, value: Any) -> Block:
    """Run a lever's world with its setting at a value."""
    over = value
    for group in reversed(lever.path.split(".")):
        over = {group: over}
    scenario, structure = SCENARIOS[lever.scenario], worlds.structure(lever.structure)
    if lever.path.split(".")[0] in {"powers", "channels", "trial"}:
        structure = worlds.changed(structure, **over)
    else:
        scenario = worlds.changed(scenario, **over)
    return Block(prepare(scenario, structure), SEEDS).run()


@pytest.mark.parametrize("lever", LEVERS, ids=lambda lever: f"{lever.structure}-{lever.path.rpartition('.')[2]}")
def test_each_lever_moves_what_it_should(lever):
    blocks = [run(lever, value) for value in lever.values]
    each, mean = lever.claims(lever.each), lever.claims(lever.mean)
    for name, way in {**each, **mean}.items():
        found = np.array([MEASURES[name](block) for block in blocks]) * way
        if name in mean:
            found = found.mean(axis=1, keepdims=True)
        slack = 1e-9 * np.abs(found).max()
        assert (np.diff(found, axis=0) >= -slack).all(), f"{name}: {found * way}"
        assert (found[-1].mean() - found[0].mean()) > 10.0 * slack, f"{name} does not move: {found * way}"


def measured(lever: Lever, name: str) -> NDArray[np.float64]:
    return np.array([MEASURES[name](run(lever, value)) for value in lever.values])


def test_nothing_happens_at_the_ends():
    """The limits themselves: what a lever at 0 or 1 leaves."""
    by_path = {(lever.structure, lever.path): lever for lever in LEVERS}

    def at_low_end(structure: str, path: str, name: str) -> NDArray[np.float64]:
        lever = by_path[structure, path]
        return MEASURES[name](run(lever, lever.values[0]))

    def at_high_end(structure: str, path: str, name: str) -> NDArray[np.float64]:
        lever = by_path[structure, path]
        return MEASURES[name](run(lever, lever.values[-1]))

    for found in (
        at_high_end("silos", "powers.approach.reversal_cost", "decisions"),
        at_low_end("silos", "powers.approach.analyst_share", "decisions"),
        at_low_end("silos", "powers.approach.approval_days", "wait"),
        at_low_end("mesh", "load.training_days", "training"),
        at_low_end("silos", "friction.movable", "lost"),
        at_low_end("silos", "epidemic.imports_per_million", "infected"),
        at_low_end("silos", "epidemic.fatality", "deaths"),
        at_high_end("silos", "restriction.threshold", "restricted"),
    ):
        assert (found == 0.0).all()
    assert (at_high_end("mesh", "culture.trust_start", "trust") == 1.0).all()
    assert (at_low_end("mesh", "load.absence", "absent") == 0.0).all()


def test_harm_is_the_price_of_open_and_lapsed_cases():
    """Linear in the price of a lapsed case: what is charged for it, and nothing else, is the difference."""
    lever = Lever("pressure", "mesh", "load.lapse_case_days", (0.0, 10.0, 30.0))
    none, ten, thirty = measured(lever, "harm")
    assert thirty - none == pytest.approx(3.0 * (ten - none), rel=1e-9)
    weights = {"services": {name: {"harm_weight": 1.0} for name in SCENARIOS["pressure"].services}}
    block = Block(prepare(worlds.changed(PRESSURE, **weights), worlds.structure("mesh")), SEEDS).run()
    lapsed = block.state.total_lapsed.sum(axis=(0, 1))
    open_days = block.series[:, ROWS.index("open")].sum(axis=0)
    assert block.state.total_harm.sum(axis=0) == pytest.approx(open_days + 10.0 * lapsed, rel=1e-9)


def test_deaths_are_in_proportion_to_fatality():
    lever = Lever("epidemic", "silos", "epidemic.fatality", (0.002, 0.004, 0.008))
    low, middle, high = measured(lever, "deaths")
    assert middle == pytest.approx(2.0 * low, rel=1e-9)
    assert high == pytest.approx(4.0 * low, rel=1e-9)
