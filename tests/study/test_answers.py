"""Statistics of studies where the answer is known: coverage, false alarms, planted boundaries, Ishigami's function."""

from math import inf, isnan, nan, pi, sqrt

import numpy as np
import pandas as pd
import pytest

from sim.errors import InputError
from sim.study.cells import Cells, cells_of
from sim.study.declared import Design, Uncertainty
from sim.study.designs import make_points
from sim.study.effects import (
    bootstrap_interval,
    chance_of_better,
    is_equivalent,
    paired_effects,
    pairing_gain,
)
from sim.study.flips import (
    best_by_cell,
    best_of,
    best_of_many,
    by_thirds,
    cell_weights,
    crossings,
    flip_map,
    shares,
    wilson,
)
from sim.study.robustness import envelope, exchange_rates, robustness, scores
from sim.study.sensitivity import check_fits_design, fitting, noise_share, sensitivity

pytestmark = pytest.mark.coverage_subset
ARMS = ("command", "mesh", "silos")


def block_of(values: np.ndarray, labels: dict | None = None, better: str = "lower") -> Cells:
    """Cells from an array of shape (cells, seeds, arms)."""
    cells, seeds, arms = values.shape
    frame = pd.DataFrame({"scenario": "one", "point": range(cells), **(labels or {})})
    return Cells("harm_per_1000", better, frame, tuple(range(1, seeds + 1)), ARMS[:arms], values)


def drawn(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape)


class TestCells:
    def test_runs_become_a_block_whatever_their_order(self) -> None:
        rows = [
            {
                "scenario": "one",
                "point": point,
                "seed": seed,
                "arm": arm,
                "x": point / 2,
                "harm": 100 * point + 10 * seed + place,
            }
            for point in range(3)
            for seed in (5, 9)
            for place, arm in enumerate(ARMS)
        ]
        runs = pd.DataFrame(rows).sample(frac=1.0, random_state=3)
        cells = cells_of(runs, "harm", ["mesh", "command"], ["x"])
        assert cells.block.shape == (3, 2, 2)
        assert cells.block[2, 1].tolist() == [291.0, 290.0]
        assert cells.seeds == (5, 9)
        assert cells.labels["x"].tolist() == [0.0, 0.5, 1.0]

    def test_means_leave_out_crises_that_an_arm_lacks(self) -> None:
        values = np.array([[[1.0, 2.0], [3.0, nan]]])
        assert block_of(values).means().tolist() == [[1.0, 2.0]]
        assert np.isnan(block_of(np.full((1, 2, 2), nan)).means()).all()

    def test_higher_is_better_turns_the_sign(self) -> None:
        assert block_of(np.ones((1, 2, 2)), better="higher").cost.tolist() == [[[-1.0, -1.0], [-1.0, -1.0]]]


