"""Peer networks: which places are tied to which. Every generator gives undirected ties."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.governance.structure import Peer
from sim.streams import Purpose, uniform
from sim.world.country import Country
from sim.world.nearest import Nearest

Ties = set[tuple[int, int]]
NEAR_SHARE = 0.75  # of the ties of a small world, those to near places; the rest reach anywhere
DEPRIVATION_SCALE = 0.15  # one standard deviation of deprivation counts as this share of the map


def likeness_points(country: Country) -> NDArray[np.float64]:
    """Return points (P, 3) whose distance says how unlike two places are: map and deprivation."""
    return np.column_stack((country.x, country.y, DEPRIVATION_SCALE * country.deprivation))


def peer_ties(country: Country, peer: Peer) -> Ties:
    """Return the ties (i < j) of a network over a country.

    The network is the same in every replicate: it is drawn from the country's keys, not from a run's seed.
    """
    if peer.network == "none" or len(country.keys) < 2:
        return set()
    if peer.network == "neighbours":
        return _neighbours(country)
    if peer.network == "complete":
        return _complete(len(country.keys))
    if peer.network == "hub":
        return _hub(country)
    return _small_world(country, peer.degree) if peer.network == "small_world" else _random(country, peer.degree)


def _tie(i: int, j: int) -> tuple[int, int]:
    return (i, j) if i < j else (j, i)


def _neighbours(country: Country) -> Ties:
    start, neighbour = country.neighbour_start, country.neighbour
    return {_tie(p, int(q)) for p in range(len(country.keys)) for q in neighbour[start[p] : start[p + 1]]}


def _small_world(country: Country, degree: int) -> Ties:
    near = int(NEAR_SHARE * degree + 0.5)
    ties = _nearest(country, (near + 1) // 2)
    return ties | _drawn(country, (degree - near + 1) // 2)


def _random(country: Country, degree: int) -> Ties:
    return _drawn(country, (degree + 1) // 2)


def _complete(places: int) -> Ties:
    return {(i, j) for i in range(places) for j in range(i + 1, places)}


def _hub(country: Country) -> Ties:
    hub = int(np.argmax(country.population))
    return {_tie(hub, p) for p in range(len(country.keys)) if p != hub}


def _nearest(country: Country, count: int) -> Ties:
    if count < 1:
        return set()
    points = np.column_stack((country.x, country.y))
    search = Nearest(points)
    ties = set()
    for p in range(len(country.keys)):
        others = [q for q in search.to(points[p], count + 1) if q != p]
        ties |= {_tie(p, q) for q in others[:count]}
    return ties


def _drawn(country: Country, count: int) -> Ties:
    """Each place draws ``count`` partners, each draw with a number of its own."""
    places = len(country.keys)
    ties = set()
    for p, key in enumerate(country.keys):
        for item in range(count):
            u = uniform(np.uint64(0), key, 0, 0, int(Purpose.NETWORK), item)
            q = int(u * (places - 1))
            ties.add(_tie(p, q + (q >= p)))
    return ties
