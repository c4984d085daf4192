"""The model as it is taught: who there is, how a day goes, and what agents of one's own may change."""

import gc
import random
import weakref
from collections import Counter

import mesa
import numpy as np
import pytest

from sim.agents import (
    CentralGovernment,
    Community,
    IntegratedCareSystem,
    LocalAuthority,
    NHSTeam,
    RegionalBody,
    ResilienceForum,
    SectorLead,
    VCSGroup,
)
from sim.governance.setup import Setup, prepare
from sim.model import GovernanceModel
from sim.phases import PHASES
from sim.state import COLUMNS, NAMES, dtype_of
from sim.world.files import load_scenario, load_structure


@pytest.fixture(scope="module")
def setups() -> dict[str, Setup]:
    scenario = load_scenario("small_outbreak").model_copy(update={"days": 60})
    return {name: prepare(scenario, load_structure(name)) for name in ("mesh", "command", "silos")}


def test_england_has_1612_organisations():
    setup = prepare(load_scenario("england_2020"), load_structure("mesh"))
    model = GovernanceModel(setup, 1)
    assert Counter(type(agent) for agent in model.agents) == {
        CentralGovernment: 1,
        RegionalBody: 11,
        ResilienceForum: 38,
        IntegratedCareSystem: 42,
        LocalAuthority: 152,
        NHSTeam: 304,
        VCSGroup: 304,
        SectorLead: 608,
        Community: 152,
    }
    assert len(model.agents) == 1612
    assert len({agent.unique_id for agent in model.agents}) == 1612
    assert len({repr(agent) for agent in model.agents}) == 1612


@pytest.mark.coverage_subset
def test_a_day_is_the_declared_phases_in_order(setups, monkeypatch):
    lived = []
    for name in PHASES:
        phase = getattr(GovernanceModel, name)
        monkeypatch.setattr(GovernanceModel, name, lambda self, n=name, p=phase: (lived.append((self.day, n)), p(self)))
    model = GovernanceModel(setups["mesh"], 1)
    model.step()
    model.step()
    assert lived == [(day, name) for day in (0, 1) for name in PHASES]
    assert model.day == 2


@pytest.mark.coverage_subset
def test_it_is_a_mesa_model_that_stops_by_itself():
    setup = prepare(load_scenario("small_outbreak").model_copy(update={"days": 3}), load_structure("silos"))
    model = GovernanceModel(setup, 1)
    assert isinstance(model, mesa.Model)
    assert model.running
    model.run_model()
    assert (model.day, model.running) == (3, False)
    assert model.run() is model
    assert model.day == 3


def test_running_by_steps_phases_or_at_once_is_the_same(setups):
    at_once, by_parts = GovernanceModel(setups["mesh"], 4).run(20), GovernanceModel(setups["mesh"], 4).run(6)
    for _ in range(7):
        by_parts.step()
    for _ in range(7):
        for phase in range(len(PHASES)):
            by_parts.run_phase(phase)
    for name, array in at_once.columns().items():
        assert array.tobytes() == by_parts.columns()[name].tobytes(), name
    assert at_once.series.tobytes() == by_parts.series.tobytes()


def test_columns_are_the_declared_arrays_in_order(setups):
    setup = setups["mesh"]
    columns = GovernanceModel(setup, 1).run(2).columns()
    assert tuple(columns) == NAMES
    for column in COLUMNS:
        expected = (setup.sizes[column.owner], *(setup.sizes[axis] for axis in column.axes))
        assert (columns[column.name].shape, columns[column.name].dtype) == (expected, dtype_of(column))


@pytest.mark.parametrize("name", ["mesh", "command"])
def test_no_number_of_numpy_is_left_in_an_attribute(setups, name):
    # It would be slower, and not always behave like a Python number.
    model = GovernanceModel(setups[name], 2).run(30)
    owners = [*model.agents, *model.cast.desks, *model.cast.relations]
    found = {
        (type(owner).__name__, attribute)
        for owner in owners
        for attribute, value in vars(owner).items()
        if attribute not in {"model", "pos"} and holds_numpy(value)
    }
    assert found == set()


def holds_numpy(value: object) -> bool:
    if isinstance(value, list):
        return any(holds_numpy(entry) for entry in value)
    return isinstance(value, np.generic | np.ndarray)


def test_mesas_and_global_random_numbers_are_left_alone(setups):
    model = GovernanceModel(setups["mesh"], 3)
    before = random_states(model)
    model.run(30)
    assert random_states(model) == before


def random_states(model: GovernanceModel) -> list[str]:
    legacy = np.random.get_state()  # noqa: NPY002 - to see that it is not used
    return [str(state) for state in (model.random.getstate(), model.rng.bit_generator.state, random.getstate(), legacy)]


def test_a_model_that_nobody_needs_is_let_go(setups):
    model = GovernanceModel(setups["silos"], 1).run(1)
    seen = weakref.ref(model)
    del model
    gc.collect()
    assert seen() is None


# ---- who decides, who hears whom ----


@pytest.mark.coverage_subset
def test_who_holds_nothing_has_no_remit(setups):
    for name, holder in (("command", CentralGovernment), ("silos", LocalAuthority)):
        model = GovernanceModel(setups[name], 1)
        for agent in model.cast.holders.values():
            assert bool(agent.remits) == isinstance(agent, holder)


