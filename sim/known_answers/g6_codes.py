"""G6. A central code that learns from individuals, and teaches them.

Claim ----- An organisation whose people adopt its code slowly knows more in the end: the code has time to learn from
those who still differ from it. Where the world changes, some turnover of people keeps the code from decay (March
1991).

Citation -------- J. G. March, "Exploration and Exploitation in Organizational Learning", Organization Science
2(1):71-87, 1991, doi 10.1287/orsc.2.1.71. Without a code, learning from those who do better: C. Fang, J. Lee and M.
A. Schilling, "Balancing Exploration and Exploitation Through Structural Design", Organization Science 21(3):625-642,
2010, doi 10.1287/orsc.1090.0468.

Definition ---------- Reality is m = 30 numbers of -1 or 1. Each of n = 50 people holds a belief of -1, 0 or 1 about
each, drawn evenly; the code starts with 0 everywhere. In each period, all at once and from what was there at its
start:

1. People act by their beliefs, and by a fair coin where the belief is 0. How well one does is sum(action * reality).
2. Where the code is not 0 and a person's belief differs from it, the belief moves with chance p1 *one step* towards it.
3. The superior group are those who did better than sum(code * reality). Where the majority of the group's actions
   differs from the code, by a margin of k people, the code adopts it with chance 1 - (1 - p2)^k.

With chance p3 a person is replaced by one with fresh beliefs, and with chance p4 each number of reality flips, at the
start of a period. A run ends when nobody and nothing can learn any more. Knowledge is the mean of code * reality.

Where the paper is ambiguous: as printed (a belief becomes the code's at once, and beliefs are judged rather than
actions) the model cannot reach its own figures; the steps above, from published re-creations of it, can.
`Organisation.one_step` and `judged_by` give the printed version, which is checked too. The order of events is that of
the steps, all from the state at the start of the period. For the printed version an independent program gave .678,
.467 and .385 (p1 = .1, .5, .9; p2 = .5) where ours gives .84, .75 and .70: neither reaches the paper's .954, .811 and
.740, and what else that program read differently is not known (if a code of 0 also erases beliefs, ours falls to .65,
.45 and .41).

For use beyond the paper: people may also, or only, learn from each other over any directed network (`hears`): a person
whose sources include some who did better moves one step, with chance p1, towards what the majority of those believes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from sim.known_answers import graphs
from sim.known_answers.case import Case, Check, generator, level, mean_and_error, ordering

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Floats = npt.NDArray[np.float64]
Signs = npt.NDArray[np.int8]
Truths = npt.NDArray[np.bool_]

FIRST_ITEM = 6000
BLOCK = 500  # runs that are simulated side by side


# --- the model -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Organisation:
    """Who learns from what.

    Parameters
    ----------
    adopting
        p1: chance a period that a belief moves towards the code (or towards the better-off). One number, or a tuple of
        (share of people, chance) pairs: each person's is drawn by the shares.
    learning
        p2: the code's readiness to learn from the superior group; 0 where there is no code.
    turnover, turbulence
        p3 and p4.
    people, dimensions
        n and m.
    one_step
        Whether beliefs move one step; else they become the code's at once.
    judged_by
        "actions" or "beliefs": by which the superior are chosen, and what they are asked.
    with_code
        Whether there is a code.
    """

    adopting: float | tuple[tuple[float, float], ...] = 0.5
    learning: float = 0.5
    turnover: float = 0.0
    turbulence: float = 0.0
    people: int = 50
    dimensions: int = 30
    one_step: bool = True
    judged_by: str = "actions"
    with_code: bool = True

    def __post_init__(self) -> None:
        if self.judged_by not in {"actions", "beliefs"}:
            raise ValueError(f'judged_by is {self.judged_by!r}; it must be "actions" or "beliefs"')


@dataclass
class State:
    """Runs side by side.

    Parameters
    ----------
    reality
        Shape (runs, dimensions).
    beliefs
        Shape (runs, people, dimensions).
    code
        Shape (runs, dimensions).
    adopting
        Chance of each person: shape (runs, people).
    """

    reality: Signs
    beliefs: Signs
    code: Signs
    adopting: Floats

    def some(self, which: Truths) -> State:
        """Return the state of some of the runs."""
        return State(self.reality[which], self.beliefs[which], self.code[which], self.adopting[which])


@dataclass(frozen=True)
class Learnt:
    """What came of each run.

    Parameters
    ----------
    code
        Knowledge of the code at the end: shape (runs,).
    people
        Mean knowledge of the people at the end.
    periods
        Periods until nothing could be learnt any more, or the limit.
    path
        Knowledge of the code after 0, 1, ... periods: shape (runs, limit + 1). After a run's end it stays. None
        unless asked for.
    """

    code: Floats
    people: Floats
    periods: npt.NDArray[np.int64]
    path: Floats | None = field(default=None)


def start(organisation: Organisation, runs: int, draws: np.random.Generator) -> State:
    """Return fresh organisations."""
    n, m = organisation.people, organisation.dimensions
    reality = (2 * draws.integers(2, size=(runs, m)) - 1).astype(np.int8)
    beliefs = draws.integers(-1, 2, size=(runs, n, m), dtype=np.int8)
    return State(reality, beliefs, np.zeros((runs, m), dtype=np.int8), _adopting(organisation, runs, draws))


def _adopting(organisation: Organisation, runs: int, draws: np.random.Generator) -> Floats:
    chance = organisation.adopting
    if isinstance(chance, float):
        return np.full((runs, organisation.people), chance)
    shares = np.array([share for share, _ in chance])
    which = draws.choice(len(chance), size=(runs, organisation.people), p=shares / shares.sum())
    return np.asarray(np.array([each for _, each in chance])[which])


def learn(
    organisation: Organisation,
    runs: int,
    limit: int,
    draws: np.random.Generator,
    hears: graphs.Matrix | None = None,
    paths: bool = False,
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
    paths
        Whether the code's knowledge is told for all periods.
    """
    parts = [
        _learn_block(organisation, min(BLOCK, runs - first), limit, draws, hears, paths)
        for first in range(0, runs, BLOCK)
    ]
    path = np.concatenate([part.path for part in parts if part.path is not None]) if paths else None
    code, people = (np.concatenate([getattr(part, name) for part in parts]) for name in ("code", "people"))
    return Learnt(code, people, np.concatenate([part.periods for part in parts]), path)


