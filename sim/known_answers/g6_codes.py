"""G6. A central code that learns from individuals, and teaches them.

Claim
-----
An organisation whose people adopt its code slowly knows more in the end: the code has time to learn from those who
still differ from it. Where the world changes, some turnover of people keeps the code from decay (March 1991).

Citation
--------
J. G. March, "Exploration and Exploitation in Organizational Learning", Organization Science 2(1):71-87, 1991, doi
10.1287/orsc.2.1.71. Without a code, learning from those who do better: C. Fang, J. Lee and M. A. Schilling, "Balancing
Exploration and Exploitation Through Structural Design", Organization Science 21(3):625-642, 2010, doi
10.1287/orsc.1090.0468.

Definition
----------
Reality is m = 30 numbers of -1 or 1. Each of n = 50 people holds a belief of -1, 0 or 1 about each, drawn evenly; the
code starts with 0 everywhere. In each period, all at once and from what was there at its start:

1. People act by their beliefs, and by a fair coin where the belief is 0. How well one does is sum(action * reality).
2. Where the code is not 0 and a person's belief differs from it, the belief moves with chance p1 *one step* towards it.
3. The superior group are those who did better than sum(code * reality). Where the majority of the group's actions
   differs from the code, by a margin of k people, the code adopts it with chance 1 - (1 - p2)^k.

With chance p3 a person is replaced by one with fresh beliefs, and with chance p4 each number of reality flips, at the
start of a period. A run ends when nobody and nothing can learn any more. Knowledge is the mean of code * reality.

Variants
--------
The steps above, from published re-creations, reproduce the paper's figures. Two others are run beside them:

- *As printed* (`PRINTED`): a belief becomes the code's at once, and the superior are those who know more, that is, hold
  more right beliefs, rather than those who did better. It cannot reach the paper's figure: .68 where that has .95. With
  right less wrong beliefs (`judged_by="beliefs"`) it would get to .84, which is not .95 either.
- *Event order* (`PEOPLE_FIRST`): the same, but people learn from the code before they are judged and asked, and k
  counts those who differ from the code less those who do not, as the paper's text has it. Those who knew better are
  then fewer by the time the code asks. A published replication in R of this kind ends with .84 and .598 of the code
  right (p1 = .1 and .5, p2 = .5); its other details are not known, and ours comes near it, not to it.

For use beyond the paper: people may also, or only, learn from each other over any directed network (`hears`): a person
whose sources include some who did better moves, with chance p1, towards what the majority of those believes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from sim.known_answers import graphs
from sim.known_answers.case import Case, Check, generator, level, mean_and_error, ordering
from sim.known_answers.kernels import kernel

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Floats = npt.NDArray[np.float64]
Signs = npt.NDArray[np.int8]
Whole = npt.NDArray[np.int64]

FIRST_ITEM = 6000


# --- the model -----------------------------------------------------------------------------------------------

ORDERS = ("at once", "people first", "code first")
JUDGED = ("actions", "beliefs", "right beliefs")


@dataclass(frozen=True)
class Organisation:
    """Who learns from what.

    Parameters
    ----------
    adopting
        p1: chance a period that a belief moves towards the code (or towards the better-off). One number, or a tuple of
        (share of people, chance) pairs: each person's is drawn by the shares.
    learning
        p2: the code's readiness to learn from the superior group.
    turnover, turbulence
        p3 and p4.
    people, dimensions
        n and m.
    one_step
        Whether beliefs move one step; else they become the code's at once.
    judged_by
        By what the superior are chosen, and what they are asked: "actions"; "beliefs", those right less those wrong;
        or "right beliefs", their number only, so that being wrong costs no more than not knowing.
    with_code
        Whether there is a code.
    order
        Who learns first in a period: "at once" (both from what was there at its start), "people first" (they are
        judged, and asked, by what they believe afterwards) or "code first" (people learn from what it has become).
    erasing
        Whether a code of 0 teaches too, so that beliefs about what the code is silent on move to 0.
    margin
        What k counts in the superior group: "net", those on the majority's side less those on the other, or
        "differing", those who differ from the code less those who do not.

    Raises
    ------
    ValueError
        If one of the words is not among those named.
    """

    adopting: float | tuple[tuple[float, float], ...] = 0.5
    learning: float = 0.5
    turnover: float = 0.0
    turbulence: float = 0.0
    people: int = 50
    dimensions: int = 30
    one_step: bool = True
    judged_by: Literal["actions", "beliefs", "right beliefs"] = "actions"
    with_code: bool = True
    order: Literal["at once", "people first", "code first"] = "at once"
    erasing: bool = False
    margin: Literal["net", "differing"] = "net"

    def __post_init__(self) -> None:
        _must_be_one_of("judged_by", self.judged_by, JUDGED)
        _must_be_one_of("order", self.order, ORDERS)
        _must_be_one_of("margin", self.margin, ("net", "differing"))


def _must_be_one_of(name: str, word: str, words: tuple[str, ...]) -> None:
    if word not in words:
        raise ValueError(f"{name} is {word!r}; it must be one of {', '.join(map(repr, words))}")


class Rules(NamedTuple):
    """An organisation's settings as the kernels take them; `judged` is a place in `JUDGED`, `order` in `ORDERS`."""

    learning: float
    turnover: float
    turbulence: float
    one_step: bool
    judged: int
    with_code: bool
    order: int
    erasing: bool
    differing: bool
    hearing: bool