class TestEffects:
    def test_by_hand(self) -> None:
        values = np.array([[[10.0, 8.0], [20.0, 17.0], [30.0, 26.0]], [[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]]])
        found = paired_effects(block_of(values))
        space, first, second = (found[found["point"] == point].iloc[0] for point in (-1, 0, 1))
        assert first["difference"] == pytest.approx(-3.0)
        assert space["difference"] == pytest.approx(-1.5)
        assert (first["mean"], first["baseline"], first["pairs"]) == (17.0, 20.0, 3)
        assert first["chance_better"] == 1.0
        assert (second["difference"], second["chance_better"]) == (0.0, 0.0)
        assert second["equivalent"]
        assert second["verdict"] == "no clear difference"
        assert first["pairing_gain"] == pytest.approx((100.0 + 81.0) / 1.0)

    def test_scenarios_apart_and_together(self) -> None:
        cells = block_of(drawn(1, 4, 8, 2))
        cells.labels["scenario"] = ["a", "a", "b", "b"]
        cells.labels["point"] = [0, 1, 0, 1]
        rows = paired_effects(cells)
        assert rows.loc[rows["point"] == -1, "scenario"].tolist() == ["all", "a", "b"]

    def test_an_undefined_run_is_counted_and_not_judged(self) -> None:
        values = drawn(1, 1, 10, 2) + np.array([0.0, 50.0])
        values[0, 3, 1] = nan
        row = paired_effects(block_of(values)).iloc[-1]
        assert (row["pairs"], row["undefined"], row["verdict"]) == (9, 1, "not judged")

    def test_a_wanted_precision_has_intervals_of_two_stages(self) -> None:
        rows = paired_effects(block_of(drawn(1, 2, 30, 2)), first_stage=16)
        assert set(rows.loc[rows["point"] >= 0, "interval"]) == {"two stages"}
        assert set(rows.loc[rows["point"] < 0, "interval"]) == {"Student's t"}

    def test_chances_by_hand(self) -> None:
        found = chance_of_better([1, 1, 1, 5], [2, 2, 2, 2])
        assert found.share == 0.75
        assert (round(found.low, 4), round(found.high, 4)) == (0.1941, 0.9937)  # Clopper and Pearson, 3 of 4
        assert chance_of_better([1, 1], [2, 2]).high == 1.0
        assert chance_of_better([2, 2], [2, 2]).low == 0.0
        assert isnan(chance_of_better([nan], [1]).share)

    def test_equivalence_needs_proof(self) -> None:
        gaps = drawn(1, 40)
        assert is_equivalent(gaps, np.zeros(40), 1.0)
        assert not is_equivalent(gaps, np.zeros(40), 0.05)
        assert not is_equivalent(gaps[:2], np.zeros(2), 1.0)

    def test_what_pairing_buys(self) -> None:
        shared, a, b = drawn(1, 3, 20_000)
        assert pairing_gain(3 * shared + a, 3 * shared + b) == pytest.approx(10.0, rel=0.05)
        assert pairing_gain(a, b) == pytest.approx(1.0, rel=0.05)
        assert pairing_gain([1.0, 2.0], [2.0, 3.0]) == inf
        assert isnan(pairing_gain([1.0], [2.0]))
        assert isnan(pairing_gain([1.0, 1.0], [2.0, 2.0]))

    def test_the_bootstrap_holds_the_truth_as_often_as_it_says_also_where_differences_are_skewed(self) -> None:
        studies, held = 300, {"normal": 0, "skewed": 0}
        draws = np.random.default_rng(7)
        for study in range(studies):
            for kind, gaps in (("normal", draws.normal(1.0, 1.0, 20)), ("skewed", draws.exponential(1.0, 20))):
                low, high = bootstrap_interval(gaps, np.zeros(20), study)
                held[kind] += low <= 1.0 <= high
        assert held["normal"] / studies > 0.95 - 3 * sqrt(0.95 * 0.05 / studies)
        assert held["skewed"] / studies > 0.90
        assert bootstrap_interval([1.0, 1.0], [0.0, 0.0], 1) == (1.0, 1.0)
        assert isnan(bootstrap_interval([], [], 1)[0])

    def test_intervals_hold_the_truth_and_two_identical_arms_raise_few_alarms(self) -> None:
        studies = 1500
        shared, noise = 3.0 * drawn(1, studies, 16, 1), drawn(2, studies, 16, 2)
        rows = paired_effects(block_of(shared + noise + np.array([0.0, 0.5])))
        points = rows[rows["point"] >= 0]
        held = ((points["low"] <= 0.5) & (points["high"] >= 0.5)).mean()
        assert abs(held - 0.95) < 3 * sqrt(0.95 * 0.05 / studies)
        same = shared + noise
        alarms = np.mean([best_of(one).clear for one in same])
        assert abs(alarms - 0.05) < 3 * sqrt(0.95 * 0.05 / studies)
        best, clear = best_of_many(same)
        assert clear.mean() == alarms
        assert 0.4 < best.mean() < 0.6

    def test_many_points_of_identical_arms_raise_no_more_alarms_than_one(self) -> None:
        studies, alarmed = 200, 0
        for study in range(studies):
            rows = paired_effects(block_of(drawn(study, 10, 16, 3)))
            alarmed += (rows.loc[rows["point"] >= 0, "verdict"] != "no clear difference").any()
        assert alarmed / studies < 0.05 + 3 * sqrt(0.95 * 0.05 / studies)


