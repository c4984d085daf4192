"""Random numbers by purpose: one crisis for all structures.

Every draw is a pure function of where it belongs: the seed, the place's key, the day, the role slot, the
purpose and the item. Nothing is stored between draws, so a draw that one structure skips moves nothing in
another. The generator is Philox4x32-10 (Salmon, Moraes, Dror and Shaw 2011, "Parallel random numbers: as easy
as 1, 2, 3", SC11): the seed is its key, and its counter is::

    (place key low, place key high, day << 8 | slot, purpose << 16 | item)

A draw uses one counter and 52 of its bits, whatever its value: there is no rejection.
"""

import hashlib
from enum import IntEnum
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from sim.fast.compiled import compiled, lanes, rule
from sim.rules.maths import (
    is_in_the_tails,
    normal_quantile,
    quantile_in_the_middle,
    quantile_in_the_tails,
)

Whole: TypeAlias = int | np.integer
Words: TypeAlias = tuple[np.uint64, np.uint64, np.uint64, np.uint64]
Floats: TypeAlias = npt.NDArray[np.float64]

DAY_COUNT = 1 << 24  # days, slots and items that the counter has room for
SLOT_COUNT = 1 << 8
ITEM_COUNT = 1 << 16

MULTIPLIER_0 = np.uint64(0xD2511F53)  # the constants of Philox4x32, from its authors
MULTIPLIER_1 = np.uint64(0xCD9E8D57)
KEY_STEP_0 = np.uint64(0x9E3779B9)
KEY_STEP_1 = np.uint64(0xBB67AE85)
WORD = np.uint64(0xFFFFFFFF)
WORD_BITS = np.uint64(32)
SLOT_BITS = np.uint64(8)
ITEM_BITS = np.uint64(16)
HALF_BITS = np.uint64(26)
DROPPED_BITS = np.uint64(6)


class Purpose(IntEnum):
    """What a draw is for. A number is never used again for something else: that would change old results."""

    LANDSCAPE_COMMON = 1
    LANDSCAPE_LOCAL = 2
    SHIFT = 3
    TRANSMISSION = 4
    IMPORTS = 5
    SURGE = 6
    CAPABILITY = 7
    PRACTICE = 8
    OBSERVATION = 9
    TRIAL = 10
    APPROVAL = 11
    PREFERENCE = 12
    LEAD = 13
    PILOT = 14
    NETWORK = 15
    OPEN_BASE = 16
    COUNTRY = 17
    BOOTSTRAP = 18
    TAKE_UP = 19
    TALKS = 20
    FLOOD = 22
    WINTER = 23
    WICKED = 30
    FORECAST = 40
    BID = 41
    SHORTAGE = 42
    POT = 43
    PROGRAMME = 50
    RECRUITER = 51
    PROTOCOL = 52
    MOVEMENT = 53
    NO_LEAD = 71
    OVERRIDE = 72
    FAILURE = 73
    DESIGN = 64  # points of a study


@rule
def philox(c0: np.uint64, c1: np.uint64, c2: np.uint64, c3: np.uint64, k0: np.uint64, k1: np.uint64) -> Words:
    """Return the four random words that Philox4x32-10 gives for a counter and a key.

    Parameters
    ----------
    c0, c1, c2, c3
        The counter: four 32-bit words, each in an unsigned 64-bit number.
    k0, k1
        The key: two such words.
    """
    for _ in range(10):
        p0 = MULTIPLIER_0 * c0
        p1 = MULTIPLIER_1 * c2
        c0 = (p1 >> WORD_BITS) ^ c1 ^ k0
        c2 = (p0 >> WORD_BITS) ^ c3 ^ k1
        c1 = p1 & WORD
        c3 = p0 & WORD
        k0 = (k0 + KEY_STEP_0) & WORD
        k1 = (k1 + KEY_STEP_1) & WORD
    return c0, c1, c2, c3


@rule
def words(seed: np.uint64, key: np.uint64, day: Whole, slot: Whole, purpose: Whole, item: Whole) -> Words:
    """Return the four 32-bit random words of a draw.

    Parameters
    ----------
    seed
        The run's seed, 64 bits; 0 is a seed.
    key
        The place's key, 64 bits (`key_of`); 0 where the draw belongs to no place.
    day
        In [0, 2^24).
    slot
        The role that draws, in [0, 256).
    purpose
        A `Purpose`, in [0, 2^16).
    item
        Which of several draws, in [0, 2^16).
    """
    when = (np.uint64(day) << SLOT_BITS) | np.uint64(slot)
    what = ((np.uint64(purpose) << ITEM_BITS) | np.uint64(item)) & WORD  # known to fit: several are done at a time
    return philox(key & WORD, key >> WORD_BITS, when, what, seed & WORD, seed >> WORD_BITS)


@rule
def uniform(seed: np.uint64, key: np.uint64, day: Whole, slot: Whole, purpose: Whole, item: Whole) -> float:
    """Return a draw from the uniform distribution on the open interval (0, 1).

    It is an odd multiple of 2^-53: (n + 1/2) / 2^52 with n from 52 random bits. Each value is exact, as is 1
    less it, and neither is ever 0. Parameters as for `words`.
    """
    high, low, _, _ = words(seed, key, day, slot, purpose, item)
    n = ((high >> DROPPED_BITS) << HALF_BITS) | (low >> DROPPED_BITS)
    return (float(n) + 0.5) * 2.220446049250313e-16  # 2^-52