def _rules(organisation: Organisation, hears: graphs.Matrix | None) -> Rules:
    return Rules(
        float(organisation.learning),
        float(organisation.turnover),
        float(organisation.turbulence),
        organisation.one_step,
        JUDGED.index(organisation.judged_by),
        organisation.with_code,
        ORDERS.index(organisation.order),
        organisation.erasing,
        organisation.margin == "differing",
        hears is not None,
    )


@dataclass
class State:
    """One organisation.

    Parameters
    ----------
    reality
        Shape (dimensions,).
    beliefs
        Shape (people, dimensions).
    code
        Shape (dimensions,).
    adopting
        Chance of each person: shape (people,).
    """

    reality: Signs
    beliefs: Signs
    code: Signs
    adopting: Floats


@dataclass(frozen=True)
class Learnt:
    """What came of each run.

    Parameters
    ----------
    code
        Knowledge of the code at the end, the mean of code * reality: shape (runs,).
    right
        Share of the code that is right at the end: shape (runs,).
    people
        Mean knowledge of the people at the end.
    periods
        Periods until nothing could be learnt any more, or the limit.
    path
        Knowledge of the code after 0, 1, ... periods: shape (runs, limit + 1). After a run's end it stays.
    """

    code: Floats
    right: Floats
    people: Floats
    periods: Whole
    path: Floats


@kernel
def _change(reality: Signs, beliefs: Signs, turnover: float, turbulence: float, rng: np.random.Generator) -> None:
    """Flip reality and replace people, each by chance."""
    for d in range(reality.size if turbulence > 0.0 else 0):
        if rng.random() < turbulence:
            reality[d] = -reality[d]
    for i in range(beliefs.shape[0] if turnover > 0.0 else 0):
        if rng.random() < turnover:
            for d in range(reality.size):
                beliefs[i, d] = int(3.0 * rng.random()) - 1


@kernel
def _score(held: Signs, reality: Signs, judged: int) -> int:
    """Return how well one does: right less wrong, or for "right beliefs" the number that are right."""
    score = 0
    for d in range(reality.size):
        score += int(held[d] == reality[d]) if judged == 2 else int(held[d] * reality[d])
    return score


@kernel
def _show(shown: Signs, did: Whole, beliefs: Signs, reality: Signs, judged: int, rng: np.random.Generator) -> None:
    """Fill in what people are judged by and asked for (actions, or beliefs), and how well they did."""
    for i in range(shown.shape[0]):
        for d in range(reality.size):
            shown[i, d] = beliefs[i, d]
            if judged == 0 and beliefs[i, d] == 0:
                shown[i, d] = 1 if rng.random() < 0.5 else -1
        did[i] = _score(shown[i], reality, judged)


