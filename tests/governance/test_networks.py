"""Who is tied to whom: each generator gives the ties it promises, the same in every run."""

import pytest

from sim.governance.networks import peer_ties
from sim.governance.setup import prepare
from sim.governance.structure import Peer
from sim.streams import uniform
from sim.world.country import Country, load_country
from sim.world.scenario import CountrySettings
from tests.laws import worlds

pytestmark = pytest.mark.coverage_subset


@pytest.fixture(scope="module")
def country() -> Country:
    return load_country(CountrySettings(kind="synthetic", places=30, regions=3))


def test_no_network_has_no_ties(country: Country) -> None:
    assert peer_ties(country, Peer(network="none")) == set()


def test_neighbours_are_those_of_the_map(country: Country) -> None:
    ties = peer_ties(country, Peer(network="neighbours"))
    assert ties == {(p, int(q)) for p in range(30) for q in country.neighbours_of(p) if p < q}


def test_complete_is_every_pair(country: Country) -> None:
    ties = peer_ties(country, Peer(network="complete"))
    assert len(ties) == 30 * 29 // 2
    assert all(i < j for i, j in ties)


def test_a_hub_is_the_largest_place(country: Country) -> None:
    ties = peer_ties(country, Peer(network="hub"))
    largest = int(country.population.argmax())
    assert len(ties) == 29
    assert all(largest in tie for tie in ties)


@pytest.mark.parametrize("network", ["small_world", "random"])
@pytest.mark.parametrize("degree", [2, 6])
def test_drawn_networks_have_about_the_degree_that_was_asked_for(country: Country, network: str, degree: int) -> None:
    ties = peer_ties(country, Peer(network=network, degree=degree))
    assert degree * 0.6 <= 2 * len(ties) / 30 <= degree * 1.5 + 1
    assert ties == peer_ties(country, Peer(network=network, degree=degree))


def test_a_small_world_is_mostly_near(country: Country) -> None:
    def length(ties: set[tuple[int, int]]) -> float:
        gaps = [(country.x[i] - country.x[j]) ** 2 + (country.y[i] - country.y[j]) ** 2 for i, j in ties]
        return sum(gaps) / len(gaps)

    near, anywhere = (peer_ties(country, Peer(network=network)) for network in ("small_world", "random"))
    assert length(near) < 0.7 * length(anywhere)


def test_who_puts_into_the_open_base_is_drawn_once_a_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once for each place and not for each listener, or a country of 15,000 places takes an hour to prepare."""
    drawn: list[object] = []
    monkeypatch.setattr("sim.governance.listening.uniform", lambda *at: drawn.append(at) or uniform(*at))
    prepare(worlds.scenario(), worlds.structure("mesh"))
    assert len(drawn) == 6
