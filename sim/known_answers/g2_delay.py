"""G2. Adaptation against coordination, when news takes time: central, devolved, mesh and uniform.

Claim
    Whether a centre, the places themselves or a mesh of them should decide follows from four numbers: how much places
    differ, how much it matters that they act alike, how fast the world changes, and how late news arrives. Closed
    forms give each arrangement's loss and where one overtakes another.

Citation
    A team-theory benchmark after Marschak and Radner, *Economic Theory of Teams*, 1972, with the loss of Alonso,
    Dessein and Matouschek, "When Does Coordination Require Centralization?", American Economic Review 98(1):145-179,
    2008, doi 10.1257/aer.98.1.145. Their own result concerns strategic talk; agents here are truthful, so this is not
    it.

Definition
    Unit i of n faces conditions theta_i, a stationary AR(1) with coefficient a and variance 1, and correlation rho
    between units. It takes decision d_i. The loss of a period is the mean over units of
    ``(d_i - theta_i)^2 + delta * (d_i - mean of d)^2``. With ``w = (1 - rho)(1 - 1/n)`` the expected losses of the best
    rules under each arrangement are those of `Losses`. ``rules`` gives the decision rules themselves, and `simulate`
    plays any rules, those or a reader's own, over drawn conditions.

Variant
    "Mesh" here means: a unit knows its own conditions now and everybody else's after a lag. "Devolved" is the best
    rule that all can share; "naive" ignores coordination.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from math import log, sqrt

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.signal import lfilter

from sim.known_answers.case import Case, Check, exact, generator, level, mean_and_error, ordering

Floats = npt.NDArray[np.float64]
Rule = Callable[[Floats], Floats]
ITEM = 2000
TOLERANCE = 0.02  # of the closed form
BATCHES = 100


@dataclass(frozen=True)
class Setting:
    """What the arrangements face.

    Parameters
    ----------
    units
        Number of units, n.
    memory
        AR(1) coefficient a, in [0, 1): how much of today is left tomorrow.
    alike
        Correlation rho between units, in [0, 1].
    coupling
        Weight delta on acting alike.
    """

    units: int = 10
    memory: float = 0.9
    alike: float = 0.0
    coupling: float = 1.0

    @property
    def spread(self) -> float:
        """Variance of a unit's conditions about the mean of all, w."""
        return (1.0 - self.alike) * (1.0 - 1.0 / self.units)

    def remembered(self, delay: float) -> float:
        """Return the share of variance that news of this age still explains, q = a^(2 h)."""
        return float(self.memory ** (2.0 * delay))


# --- closed forms --------------------------------------------------------------------------------------------


def full_information(setting: Setting) -> float:
    """Return the loss of a centre that knows all at once, F."""
    return setting.spread * setting.coupling / (1.0 + setting.coupling)


def devolved(setting: Setting) -> float:
    """Return the loss of units that know only themselves and share the best rule, D."""
    return setting.spread * setting.coupling / (1.0 + setting.spread * setting.coupling)


def naive(setting: Setting) -> float:
    """Return the loss of units that each do what suits themselves."""
    return setting.coupling * setting.spread


def central(setting: Setting, delay: float) -> float:
    """Return the loss of a centre that knows all, late."""
    q = setting.remembered(delay)
    return 1.0 - q + q * full_information(setting)


def mesh(setting: Setting, lag: float) -> float:
    """Return the loss of units that know themselves now and the others late."""
    q = setting.remembered(lag)
    return q * full_information(setting) + (1.0 - q) * devolved(setting)


def uniform(setting: Setting, delay: float) -> float:
    """Return the loss of one order for all, made from late news of the mean."""
    return setting.spread + (1.0 - setting.spread) * (1.0 - setting.remembered(delay))


def critical_delay(setting: Setting) -> float:
    """Return the delay at which a centre stops being better than devolved units."""
    w, delta = setting.spread, setting.coupling
    threshold = (1.0 + delta) / ((1.0 + delta * w) * (1.0 + delta - delta * w))
    return log(threshold) / (2.0 * log(setting.memory))


# --- by simulation -------------------------------------------------------------------------------------------


def conditions(setting: Setting, periods: int, draws: np.random.Generator) -> Floats:
    """Return conditions theta, shape (periods, units): stationary AR(1), correlated between units."""
    common = _ar1(setting.memory, draws.standard_normal((periods, 1)))
    own = _ar1(setting.memory, draws.standard_normal((periods, setting.units)))
    return sqrt(setting.alike) * common + sqrt(1.0 - setting.alike) * own


def _ar1(memory: float, shocks: Floats) -> Floats:
    shocks[1:] *= sqrt(1.0 - memory * memory)
    return np.asarray(lfilter([1.0], [1.0, -memory], shocks, axis=0))


def late(theta: Floats, periods: int) -> Floats:
    """Return conditions as they were this many periods ago; what came before the first is not known (NaN)."""
    if periods == 0:
        return theta
    return np.vstack((np.full((periods, theta.shape[1]), np.nan), theta[:-periods]))