class TestFlips:
    def test_the_best_by_hand(self) -> None:
        one = best_of([[1.0, 5.0, 9.0], [1.1, 5.2, 9.1], [0.9, 5.1, 9.3]])
        assert (one.arm, one.clear, one.may_be) == (0, True, (True, False, False))
        close = best_of([[1.0, 1.1, 9.0], [1.2, 1.1, 9.1], [0.9, 1.0, 9.3]])
        assert (close.arm, close.clear, close.may_be) == (0, False, (True, True, False))
        assert best_of([[nan, 1.0]]).arm == -1
        assert not best_of([[1.0], [2.0]]).clear

    def test_shares_of_a_declared_space(self) -> None:
        values = np.zeros((4, 5, 2)) + np.array([[0, 1], [0, 1], [0, 1], [1, 0]])[:, None, :] + 1e-3 * drawn(1, 4, 5, 2)
        cells = block_of(values)
        best = best_by_cell(cells)
        found = shares(best, cells.arms, "latin_hypercube", np.full(4, 0.25))
        assert found["best"].tolist() == [0.75, 0.25]
        assert found["clear"].tolist() == [0.75, 0.25]
        assert found["low"].tolist()[0] == pytest.approx(wilson(3, 4)[0])
        with pytest.raises(InputError, match="does not fill"):
            shares(best, cells.arms, "morris", np.full(4, 0.25))

    def test_steps_at_the_ends_of_a_range_stand_for_half(self) -> None:
        axes = {"x": Uncertainty(key="k", low=0.0, high=1.0, steps=3), "c": Uncertainty(key="l", values=("a", "b"))}
        design = Design(kind="factorial")
        points = make_points(design, axes, (False, False), 1)
        weights = cell_weights("factorial", list(axes.values()), points.cube, scenarios=2)
        assert weights.sum() == pytest.approx(1.0)
        assert weights[:6] == pytest.approx(np.array([1, 1, 2, 2, 1, 1]) / 16)

    def test_thirds_say_where(self) -> None:
        cube = np.array([[0.1], [0.5], [0.9]])
        best = pd.DataFrame({"best": ["mesh", "mesh", "silos"]})
        found = by_thirds(best, ("mesh", "silos"), ["x"], cube)
        assert found["mesh"].tolist() == [1.0, 1.0, 0.0]

    def test_a_planted_crossing_lies_within_its_band(self) -> None:
        x, inside, studies = np.linspace(0.0, 1.0, 6), 0, 200
        for study in range(studies):
            shared, noise = drawn(study, 1, 16, 1), 0.1 * drawn(1000 + study, 6, 16, 2)
            planted = np.stack([np.zeros(6), 0.37 - x], axis=1)[:, None, :]
            found = crossings(x, shared + noise + planted, (0, 1))
            inside += any(each.low <= 0.37 <= each.high for each in found)
        assert inside / studies > 0.95 - 3 * sqrt(0.95 * 0.05 / studies)

    def test_a_crossing_by_hand(self) -> None:
        cost = np.array([[[0.0, 2.0], [0.0, 2.0]], [[0.0, -2.0], [0.0, -2.0]]])
        one, *_ = crossings([0.0, 1.0], cost, (0, 1))
        assert one.at == pytest.approx(0.5, abs=0.003)
        assert (one.before, one.after) == (0, 1)
        assert one.high - one.low < 0.01
        assert crossings([0.0, 1.0], cost[:, :1], (0, 1)) == []

    @pytest.mark.parametrize("kind", ["grid", "scattered"])
    def test_a_planted_boundary_over_two_uncertainties_lies_within_its_band(self, kind: str) -> None:
        grid = np.linspace(0.0, 1.0, 6)
        at = np.stack(np.meshgrid(grid, grid), axis=-1).reshape(-1, 2)
        if kind == "scattered":
            corners = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
            at = np.concatenate([corners, np.random.default_rng(3).uniform(size=(40, 2))])
        held, tries = [], 12
        for study in range(tries):
            planted = np.stack([np.zeros(len(at)), at[:, 0] + at[:, 1] - 1.0], axis=1)[:, None, :]
            values = drawn(study, 1, 16, 1) + 0.1 * drawn(100 + study, len(at), 16, 2) + planted
            found = flip_map(block_of(values, {"x": at[:, 0], "y": at[:, 1]}), ("x", "y"), others=0)
            truth = (found.x[None, :] + found.y[:, None] < 1.0).astype(int)
            sure = (found.best >= 0) & found.clear
            held.append((found.best[sure] == truth[sure]).mean())
            clear, band = found.shares(2)
            assert 0.0 < band < 0.35
            assert sum(clear) + band == pytest.approx(1.0)
            assert abs(clear[0] - clear[1]) < 0.25
        assert np.mean(held) > 0.99

    def test_maps_that_cannot_be_drawn(self) -> None:
        cells = block_of(drawn(1, 5, 4, 2), {"x": [1, 2, 3, 4, 5], "y": [1, 2, 3, 4, 5.0], "z": 1.0})
        assert flip_map(cells, ("x", "z"), others=0) is None
        assert flip_map(cells, ("x", "y"), others=1) is None
        assert flip_map(cells, ("x", "y"), others=0) is None  # five points on one line span no area
        two = block_of(drawn(1, 2, 4, 2), {"x": [0.2, 0.9], "y": [3.0, 14.0]})
        assert flip_map(two, ("x", "y"), others=0) is None
        three = block_of(drawn(1, 3, 4, 2), {"x": [0.2, 0.9, 0.9], "y": [3.0, 14.0, 5.0]})
        assert (flip_map(three, ("x", "y"), others=0).best >= 0).any()
        gone = block_of(np.full((4, 3, 2), nan), {"x": [0, 0, 1, 1], "y": [0, 1, 0, 1]})
        assert (flip_map(gone, ("x", "y"), others=0).best == -1).all()


