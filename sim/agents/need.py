"""How need arises in a place, is seen or stays hidden, and breeds more of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.rules.cascade import bred_by, cut_by_hub
from sim.rules.delivery import new_need
from sim.rules.hidden import coming_forward, lapsing_unseen, seen_share, trusted_ties
from sim.rules.prevention import prevented_share

if TYPE_CHECKING:
    from sim.agents.community import Community
    from sim.agents.council import LocalAuthority
    from sim.agents.links import Desk, Reals
    from sim.model import GovernanceModel


class Needed:
    """A council's book of need in its place: one entry in a list for each service; see `sim.state`."""

    open_cases: Reals
    new_need: Reals
    shown: Reals
    hidden: Reals
    unseen: Reals
    need_this_week: float
    total_need: Reals
    total_unseen: Reals
    # kept by the council
    model: GovernanceModel
    community: Community
    neighbours: list[LocalAuthority]
    serving: list[list[Desk]]
    ordinary_need: Reals
    restriction_need: Reals
    chronic: Reals
    struck: Reals
    prevention: Reals
    surge: float
    restricted: float
    language: float

    def foresee_need(self) -> None:
        """Work out the need that arises today, from last night's open cases here and next door."""
        par = self.model.par
        all_open = 0.0
        for cases in self.open_cases:
            all_open += cases
        for k, service in enumerate(self.model.services):
            self.new_need[k] = new_need(
                self.ordinary_need[k],
                self.chronic[k],
                prevented_share(self.prevention[k], service.preventable, par.prevention_half),
                self.surge,
                service.need_per_infection,
                self.community.new_cases,
                self.restriction_need[k] * self.restricted,
                self._bred(k, all_open) + par.load_spill * self._spill(k) + self._fed(k),
                self.struck[k],
            )

    def take_in_need(self) -> None:
        """Open today's cases: those that are seen, and those who come forward after a time unseen."""
        for k in range(len(self.new_need)):
            shown = self._bring_to_light(k)
            self.shown[k] = shown
            self.open_cases[k] += shown
            self.need_this_week += shown
            self.total_need[k] += self.new_need[k]

    def _spill(self, service: int) -> float:
        """Return open cases of neighbours, each neighbour's shared among its own neighbours."""
        spill = 0.0
        for neighbour in self.neighbours:
            spill += neighbour.open_cases[service] / len(neighbour.neighbours)
        return spill

    # ---- need that other services' open cases make ----

    def _bred(self, service: int, all_open: float) -> float:
        """Return cases that open cases of other services make, spread evenly or row by row."""
        par, rows = self.model.par, self.model.cascade
        if par.has_rows > 0.0:
            return self._made(rows, service)
        bred: float = par.load_cascade / (len(self.open_cases) - 1) * (all_open - self.open_cases[service])
        return bred

    def _fed(self, service: int) -> float:
        """Return cases that open cases of other services make, where a slow issue joins them."""
        return self._made(self.model.feeding, service) if self.model.par.has_feeding > 0.0 else 0.0

    def _made(self, rows: list[list[float]], service: int) -> float:
        """Return what each service's open cases make in one, by a table (from, to); a hub cuts what it joins."""
        table: Any = self.model.table
        cut = cut_by_hub(self.model.par.load_hub_effect, self.language, table.hub_data)
        made, in_hub = 0.0, self.model.in_hub
        for j, cases in enumerate(self.open_cases):
            made += bred_by(rows[j][service], cases, in_hub[j] * in_hub[service], cut)
        return made

    # ---- need that nobody sees ----

    def _bring_to_light(self, service: int) -> float:
        """Return the new open cases of a service, and keep the books of what is hidden."""
        par, arisen = self.model.par, self.new_need[service]
        if par.has_hidden == 0.0:
            return arisen
        seen = self.share_seen(service) * arisen
        forward = coming_forward(self.hidden[service], par.hidden_come_forward_days)
        left = self.hidden[service] - forward
        self.unseen[service] = lapsing_unseen(left, par.hidden_lapse_days)
        self.hidden[service] = left - self.unseen[service] + (arisen - seen)
        self.total_unseen[service] += self.unseen[service]
        self.new_need[service] += (par.hidden_burden - 1.0) * forward
        shown: float = seen + par.hidden_burden * forward
        return shown

    def share_seen(self, service: int) -> float:
        """Return the share of a service's new need that is seen, by the trusted ties there are today."""
        par, table = self.model.par, self.model.table
        voluntary = 0.0
        for desk in self.serving[service]:
            voluntary += desk.share * desk.organisation.is_voluntary
        ties = trusted_ties(
            par.hidden_contact_finding,
            voluntary,
            table.partnership * self.language,
            float(table.leads_told[service]),
            self.language,
            self.community.effort,
        )
        return seen_share(self.model.services[service].seen, par.hidden_worth, ties)
