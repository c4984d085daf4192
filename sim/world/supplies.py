"""Supplies: what work uses up, and the market they come from. The same for every structure."""

from __future__ import annotations

from sim.world.fields import Settings, number


class Supplies(Settings):
    """Protective equipment and the like. An item is what one case uses; services use different shares of one."""

    stock_days: float = number(28.0, "Stock on day 0, in days of ordinary use.", "days", 0.0, 1000.0)
    pipeline_days: int = number(
        28, "Days for which, from day 1 on, ordinary use arrives that was bought before.", "days", 0, 180
    )
    world_supply: float = number(
        2.0, "What the market offers this country, against its ordinary use.", "ratio", 0.01, 100.0
    )
    price_gbp: float = number(5.0, "Price of an item where orders just meet what is offered.", "GBP", 0.0, 10_000.0)
    price_exponent: float = number(1.0, "How the price rises with orders over what is offered.", "exponent", 0.0, 4.0)
    bulk_discount: float = number(
        0.15, "How much less the buyer for a whole country pays than one typical place.", "share", 0.0, 0.9
    )
    bulk_lead_days: int = number(21, "Days from order to arrival for the buyer for a whole country.", "days", 1, 180)
    local_lead_days: int = number(7, "The same for one typical place.", "days", 1, 180)
    bidding: float = number(
        1.0,
        "How much more a small buyer asks for beyond its share of the market, having got nothing the last time "
        "(Lee, Padmanabhan and Whang 1997).",
        "ratio",
        0.0,
        10.0,
    )
    forecast_log_sd: float = number(
        0.25, "Error of a buyer's forecast of use; each buyer has its own, held for four weeks.", "log", 0.0, 2.0
    )
    service_level: float = number(
        0.9, "Chance of enough stock that buyers aim for (the newsvendor's ratio).", "share", 0.01, 0.999
    )
    shelf_days: float = number(730.0, "Days in which two thirds of a stock would perish unused.", "days", 7.0, 36_500.0)
    connected: float = number(
        0.125, "Weight of a sector, in sharing out, whose lead is not in the room.", "ratio", 0.0, 1.0, "P2"
    )
