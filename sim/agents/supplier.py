"""Where supplies come from, and who can be paid to help."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.agents.organisation import Organisation
from sim.fast.commission import BID
from sim.rules.commissioning import bid_price
from sim.rules.supply import price_of, share_by_weight
from sim.streams import normal
from sim.world.commissioning import HelperName

if TYPE_CHECKING:
    from sim.agents.buying import Order
    from sim.agents.holder import Holder
    from sim.agents.remit import Scope
    from sim.model import GovernanceModel


class Market(Organisation):
    """The market for supplies: it sells what there is to those who ask, dearer the more they ask for.

    Parameters
    ----------
    model, name
        As for every organisation.
    """

    def supply(self, buyers: list[tuple[Holder, str]], they_meet: bool) -> None:
        """Let what was bought arrive, trade if buyers meet today, and let them hand out what they have.

        Buyers come with the name of the remit in which they buy: of the first holders of the power, or the second.
        """
        for council in self.model.cast.councils:
            council.receive_consignment()
        for holder, name in buyers:
            holder.take_stock(name)
        if they_meet:
            offered = self.offered()
            self._trade([order for holder, name in buyers for order in holder.place_orders(name, offered)], offered)
        for holder, name in buyers:
            for scope in holder.remits[name].scopes:
                holder.hand_out(scope)

    def offered(self) -> float:
        """Return what the market offers in a round."""
        par, table = self.model.par, self.model.table
        usual = par.supplies_world_supply * table.supply.all_ordinary * table.procurement.cadence
        return float(usual * self.model.today(self.model.crisis.offered))

    def _trade(self, orders: list[Order], offered: float) -> None:
        """Sell what there is: to the more capable buyer first, and at one price, but for a discount in bulk."""
        demand = 0.0
        for order in orders:
            demand += order.bid
        if demand > 0.0:
            par = self.model.par
            ordinary = par.supplies_price_gbp * self.model.today(self.model.crisis.dearer)
            price = price_of(ordinary, demand, offered, par.supplies_price_exponent)
            sold = [0.0] * len(orders)
            share_by_weight([order.bid for order in orders], [order.skill for order in orders], offered, sold)
            for order, amount in zip(orders, sold, strict=True):
                order.settle(amount, price)


class Supplier(Organisation):
    """One who can be paid to help, and bids in tenders.

    Parameters
    ----------
    model, name
        As for every organisation.
    kind, number
        Which kind of helper, and which of those who bid.
    """

    def __init__(self, model: GovernanceModel, name: str, kind: int, number: int) -> None:
        super().__init__(model, name)
        self.kind, self.number = kind, number

    def bid(self, scope: Scope) -> float:
        """Return its price for a staff-day in a scope; its costs there differ from the ordinary."""
        help_, day = self.model.table.help, self.model.day
        z = normal(np.uint64(self.model.seed), scope.key, day, self.kind, BID, self.number)
        return bid_price(help_.price, self.model.par.commissioning_bid_log_sd, z)


class NationalOutsourcer(Supplier):
    """A company that works for the whole country: quick to start, and a stranger everywhere."""


class LocalIndependent(Supplier):
    """General practice, pharmacies, care homes and others on the spot who work for themselves."""


class Consortium(Supplier):
    """Providers of an area who join for a contract."""


class HiredStaff(Supplier):
    """Public staff hired for the time: slow to find, and dearer the more are looked for."""


class CommunityGroups(Supplier):
    """Voluntary groups with a grant that they can plan on, and volunteers who come and go."""


SUPPLIERS: dict[HelperName, type[Supplier]] = {
    "outsourcer": NationalOutsourcer,
    "independent": LocalIndependent,
    "consortium": Consortium,
    "public": HiredStaff,
    "community": CommunityGroups,
}
