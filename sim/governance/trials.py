"""A national shared trial, worked out for a structure: who recruits, and how its results reach those who decide."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.governance.holders import NOBODY, Holders
from sim.governance.listening import to_open_base, up
from sim.governance.structure import Power, Structure
from sim.streams import Purpose
from sim.world.land import mean_likeness
from sim.world.programmes import SharedTrial


class TrialTable(NamedTuple):
    """A shared trial in one stretch of a run."""

    tries: NDArray[np.int64]  # (K,) 1 for services in which ways of working are tried
    recruits: NDArray[np.float64]  # (P,) share of cases that the protocol allots on a day on which it recruits
    difference: float  # local variance of the recruiters' average, as a share of a place's
    delay: NDArray[np.int64]  # (P,) days from a reading to whoever holds the approach
    clarity: NDArray[np.float64]  # (P,) share of its meaning that arrives, before trust; 0 where it is not told
    trust: NDArray[np.int64]  # (P,) relation whose trust scales it, or nobody


class Way(NamedTuple):
    """How a reading reaches whoever holds the approach."""

    delay: int
    clarity: float
    trust: int


def trial_table(holders: Holders, approach: Power) -> TrialTable:
    """Work out a shared trial, as holders of the approach hear of it.

    Recruiters are drawn from their keys, the same under every structure and seed.
    """
    trial, places = holders.scenario.shared_trial, holders.places
    settings = trial or SharedTrial(services=())
    ways = [way_to(holders, approach, place) for place in range(places)]
    reach = reach_of(holders.structure) if trial is not None else 0.0
    recruiters = recruiters_of(holders, settings.places) if reach > 0.0 else []
    recruits = np.zeros(places)
    recruits[recruiters] = settings.share * reach
    return TrialTable(
        tries=np.array([int(name in settings.services) for name in holders.scenario.services]),
        recruits=recruits,
        difference=_difference(holders, recruiters),
        delay=np.array([way.delay for way in ways], np.int64),
        clarity=np.array([way.clarity for way in ways]),
        trust=np.array([way.trust for way in ways], np.int64),
    )


def reach_of(structure: Structure) -> float:
    """Return how far a protocol reaches the front line, and its results come back: by the best path there is."""
    channels = structure.channels
    down_and_up = channels.guidance.clarity * float(channels.reporting.clarity > 0.0)
    return max(down_and_up, channels.open.clarity * float(channels.open.coverage > 0.0))


def recruiters_of(holders: Holders, share: float) -> list[int]:
    """Return the places that recruit."""
    return sorted(holders.country.share_by_lot(Purpose.RECRUITER, share).tolist())


def way_to(holders: Holders, approach: Power, place: int) -> Way:
    """Return how a reading reaches whoever holds the approach in a place.

    Governments, national and devolved, read it at once. Others hear of it through guidance or the open base.
    """
    channels = holders.structure.channels
    tier, _ = holders.holder(approach, place)
    if tier in ("nation", "devolved"):
        return Way(0, 1.0, NOBODY)
    here = tier == "place"
    told = Way(channels.guidance.delay_days, channels.guidance.clarity, up(place) if here else NOBODY)
    relation = to_open_base(place, holders.places) if here else NOBODY
    read = Way(channels.open.delay_days, channels.open.clarity, relation)
    if channels.open.coverage > 0.0 and (read.clarity, -read.delay) > (told.clarity, -told.delay):
        return read
    return told if told.clarity > 0.0 else Way(0, 0.0, NOBODY)


def _difference(holders: Holders, recruiters: list[int]) -> float:
    """Return the local variance of the recruiters' average, as a share of a place's."""
    if not recruiters:
        return 0.0
    settings = holders.scenario.approaches
    members = np.array(recruiters, np.int64)
    return float(mean_likeness(holders.points, members, settings.own_share, settings.smooth_length))