def together(theta: Floats, coupling: float) -> Floats:
    """Return the best decisions for known conditions."""
    mean = theta.mean(axis=1, keepdims=True)
    return np.asarray(mean + (theta - mean) / (1.0 + coupling))


def rules(setting: Setting, delay: int, lag: int) -> dict[str, Rule]:
    """Return the best rule under each arrangement: from conditions of all periods to decisions.

    Parameters
    ----------
    setting
        What they face.
    delay
        Age of the centre's news, in periods.
    lag
        Age of what units hear of each other.
    """
    delta, alone = setting.coupling, 1.0 / (1.0 + setting.coupling * setting.spread)

    def heard(theta: Floats) -> Floats:
        old = setting.memory**lag * late(theta, lag)
        return together(old, delta) + alone * (theta - old)

    def ordered(theta: Floats) -> Floats:
        mean = late(theta, delay).mean(axis=1, keepdims=True)
        return np.broadcast_to(setting.memory**delay * mean, theta.shape)

    return {
        "full": lambda theta: together(theta, delta),
        "devolved": lambda theta: alone * theta,
        "naive": lambda theta: theta,
        "central": lambda theta: together(setting.memory**delay * late(theta, delay), delta),
        "mesh": heard,
        "uniform": ordered,
    }


def loss(decisions: Floats, theta: Floats, coupling: float) -> Floats:
    """Return the loss of each period."""
    apart = decisions - decisions.mean(axis=1, keepdims=True)
    return np.asarray(((decisions - theta) ** 2 + coupling * apart**2).mean(axis=1))


def simulate(
    setting: Setting, chosen: Mapping[str, Rule], periods: int, draws: np.random.Generator
) -> dict[str, Floats]:
    """Return, by rule, the mean loss in each of `BATCHES` stretches of time; all rules face the same conditions.

    Parameters
    ----------
    setting
        What they face.
    chosen
        Rules by name, such as those of `rules`.
    periods
        In all.
    draws
        Where chance comes from.
    """
    theta = conditions(setting, periods, draws)
    losses = {name: loss(rule(theta), theta, setting.coupling) for name, rule in chosen.items()}
    return {
        name: np.array([np.nanmean(part) for part in np.array_split(all_, BATCHES)]) for name, all_ in losses.items()
    }


# --- the case ------------------------------------------------------------------------------------------------

ROWS = tuple(Setting(alike=r, coupling=d) for r, d in ((0.0, 0.1), (0.0, 1.0), (0.0, 10.0), (0.5, 1.0), (0.5, 10.0)))
CRITICAL = {1.0: 0.209, 2.0: 0.538, 5.0: 1.511, 10.0: 2.837, 50.0: 8.013}
AGES = (1, 3)  # of news, in periods: delay of the centre's, lag of what units hear of each other
FORMULAS = {
    "full": "F = w delta/(1+delta)",
    "devolved": "D = w delta/(1+w delta)",
    "naive": "w delta",
    "central": "1 - q + q F",
    "mesh": "q F + (1-q) D",
    "uniform": "w + (1-w)(1-q)",
}
AGELESS = ("full", "devolved", "naive")


def _named(setting: Setting) -> dict[str, Rule]:
    """Return the rules of the table by name and age: "central, news 3 old"."""
    named = {f"uniform{_of_age(0)}": rules(setting, 0, 0)["uniform"]}
    for age in AGES:
        for name, rule in rules(setting, age, age).items():
            named[name if name in AGELESS else name + _of_age(age)] = rule
    return named


def _of_age(age: int) -> str:
    return f", news {age} old"


def _expected(setting: Setting) -> dict[str, float]:
    """Return the closed forms under the same names."""
    ageless = {"full": full_information(setting), "devolved": devolved(setting), "naive": naive(setting)}
    late_ones = {"central": central, "mesh": mesh, "uniform": uniform}
    aged = {name + _of_age(age): form(setting, age) for name, form in late_ones.items() for age in AGES}
    return {**ageless, **aged, f"uniform{_of_age(0)}": uniform(setting, 0)}


@cache
def _runs(full: bool, seed: int) -> list[dict[str, Floats]]:
    periods = 1_000_000 if full else 200_000
    return [
        simulate(setting, _named(setting), periods, generator(seed, ITEM + index)) for index, setting in enumerate(ROWS)
    ]


def run(full: bool, seed: int) -> list[Check]:
    """Return the checks: each closed form against simulation, the critical delays, and who beats whom.

    Parameters
    ----------
    full
        10^6 periods; else 2 x 10^5, which give about .5%.
    seed
        Seed of all draws.
    """
    checks = []
    for setting, found in zip(ROWS, _runs(full, seed), strict=True):
        for name, expected in _expected(setting).items():
            value, error = mean_and_error(found[name])
            told = f"Loss, {name}, {_at(setting)}"
            checks.append(level(told, FORMULAS[name.split(",")[0]], expected, value, error, TOLERANCE * expected))
    for coupling, delay in CRITICAL.items():
        ours = critical_delay(Setting(coupling=coupling))
        checks.append(exact(f"Centre better up to this delay, delta={coupling:g}", "-", delay, ours, 5e-4))
    return [*checks, *_crossings(full, seed), *_orders(full, seed)]


