"""A study's answers: each a sentence, a table, and what a figure is drawn from.

Nothing is run here. What is not known is said, and every answer says how sure it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from sim.errors import InputError
from sim.outcomes import OUTCOMES
from sim.study.cells import Cells, Floats, cells_of
from sim.study.compare import DONE, FAILED
from sim.study.culture import arms_two_by_two
from sim.study.declared import Uncertainty
from sim.study.designs import FILLING
from sim.study.effects import WHOLE_SPACE, paired_effects
from sim.study.flips import (
    Best,
    Crossing,
    FlipMap,
    best_by_cell,
    best_of,
    by_thirds,
    cell_weights,
    crossings,
    flip_map,
    shares,
)
from sim.study.read import Plan
from sim.study.robustness import Stretch, exchange_rates, robustness
from sim.study.sensitivity import Method, Sensitivity, check_fits_design, fitting, sensitivity
from sim.study.statistics import Verdict

NEEDED = ["scenario", "arm", "point", "seed", "status"]


@dataclass(frozen=True, eq=False)
class Answers:
    """Everything that a study's runs say about its question.

    Parameters
    ----------
    plan
        The study.
    cells
        Each judged outcome, the main one first.
    weights
        How much of the space each cell stands for.
    failed
        Runs that broke down.
    effects
        As from `paired_effects`, all judged outcomes below each other.
    best
        The best arm of each cell by the main outcome.
    space
        Share of the declared space where each arm is best; None where the design does not fill it.
    thirds
        How often each arm is best in each third of each uncertainty; None likewise.
    crossings
        Along the one uncertainty there is, where two arms change places.
    map
        Over two uncertainties, which arm is best; None where it cannot be drawn.
    matters
        By quantity, what moves it; empty where the design was made for no such analysis.
    robust
        Choices by several rules, over all cases; None with one case.
    rates
        Which arm is best at which exchange rate between two outcomes.
    cultures
        As from `arms_two_by_two`: structure against culture, where four arms are two structures in two cultures.
    """

    plan: Plan
    cells: list[Cells]
    weights: Floats
    failed: int
    effects: pd.DataFrame
    best: pd.DataFrame
    space: pd.DataFrame | None
    thirds: pd.DataFrame | None
    crossings: list[Crossing]
    map: FlipMap | None
    matters: dict[str, Sensitivity]
    robust: pd.DataFrame | None
    rates: list[Stretch]
    cultures: pd.DataFrame
    notes: list[str] = field(default_factory=list)

    @property
    def main(self) -> Cells:
        """The main outcome."""
        return self.cells[0]

    @property
    def overall(self) -> pd.DataFrame:
        """Effects over the whole space, all scenarios together, one row an outcome and arm."""
        rows = self.effects[self.effects["point"] == WHOLE_SPACE]
        first = rows.groupby("outcome", sort=False)["scenario"].transform("first")
        return rows[rows["scenario"] == first]

    @property
    def means(self) -> Floats:
        """Mean of the main outcome over the space and all crises: shape (arms,)."""
        block = self.main.over_space(self.weights)
        whole = np.isfinite(block).all(axis=1)
        mean: Floats = block[whole].mean(axis=0) if whole.any() else np.full(block.shape[1], np.nan)
        return mean

    @property
    def best_over_space(self) -> Best:
        """Which arm is best by the main outcome over the whole space, and which may be."""
        block = self.main.over_space(self.weights)
        return best_of(block if self.main.better == "lower" else -block)

    @property
    def leader(self) -> int:
        """Number of the arm with the best mean over the space."""
        sign = 1.0 if self.main.better == "lower" else -1.0
        return int(np.nanargmin(sign * self.means)) if np.isfinite(self.means).any() else 0


def answer(plan: Plan, runs: pd.DataFrame, method: Method | None = None) -> Answers:
    """Return a study's answers.

    Parameters
    ----------
    plan
        The study.
    runs
        One row a run, as in `runs.parquet`.
    method
        Of the sensitivity analysis; None means the one that the design was made for, if there is any.

    Raises
    ------
    InputError
        If the method does not fit the design, or no run was completed.
    """
    study = plan.study
    if method is not None:
        check_fits_design(method, study.design.kind)
    if not (runs["status"] == DONE).any():
        raise InputError("no run was completed, so nothing can be said.", "See meshgov study failed.")
    names, axes = list(study.uncertainties), list(study.uncertainties.values())
    cells = [cells_of(runs, name, plan.arms, names, OUTCOMES[name].better) for name in study.outcomes]
    weights = cell_weights(study.design.kind, axes, plan.points.cube, len(plan.scenarios))
    best, fills = best_by_cell(cells[0]), study.design.kind in FILLING and bool(axes)
    return Answers(
        plan=plan,
        cells=cells,
        weights=weights,
        failed=int((runs["status"] == FAILED).sum()),
        effects=pd.concat(list(_effects(plan, cells, weights)), ignore_index=True),
        best=best,
        space=shares(best, plan.arms, study.design.kind, weights) if fills else None,
        thirds=by_thirds(best, plan.arms, names, plan.points.cube) if fills and len(names) > 1 else None,
        crossings=_crossings(plan, cells[0]),
        map=_map(plan, cells[0]),
        matters=_matters(plan, cells[0], method),
        robust=_robust(plan, cells[0]) if len(best) > 1 else None,
        rates=_rates(plan, runs, cells, weights),
        cultures=arms_two_by_two(plan.structures, cells, weights),
    )


def needed_columns(plan: Plan) -> list[str]:
    """Return the columns of the runs that answers are made from."""
    return list(
        dict.fromkeys([*NEEDED, *plan.study.uncertainties, *plan.study.outcomes, *plan.study.answers.trade_off])
    )


def _effects(plan: Plan, cells: Sequence[Cells], weights: Floats) -> Iterator[pd.DataFrame]:
    wanted = plan.study.replicates
    for place, each in enumerate(cells):
        first_stage = wanted.count if wanted.half_width is not None and place == 0 else None
        yield paired_effects(each, plan.study.answers.equivalence, plan.study.seed, weights, first_stage)


def is_number(axis: Uncertainty) -> bool:
    """Return whether an uncertainty's values are numbers; a seed is a name: nothing lies between two of them."""
    if axis.key.rpartition(".")[2] == "seed":
        return False
    return not axis.values or all(isinstance(each, int | float) and not isinstance(each, bool) for each in axis.values)