def _learn_block(
    organisation: Organisation,
    runs: int,
    limit: int,
    draws: np.random.Generator,
    hears: graphs.Matrix | None,
    paths: bool,
) -> Learnt:
    state = start(organisation, runs, draws)
    out = Learnt(np.zeros(runs), np.zeros(runs), np.full(runs, limit), np.zeros((runs, limit + 1)) if paths else None)
    going = np.arange(runs)
    for now in range(limit + 1):
        out.code[going] = _knowledge(state.code, state.reality)
        out.people[going] = _knowledge(state.beliefs, state.reality[:, None, :]).mean(axis=1)
        if out.path is not None:
            out.path[going, now:] = out.code[going, None]
        if now == limit:
            break
        if organisation.turnover == 0.0 and organisation.turbulence == 0.0:
            can = can_learn(organisation, state, hears)
            out.periods[going[~can]] = now
            going, state = going[can], state.some(can)
            if not going.size:
                break
        period(organisation, state, draws, hears)
    return out


def _knowledge(held: Signs, reality: Signs) -> Floats:
    return np.asarray((held * reality).mean(axis=-1, dtype=float))


def period(organisation: Organisation, state: State, draws: np.random.Generator, hears: graphs.Matrix | None) -> None:
    """Let one period pass, in place.

    Parameters
    ----------
    organisation, draws, hears
        As for `learn`.
    state
        The runs.
    """
    _change(organisation, state, draws)
    shown = _shown(organisation, state, draws)
    did = (shown * state.reality[:, None, :]).sum(axis=2, dtype=np.int64)
    target = _taught(organisation, state, did, hears)
    majority, margin = _superior(state, shown, did)
    moves = np.nonzero((target != 0) & (target != state.beliefs))
    moved = draws.random(len(moves[0])) < state.adopting[moves[:2]]
    places = tuple(each[moved] for each in moves)
    goal, held = target[places], state.beliefs[places]
    state.beliefs[places] = held + np.sign(goal - held) if organisation.one_step else goal
    if organisation.with_code:
        adopts = draws.random(margin.shape) < -np.expm1(margin * np.log1p(-organisation.learning))
        state.code = np.where(adopts & (majority != 0), majority, state.code).astype(np.int8)