def _at(setting: Setting) -> str:
    return f"rho={setting.alike:g}, delta={setting.coupling:g}"


# Where one overtakes another: coupling, correlation, what loses more, what loses less; on both sides of the crossover.
CROSSINGS = (
    (5.0, 0.0, ("devolved", 0), ("central", 1), "centre better up to 1.511 late"),
    (5.0, 0.0, ("central", 2), ("devolved", 0), "centre better up to 1.511 late"),
    (10.0, 0.0, ("devolved", 0), ("central", 2), "centre better up to 2.837 late"),
    (10.0, 0.0, ("central", 3), ("devolved", 0), "centre better up to 2.837 late"),
    (1.6, 0.5, ("uniform", 0), ("devolved", 0), "delta below 1/(1-w) = 1.818"),
    (2.0, 0.5, ("devolved", 0), ("uniform", 0), "delta above 1/(1-w) = 1.818"),
    (0.9, 0.5, ("uniform", 0), ("naive", 0), "delta below 1"),
    (1.1, 0.5, ("naive", 0), ("uniform", 0), "delta above 1"),
)


def _crossings(full: bool, seed: int) -> list[Check]:
    """Return checks that the order changes where the closed forms say."""
    periods = 1_000_000 if full else 200_000
    checks = []
    for coupling, alike, more, less, why in CROSSINGS:
        setting = Setting(alike=alike, coupling=coupling)
        chosen = {name: rules(setting, age, 1)[name] for name, age in (more, less)}
        found = simulate(setting, chosen, periods, generator(seed, ITEM + 50))
        sides = " above ".join(name if name in AGELESS else name + _of_age(age) for name, age in (more, less))
        gap = mean_and_error(found[more[0]] - found[less[0]])
        checks.append(ordering(f"Loss of {sides}, {_at(setting)}", why, *gap))
    return checks


def _orders(full: bool, seed: int) -> list[Check]:
    """Return checks that a mesh lies between full information and devolved, and beats a centre as late."""
    checks = []
    for setting, found in zip(ROWS, _runs(full, seed), strict=True):
        for age in AGES:
            heard, ordered = f"mesh{_of_age(age)}", f"central{_of_age(age)}"
            for more, less in (("devolved", heard), (heard, "full"), (ordered, heard)):
                told = f"Loss of {more} above {less}, {_at(setting)}"
                checks.append(
                    ordering(told, "F < mesh < D, mesh < central", *mean_and_error(found[more] - found[less]))
                )
    return checks


def figure(full: bool, seed: int) -> Figure:
    """Draw loss against delay: closed forms as lines, simulation as dots."""
    drawing = Figure(figsize=(9.0, 4.0))
    axes = drawing.subplots(1, 2, sharey=True)
    for ax, alike in zip(axes, (0.0, 0.5), strict=True):
        setting = Setting(alike=alike, coupling=5.0)
        _curves(ax, setting)
        _dots(ax, setting, 500_000 if full else 100_000, seed)
        ax.set(title=f"correlation {alike:g}, coupling 5", xlabel="age of news (periods)", ylim=(0.0, 1.3))
        ax.set_ylabel("loss a period (variance of conditions = 1)")
    axes[0].legend(ncols=2, loc="upper left")
    return drawing


def _curves(ax: Axes, setting: Setting) -> None:
    ages = np.linspace(0.0, 8.0, 81)
    flat = np.ones_like(ages)
    ax.plot(ages, [central(setting, age) for age in ages], label="central")
    ax.plot(ages, [mesh(setting, age) for age in ages], label="mesh")
    ax.plot(ages, devolved(setting) * flat, label="devolved")
    ax.plot(ages, [uniform(setting, age) for age in ages], label="uniform")


def _dots(ax: Axes, setting: Setting, periods: int, seed: int) -> None:
    for age in (0, 1, 2, 4, 8):
        found = simulate(setting, rules(setting, age, age), periods, generator(seed, ITEM + 60))
        for index, name in enumerate(("central", "mesh", "devolved", "uniform")):
            ax.plot(age, found[name].mean(), "o", color=f"C{index}", markersize=5)


CASE = Case(
    id="G2",
    title="Adaptation against coordination, with delay",
    claim="Closed forms say when a centre, devolved units, a mesh or one order for all does best as news gets old.",
    citation="After Marschak and Radner 1972; loss of Alonso, Dessein and Matouschek, AER 98(1), 2008, "
    "doi 10.1257/aer.98.1.145",
    says=(__doc__ or "").strip(),
    run=run,
    figure=figure,
)
