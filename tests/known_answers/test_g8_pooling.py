"""G8: stocks with any covariance, queues with any offer rule, a commons with any return."""

import numpy as np
import pytest

from sim.known_answers import g8_pooling as g8
from sim.known_answers.case import ERRORS_ALLOWED, generator
from sim.known_answers.graphs import complete, cycle, empty, star

pytestmark = pytest.mark.coverage_subset


def test_the_law_of_the_root():
    for n in (1, 4, 9, 25):
        assert g8.cost_ratio(g8.common_correlation(n, 0.0)) == pytest.approx(np.sqrt(n))
        assert g8.cost_ratio(g8.common_correlation(n, 1.0)) == pytest.approx(1.0)
        assert g8.cost_ratio(g8.common_correlation(n, 0.3)) == pytest.approx(n / np.sqrt(n + n * (n - 1) * 0.3))


def test_any_covariance():
    sds = np.array([1.0, 2.0, 4.0])
    covariance = g8.common_correlation(3, 0.2) * np.outer(sds, sds)
    ratio, error = g8.ratio_of_means(*g8.stock_costs(covariance, 2.0, 5.0, 100_000, generator(1, 1)))
    assert abs(ratio - g8.cost_ratio(covariance)) < ERRORS_ALLOWED * error
    assert g8.cost_ratio(covariance) == pytest.approx(7.0 / np.sqrt(covariance.sum()))


def test_the_cost_of_one_stock():
    apart, _ = g8.stock_costs(np.array([[4.0]]), 1.0, 9.0, 400_000, generator(1, 2))
    assert apart.mean() == pytest.approx(2.0 * g8.cost_per_sd(1.0, 9.0), rel=0.01)


@pytest.mark.parametrize(("load", "wait"), [(0.5, 0.00722), (0.8, 0.20459), (0.9, 0.66873), (0.95, 1.65117)])
def test_erlangs_formula(load, wait):
    assert g8.mean_wait(10, load) == pytest.approx(wait, abs=5.1e-6)
    assert g8.mean_wait(1, load) == pytest.approx(load / (1.0 - load))


def wait_in_one_queue(servers, who):
    """Return waits in one queue before these servers, by its definition: the first to be free takes the next."""
    free, waits = np.zeros(servers), []
    for now, needs in zip(who.arrival, who.service, strict=True):
        first = int(np.argmin(free))
        waits.append(max(free[first] - now, 0.0))
        free[first] = now + waits[-1] + needs
    return np.array(waits)


def test_joining_the_least_work_is_one_queue_wait_for_wait():
    who = g8.customers(5, 0.9, 4_000, generator(1, 3))
    assert g8.serve(g8.Offer(complete(5)), who) == pytest.approx(wait_in_one_queue(5, who), abs=1e-9)


def test_sites_apart_are_each_a_queue_of_its_own():
    who = g8.customers(3, 0.8, 3_000, generator(1, 4))
    waits = g8.serve(g8.Offer(empty(3)), who)
    for site in range(3):
        here = who.home == site
        one = g8.Customers(who.arrival[here], who.service[here], np.zeros(here.sum(), np.int64), who.chance[here])
        assert waits[here] == pytest.approx(wait_in_one_queue(1, one), abs=1e-9)


def nearest_with_fewest(home, _work, number, _u):
    options = [home, *sorted([(home - 1) % 6, (home + 1) % 6])]
    return min(options, key=lambda site: (number[site], options.index(site)))


def looks_at_two(home, work, _number, u):
    options = [home, *[site for site in range(6) if site != home]]
    first, rest = divmod(u * 6, 1.0)
    second = int(rest * 6)
    pair = [options[int(first)], options[second]]
    return min(pair, key=lambda site: (work[site], pair.index(site)))


def overflow(home, work, number, _u):
    options = [home, *[site for site in range(6) if site != home]]
    return home if number[home] < 2 else min(options, key=lambda site: (work[site], options.index(site)))


@pytest.mark.parametrize(
    ("offer", "choose"),
    [
        (g8.Offer(cycle(6), by="number"), nearest_with_fewest),
        (g8.Offer(complete(6), looks=2), looks_at_two),
        (g8.Offer(complete(6), stays_below=2), overflow),
    ],
)
def test_the_kernel_and_any_function_of_ones_own_agree(offer, choose):
    who = g8.customers(6, 0.85, 3_000, generator(1, 5))
    assert g8.serve(offer, who) == pytest.approx(g8.serve_by(choose, 6, who), abs=1e-9)


def test_two_choices_among_many_wait_as_mitzenmacher_says():
    # Time in a system of many sites when each customer joins the shorter of two: sum of load^(2^i - 2), i from 1.
    sites, load = 400, 0.9
    who = g8.customers(sites, load, 600_000, generator(1, 6))
    waits = g8.serve(g8.Offer(complete(sites), looks=2, by="number"), who)
    expected = sum(load ** (2.0**i - 2.0) for i in range(1, 12)) - 1.0
    assert g8.batch_means(waits).mean() == pytest.approx(expected, rel=0.05)


def test_a_hub_helps_less_than_a_ring():
    who = g8.customers(10, 0.9, 200_000, generator(1, 7))
    hub, ring = (g8.batch_means(g8.serve(g8.Offer(graph), who)).mean() for graph in (star(10), cycle(10)))
    assert hub > ring


def test_a_commons_with_another_return():
    def falling(effort):
        return 1.0 - effort**2

    best, rent = g8.common_use(1, falling, 1.0, joint=True)
    assert best == pytest.approx(np.sqrt(1.0 / 3.0), abs=1e-6)
    efforts = [g8.common_use(users, falling, 1.0)[0] for users in (1, 2, 4, 8)]
    rents = [g8.common_use(users, falling, 1.0)[1] for users in (1, 2, 4, 8)]
    assert efforts == sorted(efforts)
    assert rents == sorted(rents, reverse=True)
    assert rents[0] == pytest.approx(rent)


@pytest.mark.parametrize("full", [False, True])
def test_the_whole_case_on_few_customers(full, monkeypatch):
    monkeypatch.setattr(g8, "PERIODS", {False: 30, True: 40})
    monkeypatch.setattr(g8, "CUSTOMERS", {False: 300, True: 400})
    checks = g8.CASE.run(full, 83)
    assert len({check.claim for check in checks}) == len(checks)
    assert g8.CASE.figure(full, 83).axes