def _crossings(plan: Plan, cells: Cells) -> list[Crossing]:
    """Return where arms change places, if there is one uncertainty, it is a number, and there is one scenario."""
    axes = plan.study.uncertainties
    if len(axes) != 1 or len(plan.scenarios) != 1 or not is_number(next(iter(axes.values()))):
        return []
    name = next(iter(axes))
    order = np.argsort(cells.labels[name].to_numpy(dtype=float), kind="stable")
    x, cost = cells.labels[name].to_numpy(dtype=float)[order], cells.cost[order]
    pairs = [(a, b) for a in range(len(cells.arms)) for b in range(a + 1, len(cells.arms))]
    found = [each for pair in pairs for each in crossings(x, cost, pair)]
    return sorted((each for each in found if _of_the_best(each, x, cost)), key=lambda each: each.at)


def _of_the_best(crossing: Crossing, x: Floats, cost: Floats) -> bool:
    """Return whether two arms that change places are the best ones there: what happens behind them flips no answer."""
    with np.errstate(invalid="ignore"):
        there = [float(np.interp(crossing.at, x, np.nanmean(cost[:, :, arm], axis=1))) for arm in range(cost.shape[2])]
    return there[crossing.before] <= min(there) + 1e-3 * abs(min(there))


def map_axes(plan: Plan) -> tuple[str, str] | None:
    """Return the two uncertainties over which the best arm is drawn."""
    numbers = [name for name, axis in plan.study.uncertainties.items() if is_number(axis)]
    chosen = list(plan.study.answers.map) or numbers[:2]
    return (chosen[0], chosen[1]) if len(chosen) == 2 and set(chosen) <= set(numbers) else None


