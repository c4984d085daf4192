"""How figures look: one palette, one hand.

Colours are those of Okabe and Ito (2008), told apart with all common forms of colour blindness. Colour never stands
alone: lines differ in their dashes too, and dots in their shape.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
from matplotlib.colors import LinearSegmentedColormap

BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
YELLOW, BLUE, VERMILION, PURPLE = "#F0E442", "#0072B2", "#D55E00", "#CC79A7"
GREY, PALE, INK, BROWN = "#767676", "#D9D9D9", "#1A1A1A", "#8C6D46"

COLOURS = (BLACK, BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY)
DASHES: tuple[Any, ...] = ("solid", (0, (6, 2)), (0, (2, 1)), (0, (6, 2, 1, 2)), (0, (10, 2)), (0, (1, 1)))
MARKERS = ("o", "s", "^", "D", "v", "P", "X")

USES = {  # staff-days by use, in the order of a bar: title and colour
    "served": ("serving", GREEN),
    "training": ("training", ORANGE),
    "analysis": ("analysis", SKY),
    "coordination": ("coordination", BLUE),
    "lost_in_moving": ("lost in moving", VERMILION),
    "absent": ("absent", GREY),
    "idle": ("idle", PALE),
    "own_duties": ("responders' own duties", BLACK),
    "programmes": ("programmes", YELLOW),
    "prevention": ("prevention", PURPLE),
    "vacant": ("vacant posts", BROWN),
}

LESS_OR_MORE = LinearSegmentedColormap.from_list("less_or_more", [BLUE, "#F7F7F7", VERMILION])
LEVEL = "cividis"

SETTINGS: dict[Any, Any] = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Arial", "Helvetica"],
    "font.size": 12,
    "axes.titlesize": 12,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 11,
    "axes.labelcolor": INK,
    "axes.edgecolor": GREY,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#E6E6E6",
    "grid.linewidth": 0.8,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": 11,
    "ytick.labelsize": 11,
    "legend.frameon": False,
    "legend.fontsize": 11,
    "lines.linewidth": 2.2,
    "svg.fonttype": "none",
    "svg.hashsalt": "meshgov",
}


@dataclass(frozen=True)
class Look:
    """How one structure is drawn."""

    colour: str
    dash: Any
    marker: str


def looks(names: Sequence[str]) -> dict[str, Look]:
    """Return how each structure is drawn; the first, the baseline, in black."""
    return {
        name: Look(COLOURS[index % len(COLOURS)], DASHES[index % len(DASHES)], MARKERS[index % len(MARKERS)])
        for index, name in enumerate(names)
    }


@contextmanager
def applied() -> Iterator[None]:
    """Draw and save in this style, and leave the reader's own settings alone."""
    with mpl.rc_context(SETTINGS):
        yield