def ishigami(cube: np.ndarray) -> np.ndarray:
    """Ishigami and Homma (1990): a = 7, b = 0.1, on [-pi, pi]; shares of variance are known."""
    x = -pi + 2 * pi * cube
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


AXES = {name: Uncertainty(key=f"scenario.{name}", low=0.0, high=1.0) for name in ("x1", "x2", "x3")}
FIRST, TOTAL = (0.3139, 0.4424, 0.0), (0.5576, 0.4424, 0.2437)


class TestSensitivity:
    def study(self, noise: float = 0.0, **design: object):
        made = Design.model_validate(design)
        cube = make_points(made, AXES, (False,) * 3, 5).cube
        values = ishigami(cube)[:, None] + noise * drawn(3, len(cube), 4)
        return made, list(AXES), cube, values

    def test_sobol_finds_ishigamis_shares(self) -> None:
        found = sensitivity("sobol", *self.study(kind="saltelli", points=1024))
        assert found.table["index"].to_numpy() == pytest.approx(TOTAL, abs=0.05)
        assert found.table["first_order"].to_numpy() == pytest.approx(FIRST, abs=0.05)
        assert (found.table["low"].to_numpy() <= TOTAL).all()
        assert (found.table["high"].to_numpy() >= TOTAL).all()

    def test_morris_and_pawn_find_its_order(self) -> None:
        morris = sensitivity("morris", *self.study(kind="morris", trajectories=60)).table.set_index("uncertainty")
        assert (morris["index"] > 1.0).all()
        assert morris.loc["x3", "sd_of_effect"] > abs(morris.loc["x3", "mean_effect"])  # an interaction only
        pawn = sensitivity("pawn", *self.study(kind="latin_hypercube", points=600)).table.set_index("uncertainty")
        assert pawn.loc["x2", "index"] > pawn.loc["x3", "index"]

    @pytest.mark.parametrize(
        ("method", "kind"),
        [
            ("sobol", "latin_hypercube"),
            ("sobol", "morris"),
            ("morris", "saltelli"),
            ("pawn", "factorial"),
            ("pawn", "one_at_a_time"),
        ],
    )
    def test_a_method_is_refused_on_a_design_that_it_does_not_fit(self, method: str, kind: str) -> None:
        with pytest.raises(InputError, match=f"analysis by {method} does not fit a design of the kind {kind}"):
            check_fits_design(method, kind)

    def test_each_design_has_its_method(self) -> None:
        kinds = ("morris", "saltelli", "latin_hypercube", "sobol_sequence", "factorial", "one_at_a_time", "table")
        assert [fitting(kind) for kind in kinds] == ["morris", "sobol", "pawn", "pawn", None, None, None]

    def test_too_few_points_and_missing_runs_are_refused(self) -> None:
        with pytest.raises(InputError, match="too few for PAWN"):
            sensitivity("pawn", *self.study(kind="latin_hypercube", points=20))
        design, names, cube, values = self.study(kind="saltelli", points=8)
        values[3, 2] = nan
        with pytest.raises(InputError, match="left the outcome undefined"):
            sensitivity("sobol", design, names, cube, values)

    def test_chance_is_measured_and_warned_of(self) -> None:
        quiet = sensitivity("sobol", *self.study(kind="saltelli", points=64))
        loud = sensitivity("sobol", *self.study(kind="saltelli", points=64, noise=20.0))
        some = sensitivity("sobol", *self.study(kind="saltelli", points=64, noise=3.0))
        assert (quiet.noise, quiet.warning) == (pytest.approx(0.0), "")
        assert "dominates" in loud.warning
        assert "matters" in some.warning

    def test_what_a_crisis_does_to_every_point_alike_is_no_noise(self) -> None:
        points, crises = 3.0 * drawn(1, 50, 1), 100.0 * drawn(2, 1, 8)
        assert noise_share(points + crises) == pytest.approx(0.0, abs=1e-9)
        assert noise_share(points + crises + drawn(3, 50, 8)) == pytest.approx(1 / 8 / (9 + 1 / 8), rel=0.4)
        assert isnan(noise_share([[1.0, 2.0]]))
        assert isnan(noise_share([[1.0, 1.0], [1.0, 1.0]]))

    def test_nothing_moves_nothing(self) -> None:
        design, names, cube, values = self.study(kind="saltelli", points=16)
        found = sensitivity("sobol", design, names, cube, np.zeros_like(values))
        assert found.table["index"].isna().all()


