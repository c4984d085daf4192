"""Money to pay others for help, and what helpers are like. The same for every structure."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias, get_args

from sim.world.fields import Settings, number

HelperName: TypeAlias = Literal["outsourcer", "independent", "consortium", "public", "community"]
HELPERS: tuple[HelperName, ...] = get_args(HelperName)


def _price(default: float) -> Any:
    return number(default, "Ordinary price of a staff-day, against one's own staff.", "ratio", 0.05, 10.0)


def _bidders(default: int) -> Any:
    return number(default, "Bidders in a tender, of whom the cheapest wins.", "bidders", 1, 50)


def _fit(default: float) -> Any:
    return number(default, "Productivity against one's own staff, where nothing is shaded.", "share", 0.0, 1.0)


def _start(default: int) -> Any:
    return number(default, "Days from approval until they work.", "days", 0, 182)


def _shading(default: float) -> Any:
    says = "Part of quality that is saved where a contract cannot measure it (Hart, Shleifer and Vishny 1997)."
    return number(default, says, "share", 0.0, 1.0)


def _kept(default: float) -> Any:
    return number(default, "Part of what is learnt in their work that stays in the place.", "share", 0.0, 1.0)


class Helper(Settings):
    """One kind of helper."""

    price: float = _price(1.0)
    bidders: int = _bidders(1)
    fit: float = _fit(0.8)
    start_days: int = _start(14)
    shading: float = _shading(0.0)
    learning_kept: float = _kept(1.0)


class Outsourcer(Helper):
    """A company that works for the whole country: quick to start, and a stranger everywhere."""

    price: float = _price(1.4)
    bidders: int = _bidders(4)
    fit: float = _fit(0.7)
    start_days: int = _start(7)
    shading: float = _shading(0.3)
    learning_kept: float = _kept(0.0)


class Independent(Helper):
    """General practice, pharmacies, care homes and others on the spot who work for themselves."""

    bidders: int = _bidders(2)
    fit: float = _fit(0.9)
    shading: float = _shading(0.15)
    learning_kept: float = _kept(0.5)


class AreaConsortium(Helper):
    """Providers of an area who join for a contract."""

    price: float = _price(1.1)
    fit: float = _fit(0.95)
    start_days: int = _start(28)
    learning_kept: float = _kept(0.75)


class HiredForTheTime(Helper):
    """Public staff: slow to find, and dearer the more are looked for."""

    start_days: int = _start(42)


class VoluntaryGroups(Helper):
    """Groups with a grant, and volunteers who come and go."""

    price: float = _price(0.5)
    start_days: int = _start(21)


class Commissioning(Settings):
    """Money for paid help, and the kinds of helper that a structure may choose from."""

    budget_gbp_per_head: float = number(10.0, "Money for paid help.", "GBP per head a year", 0.0, 1000.0)
    first_day: int = number(30, "Day from which it flows.", "day", 0, 36500)
    bid_log_sd: float = number(0.2, "How much bidders' costs differ.", "log", 0.0, 1.5)
    hiring_rise: float = number(
        2.0, "Rise of the price of hiring when as many are hired as there are staff.", "ratio", 0.0, 50.0
    )
    join_days: float = number(
        28.0, "Days in which two thirds of possible volunteers join, given a grant.", "days", 1.0, 1000.0
    )
    drift_days: float = number(
        28.0, "Days in which two thirds of those drift away who are not used.", "days", 1.0, 1000.0
    )
    volunteers_start: float = number(
        0.35, "Share of possible volunteers who turn up at first.", "share", 0.0, 1.0, "S20"
    )
    tax_slope: float = number(
        0.3, "Fall of the local tax base for each standard deviation of deprivation.", "share of the mean", 0.0, 1.0
    )
    pot_days: int = number(91, "Days between one competitive pot and the next.", "days", 7, 3650)
    pot_contest: float = number(
        1.0, "How much more goes to better bids; at 0 it goes by head.", "elasticity", 0.0, 10.0
    )
    pot_noise: float = number(0.5, "How much luck there is in a bid.", "log", 0.0, 3.0)
    pot_time: float = number(0.002, "Working time for writing bids.", "share of staff", 0.0, 0.1)
    outsourcer: Outsourcer = Outsourcer()
    independent: Independent = Independent()
    consortium: AreaConsortium = AreaConsortium()
    public: HiredForTheTime = HiredForTheTime()
    community: VoluntaryGroups = VoluntaryGroups()