@kernel
def _superior(wanted: Signs, margin: Whole, shown: Signs, did: Whole, bar: int, code: Signs, differing: bool) -> None:
    """Fill in what the majority of those above the bar says, 0 for a tie or what the code says, and its margin."""
    for d in range(code.size):
        net, apart = 0, 0
        for i in range(did.size):
            if did[i] > bar:
                net += int(shown[i, d])
                apart += 1 if shown[i, d] != code[d] else -1
        side = int(net > 0) - int(net < 0)
        margin[d] = apart if differing else abs(net)
        wanted[d] = 0 if side == code[d] or margin[d] <= 0 else side


@kernel
def _majority_of_better(i: int, d: int, beliefs: Signs, did: Whole, start: Whole, sources: Whole) -> int:
    """Return what the majority believes of those whom a person hears and who did better; 0 for a tie or nobody."""
    net = 0
    for k in range(start[i], start[i + 1]):
        if did[sources[k]] > did[i]:
            net += int(beliefs[sources[k], d])
    return int(net > 0) - int(net < 0)


@kernel
def _socialise(
    beliefs: Signs,
    code: Signs,
    adopting: Floats,
    did: Whole,
    start: Whole,
    sources: Whole,
    rules: Rules,
    rng: np.random.Generator,
) -> None:
    """Let people learn from the code, and where it is silent from those they hear."""
    before = beliefs.copy() if rules.hearing else beliefs
    for i in range(beliefs.shape[0]):
        for d in range(code.size):
            goal = code[d] if rules.with_code else 0
            teaches = goal != 0 or (rules.erasing and rules.with_code)
            if not teaches and rules.hearing:
                goal = _majority_of_better(i, d, before, did, start, sources)
                teaches = goal != 0
            if teaches and goal != beliefs[i, d] and rng.random() < adopting[i]:
                step = 1 if goal > beliefs[i, d] else -1
                beliefs[i, d] = beliefs[i, d] + step if rules.one_step else goal


@kernel
def _learn_from(code: Signs, wanted: Signs, margin: Whole, learning: float, rng: np.random.Generator) -> None:
    """Let the code adopt what the superior group says."""
    for d in range(code.size):
        if wanted[d] != 0 and rng.random() < -np.expm1(margin[d] * np.log1p(-learning)):
            code[d] = wanted[d]


@kernel
def _period(
    reality: Signs,
    beliefs: Signs,
    code: Signs,
    adopting: Floats,
    start: Whole,
    sources: Whole,
    rules: Rules,
    rng: np.random.Generator,
) -> None:
    shown, did = np.empty_like(beliefs), np.empty(beliefs.shape[0], np.int64)
    wanted, margin = np.empty_like(code), np.empty(code.size, np.int64)
    _change(reality, beliefs, rules.turnover, rules.turbulence, rng)
    _show(shown, did, beliefs, reality, rules.judged, rng)
    if rules.order == 1:  # people first
        _socialise(beliefs, code, adopting, did, start, sources, rules, rng)
        _show(shown, did, beliefs, reality, rules.judged, rng)
    _superior(wanted, margin, shown, did, _score(code, reality, rules.judged), code, rules.differing)
    if rules.order == 0:
        _socialise(beliefs, code, adopting, did, start, sources, rules, rng)
    if rules.with_code:
        _learn_from(code, wanted, margin, rules.learning, rng)
    if rules.order == 2:
        _socialise(beliefs, code, adopting, did, start, sources, rules, rng)


@kernel
def _code_matters(reality: Signs, beliefs: Signs, code: Signs, rules: Rules) -> bool:
    """Say whether people can learn from the code, or the code from them."""
    unsure, best, bar = False, -reality.size, _score(code, reality, rules.judged)
    did = np.zeros(beliefs.shape[0], np.int64)
    for i in range(did.size):
        did[i] = _score(beliefs[i], reality, rules.judged)
        lucky = did[i]
        for d in range(reality.size):
            if (code[d] != 0 or rules.erasing) and beliefs[i, d] != code[d]:
                return True
            unsure = unsure or beliefs[i, d] == 0
            lucky += int(beliefs[i, d] == 0)
        best = max(best, lucky)
    if rules.judged == 0 and unsure:
        return best > bar
    wanted, margin = np.empty_like(code), np.empty(code.size, np.int64)
    _superior(wanted, margin, beliefs, did, bar, code, rules.differing)
    return bool(np.any(wanted != 0))


