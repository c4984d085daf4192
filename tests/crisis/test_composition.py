"""Crises compose: needs add up, what is left of staff and contagion multiplies, and what has no end is refused."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pytest
from pydantic import ValidationError

from sim.cli import exit_code
from sim.errors import InputError
from sim.governance.describe import describe_scenario
from sim.governance.setup import prepare
from sim.world.composition import added, compose, feeding_of, kept_away, multiplied
from sim.world.crises import KINDS, CrisisKind, Flood, WickedIssue, as_crisis, crisis_kind
from sim.world.fields import number
from sim.world.files import load_scenario
from sim.world.parts import Ground, Part
from sim.world.scenario import Load, Scenario
from tests.conformance.side_by_side import run_side_by_side
from tests.crisis.samples import crisis_of, ground_of, sample, struck, with_crises
from tests.laws import worlds

pytestmark = pytest.mark.coverage_subset


def test_needs_add_and_multipliers_multiply():
    scenario = with_crises(days=20)
    crises = [sample(kind) for kind in ("winter", "flood", "wicked_issue")]
    composed = compose(crises, ground_of(scenario))
    flood, issue, winter = (struck(sample(kind), scenario) for kind in ("flood", "wicked_issue", "winter"))
    assert composed.struck == pytest.approx(flood.need + winter.need)
    assert composed.chronic == pytest.approx(issue.chronic)
    assert composed.away == pytest.approx(1.0 - (1.0 - flood.away) * (1.0 - winter.away))
    assert composed.transmission == pytest.approx(winter.transmission)


def test_by_hand():
    a, b = np.array([[0.2, 0.5]]), np.array([[0.5, 0.5]])
    assert added([a, None, b], (1, 2)) == pytest.approx(np.array([[0.7, 1.0]]))
    assert kept_away([a, None, b], (1, 2)) == pytest.approx(np.array([[0.6, 0.75]]))
    assert multiplied([a, None, b], (1, 2)) == pytest.approx(np.array([[0.1, 0.25]]))
    for together, nothing in ((added, 0.0), (kept_away, 0.0), (multiplied, 1.0)):
        assert (together([None], (1, 2)) == nothing).all()


def test_two_winters_multiply_contagion():
    scenario = with_crises()
    one, other = (struck(sample("winter", which=which), scenario).transmission for which in (0, 1))
    both = crisis_of(with_crises(sample("winter"), sample("winter", which=1))).wobble[..., 0]
    assert both == pytest.approx(crisis_of(scenario).wobble[..., 0] * one * other)


def test_all_at_once_in_both_engines():
    crises = [sample(kind) for kind in KINDS]
    scenario = with_crises(*crises, pressure={"load": 0.9}, prevention={"share": 0.05}, days=28)
    block, _ = run_side_by_side(prepare(scenario, worlds.structure("mesh")), [1, 2], every_phase=False)
    assert (block.crisis.away > 0.0).any()
    assert (block.crisis.chronic > 0.0).any()


# ---- what has no end ----


def issue(**settings: Any) -> WickedIssue:
    return WickedIssue(services=("social_care", "wellbeing"), **settings)


def test_feeding_of_several_issues_adds_up():
    scenario = with_crises(issue(feeding=0.01), WickedIssue(which=1, feeding=0.01), load={"spill": 0.0})
    table = np.array(feeding_of(scenario))
    assert table[2, 4] == pytest.approx(0.01 + 0.005)  # the second has three services, so two others
    assert table[2, 3] == pytest.approx(0.005)
    assert table.sum(axis=1) == pytest.approx([0.0, 0.0, 0.02, 0.01, 0.02])


@pytest.mark.parametrize(("feeding", "is_bounded"), [(0.01, True), (0.0176, True), (0.0177, False), (0.1, False)])
def test_spill_cascade_and_feeding_together_stay_below_what_lapses(feeding, is_bounded):
    """Lapse .05: the bound is .05/.95 = .05263; spill .015, cascade .02 and feeding."""
    given = {"name": "case", "title": "", "load": Load(spill=0.015, cascade=0.02), "crisis": (issue(feeding=feeding),)}
    if is_bounded:
        assert Scenario(**given).crisis
        return
    with pytest.raises(ValidationError, match=r"feeding of slow issues = 0\.\d+ is not below .* = 0\.05263"):
        Scenario(**given)


def test_just_below_the_bound_need_does_not_explode():
    """Nobody is served, all is fed: open cases approach an end."""
    settings = {"spill": 0.015, "cascade": 0.02, "staff_per_1000": 1.0, "base": 1.4}
    scenario = with_crises(issue(feeding=0.0176, height=0.0), days=600, epidemic=None, load=settings)
    block = worlds.block_of(scenario, worlds.structure("silos"))
    block.setup.land.desk_staff[:] = 1e-9
    block.setup.land.staff[:] = 1e-9
    block.state.reserve[:] = 0.0
    open_cases = [block.run(until).state.open_cases.sum() for until in (300, 450, 600)]
    assert open_cases[2] - open_cases[1] < 0.5 * (open_cases[1] - open_cases[0])


# ---- bad input ----

HEAD = """schema_version = 1
name = "case"
title = "A case"
days = 100

[country]
kind = "synthetic"
places = 3
regions = 1

