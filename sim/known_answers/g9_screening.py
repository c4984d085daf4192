"""G9. Screening projects in hierarchies, polyarchies, committees, and any tree of them.

Claim
    A hierarchy, in which all must agree, passes fewer projects, good and bad; a polyarchy, in which any may, passes
    more. Which is better depends on the share of good projects and on how well screeners tell them apart.

Citation
    Sah and Stiglitz, "The Architecture of Economic Systems: Hierarchies and Polyarchies", American Economic Review
    76(4):716-727, 1986; Christensen and Knudsen, "Design of Decision-Making Organizations", Management Science
    56(1):71-89, 2010, doi 10.1287/mnsc.1090.1096.

Definition
    A screener passes a project with probability p (p1 if it is good, p2 if bad), independently. A `Gate` passes what at
    least k of its members pass; a member is a screener or another gate. A hierarchy of n levels is n of n (``p^n``), a
    polyarchy 1 of n (``1 - (1-p)^n``), a committee k of n (the binomial tail). Members are asked in turn, and no longer
    than the result is open.

Variant
    Any tree of gates, screeners of different kinds (each has its own p), and any distribution of projects: p may be an
    array over projects.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.known_answers.case import Case, Check, exact, generator, level, mean_and_error, ordering, share_and_error

Floats = npt.NDArray[np.float64]
Truths = npt.NDArray[np.bool_]
Skill = Mapping[str, "float | Floats"]
ITEM = 9000
SCREENER = "screener"


@dataclass(frozen=True)
class Gate:
    """Passes what at least ``needed`` of its members pass.

    Parameters
    ----------
    needed
        From 1 to the number of members.
    members
        Gates, or kinds of screener by name.
    """

    needed: int
    members: tuple[Gate | str, ...]


def hierarchy(n: int, member: Gate | str = SCREENER) -> Gate:
    """Return n levels, all of which must pass a project."""
    return Gate(n, (member,) * n)


def polyarchy(n: int, member: Gate | str = SCREENER) -> Gate:
    """Return n units, any of which may pass a project."""
    return Gate(1, (member,) * n)


def committee(needed: int, n: int, member: Gate | str = SCREENER) -> Gate:
    """Return a committee of n that passes with this many votes."""
    return Gate(needed, (member,) * n)


def majority(n: int) -> Gate:
    """Return a committee of an odd number that passes by majority."""
    return committee(n // 2 + 1, n)


# --- closed forms --------------------------------------------------------------------------------------------


def passes(tree: Gate | str, skill: Skill) -> float:
    """Return the probability that a tree passes a project.

    Parameters
    ----------
    tree
        A gate, or one screener.
    skill
        Probability of passing it, by kind of screener.
    """
    if isinstance(tree, str):
        return float(np.asarray(skill[tree]))
    counts = np.zeros(len(tree.members) + 1)  # probability of so many votes so far
    counts[0] = 1.0
    for member in tree.members:
        p = passes(member, skill)
        counts[1:] = counts[1:] * (1.0 - p) + counts[:-1] * p
        counts[0] *= 1.0 - p
    return float(counts[tree.needed :].sum())


def effort(tree: Gate | str, skill: Skill) -> float:
    """Return the expected number of screeners asked, when all stop as soon as the result is clear."""
    if isinstance(tree, str):
        return 1.0
    n, needed = len(tree.members), tree.needed
    open_with, asked = {0: 1.0}, 0.0  # probability of being open with so many votes
    for done, member in enumerate(tree.members, start=1):
        p, reached = passes(member, skill), open_with
        asked += sum(reached.values()) * effort(member, skill)
        open_with = {}
        for votes, chance in reached.items():
            for now, share in ((votes + 1, p), (votes, 1.0 - p)):
                if now < needed <= now + n - done:
                    open_with[now] = open_with.get(now, 0.0) + chance * share
    return asked


def critical_share(more: Gate, less: Gate, good: Skill, bad: Skill, gain: float = 1.0, cost: float = 1.0) -> float:
    """Return the share of good projects above which the tree that passes more is better.

    Parameters
    ----------
    more, less
        Two trees.
    good, bad
        Skill with good projects and with bad ones.
    gain, cost
        What a passed good project brings, and what a passed bad one costs.
    """
    gained = gain * (passes(more, good) - passes(less, good))
    lost = cost * (passes(more, bad) - passes(less, bad))
    return lost / (gained + lost)


# --- by simulation -------------------------------------------------------------------------------------------


def screen(tree: Gate | str, skill: Skill, projects: int, draws: np.random.Generator) -> tuple[Truths, Floats]:
    """Return which projects a tree passes, and how many screeners each was shown to; shape (projects,) both.

    Parameters
    ----------
    tree
        A gate, or one screener.
    skill
        By kind of screener, the probability of passing a project, or one for each project.
    projects
        How many.
    draws
        Where chance comes from.
    """
    if isinstance(tree, str):
        return draws.random(projects) < skill[tree], np.ones(projects)
    votes, asked = np.zeros(projects), np.zeros(projects)
    n = len(tree.members)
    for done, member in enumerate(tree.members):
        is_open = (votes < tree.needed) & (votes + n - done >= tree.needed)
        passed, shown = screen(member, skill, projects, draws)
        votes += is_open & passed
        asked += is_open * shown
    return votes >= tree.needed, asked


def portfolio(tree: Gate, share: float, good: Skill, bad: Skill, projects: int, draws: np.random.Generator) -> Floats:
    """Return the gain from each project when a good one that is passed brings 1 and a bad one costs 1.

    Parameters
    ----------
    tree
        A gate.
    share
        Of good projects.
    good, bad
        Skill with good projects and with bad ones.
    projects
        How many.
    draws
        Where chance comes from; with the same numbers, the same projects.
    """
    is_good = draws.random(projects) < share
    mixed = {kind: np.where(is_good, good[kind], bad[kind]) for kind in good}
    passed, _ = screen(tree, mixed, projects, draws)
    return np.where(passed, np.where(is_good, 1.0, -1.0), 0.0)


# --- the case ------------------------------------------------------------------------------------------------

GOOD, BAD = {SCREENER: 0.8}, {SCREENER: 0.3}
TREES: dict[str, Callable[[int], Gate]] = {"hierarchy": hierarchy, "polyarchy": polyarchy, "majority": majority}
PASSED = {  # (members, p): hierarchy, polyarchy, majority
    (3, 0.8): (0.512, 0.992, 0.896),
    (3, 0.3): (0.027, 0.657, 0.216),
    (5, 0.8): (0.32768, 0.99968, 0.94208),
    (5, 0.3): (0.00243, 0.83193, 0.16308),
}
CRITICAL = 0.56757
LABELS = {
    "hierarchy": (0.66, 0.02),
    "polyarchy": (0.01, 0.93),
    "majority": (0.5, 0.44),
}  # where they stand in the figure
FORMULAS = {"hierarchy": "p^n", "polyarchy": "1-(1-p)^n", "majority": "binomial tail"}


def run(full: bool, seed: int) -> list[Check]:
    """Return the checks: shares passed, the critical share of good projects, and effort."""
    projects = 1_000_000 if full else 100_000
    checks = [*_shares(projects, seed), *_two_levels(projects, seed)]
    nested = polyarchy(2, hierarchy(2))
    passed, _ = screen(nested, GOOD, projects, generator(seed, ITEM + 90))
    share, error = share_and_error(int(passed.sum()), projects)
    told = "Share passed by two hierarchies of two side by side, p=0.8"
    return [*checks, level(told, "-", 1.0 - (1.0 - 0.64) ** 2, share, error)]


def _shares(projects: int, seed: int) -> list[Check]:
    checks = []
    for index, ((n, p), expected) in enumerate(PASSED.items()):
        for (name, make), value in zip(TREES.items(), expected, strict=True):
            passed, _ = screen(make(n), {SCREENER: p}, projects, generator(seed, ITEM + index))
            share, error = share_and_error(int(passed.sum()), projects)
            checks.append(level(f"Share passed, {name} of {n}, p={p:g}", FORMULAS[name], value, share, error))
    return checks


def _two_levels(projects: int, seed: int) -> list[Check]:
    equal = critical_share(polyarchy(2), hierarchy(2), GOOD, BAD)
    checks = [exact("Share of good projects at which two levels are equal", "-", CRITICAL, equal, 5e-6)]
    for share, sign, name in ((CRITICAL + 0.1, 1.0, "polyarchy"), (CRITICAL - 0.1, -1.0, "hierarchy")):
        more, less = (
            portfolio(tree, share, GOOD, BAD, projects, generator(seed, ITEM + 70))
            for tree in (polyarchy(2), hierarchy(2))
        )
        told = f"Gain of the {name} of 2 less the other, {share:.0%} good"
        checks.append(ordering(told, "-", *mean_and_error(sign * (more - less))))
    return [*checks, *_efforts(projects, seed)]


def _efforts(projects: int, seed: int) -> list[Check]:
    checks = []
    rows = (("hierarchy", hierarchy(2), "1 + p", 1.8), ("polyarchy", polyarchy(2), "2 - p", 1.2))
    for name, tree, says, expected in rows:
        _, asked = screen(tree, GOOD, projects, generator(seed, ITEM + 80))
        checks.append(level(f"Evaluations, {name} of 2, p=0.8", says, expected, *mean_and_error(asked)))
    return checks


def figure(full: bool, seed: int) -> Figure:
    """Draw the screening functions, and the gain against the share of good projects."""
    drawing = Figure(figsize=(9.0, 4.0))
    left, right = drawing.subplots(1, 2)
    _draw_passed(left, 100_000 if full else 20_000, seed)
    _draw_gains(right)
    return drawing


def _draw_passed(ax: Axes, projects: int, seed: int) -> None:
    chances = np.linspace(0.0, 1.0, 101)
    for index, (name, make) in enumerate(TREES.items()):
        ax.plot(chances, [passes(make(5), {SCREENER: p}) for p in chances])
        ax.text(*LABELS[name], f"{name} of 5", color=f"C{index}", fontsize=11)
        for p in (0.2, 0.4, 0.6, 0.8):
            passed, _ = screen(make(5), {SCREENER: p}, projects, generator(seed, ITEM + 95))
            ax.plot(p, passed.mean(), "o", color=f"C{index}", markersize=5)
    ax.set(title="what passes", xlabel="chance that one screener passes it", ylabel="chance that all together do")


def _draw_gains(ax: Axes) -> None:
    shares = np.linspace(0.0, 1.0, 101)
    trees = {"hierarchy of 2": hierarchy(2), "polyarchy of 2": polyarchy(2), "majority of 3": majority(3)}
    for name, tree in trees.items():
        ax.plot(shares, shares * passes(tree, GOOD) - (1.0 - shares) * passes(tree, BAD), label=name)
    ax.axvline(CRITICAL, color="0.5", linestyle=":", linewidth=1.5)
    ax.set(title="good gain 1, bad cost 1", xlabel="share of good projects", ylabel="gain per project")
    ax.legend()


CASE = Case(
    id="G9",
    title="Screening: hierarchy, polyarchy, committee",
    claim="Hierarchies pass less, polyarchies more; which is better depends on how many projects are good.",
    citation="Sah and Stiglitz, AER 76(4):716-727, 1986; Christensen and Knudsen, Management Science 56(1), 2010, "
    "doi 10.1287/mnsc.1090.1096",
    says=(__doc__ or "").strip(),
    run=run,
    figure=figure,
)