@kernel
def _can_learn(reality: Signs, beliefs: Signs, code: Signs, rules: Rules) -> bool:
    if rules.with_code and _code_matters(reality, beliefs, code, rules):
        return True
    for i in range(1, beliefs.shape[0] if rules.hearing else 0):
        for d in range(code.size):
            if beliefs[i, d] != beliefs[0, d]:
                return True
    return False


@kernel
def _fresh(reality: Signs, beliefs: Signs, code: Signs, rng: np.random.Generator) -> None:
    code[:] = 0
    for d in range(code.size):
        reality[d] = 1 if rng.random() < 0.5 else -1
        for i in range(beliefs.shape[0]):
            beliefs[i, d] = int(3.0 * rng.random()) - 1


@kernel
def _learn(
    ends: Floats,
    periods: Whole,
    path: Floats,
    adopting: Floats,
    start: Whole,
    sources: Whole,
    dimensions: int,
    rules: Rules,
    rng: np.random.Generator,
) -> None:
    runs, people = adopting.shape
    limit = path.shape[1] - 1
    reality, code = np.empty(dimensions, np.int8), np.empty(dimensions, np.int8)
    beliefs = np.empty((people, dimensions), np.int8)
    still = rules.turnover == 0.0 and rules.turbulence == 0.0
    for run in range(runs):
        _fresh(reality, beliefs, code, rng)
        periods[run] = limit
        for now in range(limit + 1):
            path[run, now] = _score(code, reality, 0) / dimensions
            if now == limit:
                break
            if still and not _can_learn(reality, beliefs, code, rules):
                periods[run] = now
                path[run, now:] = path[run, now]
                break
            _period(reality, beliefs, code, adopting[run], start, sources, rules, rng)
        ends[0, run] = path[run, limit]
        ends[1, run] = (code == reality).mean()
        ends[2, run] = 0.0
        for i in range(people):
            ends[2, run] += _score(beliefs[i], reality, 0) / dimensions / people


def learn(
    organisation: Organisation,
    runs: int,
    limit: int,
    draws: np.random.Generator,
    hears: graphs.Matrix | None = None,
) -> Learnt:
    """Let organisations learn, many times over.

    Parameters
    ----------
    organisation
        Who learns from what.
    runs
        How many runs.
    limit
        Periods after which a run is ended; the length of all runs where there is turnover or turbulence.
    draws
        Where the random numbers come from.
    hears
        Shape (people, people): entry [i, j] says whether i hears j; it may be directed. None: nobody hears anybody.
    """
    adopting = adopting_chances(organisation, runs, draws)
    ends, periods, path = np.empty((3, runs)), np.empty(runs, np.int64), np.empty((runs, limit + 1))
    start, sources = _sources(organisation, hears)
    rules = _rules(organisation, hears)
    _learn(ends, periods, path, adopting, start, sources, organisation.dimensions, rules, draws)
    return Learnt(ends[0], ends[1], ends[2], periods, path)


def _sources(organisation: Organisation, hears: graphs.Matrix | None) -> tuple[Whole, Whole]:
    return graphs.lists(graphs.empty(organisation.people) if hears is None else hears)


def adopting_chances(organisation: Organisation, runs: int, draws: np.random.Generator) -> Floats:
    """Return each person's chance to adopt: shape (runs, people)."""
    chance = organisation.adopting
    if not isinstance(chance, tuple):
        return np.full((runs, organisation.people), float(chance))
    shares = np.array([share for share, _ in chance])
    which = draws.choice(len(chance), size=(runs, organisation.people), p=shares / shares.sum())
    return np.asarray(np.array([each for _, each in chance])[which])