class TestRobustness:
    COST = np.array([[1.0, 4.0, 3.0], [9.0, 5.0, 6.5], [2.0, 5.0, 3.0]])

    def test_rules_by_hand(self) -> None:
        found = scores(self.COST, [4.0, 4.0, 4.0])
        assert found["maximin"].tolist() == [9.0, 5.0, 6.5]
        assert found["minimax_regret"].tolist() == [4.0, 3.0, 2.0]
        assert found["satisficing"] == pytest.approx([-2 / 3, -1 / 3, -2 / 3])
        assert found["least_mean"] == pytest.approx([4.0, 14 / 3, 12.5 / 3])

    def test_choices_and_how_sure_they_are(self) -> None:
        cells = block_of(self.COST[:, None, :] + 0.001 * drawn(1, 3, 10, 3))
        found = robustness(cells, good_enough=4.0).set_index(["rule", "arm"])
        chosen = {rule: arm for (rule, arm), row in found.iterrows() if row["chosen"]}
        assert chosen["maximin"] == "mesh"
        assert chosen["minimax_regret"] == "silos"
        assert chosen["least_mean"] == "command"
        assert found.loc[("maximin", "mesh"), "sure"] == pytest.approx(1.0)
        assert found.loc[("satisficing", "command"), "score"] == pytest.approx(2 / 3)
        assert robustness(block_of(np.full((2, 3, 2), nan))).empty

    def test_near_the_best_of_the_case_where_nothing_is_said(self) -> None:
        cells = block_of(self.COST[:, None, :] + np.zeros((3, 2, 3)))
        found = robustness(cells, near=0.3).set_index(["rule", "arm"])
        assert found["score"]["satisficing", "command"] == pytest.approx(2 / 3)
        assert found["score"]["satisficing", "mesh"] == pytest.approx(1 / 3)
        assert found["score"]["satisficing", "silos"] == pytest.approx(1 / 3)
        assert found["chosen"]["satisficing", "command"]
        tied = robustness(cells, near=9.0).set_index(["rule", "arm"])
        assert tied["chosen"]["satisficing", "command"], "all are good enough: the least on average"

    def test_higher_is_better_keeps_its_unit(self) -> None:
        found = robustness(block_of(-self.COST[:, None, :] + np.zeros((3, 2, 3)), better="higher"))
        rows = found.set_index(["rule", "arm"])["score"]
        assert rows["maximin", "mesh"] == -5.0
        assert rows["minimax_regret", "silos"] == 2.0

    def test_the_rates_at_which_the_ranking_changes_by_hand(self) -> None:
        order, ends = envelope(np.array([1.0, 4.0, 9.0]), np.array([6.0, 3.0, 2.0]))
        assert (order, ends) == ([0, 1, 2], [1.0, 5.0])
        order, ends = envelope(np.array([1.0, 5.0, 4.0]), np.array([3.0, 3.0, 4.0]))
        assert (order, ends) == ([0], [])

    def test_rates_have_a_band_that_holds_the_truth(self) -> None:
        held, studies = 0, 100
        for study in range(studies):
            noise = drawn(study, 2, 30, 2) * 0.3
            first, second = np.array([1.0, 4.0]) + noise[0], np.array([6.0, 3.0]) + noise[1]
            stretches = exchange_rates(first, second, ("command", "mesh"))
            assert [each.arm for each in stretches] == ["command", "mesh"]
            assert stretches[-1].high == inf
            held += stretches[0].high_low <= 1.0 <= stretches[0].high_high
        assert held / studies > 0.95 - 3 * sqrt(0.95 * 0.05 / studies)
        assert exchange_rates([[nan, 1.0]], [[1.0, 1.0]], ("a", "b")) == []