def _map(plan: Plan, cells: Cells) -> FlipMap | None:
    names = map_axes(plan)
    if names is None or plan.study.design.kind not in {*FILLING, "table"}:
        return None
    return flip_map(cells, names, len(plan.study.uncertainties) - 2)


def _matters(plan: Plan, cells: Cells, method: Method | None) -> dict[str, Sensitivity]:
    """Return what moves the baseline's main outcome, and each arm's difference from it, in each scenario."""
    chosen = method or fitting(plan.study.design.kind)
    design, names = plan.study.design, list(plan.study.uncertainties)
    if chosen is None or not names:
        return {}
    found: dict[str, Sensitivity] = {}
    for scenario in dict.fromkeys(cells.labels["scenario"]):
        block = cells.block[(cells.labels["scenario"] == scenario).to_numpy()]
        where = f" in {scenario}" if len(plan.scenarios) > 1 else ""
        for quantity, values in quantities(block, cells.arms):
            try:
                found[quantity + where] = sensitivity(chosen, design, names, plan.points.cube, values, plan.study.seed)
            except InputError:
                if method is not None:
                    raise
    return found


def quantities(block: Floats, arms: Sequence[str]) -> Iterator[tuple[str, Floats]]:
    """Yield what sensitivity is asked of: the baseline's outcome, and each arm's difference from it."""
    yield arms[0], block[:, :, 0]
    for place, arm in enumerate(arms[1:], 1):
        yield f"{arm} − {arms[0]}", block[:, :, place] - block[:, :, 0]


def _robust(plan: Plan, cells: Cells) -> pd.DataFrame | None:
    judged = plan.study.answers
    found = robustness(cells, judged.good_enough.get(cells.outcome), plan.study.seed, judged.equivalence)
    return found if len(found) else None


def _rates(plan: Plan, runs: pd.DataFrame, cells: Sequence[Cells], weights: Floats) -> list[Stretch]:
    """Return which arm is best at which exchange rate between two outcomes, over the whole space."""
    chosen = plan.study.answers.trade_off or plan.study.outcomes[:2]
    if len(chosen) < 2 or len(plan.arms) < 2:
        return []
    known = {each.outcome: each for each in cells}
    names = list(plan.study.uncertainties)
    both = [known.get(each) or cells_of(runs, each, plan.arms, names, OUTCOMES[each].better) for each in chosen]
    first, second = (np.tensordot(weights, each.cost, axes=(0, 0)) for each in both)
    return exchange_rates(first, second, plan.arms, plan.study.seed)


def tables(answers: Answers) -> dict[str, pd.DataFrame]:
    """Return every table of the answers by the name of its file."""
    made: dict[str, pd.DataFrame] = {"effects": answers.effects, "best": answers.best}
    optional = {"space": answers.space, "thirds": answers.thirds, "robustness": answers.robust}
    made |= {name: table for name, table in optional.items() if table is not None}
    if len(answers.cultures):
        made["cultures"] = answers.cultures
    if answers.crossings:
        made["crossings"] = pd.DataFrame([vars(each) for each in answers.crossings]).assign(
            before=[answers.plan.arms[each.before] for each in answers.crossings],
            after=[answers.plan.arms[each.after] for each in answers.crossings],
        )
    if answers.rates:
        made["exchange_rates"] = pd.DataFrame([vars(each) for each in answers.rates])
    if answers.matters:
        parts = [each.table.assign(quantity=name, noise=each.noise) for name, each in answers.matters.items()]
        made["sensitivity"] = pd.concat(parts, ignore_index=True)
    return made


def unclear(effects: pd.DataFrame) -> pd.Series[bool]:
    """Return which comparisons are not clear."""
    return effects["verdict"].isin([str(Verdict.UNCLEAR), str(Verdict.UNJUDGED)])


def summary(answers: Answers) -> dict[str, Any]:
    """Return the main numbers as data, for machines."""
    rows = answers.overall
    return {
        "outcome": answers.main.outcome,
        "best_on_average": answers.plan.arms[answers.leader],
        "overall": rows.drop(columns=["scenario", "point"]).replace({np.nan: None}).to_dict("records"),
        "space": None if answers.space is None else answers.space.replace({np.nan: None}).to_dict("records"),
    }
