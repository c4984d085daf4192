"""Who hears whom: for each place the best path to each sender, and of the senders the likest."""

from __future__ import annotations

from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.governance.holders import NOBODY, Holders, Wholes, members_of, start_of, starts
from sim.governance.networks import Ties
from sim.streams import Purpose, uniform
from sim.world.land import likeness, likeness_to
from sim.world.nearest import Nearest

Reals = NDArray[np.float64]

MOST_HEARD = 24


class Path(NamedTuple):
    """A way that a message takes."""

    delay: int  # days
    clarity: float  # share of the meaning that survives, before trust
    trust1: int  # relation whose trust scales clarity
    trust2: int  # a second one, or nobody


class Entry(NamedTuple):
    """One sender whom a place hears."""

    sender: int  # a place, or the number of places + a group
    path: Path
    likeness: float


class Relations(NamedTuple):
    """All ties that may be open in a run: each place's trust upward, in the open base, and in its peers."""

    peers: tuple[tuple[int, int], ...]  # (who trusts, in whom)
    of: dict[tuple[int, int], int]
    total: int


def relations_of(places: int, networks: list[Ties]) -> Relations:
    """Return the relations of a run whose stretches have these peer networks."""
    pairs = sorted({pair for ties in networks for i, j in ties for pair in ((i, j), (j, i))})
    first = 2 * places
    of = {pair: first + n for n, pair in enumerate(pairs)}
    return Relations(tuple(pairs), of, first + len(pairs))


def up(place: int) -> int:
    """Return the relation of a place with those above it."""
    return place


def to_open_base(place: int, places: int) -> int:
    """Return the relation of a place with the open base."""
    return places + place