@rule
def normal(seed: np.uint64, key: np.uint64, day: Whole, slot: Whole, purpose: Whole, item: Whole) -> float:
    """Return a draw from the standard normal distribution, between -8.3 and 8.3. Parameters as for `words`."""
    return normal_quantile(uniform(seed, key, day, slot, purpose, item))


@lanes
def turn_normal(drawn, far, where):  # type: ignore[no-untyped-def]
    """Turn uniform draws (N,) into normal ones, in place; ``far`` and ``where`` (N,) are room for some.

    The tails, 15 in 100, take nine times as long as the middle: they are gathered and done together. So the more
    draws at a time, the better, as long as they stay near the processor.
    """
    count = 0
    for i in range(len(drawn)):
        where[count] = i
        count += 1 if is_in_the_tails(drawn[i]) else 0
    for j in range(count):
        far[j] = drawn[where[j]]
    for i in range(len(drawn)):
        drawn[i] = quantile_in_the_middle(drawn[i])
    for j in range(count):
        far[j] = quantile_in_the_tails(far[j])
    for j in range(count):
        drawn[where[j]] = far[j]


@compiled
def fill_uniforms(
    out: Floats, seeds: npt.NDArray[np.uint64], keys: npt.NDArray[np.uint64], day: int, purpose: int
) -> None:
    """Fill an array with uniform draws: axes place, slot, item, world; one seed a world, one key a place."""
    for place in range(out.shape[0]):
        for slot in range(out.shape[1]):
            for item in range(out.shape[2]):
                for world in range(out.shape[3]):
                    out[place, slot, item, world] = uniform(seeds[world], keys[place], day, slot, purpose, item)


@compiled
def fill_normals(
    out: Floats, seeds: npt.NDArray[np.uint64], keys: npt.NDArray[np.uint64], day: int, purpose: int
) -> None:
    """Fill an array with normal draws: axes place, slot, item, world; one seed a world, one key a place."""
    for place in range(out.shape[0]):
        for slot in range(out.shape[1]):
            for item in range(out.shape[2]):
                for world in range(out.shape[3]):
                    out[place, slot, item, world] = normal(seeds[world], keys[place], day, slot, purpose, item)


def uniforms(seed: int, keys: npt.ArrayLike, day: int, slots: int, purpose: int, items: int) -> Floats:
    """Return uniform draws of one world.

    Parameters
    ----------
    seed
        The run's seed, in [0, 2^64).
    keys
        The places' keys: shape (places,), unsigned 64-bit whole numbers.
    day, purpose
        As for `words`.
    slots, items
        How many: slots 0 to slots - 1, items 0 to items - 1.

    Returns
    -------
    ndarray
        Shape (places, slots, items): entry [p, s, i] is ``uniform(seed, keys[p], day, s, purpose, i)``.

    Raises
    ------
    ValueError
        If a number is beyond what the counter has room for.
    """
    out, places = _room(keys, day, slots, purpose, items)
    fill_uniforms(out, seed_array([seed]), places, int(day), int(purpose))
    return out[:, :, :, 0]


def normals(seed: int, keys: npt.ArrayLike, day: int, slots: int, purpose: int, items: int) -> Floats:
    """Return standard normal draws of one world; parameters, shape and errors as for `uniforms`."""
    out, places = _room(keys, day, slots, purpose, items)
    fill_normals(out, seed_array([seed]), places, int(day), int(purpose))
    return out[:, :, :, 0]


def seed_array(seeds: list[int]) -> npt.NDArray[np.uint64]:
    """Return seeds as the array that the fillers take: shape (worlds,).

    Raises
    ------
    ValueError
        If a seed is not in [0, 2^64).
    """
    for seed in seeds:
        _require(seed, 1 << 64, "seed")
    return np.array(seeds, dtype=np.uint64)


def derived_seed(seed: int, purpose: int, item: int) -> int:
    """Return a seed in [0, 2^63) for a library that draws its own numbers, such as networkx.

    Parameters
    ----------
    seed
        The run's seed, in [0, 2^64).
    purpose
        A `Purpose`.
    item
        Which of several, in [0, 2^16).

    Raises
    ------
    ValueError
        If a number is beyond what the counter has room for.
    """
    _require(seed, 1 << 64, "seed")
    _require(item, ITEM_COUNT, "item")
    # The last two words: a uniform draw of the same purpose uses the first two.
    _, _, high, low = words(np.uint64(seed), np.uint64(0), 0, 0, int(purpose), item)
    return (int(high) << 31) | (int(low) >> 1)


def key_of(code: str) -> int:
    """Return the 64-bit key of a text code: the first 8 bytes of its BLAKE2b hash, low byte first.

    Parameters
    ----------
    code
        An ONS code of a place, or any other name.
    """
    return int.from_bytes(hashlib.blake2b(code.encode(), digest_size=8).digest(), "little")


def _room(keys: npt.ArrayLike, day: int, slots: int, purpose: int, items: int) -> tuple[Floats, npt.NDArray[np.uint64]]:
    """Return an empty array for draws of one world, and the keys, with every number checked."""
    _require(day, DAY_COUNT, "day")
    _require(slots, SLOT_COUNT + 1, "number of slots")
    _require(purpose, ITEM_COUNT, "purpose")
    _require(items, ITEM_COUNT + 1, "number of items")
    places = np.ascontiguousarray(keys, dtype=np.uint64)
    return np.empty((places.size, slots, items, 1)), places


def _require(value: int, limit: int, name: str) -> None:
    if not 0 <= value < limit:
        raise ValueError(f"{name} is {value}; it must be at least 0 and below {limit}")
