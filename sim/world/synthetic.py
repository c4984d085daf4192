"""A synthetic country of any size: invented places whose figures spread roughly as England's do.

Everything is drawn from the map's own seed, so that the map is the same in every run. The numbers at the head
of this file are taken from England where a source stands beside them; the rest are assumptions.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

import numpy as np
import numpy.typing as npt

from sim.rules.maths import cosine, exp, logistic
from sim.streams import Purpose, key_of, normals, uniforms
from sim.world.nations import INVENTED_NATIONS, nation_name
from sim.world.nearest import Nearest
from sim.world.places import NATION, Pair, PlaceRow

Floats = npt.NDArray[np.float64]

NAME = "Merrowland"
PLACES_PER_AREA = 4  # England: 152 councils, 38 forums, 42 health systems (S8, S11)
NEAREST = 4  # made mutual, this gives about five neighbours each, as in England (S21)
WAVES = 4
TURN = 6.283185307179586

POPULATION_MEDIAN = 309_000.0  # England 2021: mean 372,000; with this spread the mean is 370,000
POPULATION_LOG_SD = 0.6
SMOOTH_SHARE = 0.5  # of the variance of deprivation; assumption
AGE_ON_DEPRIVATION = -0.4  # correlation; assumption: poorer places are younger
MINORITY_LOG_ODDS = -1.8  # England 2021: median council 15%; assumption for its spread
MINORITY_LOG_ODDS_SD = 0.9

FIRST = ("Al", "Bar", "Cor", "Dun", "Esk", "Fen", "Gar", "Hal", "Ing", "Jor", "Kel", "Lor", "Mar", "Nor", "Orl", "Pen")
MIDDLE = ("a", "be", "co", "de", "e", "fi", "go", "ha", "i", "lo", "mi", "ne", "o", "ra", "se", "ti", "u", "ve", "wy")
LAST = ("bridge", "by", "combe", "dale", "fell", "field", "ford", "ham", "holt", "hurst", "ley", "low", "mere", "mont",
        "moor", "mouth", "over", "pool", "port", "ridge", "shaw", "stead", "stoke", "stow", "thorpe", "ton", "wall",
        "water", "well", "wick", "with", "wold", "wood", "worth", "wyke", "yard", "rigg", "gate", "den", "burn",
        "beck", "bourne", "chester", "cliffe", "croft", "garth", "head", "holm", "keld", "strand")  # fmt: skip
NAME_STEP = 7919  # shares no factor with the number of names, so that no name comes twice


def synthetic_places(
    places: int, regions: int, seed: int, home_nations: int = 1
) -> tuple[str, list[PlaceRow], list[Pair]]:
    """Return a synthetic country's name, its places and its pairs of neighbours.

    Parameters
    ----------
    places
        How many, from 3 to 15,000.
    regions
        How many regions, each with a body of its own; at most one a place.
    seed
        Seed of the map.
    home_nations
        How many home nations, each of one or more regions; with one there is nothing to tell apart.

    Notes
    -----
    Positions are uniform on a square. Population is lognormal. Deprivation is a smooth surface plus a part of each
    place's own. Regions, and forums within them, are blocks cut north-south and east-west; health systems
    are cut along the diagonals, so that their boundaries cross.
    """
    codes = sorted((f"X{number:05d}" for number in range(1, places + 1)), key=key_of)
    keys = np.array([key_of(code) for code in codes], dtype=np.uint64)
    spots = uniforms(seed, keys, 0, 1, Purpose.COUNTRY, 2)[:, 0, :]  # slot 0
    names = [place_name(int(code[1:]), seed) for code in codes]
    areas = _areas(spots, names, regions, home_nations)
    drawn = normals(seed, keys, 0, 5, Purpose.COUNTRY, 1)[:, :, 0]
    smooth = _surface(spots, seed)
    rows = [
        _place(codes[place], names[place], spots[place], smooth[place], drawn[place], areas[place])
        for place in range(places)
    ]
    return NAME, rows, _neighbours(spots, codes)


def place_name(number: int, seed: int) -> str:
    """Return an invented name, a different one for each number from 1 to 15,200."""
    count = len(FIRST) * len(MIDDLE) * len(LAST)
    at = ((number + seed) * NAME_STEP) % count
    return FIRST[at % 16] + MIDDLE[(at // 16) % 19] + LAST[at // (16 * 19)]


def _place(code: str, name: str, spot: Floats, smooth: float, drawn: Floats, areas: dict[str, str]) -> PlaceRow:
    """Return one place. Slots of its draws: 1 population, 2 deprivation, 3 age, 4 minority."""
    deprivation = sqrt(SMOOTH_SHARE) * smooth + sqrt(1.0 - SMOOTH_SHARE) * float(drawn[2])
    age = AGE_ON_DEPRIVATION * deprivation + sqrt(1.0 - AGE_ON_DEPRIVATION * AGE_ON_DEPRIVATION) * float(drawn[3])
    return PlaceRow(
        code=code,
        name=name,
        population=float(int(POPULATION_MEDIAN * exp(POPULATION_LOG_SD * float(drawn[1])))),
        deprivation=deprivation,
        over_65=age,
        minority=logistic(MINORITY_LOG_ODDS + MINORITY_LOG_ODDS_SD * float(drawn[4])),
        x=float(spot[0]),
        y=float(spot[1]),
        areas=areas,
    )


def _surface(spots: Floats, seed: int) -> list[float]:
    """Return a smooth surface of variance near one at each spot: a few long waves."""
    waves = uniforms(seed, np.zeros(1, dtype=np.uint64), 0, WAVES, Purpose.COUNTRY, 3)[0].tolist()
    heights = []
    for x, y in spots.tolist():
        height = 0.0
        for east, north, phase in waves:
            height += cosine(TURN * ((3.0 * east - 1.5) * x + (3.0 * north - 1.5) * y + phase))
        heights.append(height * sqrt(2.0 / WAVES))
    return heights


def _areas(spots: Floats, names: Sequence[str], regions: int, home_nations: int) -> list[dict[str, str]]:
    """Return, for each place, the name of its area of every tier."""
    everywhere = list(range(len(names)))
    areas: list[dict[str, str]] = [{NATION: NAME} for _ in everywhere]
    east, north = spots[:, 0], spots[:, 1]
    blocks = _blocks(everywhere, regions, east, north)
    for block in blocks:
        _give(areas, block, "region", f"{names[block[0]]} Regional Authority")
        _give(areas, block, "statistical_region", f"{names[block[0]]} Region")
        for part in _blocks(block, _area_count(len(block)), east, north):
            _give(areas, part, "forum", f"{names[part[0]]} Resilience Forum")
    for nation in _home_nations(areas, blocks, home_nations):
        for block in _blocks(nation, _area_count(len(nation)), east + north, east - north):
            _give(areas, block, "health_system", f"{names[block[0]]} Health System")
    return areas


def _home_nations(areas: list[dict[str, str]], regions: list[list[int]], count: int) -> list[list[int]]:
    """Name the home nations and return their places: neighbouring regions each, the first with no government."""
    if count == 1:
        return [sorted(place for region in regions for place in region)]
    nations = []
    for n, word in enumerate(INVENTED_NATIONS[:count]):
        inside = regions[len(regions) * n // count : len(regions) * (n + 1) // count]
        nations.append(sorted(place for region in inside for place in region))
        _give(areas, nations[-1], "home_nation", nation_name(word))
        if n > 0:
            _give(areas, nations[-1], "devolved", f"{nation_name(word)} Government")
    return nations


def _give(areas: list[dict[str, str]], block: Sequence[int], tier: str, name: str) -> None:
    for place in block:
        areas[place][tier] = name


def _area_count(places: int) -> int:
    return max(1, (places + PLACES_PER_AREA // 2) // PLACES_PER_AREA)


def _blocks(places: list[int], count: int, across: Floats, along: Floats) -> list[list[int]]:
    """Cut places into compact blocks of nearly equal size, halving across and along in turn; ties by index."""
    if count == 1:
        return [sorted(places)]
    ordered = sorted(places, key=lambda place: (float(across[place]), place))
    half = count // 2
    cut = len(places) * half // count
    return _blocks(ordered[:cut], half, along, across) + _blocks(ordered[cut:], count - half, along, across)


def _neighbours(spots: Floats, codes: Sequence[str]) -> list[Pair]:
    """Return the pairs of which at least one is among the other's nearest; ties by key."""
    search, pairs = Nearest(spots), set()
    for place, spot in enumerate(spots):
        others = [other for other in search.to(spot, NEAREST + 1) if other != place]
        for other in others[:NEAREST]:
            pairs.add((codes[min(place, other)], codes[max(place, other)]))
    return sorted(pairs)