def period(
    organisation: Organisation, state: State, draws: np.random.Generator, hears: graphs.Matrix | None = None
) -> None:
    """Let one period pass in one organisation, in place.

    Parameters
    ----------
    organisation, draws, hears
        As for `learn`.
    state
        The organisation's.
    """
    start, sources = _sources(organisation, hears)
    rules = _rules(organisation, hears)
    _period(state.reality, state.beliefs, state.code, state.adopting, start, sources, rules, draws)


def can_learn(organisation: Organisation, state: State, hears: graphs.Matrix | None = None) -> bool:
    """Say whether anybody, or the code, can still learn.

    People whose belief is 0 act by a coin, so that they may do as well as the best they could.
    """
    return bool(_can_learn(state.reality, state.beliefs, state.code, _rules(organisation, hears)))


# --- the case ------------------------------------------------------------------------------------------------

RUNS = {False: 500, True: 2000}
LIMIT = 3000
ALLOWANCE = 0.01  # for figure 1; other levels have none
ROUNDED = 0.5  # periods are told in whole numbers
ADOPTING, LEARNING = (0.1, 0.3, 0.5, 0.7, 0.9), (0.1, 0.5, 0.9)
# p2, p1: read from the re-created figure 1 (100,000 runs), and an independent program (2,000 runs).
FIGURE_1 = {
    0.1: ((0.864, 0.866), (0.803, 0.805), (0.799, 0.799), (0.805, 0.805), (0.812, 0.817)),
    0.5: ((0.954, 0.953), (0.870, 0.873), (0.811, 0.811), (0.769, 0.772), (0.740, 0.743)),
    0.9: ((0.974, 0.974), (0.908, 0.909), (0.840, 0.841), (0.780, 0.782), (0.728, 0.732)),
}
PERIODS = (108, 36, 20, 13, 9)  # to the end, p2 = .5
MIXES = {0.3: (0.25, 0.925, 0.873), 0.5: (0.5, 0.899, 0.811), 0.7: (0.75, 0.855, 0.772)}  # share of .9, mixed, alike
TURNOVER = {(0.1, 0.0): 0.791, (0.1, 0.1): 0.739, (0.9, 0.0): 0.743, (0.9, 0.1): 0.839}  # p1, p3: after 20 periods
TURBULENCE = {0.0: {10: 0.629, 40: 0.206, 100: 0.021}, 0.1: {10: 0.634, 40: 0.581, 100: 0.570}}  # p3: by period


PRINTED = Organisation(one_step=False, judged_by="right beliefs")
PRINTED_LEVELS = {0.1: (0.678, 0.954), 0.5: (0.467, 0.811), 0.9: (0.385, 0.740)}  # p1: independent program, figure 1
PEOPLE_FIRST = replace(PRINTED, order="people first", margin="differing")
PEOPLE_FIRST_RIGHT = {0.1: 0.84, 0.5: 0.598}  # p1: share of the code that is right, a replication in R


@cache
def settled(p1: float, p2: float, runs: int, seed: int) -> Learnt:
    """Return organisations of the paper that have learnt all they can."""
    item = FIRST_ITEM + 10 * LEARNING.index(p2) + ADOPTING.index(p1)
    return learn(Organisation(p1, p2), runs, LIMIT, generator(seed, item))


@cache
def mixed(share: float, runs: int, seed: int) -> Learnt:
    """Return organisations in which this share of people adopts with chance .9 and the others with .1."""
    organisation = Organisation(((1.0 - share, 0.1), (share, 0.9)))
    return learn(organisation, runs, LIMIT, generator(seed, FIRST_ITEM + 100 + int(100 * share)))


@cache
def changing(p1: float, p3: float, p4: float, periods: int, runs: int, seed: int) -> Learnt:
    """Return organisations with turnover and turbulence."""
    item = FIRST_ITEM + 300 + int(100 * p1) + 1000 * (p4 > 0.0) + 500 * (p3 > 0.0)
    organisation = Organisation(p1, 0.5, turnover=p3, turbulence=p4)
    return learn(organisation, runs, periods, generator(seed, item))