def _change(organisation: Organisation, state: State, draws: np.random.Generator) -> None:
    """Replace people and flip reality."""
    if organisation.turbulence > 0.0:
        state.reality[draws.random(state.reality.shape) < organisation.turbulence] *= -1
    if organisation.turnover > 0.0:
        leave = draws.random(state.adopting.shape) < organisation.turnover
        fresh = (int(leave.sum()), state.beliefs.shape[2])
        state.beliefs[leave] = draws.integers(-1, 2, size=fresh, dtype=np.int8)


def _shown(organisation: Organisation, state: State, draws: np.random.Generator) -> Signs:
    """Return what people are judged by, and asked for: actions, or beliefs."""
    if organisation.judged_by == "beliefs":
        return state.beliefs
    actions = state.beliefs.copy()
    unsure = np.nonzero(actions == 0)
    actions[unsure] = 2 * draws.integers(2, size=len(unsure[0]), dtype=np.int8) - 1
    return actions


def _superior(state: State, shown: Signs, did: npt.NDArray[np.int64]) -> tuple[Signs, npt.NDArray[np.int64]]:
    """Return what the majority of the superior group says, 0 where it ties or agrees with the code, and its margin."""
    bar = (state.code * state.reality).sum(axis=1, dtype=np.int64)
    better = (did > bar[:, None]).astype(np.float32)
    net = np.matmul(better[:, None, :], shown.astype(np.float32))[:, 0, :].astype(np.int64)
    majority = np.sign(net).astype(np.int8)
    majority[majority == state.code] = 0
    return majority, np.abs(net)


def _taught(organisation: Organisation, state: State, did: npt.NDArray[np.int64], hears: graphs.Matrix | None) -> Signs:
    """Return what each person is taught: the code, or where it is silent the majority of better sources; or 0."""
    code = np.broadcast_to(state.code[:, None, :], state.beliefs.shape)
    if hears is None:
        return code
    better = (hears & (did[:, None, :] > did[:, :, None])).astype(np.float32)
    heard = np.sign(np.matmul(better, state.beliefs.astype(np.float32))).astype(np.int8)
    return np.where(code != 0, code, heard) if organisation.with_code else heard


def can_learn(organisation: Organisation, state: State, hears: graphs.Matrix | None = None) -> Truths:
    """Return in which runs anybody, or the code, can still learn.

    People whose belief is 0 act by a coin, so that they may do as well as the best they could.
    """
    if hears is not None:  # people differ who hear each other
        differ = state.beliefs.max(axis=1) != state.beliefs.min(axis=1)
        return np.asarray(differ.any(axis=1) | _code_matters(organisation, state))
    return _code_matters(organisation, state)


def _code_matters(organisation: Organisation, state: State) -> Truths:
    if not organisation.with_code:
        return np.zeros(len(state.code), dtype=bool)
    code = state.code[:, None, :]
    can_adopt = ((code != 0) & (state.beliefs != code)).any(axis=(1, 2))
    is_unsure = (state.beliefs == 0).any(axis=(1, 2)) & (organisation.judged_by == "actions")
    lucky = np.where(state.beliefs == 0, state.reality[:, None, :], state.beliefs)
    best = (lucky * state.reality[:, None, :]).sum(axis=2, dtype=np.int64).max(axis=1)
    bar = (state.code * state.reality).sum(axis=1, dtype=np.int64)
    did = (state.beliefs * state.reality[:, None, :]).sum(axis=2, dtype=np.int64)
    majority, _ = _superior(state, state.beliefs, did)
    code_learns = np.where(is_unsure, best > bar, (majority != 0).any(axis=1))
    return np.asarray(can_adopt | code_learns)