class Listening:
    """The channels of a structure in a country."""

    def __init__(self, holders: Holders, ties: Ties, relations: Relations) -> None:
        self.holders, self.ties, self.relations = holders, ties, relations
        self.country, self.scenario, self.structure = holders.country, holders.scenario, holders.structure
        self.places, self.points = holders.places, holders.points
        self.peers = self._peers()
        self._searches: dict[int, Nearest] = {}
        self._columns: dict[int, Wholes] = {}

    def _peers(self) -> list[list[int]]:
        peers: list[list[int]] = [[] for _ in range(self.places)]
        for i, j in sorted(self.ties):
            peers[i].append(j)
            peers[j].append(i)
        return [sorted(row) for row in peers]

    def direct_ties(self) -> tuple[Wholes, Wholes, Wholes, Wholes]:
        """Return, place by place, its peers in order, how it trusts each (a relation), and how each trusts it."""
        relation = [[self.relations.of[p, q] for q in row] for p, row in enumerate(self.peers)]
        back = [[self.relations.of[q, p] for q in row] for p, row in enumerate(self.peers)]
        return start_of(self.peers), members_of(self.peers), members_of(relation), members_of(back)

    def tables(self) -> dict[str, Any]:
        """Return whom each place hears, as columns of the table."""
        groups = self.guidance_groups()
        rows = [self.heard_by(place, groups) for place in range(self.places)]
        heard = [entry for row in rows for entry in row]
        return {
            "source_start": start_of(groups),
            "source_place": members_of(groups),
            "listen_start": starts(len(row) for row in rows),
            "listen_from": np.array([entry.sender for entry in heard], np.int64),
            "listen_delay": np.array([entry.path.delay for entry in heard], np.int64),
            "listen_clarity": np.array([entry.path.clarity for entry in heard], np.float64),
            "listen_trust1": np.array([entry.path.trust1 for entry in heard], np.int64),
            "listen_trust2": np.array([entry.path.trust2 for entry in heard], np.int64),
            "listen_likeness": np.array([entry.likeness for entry in heard], np.float64),
        }

    def guidance_groups(self) -> list[list[int]]:
        """Return the groups whose averages guidance tells, where it does not tell places one by one."""
        channels = self.structure.channels
        if channels.guidance.clarity == 0.0 or channels.reporting.granularity == "place":
            return []
        granularity = channels.reporting.granularity
        return list(self.holders.groups(lambda place: self.holders.seen_area(granularity, place)).values())

    def heard_by(self, place: int, groups: list[list[int]]) -> list[Entry]:
        """Return the entries of one listener: nothing is heard twice, the likest senders count."""
        paths = self.peer_paths(place)
        for sender, path in self.open_paths(place) + self.guidance_paths(place):
            if sender not in paths or self.quality(path) > self.quality(paths[sender]):
                paths[sender] = path
        ranked = sorted((-self.like(place, sender), sender) for sender in paths)[:MOST_HEARD]
        entries = sorted(Entry(sender, paths[sender], -minus) for minus, sender in ranked)
        return entries + self.group_entries(place, groups, set(paths))

    def like(self, i: int, j: int) -> float:
        """Return the likeness of two places."""
        approaches = self.scenario.approaches
        return float(likeness(self.points, i, j, approaches.own_share, approaches.smooth_length))

    def quality(self, path: Path) -> tuple[float, int]:
        """Return what makes a path better: clarity at starting trust, then speed."""
        trust = self.scenario.culture.trust_start
        return path.clarity * trust * (1.0 if path.trust2 == NOBODY else trust), -path.delay

    def peer_paths(self, place: int) -> dict[int, Path]:
        """Return paths over one tie and, where messages are relayed, over two."""
        peer, relation = self.structure.channels.peer, self.relations.of
        near = self.peers[place]
        paths = {q: Path(peer.delay_days, peer.clarity, relation[place, q], NOBODY) for q in near}
        if peer.relay_hops == 2:
            delay, clarity = 2 * peer.delay_days, peer.clarity * peer.clarity
            for q in near:
                for far in self.peers[q]:
                    if far != place and far not in paths:
                        paths[far] = Path(delay, clarity, relation[place, q], relation[q, far])
        return paths

    def open_paths(self, place: int) -> list[tuple[int, Path]]:
        """Return paths through the open base to the likest of those who contribute."""
        base = self.structure.channels.open
        path = Path(base.delay_days, base.clarity, to_open_base(place, self.places), NOBODY)
        return [(sender, path) for sender in self.likest(place, self.contributors)]

    def guidance_paths(self, place: int) -> list[tuple[int, Path]]:
        """Return paths down from the centre, where it knows and tells places one by one."""
        guidance, reporting = self.structure.channels.guidance, self.structure.channels.reporting
        if guidance.clarity == 0.0 or reporting.granularity != "place":
            return []
        delay, clarity = reporting.delay_days + guidance.delay_days, reporting.clarity * guidance.clarity
        everyone = np.arange(self.places, dtype=np.int64)
        return [(q, Path(delay, clarity, up(place), up(q))) for q in self.likest(place, everyone)]

    def group_entries(self, place: int, groups: list[list[int]], heard: set[int]) -> list[Entry]:
        """Return averages told from above, of groups in which nobody is heard already."""
        guidance, reporting = self.structure.channels.guidance, self.structure.channels.reporting
        path = Path(reporting.delay_days + guidance.delay_days, reporting.clarity * guidance.clarity, up(place), NOBODY)
        return [
            Entry(self.places + g, path, self.like_group(place, g, members))
            for g, members in enumerate(groups)
            if place not in members and not heard.intersection(members)
        ]

    def like_group(self, place: int, group: int, members: list[int]) -> float:
        """Return the mean likeness of a place to the members of a group, which stay the same for all places."""
        if group not in self._columns:
            self._columns[group] = np.array(members, np.int64)
        approaches = self.scenario.approaches
        own, length = approaches.own_share, approaches.smooth_length
        return float(likeness_to(self.points, place, self._columns[group], own, length))

    @cached_property
    def contributors(self) -> Wholes:
        """The places that contribute to the open base, drawn once: each listener asks for them."""
        coverage = self.structure.channels.open.coverage
        keys = self.country.keys
        drawn = [uniform(np.uint64(0), key, 0, 0, int(Purpose.OPEN_BASE), 0) for key in keys]
        return np.array([p for p, u in enumerate(drawn) if u < coverage], np.int64)

    def likest(self, place: int, candidates: Wholes) -> list[int]:
        """Return the likest of some places, no more than a listener can hear."""
        if not len(candidates):
            return []
        found = self.nearest(candidates).to(self.points[place], MOST_HEARD + 1)
        return [int(candidates[f]) for f in found if candidates[f] != place][:MOST_HEARD]

    def nearest(self, candidates: Wholes) -> Nearest:
        """Return a search among some places, made once for each set of them."""
        if len(candidates) not in self._searches:
            self._searches[len(candidates)] = Nearest(self.points[candidates])
        return self._searches[len(candidates)]