def run(full: bool, seed: int) -> list[Check]:
    """Return the checks of the case.

    Parameters
    ----------
    full
        2,000 runs a cell; else 500, without the one claim for which those are too few.
    seed
        Seed of all draws.
    """
    runs = RUNS[full]
    return [
        *_figure_1_checks(runs, seed),
        *_mix_checks(runs, seed),
        *_turnover_checks(runs, seed),
        *_turbulence_checks(runs, seed),
        *_printed_checks(runs, seed),
        *_event_order_checks(full, seed),
    ]


def _figure_1_checks(runs: int, seed: int) -> list[Check]:
    checks = []
    for p2, row in FIGURE_1.items():
        for p1, (published, reference) in zip(ADOPTING, row, strict=True):
            ours, se = mean_and_error(settled(p1, p2, runs, seed).code)
            claim = f"p1 = {p1}, p2 = {p2}: knowledge at the end"
            checks.append(level(claim, f"{published:.3f}", reference, ours, se, ALLOWANCE))
    for p1, reference in zip(ADOPTING, PERIODS, strict=True):
        ours, se = mean_and_error(settled(p1, 0.5, runs, seed).periods)
        checks.append(level(f"p1 = {p1}, p2 = 0.5: periods to the end", "-", reference, ours, se, ROUNDED))
    for p2 in (0.5, 0.9):
        gap, se = _difference(settled(0.1, p2, runs, seed).code, settled(0.9, p2, runs, seed).code)
        checks.append(ordering(f"slow adoption ends with more knowledge, p2 = {p2}", "yes (Fig. 1)", gap, se))
    return checks


def _difference(more: Floats, less: Floats) -> tuple[float, float]:
    (a, se_a), (b, se_b) = mean_and_error(more), mean_and_error(less)
    return a - b, float(np.hypot(se_a, se_b))


def _mix_checks(runs: int, seed: int) -> list[Check]:
    checks = []
    for mean, (share, reference, _) in MIXES.items():
        ours, se = mean_and_error(mixed(share, runs, seed).code)
        claim = f"people with p1 of .1 and .9, mean {mean}: knowledge at the end"
        checks.append(level(claim, "-", reference, ours, se))
        gap, se = _difference(mixed(share, runs, seed).code, settled(mean, 0.5, runs, seed).code)
        checks.append(ordering(f"a mix ends above people alike, mean {mean}", "yes (Fig. 2)", gap, se))
    return checks


def _turnover_checks(runs: int, seed: int) -> list[Check]:
    checks = []
    for (p1, p3), reference in TURNOVER.items():
        ours, se = mean_and_error(changing(p1, p3, 0.0, 20, runs, seed).code)
        claim = f"p1 = {p1}, turnover {p3}: knowledge after 20 periods"
        checks.append(level(claim, "-", reference, ours, se))
    for p1, sign, claim in (
        (0.1, -1.0, "turnover hurts where adoption is slow"),
        (0.9, 1.0, "and helps where it is fast"),
    ):
        gap, se = _difference(*(changing(p1, p3, 0.0, 20, runs, seed).code for p3 in (0.1, 0.0)))
        checks.append(ordering(claim, "yes (Fig. 3)", sign * gap, se))
    return checks


def _turbulence_checks(runs: int, seed: int) -> list[Check]:
    checks = []
    for p3, by_period in TURBULENCE.items():
        done = changing(0.5, p3, 0.02, 100, runs, seed)
        for now, reference in by_period.items():
            ours, se = mean_and_error(done.path[:, now])
            claim = f"turbulence .02, turnover {p3}: knowledge after {now} periods"
            checks.append(level(claim, "-", reference, ours, se))
    gap, se = _difference(*(changing(0.5, p3, 0.02, 100, runs, seed).code for p3 in (0.1, 0.0)))
    return [*checks, ordering("turnover stops the decay", "yes (Fig. 5)", gap, se)]


@cache
def variant(organisation: Organisation, runs: int, seed: int) -> Learnt:
    """Return organisations of another variant that have learnt all they can."""
    return learn(organisation, runs, LIMIT, generator(seed, FIRST_ITEM + 200))


