"""The residents of a place: how they fall ill, and how they take what is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.agents.organisation import Organisation
from sim.rules.epidemic import absent_share, cautious, deaths, leaving, newly_infected, supported, transmission
from sim.rules.relations import confidence, rally_today, takeup_of
from sim.rules.resources import share_of

if TYPE_CHECKING:
    from sim.agents.council import LocalAuthority
    from sim.model import GovernanceModel


class Community(Organisation):
    """Residents of a place: their health, confidence, effort and take-up.

    Parameters
    ----------
    model, name
        As for every organisation.
    council
        The council of its place.
    imports
        How many of the infections from abroad come here, against an even spread.
    wobble
        Local change of transmission, week by week.
    """

    # people
    susceptible: float
    exposed: float
    infectious: float
    recovered: float
    new_cases: float
    cases_this_week: float
    deaths_today: float
    # shares
    confidence: float
    takeup: float
    effort: float

    def __init__(
        self,
        model: GovernanceModel,
        name: str,
        council: LocalAuthority,
        imports: float,
        wobble: list[float],
    ) -> None:
        super().__init__(model, name)
        self.council, self.imports, self.wobble = council, imports, wobble
        self.minds_rules = 1.0  # 0 where residents have made their own, whatever those next door are
        self.fatality = 0.0  # deaths for each infection, when care is given
        self.mixing: list[tuple[Community, float]] = []  # with whom residents mix, and how much for each person there
        self.contact = 0.0  # with infectious people, today

    def mix(self, infectious_share: float) -> None:
        """Meet people at home, next door and from all over the nation, as they were last night."""
        contact = self.model.par.epidemic_national_mixing * infectious_share
        for community, weight in self.mixing:
            contact += weight * community.infectious
        self.contact = contact

    def fall_ill(self, per_day: float, from_abroad: float) -> None:
        """Move the infection by a day.

        Parameters
        ----------
        per_day
            Infections a day that one infectious person causes, where nobody is careful.
        from_abroad
            Infections that come in today for each thousand people.
        """
        par = self.model.par
        infected = newly_infected(self.susceptible, self._transmission(per_day) * self.contact)
        infected = min(self.susceptible, infected + from_abroad * self.council.thousand * self.imports)
        cases = leaving(self.exposed, par.epidemic_latent_days)
        over = leaving(self.infectious, par.epidemic_infectious_days)
        self.susceptible -= infected
        self.exposed += infected - cases
        self.infectious += cases - over
        self.recovered += over
        self.new_cases = cases
        self.cases_this_week += cases

    def _transmission(self, per_day: float) -> float:
        """Return transmission under restriction, outbreak control and people's own caution."""
        par = self.model.par
        rate = transmission(
            per_day * self.wobble[self.model.day // 7],
            par.restriction_effect,
            self.council.restricted,
            supported(self.takeup, par.restriction_support_gbp, par.restriction_support_half_gbp),
            par.epidemic_control_effect,
            self.council.outbreak_control(),
        )
        return cautious(rate, par.epidemic_caution, self.infectious / self.council.population)

    def absent_share(self) -> float:
        """Return the share of staff absent today: residents work here too."""
        par = self.model.par
        return absent_share(par.load_absence, par.load_absence_per_prevalence, self.infectious, self.council.population)

    def mourn(self, unmet_share: float) -> None:
        """Count today's deaths: more where clinical need goes unmet."""
        self.deaths_today = deaths(self.new_cases, self.fatality, self.model.par.epidemic_fatality_unmet, unmet_share)

    def feel(self, unmet_share: float) -> None:
        """Judge the week: results, the rally of a crisis, and rules that differ next door."""
        par = self.model.par
        self.confidence = confidence(
            par.culture_confidence_base,
            min(1.0, unmet_share),
            par.culture_confidence_results,
            rally_today(par.culture_rally, self.model.day - par.crisis_day, par.culture_rally_days),
            self._other_rules_next_door(),
            par.culture_confidence_rules * self.minds_rules,
        )
        self.takeup = takeup_of(self.confidence, par.culture_takeup_floor)
        self.effort = par.culture_effort * self.confidence

    def _other_rules_next_door(self) -> float:
        """Return the share of neighbouring places under another restriction."""
        here, others = self.council.restricted, 0.0
        for neighbour in self.council.neighbours:
            others += 1.0 if neighbour.restricted != here else 0.0
        return share_of(others, float(len(self.council.neighbours)))