[[crisis]]
"""

BAD: dict[str, tuple[str, int | None, str, str, str]] = {  # text after HEAD, line, key, problem, remedy
    "no kind": ("first_day = 3\n", 11, "crisis[0].kind", "is missing", "Add kind"),
    "unknown kind": ('kind = "flod"\n', 12, "crisis[0].kind", '"flod" is not one of the choices', '"flood"'),
    "no table": ("", None, "crisis[0].kind", "is missing", "Add kind"),
    "unknown key": ('kind = "flood"\nfirst = 3\n', 13, "crisis[0].first", "no setting", '"first_day"'),
    "of another kind": ('kind = "winter"\ncrest_days = 3\n', 13, "crisis[0].crest_days", "no setting", "first_day"),
    "out of range": ('kind = "flood"\nfade = 1.5\n', 13, "crisis[0].fade", "1.5 is out of range", "from 0 to 1"),
    "wrong word": (
        'kind = "wicked_issue"\nservices = ["essential"]\n',
        13,
        "crisis[0].services[0]",
        "not one of the choices",
        '"essentials"',
    ),
    "no services": (
        'kind = "wicked_issue"\nservices = []\n',
        11,
        "crisis[0]",
        "at least one service",
        "Name those that the issue burdens",
    ),
    "nothing to feed": (
        'kind = "wicked_issue"\nservices = ["wellbeing"]\nfeeding = 0.01\n',
        11,
        "crisis[0]",
        "no other to feed",
        "Set feeding to 0",
    ),
    "unbounded": (
        'kind = "wicked_issue"\nfeeding = 0.2\n',
        None,
        "load.spill",
        "feeding of slow issues = 0.215 is not below",
        "Lower spill, cascade or feeding",
    ),
    "twice alike": (
        'kind = "flood"\n[[crisis]]\nkind = "flood"\n',
        11,
        "crisis",
        'two of the kind "flood" have which = 0',
        "Give each a number of its own",
    ),
    "unknown code": (
        'kind = "flood"\npath = ["X99999"]\n',
        13,
        "crisis[0].path",
        'no place with the code "X99999"',
        "Use codes of its places",
    ),
    "a place twice": (
        'kind = "flood"\npath = ["X00001", "X00002", "X00001"]\n',
        13,
        "crisis[0].path",
        "comes twice",
        "Name each place once",
    ),
    "a change of what is drawn": (
        'kind = "flood"\n[[change]]\nday = 3\n[change.scenario]\ncrisis = []\n',
        16,
        "change[0].scenario.crisis",
        "set once, before day 0",
        "Set it outside the changes",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_refused_with_its_place_and_a_remedy(name, tmp_path):
    text, line, key, problem, remedy = BAD[name]
    path = tmp_path / "case.toml"
    path.write_text(HEAD + text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_scenario(path)
    error = caught.value
    assert error.key == key
    assert problem in error.problem
    assert remedy in error.remedy
    assert line is None or error.line == line
    assert exit_code(["validate", str(path)]) == 2


def test_a_path_must_go_from_neighbour_to_neighbour(tmp_path):
    path = tmp_path / "case.toml"
    head = HEAD.replace("places = 3", "places = 12")
    scenario = worlds.scenario(country={"places": 12, "regions": 1})
    country = ground_of(scenario).country
    far = next(q for q in range(1, 12) if q not in country.neighbours_of(0))
    codes = f'["{country.codes[0]}", "{country.codes[far]}"]'
    path.write_text(f'{head}kind = "flood"\npath = {codes}\n', encoding="utf-8")
    with pytest.raises(InputError, match=f"{country.names[0]} and {country.names[far]} are no neighbours"):
        load_scenario(path)
    assert not list(Flood().misfits(country, scenario))
    crisis = Flood(path=(country.codes[0], country.codes[far]))
    with pytest.raises(InputError, match="no neighbours"):
        prepare(scenario.model_copy(update={"crisis": (crisis,)}), worlds.structure("mesh"))


def test_what_is_no_table_is_refused():
    with pytest.raises(ValidationError):
        Scenario(name="case", title="", crisis=(3,))  # type: ignore[arg-type]


# ---- a kind of one's own ----


def test_a_kind_of_ones_own(tmp_path):
    """It stands in files, is refused where it is wrong, told in plain words, and runs in both engines."""

    class HeatWave(CrisisKind):
        """Heat: a few days on which clinical need doubles everywhere."""

        kind: Literal["heat_wave"] = "heat_wave"
        first_day: int = number(5, "Day on which it begins.", "day", 0, 36500)
        length_days: int = number(6, "How long it lasts.", "days", 1, 365)

        def strike(self, ground: Ground) -> Part:
            need = np.zeros((ground.days, *ground.land.need.shape))
            need[self.first_day : self.first_day + self.length_days, :, 1] = ground.land.need[:, 1]
            return Part(need=need)

    crisis_kind(HeatWave)
    try:
        path = tmp_path / "case.toml"
        path.write_text(f'{HEAD}kind = "heat_wave"\nlength_days = 3\n', encoding="utf-8")
        scenario = load_scenario(path)
        assert "- Heat: a few days" in describe_scenario(scenario)
        assert scenario.model_dump()["crisis"][0]["length_days"] == 3
        run_side_by_side(
            prepare(scenario.model_copy(update={"days": 10}), worlds.structure("mesh")), [1], every_phase=False
        )
        path.write_text(f'{HEAD}kind = "heat_wave"\nlength_days = 0\n', encoding="utf-8")
        with pytest.raises(InputError, match=r"0 is out of range. Give a number from 1 to 365 \(days\)"):
            load_scenario(path)
        with pytest.raises(ValueError, match='called "heat_wave" already'):
            crisis_kind(HeatWave)
    finally:
        del KINDS["heat_wave"]


def test_a_bare_kind_does_nothing_of_itself():
    class Bare(CrisisKind):
        kind: Literal["bare"] = "bare"

    assert Bare().felt_from is None
    assert list(Bare().feeds()) == []
    assert list(Bare().misfits(ground_of(with_crises()).country, with_crises())) == []
    assert as_crisis(Bare()) == Bare()
