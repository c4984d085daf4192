"""Where supplies come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.agents.organisation import Organisation
from sim.rules.supply import price_of, share_by_weight

if TYPE_CHECKING:
    from sim.agents.buying import Order
    from sim.agents.holder import Holder


class Market(Organisation):
    """The market for supplies: it sells what there is to those who ask, dearer the more they ask for.

    Parameters
    ----------
    model, name
        As for every organisation.
    """

    def supply(self, meeting: list[Holder], buyers: list[Holder]) -> None:
        """Let what was bought arrive, trade if buyers meet today, and let them hand out what they have."""
        for council in self.model.cast.councils:
            council.receive_consignment()
        for holder in buyers:
            holder.take_stock()
        offered = self.offered()
        self._trade([order for holder in meeting for order in holder.place_orders(offered)], offered)
        for holder in buyers:
            for scope in holder.remits["procurement"].scopes:
                holder.hand_out(scope)

    def offered(self) -> float:
        """Return what the market offers in a round."""
        par, table = self.model.par, self.model.table
        return float(par.supplies_world_supply * table.supply.all_ordinary * table.procurement.cadence)

    def _trade(self, orders: list[Order], offered: float) -> None:
        """Sell what there is: to the more capable buyer first, and at one price, but for a discount in bulk."""
        demand = 0.0
        for order in orders:
            demand += order.bid
        if demand > 0.0:
            par = self.model.par
            price = price_of(par.supplies_price_gbp, demand, offered, par.supplies_price_exponent)
            sold = [0.0] * len(orders)
            share_by_weight([order.bid for order in orders], [order.skill for order in orders], offered, sold)
            for order, amount in zip(orders, sold, strict=True):
                order.settle(amount, price)