# --- the case ------------------------------------------------------------------------------------------------

RUNS = {False: 200, True: 2000}
LIMIT = 3000
ALLOWANCE = 0.01
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
    """Return organisations with turnover and turbulence, with their paths."""
    item = FIRST_ITEM + 300 + int(100 * p1) + 1000 * (p4 > 0.0) + 500 * (p3 > 0.0)
    organisation = Organisation(p1, 0.5, turnover=p3, turbulence=p4)
    return learn(organisation, runs, periods, generator(seed, item), paths=True)


def run(full: bool, seed: int) -> list[Check]:
    """Return the checks of the case.

    Parameters
    ----------
    full
        2,000 runs a cell; else 200.
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
        checks.append(level(f"p1 = {p1}, p2 = 0.5: periods to the end", "-", reference, ours, se, 0.5))
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
        checks.append(level(claim, "-", reference, ours, se, ALLOWANCE))
        gap, se = _difference(mixed(share, runs, seed).code, settled(mean, 0.5, runs, seed).code)
        checks.append(ordering(f"a mix ends above people alike, mean {mean}", "yes (Fig. 2)", gap, se))
    return checks


def _turnover_checks(runs: int, seed: int) -> list[Check]:
    checks = []
    for (p1, p3), reference in TURNOVER.items():
        ours, se = mean_and_error(changing(p1, p3, 0.0, 20, runs, seed).code)
        claim = f"p1 = {p1}, turnover {p3}: knowledge after 20 periods"
        checks.append(level(claim, "-", reference, ours, se, ALLOWANCE))
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
            ours, se = mean_and_error(_path(done)[:, now])
            claim = f"turbulence .02, turnover {p3}: knowledge after {now} periods"
            checks.append(level(claim, "-", reference, ours, se, ALLOWANCE))
    gap, se = _difference(*(changing(0.5, p3, 0.02, 100, runs, seed).code for p3 in (0.1, 0.0)))
    return [*checks, ordering("turnover stops the decay", "yes (Fig. 5)", gap, se)]


def _path(done: Learnt) -> Floats:
    if done.path is None:
        raise ValueError("the paths were not kept")
    return done.path


def _printed_checks(runs: int, seed: int) -> list[Check]:
    """Return the checks of the model as printed, which cannot reach the published .95."""
    checks = []
    for p1, printed in zip(ADOPTING[::4], (0.954, 0.740), strict=True):
        organisation = Organisation(p1, 0.5, one_step=False, judged_by="beliefs")
        done = learn(organisation, runs, LIMIT, generator(seed, FIRST_ITEM + 200 + int(10 * p1)))
        ours, se = mean_and_error(done.code)
        claim = f"as printed in 1991, p1 = {p1}, p2 = 0.5: knowledge falls short of the published"
        checks.append(ordering(claim, f"{printed}", printed - ours, se))
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
        left.plot(ADOPTING, [published for published, _ in FIGURE_1[p2]], color="black", linestyle=":")
    for p3 in TURBULENCE:
        right.plot(_path(changing(0.5, p3, 0.02, 100, runs, seed)).mean(axis=0), label=f"turnover {p3}")
    left.set(xlabel="p1: how fast people adopt the code", ylabel="knowledge at the end", title="Dotted: published")
    right.set(xlabel="period", ylabel="knowledge of the code", title="Turbulence .02")
    left.legend()
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
        "believe nothing. As printed in 1991 (whole steps, beliefs judged) the model cannot reach its own figures; "
        "that version is checked too. All learn at once, from the state at the start of a period."
    ),
    run=run,
    figure=figure,
)