@pytest.mark.coverage_subset
def test_organisations_know_their_place(setups):
    model = GovernanceModel(setups["mesh"], 1)
    council = model.cast.councils[0]
    assert council.community.council is council
    assert [type(organisation).__name__ for organisation in council.organisations] == [
        "LocalAuthority", "NHSTeam", "NHSTeam", "VCSGroup", "VCSGroup",
    ]  # fmt: skip
    assert [lead.sector if lead else None for lead in council.leads] == [
        "public_health", None, "care_homes", "social_care", "schools",
    ]  # fmt: skip
    assert sum(len(organisation.desks) for organisation in council.organisations) == 11
    assert all(council in neighbour.neighbours for neighbour in council.neighbours)
    assert all(tie.peer is not council for tie in council.ties)


def test_a_lead_gives_its_word_only_in_the_room(setups):
    here, away = GovernanceModel(setups["mesh"], 1), GovernanceModel(setups["silos"], 1)
    assert all(lead.word() > 0.0 for lead in here.cast.councils[0].leads if lead)
    assert [bool(lead.word()) for lead in away.cast.councils[0].leads if lead] == [True, False, False, False]


def test_voluntary_groups_reach_more_people(setups):
    model = GovernanceModel(setups["mesh"], 1)
    desks = model.cast.councils[0].serving[3]
    model.cast.councils[0].community.takeup = 0.5  # people hold back
    assert [type(desk.organisation).__name__ for desk in desks] == ["LocalAuthority", "VCSGroup"]
    for desk in desks:
        desk.organisation.train(desk, 10.0)
        desk.organisation.size_up(desk, 1.0)
        desk.limit /= model.cast.councils[0].effect[3][desk.approach]
    council, group = (desk.limit / desk.hours for desk in desks)
    assert group > council > 0.0


# ---- agents of one's own ----


class Strict(LocalAuthority):
    def choose_restriction(self, scope, rate):
        return 1.0 if scope.is_one_place() and rate >= 0.0 else super().choose_restriction(scope, rate)


class Stubborn(LocalAuthority):
    def choose_approach(self, scope, service):
        return min(0, scope.members[0].mandate[service] + 1)

    def choose_reserve(self, scope, seen):
        return [[float(seen[0][council] >= 0.0), 0.0, 0.0, 0.0, 0.0] for council in scope.members]

    def choose_workforce(self, council):
        none = [0.0 for _ in council.staff[1:]]
        return [*none, 1.0], [1.0, *none]


class Silent(SectorLead):
    def word(self):
        return 0.0


@pytest.mark.coverage_subset
def test_a_council_of_ones_own_restricts_as_it_will(setups):
    model = GovernanceModel(setups["silos"], 1, agents={LocalAuthority: Strict}).run(9)
    assert all(council.restricted == 1.0 for council in model.cast.councils)
    assert all(council.restricted == 0.0 for council in GovernanceModel(setups["silos"], 1).run(9).cast.councils)


def test_a_council_of_ones_own_may_choose_everything(setups):
    model = GovernanceModel(setups["silos"], 1, agents={LocalAuthority: Stubborn})
    surge = [sum(council.reserve) for council in model.cast.councils]
    model.run(30)
    for council, staff in zip(model.cast.councils, surge, strict=True):
        assert council.reserve == pytest.approx([staff, 0.0, 0.0, 0.0, 0.0])
        assert (council.moved_out, council.moved_in) == ([0.0, 0.0, 0.0, 0.0, 1.0], [1.0, 0.0, 0.0, 0.0, 0.0])
    assert {desk.approach for desk in model.cast.desks if desk.changed >= 0} == {0}


def test_others_of_ones_own_take_part_too(setups):
    usual = GovernanceModel(setups["mesh"], 1).run(8)
    silent = GovernanceModel(setups["mesh"], 1, agents={SectorLead: Silent}).run(8)
    weights = [sum(model.columns()["told_weight"].ravel()) for model in (usual, silent)]
    assert weights[0] > weights[1] > 0.0


# ---- snapshots ----


@pytest.mark.coverage_subset
def test_a_snapshot_that_does_not_fit_is_refused(setups):
    snapshot = GovernanceModel(setups["silos"], 1).snapshot()
    with pytest.raises(ValueError, match=r"seeds \(1,\), and not 2"):
        GovernanceModel(setups["silos"], 2).restore(snapshot)
    with pytest.raises(ValueError, match=r"(told_\w+|read_\w+|trust) has shape"):
        GovernanceModel(setups["mesh"], 1).restore(snapshot)


def test_a_snapshot_is_a_copy(setups):
    model = GovernanceModel(setups["mesh"], 1).run(3)
    snapshot = model.snapshot()
    before = {name: array.tobytes() for name, array in snapshot.worlds[0].items()}
    model.run(10)
    assert {name: array.tobytes() for name, array in snapshot.worlds[0].items()} == before
    assert model.restore(snapshot).run(10).columns()["open_cases"].tobytes() == (
        GovernanceModel(setups["mesh"], 1).run(10).columns()["open_cases"].tobytes()
    )
