"""The nearest of some points."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class Nearest:
    """The nearest of some points; at equal distance the one that comes first.

    Distances are worked out point by point, without a library's tree: half as long to start, and the same bits
    on every machine.

    Parameters
    ----------
    points
        Shape (points, axes).
    """

    def __init__(self, points: NDArray[np.float64]) -> None:
        self.axes = [np.ascontiguousarray(points[:, axis]) for axis in range(points.shape[1])]

    def to(self, point: NDArray[np.float64], count: int) -> list[int]:
        """Return the indices of the ``count`` nearest points (or all, if there are fewer), nearest first."""
        squared = self.squared_distances(point)
        candidates = np.arange(len(squared))
        if count < len(squared):
            farthest = np.partition(squared, count - 1)[count - 1]
            candidates = np.flatnonzero(squared <= farthest)
        ranked = sorted((float(squared[c]), int(c)) for c in candidates)
        return [c for _, c in ranked[:count]]

    def squared_distances(self, point: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the squared distance to each of the points."""
        squared = np.zeros(len(self.axes[0]))
        for axis, place in zip(self.axes, point.tolist(), strict=True):
            gap = place - axis
            squared += gap * gap
        return squared