def _printed_checks(runs: int, seed: int) -> list[Check]:
    """Return the checks of the model as printed, which cannot reach the published .95."""
    checks = []
    for p1, (reference, printed) in PRINTED_LEVELS.items():
        ours, se = mean_and_error(variant(replace(PRINTED, adopting=p1), runs, seed).code)
        claim = f"as printed in 1991, p1 = {p1}, p2 = 0.5: knowledge"
        checks.append(level(claim, f"{printed:.3f} (Fig. 1)", reference, ours, se))
        checks.append(ordering(f"{claim} falls short of the figure", f"{printed:.3f} (Fig. 1)", printed - ours, se))
    return checks


def _event_order_checks(full: bool, seed: int) -> list[Check]:
    """Return the checks that it matters whether people learn before they are judged and asked."""
    checks = []
    for p1, published in PEOPLE_FIRST_RIGHT.items() if full else [(0.5, PEOPLE_FIRST_RIGHT[0.5])]:
        at_once, later = (variant(replace(each, adopting=p1), RUNS[full], seed) for each in (PRINTED, PEOPLE_FIRST))
        gap, se = _difference(at_once.right, later.right)
        claim = f"as printed but people learn first, p1 = {p1}: less of the code is right"
        checks.append(ordering(claim, f"{published} right (R)", gap, se))
    return checks


def figure(full: bool, seed: int) -> Figure:
    """Draw March's figures 1 and 5: knowledge at the end by how fast people adopt, and the decay under turbulence.

    Parameters
    ----------
    full, seed
        As for `run`, whose runs are used.
    """
    from matplotlib.figure import Figure  # noqa: PLC0415 - only a drawing needs it

    drawing = Figure(figsize=(10, 4), layout="constrained")
    left, right = drawing.subplots(1, 2)
    runs = RUNS[full]
    for p2, mark in zip(LEARNING, "os^", strict=True):
        cells = [mean_and_error(settled(p1, p2, runs, seed).code) for p1 in ADOPTING]
        left.errorbar(ADOPTING, [k for k, _ in cells], [2 * e for _, e in cells], marker=mark, label=f"p2 = {p2}")
        label_of = "published" if p2 == LEARNING[-1] else None
        told = [published for published, _ in FIGURE_1[p2]]
        left.plot(ADOPTING, told, "o", color="black", markersize=11, markerfacecolor="none", label=label_of)
    for p3 in TURBULENCE:
        right.plot(changing(0.5, p3, 0.02, 100, runs, seed).path.mean(axis=0), label=f"turnover {p3}")
    for organisation, label in ((PRINTED, "as printed, p2 = 0.5"), (PEOPLE_FIRST, "and people first, p2 = 0.5")):
        cells = [mean_and_error(variant(replace(organisation, adopting=p1), runs, seed).code) for p1 in ADOPTING]
        left.errorbar(ADOPTING, [k for k, _ in cells], [2 * e for _, e in cells], marker="x", label=label)
    left.set(
        xlabel="p1: chance a period to adopt the code",
        ylabel="knowledge at the end (1 = all right)",
        title="Figure 1: who adopts fast ends knowing less",
        ylim=(0.0, 1.0),
    )
    right.set(
        xlabel="period",
        ylabel="knowledge of the code (1 = all right)",
        title="Figure 5: reality turns (turbulence .02)",
    )
    left.legend(fontsize=8, loc="lower left")
    right.legend()
    return drawing


CASE = Case(
    id="G6",
    title="A code that learns from people",
    claim="Slow adoption of the code ends with more knowledge; under turbulence, turnover keeps the code from decay.",
    citation=(
        "March, Exploration and Exploitation in Organizational Learning, Organization Science 2(1):71-87, 1991, "
        "doi 10.1287/orsc.2.1.71"
    ),
    says=(
        "Beliefs move one step towards the code; people are judged by what they do, a coin deciding where they "
        "believe nothing. As printed in 1991 (whole steps, judged by the number of right beliefs) the model cannot "
        "reach its own figures; that version is run too, and one in which people learn before they are judged. All "
        "learn at once, from the state at the start of a period."
    ),
    run=run,
    figure=figure,
)
