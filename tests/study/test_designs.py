"""Points of each design, and the values that they stand for."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import qmc

from sim.errors import InputError
from sim.study.declared import Design, Uncertainty
from sim.study.designs import MAKERS, design_seed, make_points, plain_value, size_of, value_at

pytestmark = pytest.mark.coverage_subset
AXES = {
    "a": Uncertainty(key="scenario.x", low=0.0, high=10.0, steps=3),
    "b": Uncertainty(key="scenario.y", low=1.0, high=100.0, distribution="log_uniform", steps=2),
    "c": Uncertainty(key="scenario.z", values=("few", "many", "all")),
}
WHOLE = (False, False, False)


def points(seed: int = 1, **design: object):
    return make_points(Design.model_validate(design), AXES, WHOLE, design_seed(seed))


def test_a_factorial_has_every_combination_once() -> None:
    made = points(kind="factorial")
    assert len(made) == 3 * 2 * 3 == len(set(made.rows))
    assert {row[0] for row in made.rows} == {0.0, 5.0, 10.0}
    assert {row[2] for row in made.rows} == {"few", "many", "all"}


def test_one_point_is_the_middle() -> None:
    assert points(kind="one_point").rows == [(5.0, pytest.approx(10.0), "many")]


def test_one_at_a_time_moves_one() -> None:
    made = points(kind="one_at_a_time")
    assert len(made) == 1 + 3 + 2 + 3
    assert ((made.cube != 0.5).sum(axis=1) <= 1).all()


@pytest.mark.parametrize("size", [(5, 1), (40, 7), (64, 2)])
def test_a_latin_hypercube_is_scipys_bit_for_bit(size) -> None:
    design, axes = Design(kind="latin_hypercube", points=size[0]), [Uncertainty(key="scenario.days")] * size[1]
    made = MAKERS["latin_hypercube"](design, axes, 12345)
    theirs = qmc.LatinHypercube(size[1], rng=np.random.default_rng(12345)).random(size[0])
    assert np.array_equal(made, theirs)


def test_a_latin_hypercube_has_one_point_in_each_slice() -> None:
    made = points(kind="latin_hypercube", points=20)
    for axis in made.cube.T:
        assert sorted(np.floor(axis * 20)) == list(range(20))


def test_a_sobol_sequence_is_more_even_than_chance() -> None:
    made = points(kind="sobol_sequence", points=64)
    for axis in made.cube.T:
        assert sorted(np.floor(axis * 64)) == list(range(64))


@pytest.mark.parametrize(
    ("design", "count"),
    [
        ({"kind": "factorial"}, 18),
        ({"kind": "latin_hypercube", "points": 7}, 7),
        ({"kind": "sobol_sequence", "points": 8}, 8),
        ({"kind": "morris", "trajectories": 4}, 16),
        ({"kind": "saltelli", "points": 8}, 40),
        ({"kind": "saltelli", "points": 8, "second_order": True}, 64),
        ({"kind": "one_at_a_time"}, 9),
        ({"kind": "one_point"}, 1),
    ],
)
def test_sizes_are_known_beforehand_and_seeds_decide_the_draws(design: dict, count: int) -> None:
    made = points(**design)
    assert len(made) == size_of(Design.model_validate(design), list(AXES.values())) == count
    assert ((made.cube >= 0.0) & (made.cube <= 1.0)).all()
    np.testing.assert_array_equal(made.cube, points(**design).cube)
    if design["kind"] in {"latin_hypercube", "sobol_sequence", "morris", "saltelli"}:
        assert not np.array_equal(made.cube, points(seed=2, **design).cube)


def test_nothing_uncertain_is_one_point() -> None:
    assert make_points(Design(kind="factorial"), {}, (), 1).rows == [()]
    assert make_points(Design(kind="saltelli", points=8), {}, (), 1).rows == [()]


@given(share=st.floats(0.0, 1.0), other=st.floats(0.0, 1.0))
@pytest.mark.parametrize(
    "axis",
    [
        Uncertainty(key="k", low=-2.0, high=3.0),
        Uncertainty(key="k", low=0.01, high=3.0, distribution="log_uniform"),
        Uncertainty(key="k", low=-2.0, high=3.0, distribution="triangular", peak=-2.0),
        Uncertainty(key="k", low=-2.0, high=3.0, distribution="triangular", peak=1.0),
        Uncertainty(key="k", low=-2.0, high=3.0, distribution="normal", mean=0.5, sd=1.0),
        Uncertainty(key="k", low=-2.0, high=3.0, distribution="normal", mean=5.0, sd=0.5),
    ],
    ids=lambda axis: f"{axis.distribution} {axis.peak or axis.mean}",
)
def test_quantiles_rise_within_the_range(axis: Uncertainty, share: float, other: float) -> None:
    low, high = sorted((share, other))
    assert -2.0 <= value_at(axis, low) <= value_at(axis, high) + 1e-12 <= 3.0 + 1e-12


def test_quantiles_known_by_hand() -> None:
    assert value_at(Uncertainty(key="k", low=1.0, high=100.0, distribution="log_uniform"), 0.5) == pytest.approx(10.0)
    symmetric = Uncertainty(key="k", low=0.0, high=2.0, distribution="triangular", peak=1.0)
    assert value_at(symmetric, 0.125) == pytest.approx(0.5)
    assert value_at(symmetric, 0.875) == pytest.approx(1.5)
    normal = Uncertainty(key="k", low=-100.0, high=100.0, distribution="normal", mean=1.0, sd=2.0)
    assert value_at(normal, 0.9750021048517795) == pytest.approx(1.0 + 2.0 * 1.96, abs=1e-6)


def test_whole_settings_get_whole_numbers() -> None:
    assert [value_at(Uncertainty(key="k", low=0, high=3), share, True) for share in (0.0, 0.4, 0.6, 1.0)] == [
        0,
        1,
        2,
        3,
    ]


def test_a_table_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "points.csv").write_text("c,a,b\nfew,1,2.5\nall,3,1e1\n\n")
    made = make_points(Design(kind="table", file="points.csv"), AXES, WHOLE, 1, tmp_path / "study.toml")
    assert made.rows == [(1, 2.5, "few"), (3, 10.0, "all")]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a,b\n1,2\n", "columns are not"),
        ("a,b,c\n", "no points"),
        ("a,b,c\n1,2\n", "2 cells, not 3"),
        ("a,a,b,c\n", "columns"),
    ],
)
def test_tables_that_cannot_be_used(text: str, says: str, tmp_path: Path) -> None:
    (tmp_path / "points.csv").write_text(text)
    with pytest.raises(InputError, match=says):
        make_points(Design(kind="table", file="points.csv"), AXES, WHOLE, 1, tmp_path / "study.toml")


def test_cells_are_read_as_what_they_are() -> None:
    assert [plain_value(text) for text in ("1", "1.5", "true", "false", "mesh")] == [1, 1.5, True, False, "mesh"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"low": 0.0, "high": 1.0, "distribution": "normal"},
        {"low": 0.0, "high": 1.0, "distribution": "normal", "mean": 0.5, "sd": 0.0},
        {"low": 0.0, "high": 1.0, "distribution": "triangular", "peak": 2.0},
        {"low": 0.0, "high": 1.0, "distribution": "log_uniform"},
        {"values": (1, 1)},
        {"values": (1, 2), "low": 0.0},
        {"low": 1.0, "high": 1.0},
    ],
)
def test_uncertainties_that_cannot_be(wrong: dict) -> None:
    with pytest.raises(ValueError, match=";"):
        Uncertainty.model_validate({"key": "k", **wrong})


@pytest.mark.parametrize("wrong", [{"kind": "table"}, {"file": "x.csv"}, {"kind": "morris", "levels": 3}])
def test_designs_that_cannot_be(wrong: dict) -> None:
    with pytest.raises(ValueError, match=";"):
        Design.model_validate(wrong)
