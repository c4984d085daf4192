"""The same crises for all, whatever the number of workers, and honest rows for whatever went wrong."""

import multiprocessing
import os
import pickle
import time
from math import isnan
from multiprocessing.process import BaseProcess

import pandas as pd
import pytest

from sim.engine import run
from sim.errors import InputError
from sim.governance.structure import Structure
from sim.outcomes import OUTCOMES
from sim.study import compare as module
from sim.study.compare import Comparison, UnequalCrisisError, compare
from sim.world.scenario import Scenario
from tests.study.fake_runs import TINY, fake_block, fake_comparison, fake_run, structure, use_fake_runs


def row(comparison: Comparison, outcome: str, name: str) -> pd.Series:
    table = comparison.table()
    return table[(table["outcome"] == outcome) & (table["structure"] == name)].iloc[0]


@pytest.mark.coverage_subset
class TestWithKnownRuns:
    def test_differences_are_paired_by_seed(self) -> None:
        found = row(fake_comparison("command mesh"), "harm_per_1000", "mesh")
        assert found["difference"] == pytest.approx(-10.1, abs=0.3)
        assert found["high"] - found["low"] < 1.0  # seeds differ by up to 5 in harm: shared, so not in the interval
        assert (found["verdict"], found["pairs"]) == ("better", 6)

    def test_the_first_structure_is_the_baseline_unless_another_is_named(self) -> None:
        assert fake_comparison("silos mesh").baseline == "silos"
        with pytest.MonkeyPatch.context() as patch:
            use_fake_runs(patch)
            arms = [structure("silos"), structure("mesh")]
            named = compare(TINY, arms, 2, jobs=1, baseline="mesh")
        assert named.names == ["mesh", "silos"]
        assert row(named, "harm_per_1000", "mesh")["verdict"] == "baseline"
        assert row(named, "harm_per_1000", "silos")["difference"] > 0

    def test_seeds_are_the_same_for_all_and_a_longer_batch_keeps_the_shorter(self) -> None:
        short, long = fake_comparison("command mesh", 3), fake_comparison("command mesh", 20)
        assert short.seeds == (1, 2, 3)
        same = long.runs[long.runs["seed"] <= 3].reset_index(drop=True)
        pd.testing.assert_frame_equal(short.runs, same)

    def test_zero_is_a_seed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        use_fake_runs(monkeypatch)
        assert compare(TINY, [structure("mesh")], 2, seed=0, jobs=1).seeds == (0, 1)

    def test_blocks_are_one_structure_and_at_most_eight_seeds(self) -> None:
        arms = (structure("command"), structure("mesh"))
        blocks = module.cut(TINY, arms, tuple(range(1, 20)), "auto")
        assert [(block.structure.name, len(block.seeds)) for block in blocks] == [
            ("command", 8), ("command", 8), ("command", 3), ("mesh", 8), ("mesh", 8), ("mesh", 3),
        ]  # fmt: skip

    def test_one_structure_is_enough_and_is_compared_with_nothing(self) -> None:
        found = fake_comparison("mesh").table()
        assert set(found["verdict"]) == {"baseline"}
        assert found["difference"].isna().all()

    def test_one_replicate_has_differences_but_no_verdicts(self) -> None:
        found = row(fake_comparison("command mesh", 1), "harm_per_1000", "mesh")
        assert found["difference"] < 0
        assert isnan(found["low"])
        assert found["verdict"] == "not judged"

    def test_an_undefined_outcome_is_counted_and_not_judged(self) -> None:
        found = row(fake_comparison("command mesh"), "recovery_days", "mesh")
        assert (found["runs"], found["undefined"], found["failed"], found["pairs"]) == (5, 1, 0, 5)
        assert found["verdict"] == "not judged"

    def test_a_run_that_breaks_is_a_row_and_the_others_of_its_block_count(self) -> None:
        comparison = fake_comparison("command broken")
        assert len(comparison.runs) == 12
        assert comparison.failures.to_dict("records") == [
            {"structure": "broken", "seed": 2, "stage": "run", "message": "ArithmeticError: the sums do not balance"}
        ]
        found = row(comparison, "harm_per_1000", "broken")
        assert (found["runs"], found["failed"], found["undefined"], found["pairs"]) == (5, 1, 0, 5)

    def test_a_stage_that_an_error_names_is_kept(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def breaks(*_arguments: object, **_named: object) -> None:
            error = ValueError("negative staff")
            error.stage = "deliver"  # type: ignore[attr-defined]
            raise error

        monkeypatch.setattr(module, "run", breaks)
        comparison = compare(TINY, [structure("mesh")], 2, jobs=1)
        assert list(comparison.failures["stage"]) == ["deliver", "deliver"]
        assert comparison.done.empty
        assert comparison.table()["value"].isna().all()

    def test_what_the_user_got_wrong_is_no_failed_run(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuses(*_arguments: object, **_named: object) -> None:
            raise InputError("this engine cannot do that.", "Use another.")

        monkeypatch.setattr(module, "run", refuses)
        with pytest.raises(InputError, match="cannot do that"):
            compare(TINY, [structure("mesh")], 2, jobs=1)

    def test_progress_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        use_fake_runs(monkeypatch)
        told: list[tuple[int, int]] = []
        compare(TINY, [structure("mesh")], 10, jobs=1, progress=lambda done, planned: told.append((done, planned)))
        assert told == [(0, 10), (8, 10), (10, 10)]

    def test_identity_depends_on_what_is_run_and_on_nothing_else(self) -> None:
        first = fake_comparison("command mesh")
        assert first.run_id == fake_comparison("command mesh").run_id
        assert first.run_id != fake_comparison("command silos").run_id
        assert first.run_id != fake_comparison("command mesh", 7).run_id
        assert first.runs["run_id"].is_unique

    def test_data_frames_have_a_row_for_each_run_day_and_place(self) -> None:
        comparison = fake_comparison("command mesh", 3)
        assert len(comparison.series) == 2 * 3 * TINY.days
        assert len(comparison.places) == 2 * 3 * 12
        assert len(comparison.resources) == 2 * 3
        assert set(OUTCOMES) < set(comparison.runs.columns)


@pytest.mark.coverage_subset
class TestWorkers:
    def test_results_come_back_in_the_order_of_the_plan(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "run_block", fake_block)
        pooled = compare(TINY, [structure("command"), structure("mesh")], 10, jobs=2)
        assert everything(pooled) == everything(fake_comparison("command mesh", 10))

    def test_an_interruption_ends_them(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def interrupt(done: int, _planned: int) -> None:
            if done:
                raise KeyboardInterrupt

        monkeypatch.setattr(module, "run_block", fake_block)
        before = set(multiprocessing.active_children())
        with pytest.raises(KeyboardInterrupt):
            compare(TINY, [structure("mesh")], 40, jobs=2, progress=interrupt)
        for child in set(multiprocessing.active_children()) - before:
            assert has_ended(child)

    def test_a_worker_that_dies_is_told_of(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "run_block", dies)
        with pytest.raises(RuntimeError, match="worker process died"):
            compare(TINY, [structure("mesh"), structure("silos")], 2, jobs=2)


@pytest.mark.coverage_subset
class TestRefusals:
    def test_unequal_means(self) -> None:
        with pytest.raises(InputError, match="do not have equal means"):
            fake_comparison("command unequal")

    def test_different_crises_under_one_seed_are_our_fault_and_loud(self) -> None:
        with pytest.raises(UnequalCrisisError, match="seed 1"):
            fake_comparison("command elsewhere")

    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            ({"replicates": 0}, "0 replicates"),
            ({"replicates": -3}, "-3 replicates"),
            ({"seed": -1}, "seed -1"),
            ({"seed": 2**64 - 1, "replicates": 2}, "out of range"),
            ({"jobs": 0}, "0 jobs"),
            ({"baseline": "nobody"}, '"nobody" is not one of the structures'),
        ],
    )
    def test_numbers_and_names_that_cannot_be(self, arguments: dict[str, int], says: str) -> None:
        with pytest.raises(InputError, match=says):
            compare(TINY, [structure("mesh")], **arguments)

    def test_no_structure(self) -> None:
        with pytest.raises(InputError, match="no structure"):
            compare(TINY, [])

    def test_two_structures_of_one_name(self) -> None:
        with pytest.raises(InputError, match='two structures are called "mesh"'):
            compare(TINY, [structure("mesh"), structure("mesh")])

    def test_a_structure_that_a_dated_change_does_not_fit(self) -> None:
        lends = {"day": 3, "structure": {"powers": {"workforce": {"places": "mutual_aid"}}}}
        scenario = Scenario.model_validate({**TINY.model_dump(), "change": [lends]})
        with pytest.raises(InputError, match="hoose a peer network"):
            compare(scenario, [structure("mesh")])


@pytest.fixture(scope="module")
def small() -> tuple[Scenario, list[Structure]]:
    scenario = TINY.model_copy(update={"days": 14})
    return scenario, [structure("places"), structure("others", trial={"licence": "none"})]


def everything(comparison: Comparison) -> bytes:
    frames = (comparison.runs, comparison.series, comparison.places, comparison.resources, comparison.table())
    return pickle.dumps([frame.to_json(double_precision=15) for frame in frames])


class TestWithTheEngine:
    def test_results_do_not_depend_on_the_number_of_workers(self, small: tuple[Scenario, list[Structure]]) -> None:
        scenario, arms = small
        alone = compare(scenario, arms, 9, jobs=1)
        assert alone.failures.empty
        assert everything(alone) == everything(compare(scenario, arms, 9, jobs=2))

    def test_a_run_is_the_same_alone_and_in_a_block(self, small: tuple[Scenario, list[Structure]]) -> None:
        scenario, arms = small
        together, alone = compare(scenario, arms, 4, jobs=1), compare(scenario, arms[1:], 1, seed=3, jobs=1)
        picked = together.runs[(together.runs["structure"] == "others") & (together.runs["seed"] == 3)]
        pd.testing.assert_frame_equal(picked.reset_index(drop=True), alone.runs)


def has_ended(child: BaseProcess, seconds: float = 60.0) -> bool:
    """Wait for a process: `join` alone may come back at once while the pool's own thread is collecting it."""
    deadline = time.monotonic() + seconds
    while child.exitcode is None and time.monotonic() < deadline:
        child.join(0.05)
    return child.exitcode is not None


@pytest.mark.coverage_subset
def test_both_engines_give_the_same_result(small: tuple[Scenario, list[Structure]]) -> None:
    fast, mesa = (run(small[0], small[1][0], [1], engine)[0] for engine in ("fast", "mesa"))
    assert (fast.engine, mesa.engine) == ("fast", "mesa")
    assert fast.outcomes == pytest.approx(mesa.outcomes, abs=0.0, nan_ok=True)
    pd.testing.assert_frame_equal(fast.series, mesa.series, check_exact=True)
    assert fast.resources == mesa.resources


def dies(_block: object) -> None:
    os._exit(1)


@pytest.mark.coverage_subset
def test_the_fake_is_what_the_engine_is(small: tuple[Scenario, list[Structure]]) -> None:
    scenario, arms = small
    real, fake = run(scenario, arms[0], [1])[0], fake_run(scenario, arms[0], [1])[0]
    assert list(real.outcomes) == list(fake.outcomes)
    assert list(real.series.columns) == list(fake.series.columns)
    assert real.series.index.equals(fake.series.index)
    assert set(fake.places.columns) <= set(real.places.columns)
    assert set(fake.resources) <= set(real.resources)
