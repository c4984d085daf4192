"""G2: the closed forms give the reference's table, and hold in their limits, at settings nobody has printed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.known_answers import g2_delay as g2
from sim.known_answers.case import ERRORS_ALLOWED, generator, mean_and_error

pytestmark = pytest.mark.coverage_subset

TABLE = [  # rho, delta, full, devolved, naive, central 1, central 3, mesh 1, mesh 3, uniform 0, uniform 1
    (0.0, 0.1, 0.08182, 0.08257, 0.09, 0.25627, 0.51204, 0.08196, 0.08217, 0.900, 0.919),
    (0.0, 1.0, 0.45000, 0.47368, 0.9, 0.55450, 0.70771, 0.45450, 0.46110, 0.900, 0.919),
    (0.0, 10.0, 0.81818, 0.90000, 9.0, 0.85273, 0.90337, 0.83373, 0.85652, 0.900, 0.919),
    (0.5, 1.0, 0.22500, 0.31034, 0.45, 0.37225, 0.58813, 0.24122, 0.26499, 0.450, 0.5545),
    (0.5, 10.0, 0.40909, 0.81818, 4.5, 0.52136, 0.68597, 0.48682, 0.60077, 0.450, 0.5545),
]
SETTINGS = st.builds(
    g2.Setting,
    units=st.integers(2, 40),
    memory=st.floats(0.05, 0.99),
    alike=st.floats(0.0, 0.99),
    coupling=st.floats(0.01, 50.0),
)
DELAYS = st.floats(0.0, 20.0)


@pytest.mark.parametrize("row", TABLE)
def test_the_table(row):
    setting = g2.Setting(alike=row[0], coupling=row[1])
    ours = [
        g2.full_information(setting),
        g2.devolved(setting),
        g2.naive(setting),
        g2.central(setting, 1),
        g2.central(setting, 3),
        g2.mesh(setting, 1),
        g2.mesh(setting, 3),
        g2.uniform(setting, 0),
        g2.uniform(setting, 1),
    ]
    assert ours == pytest.approx(row[2:], abs=5.1e-6)


@given(SETTINGS, DELAYS, DELAYS)
def test_a_mesh_lies_between_and_always_beats_a_centre_as_late(setting, lag, later):
    loss = g2.mesh(setting, lag)
    assert g2.full_information(setting) <= loss + 1e-12
    assert loss <= g2.devolved(setting) + 1e-12
    assert loss <= g2.central(setting, lag + later) + 1e-12
    assert g2.central(setting, lag) <= g2.central(setting, lag + later) + 1e-12


@given(SETTINGS)
def test_crossovers_are_where_the_formulas_say(setting):
    delay = g2.critical_delay(setting)
    assert g2.central(setting, delay) == pytest.approx(g2.devolved(setting))
    uniform_wins = g2.uniform(setting, 0.0) < g2.devolved(setting)
    if abs(setting.coupling * (1.0 - setting.spread) - 1.0) > 1e-6:
        assert uniform_wins == (setting.coupling > 1.0 / (1.0 - setting.spread))
    if abs(setting.coupling - 1.0) > 1e-6:
        assert (g2.uniform(setting, 0.0) < g2.naive(setting)) == (setting.coupling > 1.0)


def test_other_settings_are_simulated_as_the_formulas_say():
    setting = g2.Setting(units=4, memory=0.7, alike=0.3, coupling=3.0)
    found = g2.simulate(setting, g2.rules(setting, delay=3, lag=2), 60_000, generator(1, 1))
    expected = {"central": g2.central(setting, 3), "mesh": g2.mesh(setting, 2), "uniform": g2.uniform(setting, 3)}
    for name, value in expected.items():
        mean, error = mean_and_error(found[name])
        assert abs(mean - value) < ERRORS_ALLOWED * error + g2.TOLERANCE * value


def test_a_readers_own_rule_can_be_played():
    setting = g2.Setting()
    rules = {"mean": lambda theta: np.broadcast_to(theta.mean(axis=1, keepdims=True), theta.shape)}
    found = g2.simulate(setting, rules, 20_000, generator(1, 2))
    mean, error = mean_and_error(found["mean"])
    assert abs(mean - g2.uniform(setting, 0)) < ERRORS_ALLOWED * error


def test_conditions_are_correlated_as_asked():
    setting = g2.Setting(units=2, memory=0.8, alike=0.6)
    theta = g2.conditions(setting, 200_000, generator(1, 3))
    assert np.corrcoef(theta.T)[0, 1] == pytest.approx(0.6, abs=0.02)
    assert np.corrcoef(theta[1:, 0], theta[:-1, 0])[0, 1] == pytest.approx(0.8, abs=0.01)
    assert theta.var() == pytest.approx(1.0, abs=0.03)
