"""One outcome of a study as a block of numbers: cells (a scenario and a point), crises, arms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Better = Literal["lower", "higher"]
CELL = ["scenario", "point"]


@dataclass(frozen=True, eq=False)
class Cells:
    """One outcome, paired: everything in one row of `block` met the same crisis at the same point.

    Parameters
    ----------
    outcome
        Its name.
    better
        Which direction is better.
    labels
        One row a cell: scenario, point, then the uncertainties' values.
    seeds
        The crises.
    arms
        Names, the baseline first.
    block
        Shape (cells, seeds, arms); NaN where the run failed or left the outcome undefined.
    """

    outcome: str
    better: Better
    labels: pd.DataFrame
    seeds: tuple[int, ...]
    arms: tuple[str, ...]
    block: Floats

    @property
    def cost(self) -> Floats:
        """The values so that lower is better."""
        return self.block if self.better == "lower" else -self.block

    def over_space(self, weights: npt.ArrayLike | None = None) -> Floats:
        """Return the mean over cells, crisis by crisis: shape (seeds, arms).

        A crisis in which an arm lacks a cell has none for that arm: another mean would not be of the same space.
        """
        w = np.full(len(self.labels), 1.0) if weights is None else np.asarray(weights, dtype=float)
        mean: Floats = np.tensordot(w / w.sum(), self.block, axes=(0, 0))
        return mean

    def means(self) -> Floats:
        """Return the mean over the crises in which all arms are defined: shape (cells, arms)."""
        whole = np.isfinite(self.block).all(axis=2, keepdims=True)
        count = whole.sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            mean: Floats = np.where(whole, self.block, 0.0).sum(axis=1) / np.where(count, count, np.nan)
        return mean


def cells_of(
    runs: pd.DataFrame, outcome: str, arms: Sequence[str], uncertainties: Sequence[str] = (), better: Better = "lower"
) -> Cells:
    """Return one outcome of a study's runs as a block.

    Parameters
    ----------
    runs
        One row a run: scenario, arm, point, seed, the uncertainties, and the outcome.
    outcome
        A column.
    arms
        Names, the baseline first.
    uncertainties
        Columns with the points' values.
    better
        Which direction is better.
    """
    labels = runs[[*CELL, *uncertainties]].drop_duplicates(CELL).sort_values(CELL, kind="stable").reset_index(drop=True)
    seeds = tuple(sorted(int(seed) for seed in runs["seed"].unique()))
    values = np.full((len(labels), len(seeds), len(arms)), np.nan)
    cell = pd.MultiIndex.from_frame(labels[CELL]).get_indexer(pd.MultiIndex.from_frame(runs[CELL]))
    seed = pd.Index(seeds).get_indexer(pd.Index(runs["seed"].astype("uint64")))
    arm = pd.Index(list(arms)).get_indexer(pd.Index(runs["arm"]))
    values[cell[arm >= 0], seed[arm >= 0], arm[arm >= 0]] = runs[outcome].to_numpy(dtype=float)[arm >= 0]
    return Cells(outcome, better, labels, seeds, tuple(arms), values)
