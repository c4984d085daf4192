"""Responders who join in under a forum's co-ordinating group, and the cost of footprints that do not match."""

import numpy as np
import pytest

from sim.agents import Responder
from sim.fast.engine import Block
from sim.governance.footprints import further_footprints
from sim.governance.holders import Holders
from sim.governance.setup import Setup, means_digest, prepare
from sim.governance.structure import POWERS, Structure
from sim.ledger import check_balance, staff_days_by_use
from sim.model import GovernanceModel
from sim.state import one_world
from sim.world.country import build_country
from sim.world.files import load_scenario
from sim.world.land import RESPONDERS
from sim.world.places import PlaceRow
from sim.world.scenario import SERVICES, Scenario
from tests.conformance.side_by_side import run_side_by_side
from tests.laws import worlds

SEEDS = list(range(8))
PRESSED = worlds.changed(
    load_scenario("synthetic_pressure"), days=84, country={"places": 16, "regions": 4}, pressure={"load": 1.2}
)
SHARES = (0.0, 0.05, 0.2)


def with_responders(share: float, crisis: Scenario = PRESSED) -> Scenario:
    return worlds.changed(crisis, load={"responder_share": share})


def standing(days: int | None, name: str = "mesh") -> Structure:
    return worlds.structure(name, emergency={"stand_up_days": days})


def harm(crisis: Scenario, structure: Structure) -> np.ndarray:
    """Return the harm of each crisis."""
    return Block(prepare(crisis, structure), SEEDS).run().state.total_harm.reshape(-1, len(SEEDS)).sum(axis=0)


def test_the_more_responders_join_the_less_harm():
    none, few, many = (harm(with_responders(share), standing(0)) for share in SHARES)
    assert (few < none).all()
    assert (many < few).all()


def test_the_later_the_group_stands_up_the_more_harm():
    soon, late, never = (harm(with_responders(0.2), standing(days)) for days in (0, 35, None))
    assert (soon < late).all()
    assert (late < never).all()
    assert never.tobytes() == harm(with_responders(0.0), standing(0)).tobytes()


@pytest.mark.parametrize("days", [None, 0, 5])
def test_their_days_are_accounted_for_and_all_structures_have_the_same(days):
    setup = prepare(with_responders(0.2), standing(days))
    world = one_world(Block(setup, [3]).run().state, 0)
    check_balance(setup, world, PRESSED.days)
    responders, busy = float(setup.land.responders.sum()), staff_days_by_use(world)["own_duties"]
    begins = PRESSED.days if days is None else int(setup.stretches[0].table.par.crisis_day) + days
    assert busy == pytest.approx(responders * begins, rel=1e-9)
    assert means_digest(setup) == means_digest(prepare(with_responders(0.2), standing(None)))
    assert means_digest(setup) != means_digest(prepare(with_responders(0.1), standing(days)))


@pytest.mark.coverage_subset
def test_each_kind_is_an_agent_under_its_forum():
    crisis = with_responders(0.1, worlds.scenario(days=12, epidemic={"first_day": 2}))
    model = GovernanceModel(prepare(crisis, standing(0)), 1)
    forums = model.setup.country.areas["forum"].names
    responders = [agent for agent in model.agents if isinstance(agent, Responder)]
    assert len(responders) == len(RESPONDERS) * len(forums)
    assert {responder.name for responder in responders} >= {f"{forum}, police" for forum in forums}
    council = model.cast.councils[0]
    land = model.setup.land
    assert sum(council.responder_staff) == pytest.approx(0.1 * land.thousand[0])
    helped = [council.responders_in(k) for k in range(len(SERVICES))]
    begins = int(model.table.par.crisis_day)
    assert begins > 0
    assert helped == [0.0] * 5
    model.run(begins)
    helped = [council.responders_in(k) for k in range(len(SERVICES))]
    each = 0.1 * land.thousand[0] / len(RESPONDERS)
    assert helped == pytest.approx([2.0 * each, 0.0, 0.0, 3.0 * each, 0.0])  # two kinds trace, three feed
    plain = GovernanceModel(prepare(worlds.scenario(days=3), standing(0)), 1)
    assert not any(isinstance(agent, Responder) for agent in plain.agents)


@pytest.mark.parametrize("days", [None, 0, 9])
def test_both_engines_agree(days):
    crisis = with_responders(0.15, worlds.scenario(days=20))
    run_side_by_side(prepare(crisis, standing(days)), [1, 4], every_phase=days == 9)


# --- footprints ------------------------------------------------------------------------------------------


def three_places(patch: pytest.MonkeyPatch, structure: Structure, **over: object) -> Setup:
    """Return three places. A and B share a forum; B and C a health system; C alone has a regional body."""
    rows = []
    for n, name in enumerate("ABC"):
        areas = {"nation": "N", "statistical_region": "S"}
        areas |= {"forum": "F"} if name in "AB" else {}
        areas |= {"health_system": "H"} if name in "BC" else {}
        areas |= {"region": "R"} if name in "BC" else {}
        rows.append(PlaceRow(name, name, 1000.0, 1.0, 1.0, 0.1, float(n), 0.0, areas))
    country = build_country("N", rows, [("A", "B"), ("B", "C")])
    patch.setattr("sim.governance.setup.load_country", lambda _: country)
    return prepare(worlds.scenario(days=5, **over), structure)


def powers_of(**holders: str) -> Structure:
    usual = {name: {"holder": "place", "scope": None, "fallback": "place"} for name in POWERS}
    return worlds.structure("mesh", powers={name: {**usual[name], "holder": held} for name, held in
                                            {**dict.fromkeys(POWERS, "place"), **holders}.items()})  # fmt: skip


@pytest.mark.coverage_subset
@pytest.mark.parametrize(
    ("holders", "further"),
    [
        ({}, {"A": 0, "B": 0, "C": 0}),  # places alone
        ({"reserve": "forum"}, {"A": 0, "B": 0, "C": 0}),  # one footprint at most
        ({"reserve": "forum", "restriction": "health_system"}, {"A": 0, "B": 1, "C": 0}),
        ({"reserve": "region", "restriction": "health_system"}, {"A": 0, "B": 0, "C": 0}),  # the same borders
        ({"reserve": "forum", "restriction": "region", "workforce": "nation"}, {"A": 1, "B": 2, "C": 1}),
    ],
)
def test_footprints_by_hand(holders, further, monkeypatch):
    structure = powers_of(**holders)
    setup = three_places(monkeypatch, structure, costs={"footprint": 0.01})
    found = further_footprints(Holders(setup.country, setup.scenario, structure), list(holders))
    assert dict(zip(setup.country.names, found, strict=True)) == further
    free = three_places(monkeypatch, structure)
    more = setup.stretches[0].table.coordination - free.stretches[0].table.coordination
    assert dict(zip(setup.country.names, more.tolist(), strict=True)) == pytest.approx(
        {name: 0.01 * count for name, count in further.items()}
    )


def test_the_dearer_a_footprint_the_more_time_and_harm_it_costs():
    cheap, dear, dearest = (worlds.changed(PRESSED, costs={"footprint": price}) for price in (0.0, 0.02, 0.08))
    crossing = worlds.structure("mesh", powers={"workforce": {"holder": "health_system"}})
    found = [harm(crisis, crossing) for crisis in (cheap, dear, dearest)]
    assert (found[0] < found[1]).all()
    assert (found[1] < found[2]).all()
    unmoved = [harm(crisis, worlds.structure("silos")) for crisis in (cheap, dearest)]
    assert unmoved[0].tobytes() == unmoved[1].tobytes()  # nobody above decides: there is no footprint to straddle
