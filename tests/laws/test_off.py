"""Law 7: a mechanism that is off leaves no trace, bit for bit, whatever its other parameters.

Each case names what is off (settings of scenario and structure), and other parameters of the same mechanism at
values far from their defaults. States and series must be the same bytes.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from sim.fast.engine import Block
from sim.governance.setup import prepare
from sim.governance.structure import POWERS
from sim.world.country import build_country
from sim.world.document import merged
from sim.world.scenario import SECTORS, SERVICES
from sim.world.synthetic import synthetic_places
from tests.laws import worlds

Over = dict[str, Any]


class Off(NamedTuple):
    """A mechanism that is off, and what must then not matter.

    Parameters
    ----------
    structure
        Name of the shipped structure that is run.
    off
        What switches the mechanism off: settings of the scenario and of the structure.
    others
        Other settings of scenario and structure, each of which must leave no trace.
    leaving_out
        Columns that may differ, because they are the mechanism's own clock or store and nothing reads them.
    """

    structure: str
    off: tuple[Over, Over]
    others: tuple[tuple[Over, Over], ...]
    leaving_out: tuple[str, ...] = ()


def scenario_settings(**over: Any) -> tuple[Over, Over]:
    return over, {}


def structure_settings(**over: Any) -> tuple[Over, Over]:
    return {}, over


def channel(name: str, **over: Any) -> tuple[Over, Over]:
    return structure_settings(channels={name: over})


def power(name: str, **over: Any) -> tuple[Over, Over]:
    return structure_settings(powers={name: over})


def each_service(**over: Any) -> Over:
    return {"services": dict.fromkeys(SERVICES, over)}


NOBODY_ABOVE = {
    "powers": {name: {"holder": "place"} for name in POWERS},
    "channels": {"guidance": {"clarity": 0.0}},
    "evidence": {"data_holder": "place"},
}
SLOW_TIMES = {"cadence_days": 3, "approval_days": 20.0, "approval_median_days": 5.0, "reversal_cost": 0.9}

CASES: dict[str, Off] = {
    "no epidemic": Off(
        "mesh",
        scenario_settings(epidemic=None),
        (
            scenario_settings(restriction={"threshold": 1.0, "release": 1.0, "hold_days": 0, "effect": 0.1}),
            scenario_settings(restriction={"preference_log_sd": 3.0}, culture={"confidence_rules": 9.0}),
            scenario_settings(load={"absence_per_prevalence": 9.0}),
            scenario_settings(**each_service(need_per_infection=2.0, need_per_restricted=3.0)),
            power("restriction", **SLOW_TIMES),
        ),
    ),
    "no responders": Off(
        "mesh",
        scenario_settings(load={"responder_share": 0.0}),
        tuple(structure_settings(emergency={"stand_up_days": days}) for days in (0, 3, 100)),
    ),
    "no co-ordinating group": Off(
        "silos",
        structure_settings(emergency={"stand_up_days": None}),
        (scenario_settings(load={"responder_share": 0.4}),),
        ("total_duties",),
    ),
    "nothing imported": Off(
        "mesh",
        scenario_settings(epidemic={"imports_per_million": 0.0}),
        (
            scenario_settings(epidemic={"reproduction_number": 15.0, "caution": 0.0, "control_effect": 0.9}),
            scenario_settings(epidemic={"latent_days": 1.0, "infectious_days": 30.0, "neighbour_mixing": 0.5}),
            scenario_settings(epidemic={"import_days": 3, "import_log_sd": 3.0, "wobble_log_sd": 1.0}),
            scenario_settings(epidemic={"fatality": 0.5, "ascertainment": 1.0}),
            scenario_settings(epidemic={"variants": ({"day": 5, "transmissibility": 9.0},)}),
        ),
    ),
    "a variant like the strain before it": Off(
        "mesh",
        scenario_settings(epidemic={"variants": ()}),
        (scenario_settings(epidemic={"variants": ({"day": 20, "transmissibility": 1.0},)}),),
    ),
    "restriction has no effect, brings no need and offends nobody": Off(
        "silos",
        (
            merged(
                {"restriction": {"effect": 0.0}, "culture": {"confidence_rules": 0.0}},
                each_service(need_per_restricted=0.0),
            ),
            {},
        ),
        (scenario_settings(restriction={"threshold": 1.0, "hold_days": 3}), power("restriction", **SLOW_TIMES)),
        (
            "restricted",
            "restricted_next",
            "restriction_due",
            "restriction_changed",
            "restricted_before",
            "total_restricted",
            "u_turns",
            "series",
        ),
    ),
    "there is no lighter restriction": Off(
        "silos",
        scenario_settings(restriction={"lighter": 0.0, "threshold": 20.0}),
        (scenario_settings(restriction={"lighter_at": 0.1}),),
    ),
    "nobody is paid under restriction": Off(
        "silos",
        scenario_settings(restriction={"support_gbp": 0.0, "threshold": 20.0}),
        (scenario_settings(restriction={"support_half_gbp": 1.0}),),
    ),
    "transmission is steady": Off(
        "mesh",
        scenario_settings(epidemic={"wobble_log_sd": 0.0}),
        (scenario_settings(epidemic={"wobble_shared": 1.0, "wobble_weeks": 9.0}),),
    ),
    "no deaths": Off(
        "mesh",
        scenario_settings(epidemic={"fatality": 0.0}),
        (
            scenario_settings(epidemic={"fatality_unmet": 9.0, "fatality_age_slope": 2.0}),
            scenario_settings(epidemic={"fatality_deprivation_slope": 2.0}),
        ),
    ),
    "no peers": Off(
        "silos",
        channel("peer", network="none"),
        (channel("peer", degree=0, delay_days=35, relay_hops=2, clarity=0.1), scenario_settings(costs={"tie": 0.1})),
    ),
    "peers are not understood": Off(
        "mesh",
        channel("peer", clarity=0.0),
        (channel("peer", delay_days=30),),
        ("told_mean", "told_weight", "told_need", "told_rate"),
    ),
    "no open base": Off(
        "silos",
        channel("open", coverage=0.0),
        (channel("open", delay_days=70, clarity=0.1), scenario_settings(costs={"open_base": 0.1})),
    ),
    "no guidance": Off("silos", channel("guidance", clarity=0.0), (channel("guidance", delay_days=70),)),
    "nobody above": Off(
        "silos",
        ({}, NOBODY_ABOVE),
        (
            channel("reporting", delay_days=70, clarity=0.0, granularity="nation"),
            scenario_settings(costs={"report": 0.2}),
            scenario_settings(culture={"trust_loss_ratio": 20.0}),
        ),
    ),
    "nothing can run short": Off(
        "mesh",
        scenario_settings(supplies=None),
        (
            power("procurement", **SLOW_TIMES, holder="nation", joint=True, analyst_share=0.1, advice=[]),
            power("procurement", rule="formula", holder="place"),
            scenario_settings(**each_service(items_per_case=9.0)),
        ),
    ),
    "no money for help": Off(
        "mesh",
        scenario_settings(commissioning=None),
        (
            power("commissioning", **SLOW_TIMES, holder="nation", joint=True, analyst_share=0.1, advice=[]),
            power("commissioning", rule="formula", holder="place", helper="outsourcer"),
            ({}, {"funding": {"rule": "pots"}}),
            ({}, {"funding": {"rule": "own_tax"}}),
            scenario_settings(**each_service(measurable=0.0)),
        ),
    ),
    "money for help that never comes": Off(
        "mesh",
        scenario_settings(commissioning={"first_day": 1000}),
        (
            scenario_settings(commissioning={"budget_gbp_per_head": 900.0, "bid_log_sd": 1.0, "join_days": 1.0}),
            scenario_settings(commissioning={"consortium": {"fit": 0.1, "price": 9.0, "bidders": 9}}),
            power("commissioning", rule="formula", helper="community", cadence_days=3),
        ),
    ),
    "only the kind that is paid matters": Off(
        "silos",
        scenario_settings(commissioning={"first_day": 0}),
        (
            scenario_settings(commissioning={"outsourcer": {"fit": 0.1, "bidders": 50, "shading": 1.0}}),
            scenario_settings(commissioning={"hiring_rise": 9.0, "join_days": 1.0, "drift_days": 1.0}),
            scenario_settings(commissioning={"tax_slope": 0.9, "pot_days": 9, "pot_contest": 9.0}),
            scenario_settings(commissioning={"pot_noise": 3.0, "pot_time": 0.1}),
        ),
    ),
    "what a contract can measure is not shaded": Off(
        "command",
        scenario_settings(commissioning={"first_day": 0}, **each_service(measurable=1.0)),
        (scenario_settings(commissioning={"outsourcer": {"shading": 1.0}}),),
    ),
    "nothing is used": Off(
        "mesh",
        scenario_settings(supplies={}, **each_service(items_per_case=0.0)),
        (
            scenario_settings(supplies={"stock_days": 0.0, "world_supply": 0.01, "price_gbp": 900.0, "bidding": 9.0}),
            scenario_settings(supplies={"bulk_discount": 0.5, "forecast_log_sd": 2.0, "shelf_days": 7.0}),
            power("procurement", rule="formula", reversal_cost=0.5),
        ),
    ),
    "a forecast without error": Off(
        "silos",
        scenario_settings(supplies={"forecast_log_sd": 0.0}),
        (scenario_settings(supplies={"service_level": 0.999}),),
    ),
    "one buyer has nobody to outbid": Off(
        "command", scenario_settings(supplies={"world_supply": 0.5}), (scenario_settings(supplies={"bidding": 9.0}),)
    ),
    "sectors all in the room": Off(
        "mesh",
        scenario_settings(supplies={"stock_days": 0.0, "world_supply": 0.5}),
        (scenario_settings(supplies={"connected": 0.0}),),
    ),
    "nothing is hidden": Off(
        "mesh",
        scenario_settings(**each_service(seen=1.0)),
        (
            scenario_settings(hidden={"worth": 9.0, "contact_finding": 5.0}),
            scenario_settings(hidden={"come_forward_days": 3.0, "burden": 9.0, "lapse_days": 2.0}),
        ),
    ),
    "nobody leaves": Off(
        "command",
        scenario_settings(morale={"leaving": 0.0}),
        (scenario_settings(morale={"enough": 1.0, "recruit_days": 9.0}),),
    ),
    "programmes after the last day": Off(
        "mesh",
        scenario_settings(**{key: {"first_day": 900} for key in ("leadership", "joint_sessions", "pooled_budget")}),
        (
            scenario_settings(leadership={"places": 1, "grant_gbp": 9e6, "boost": 9.0, "learn_days": 7.0}),
            scenario_settings(joint_sessions={"time": 0.03, "worth": 9.0}),
            scenario_settings(pooled_budget={"time": 0.01, "services": ["wellbeing", "essentials"]}),
        ),
    ),
    "a shared trial after the last day": Off(
        "mesh",
        scenario_settings(shared_trial={"first_day": 900}),
        (
            scenario_settings(shared_trial={"share": 0.5, "places": 1.0, "read_weeks": 1, "time": 0.03}),
            scenario_settings(shared_trial=None),
        ),
    ),
    "a shared trial that no link could run": Off(
        "silos",
        channel("guidance", clarity=0.0),
        (scenario_settings(shared_trial={}), scenario_settings(shared_trial={"share": 0.5, "time": 0.03})),
    ),
    "a movement after the last day": Off(
        "silos",
        scenario_settings(movement={"first_day": 900}),
        (
            scenario_settings(movement={"threshold": -9.0, "threshold_sd": 3.0, "gives_way_at": 0.0}),
            scenario_settings(movement={"example": 9.0, "answer": "close", "switch_days": 9.0}),
            scenario_settings(movement=None),
        ),
    ),
    "nothing is counted": Off(
        "command",
        scenario_settings(targets=None),
        (structure_settings(priority={"rule": "activity_targets"}),),
    ),
    "targets after the last day": Off(
        "command",
        scenario_settings(targets={"first_day": 900}),
        (
            scenario_settings(targets={"gaming": 1.0, "shift": 0.5, "rise": 0.5, "services": ["wellbeing"]}),
            structure_settings(priority={"rule": "activity_targets"}),
            scenario_settings(targets=None),
        ),
    ),
    "targets that move nothing": Off(
        "command",
        scenario_settings(targets={"gaming": 0.0, "shift": 0.0, "rise": 0.0}),
        (scenario_settings(targets={"target": 0.1, "uncounted": 0.9}), scenario_settings(targets=None)),
    ),
    "every service has a row of its own": Off(
        "mesh",
        scenario_settings(**each_service(breeds={})),
        (scenario_settings(load={"cascade": 0.02}),),
    ),
    "no hub": Off(
        "mesh",
        channel("hub", services=[]),
        (channel("hub", data=1.0), scenario_settings(load={"hub_effect": 1.0}, costs={"hub": 0.1})),
    ),
    "no licence to try": Off(
        "mesh",
        structure_settings(trial={"licence": "none"}),
        (
            structure_settings(trial={"share": 0.5, "pilots": 1.0}),
            structure_settings(trial={"licence": "anyone", "share": 0.0}),
            structure_settings(trial={"licence": "pilots", "pilots": 0.0, "share": 0.5}),
            scenario_settings(evidence={"trial_days": 60}),
        ),
    ),
    "anyone may try": Off(
        "mesh", structure_settings(trial={"licence": "anyone"}), (structure_settings(trial={"pilots": 1.0}),)
    ),
    "nobody moves": Off(
        "mesh",
        power("workforce", services="ring_fenced", places="none"),
        (
            scenario_settings(friction={"movable": 1.0, "skill_elsewhere": 1.0}),
            scenario_settings(friction={"aid_cap": 1.0, "aid_loss": 0.9, "aid_margin": 0.0}),
            power("workforce", **SLOW_TIMES),
        ),
        ("workforce_due",),
    ),
    "nobody is lent": Off(
        "mesh",
        power("workforce", services="pooled", places="none"),
        (scenario_settings(friction={"aid_cap": 1.0, "aid_loss": 0.9, "aid_margin": 0.0}),),
    ),
    "nobody can be moved": Off(
        "mesh",
        scenario_settings(friction={"movable": 0.0, "aid_cap": 0.0}),
        (
            scenario_settings(friction={"skill_elsewhere": 0.1, "aid_margin": 0.3}),
            power("workforce", services="ring_fenced"),
        ),
    ),
    "reserve by formula": Off(
        "mesh",
        (
            {"costs": {"seat": 0.0}},
            {"powers": {"reserve": {"rule": "formula"}, "approach": {"advice": list(SECTORS)}}},
        ),
        (power("reserve", advice=[]), scenario_settings(evidence={"omega": 0.0})),
    ),
    "no reserve": Off(
        "mesh",
        scenario_settings(load={"reserve_share": 0.0}),
        (power("reserve", **SLOW_TIMES), power("reserve", rule="formula")),
        ("reserve_due",),
    ),
    "everyone is in the room": Off(
        "mesh",
        power("approach", advice=list(SECTORS)),
        (scenario_settings(evidence={"omega": 0.0}),),
    ),
    "decided alone": Off(
        "mesh",
        structure_settings(powers={name: {"joint": False} for name in POWERS}),
        (scenario_settings(costs={"negotiation_days": 300.0, "joint": 0.2}),),
    ),
    "approval takes fixed time": Off(
        "command",
        power("restriction", approval_median_days=0.0),
        (power("restriction", approval_log_sd=3.0),),
    ),
    "no waves": Off(
        "mesh", scenario_settings(pressure={"wave_height": 0.0}), (scenario_settings(pressure={"wave_gap_days": 2.0}),)
    ),
    "residents carry nothing": Off(
        "mesh",
        scenario_settings(**each_service(coproduction=0.0)),
        (scenario_settings(culture={"effort_worth": 2.0}), scenario_settings(culture={"effort": 5.0})),
        ("effort",),
    ),
    "new ways of working are familiar": Off(
        "mesh", scenario_settings(load={"unfamiliarity": 0.0}), (scenario_settings(load={"unfamiliarity_days": 300.0}),)
    ),
    "no prevention": Off(
        "mesh",
        scenario_settings(prevention={"share": 0.0}),
        (
            scenario_settings(prevention={"lag_days": 3.0, "half": 0.9, "squeeze": 9.0}),
            scenario_settings(**each_service(preventable=0.9)),
        ),
    ),
    "nothing can be prevented": Off(
        "mesh",
        scenario_settings(**each_service(preventable=0.0)),
        (scenario_settings(prevention={"share": 0.5, "lag_days": 3.0, "half": 0.01, "squeeze": 0.0}),),
    ),
    "no rally": Off(
        "mesh", scenario_settings(culture={"rally": 0.0}), (scenario_settings(culture={"rally_days": 1.0}),)
    ),
    "trust stays as it is": Off(
        "command",
        scenario_settings(culture={"trust_growth": 0.0}),
        (scenario_settings(culture={"trust_loss_ratio": 20.0}),),
    ),
    "approaches do not differ": Off(
        "command",
        scenario_settings(approaches={"spread": 0.0}),
        (
            scenario_settings(evidence={"believed_heterogeneity": 0.99, "believed_shift_days": 10.0}),
            scenario_settings(approaches={"heterogeneity": 1.0, "own_share": 1.0, "smooth_length": 2.0}),
        ),
    ),
}
PLAIN: Over = {"pressure": {"load": 1.1}, "restriction": {"threshold": 20.0}}


def run(case: Off, other: tuple[Over, Over]) -> Block:
    crisis = merged(merged(PLAIN, case.off[0]), other[0])
    governing = merged(case.off[1], other[1])
    return worlds.block_of(worlds.scenario(**crisis), worlds.structure(case.structure, **governing), 1, 2).run()


@pytest.mark.parametrize("name", CASES)
def test_what_is_off_leaves_no_trace(name):
    case = CASES[name]
    plain = run(case, ({}, {}))
    for other in case.others:
        varied = run(case, other)
        for world in range(2):
            expected, found = (worlds.bytes_of(block, world, case.leaving_out) for block in (plain, varied))
            if "series" in case.leaving_out:
                del expected["series"], found["series"]
            assert not worlds.differing(expected, found), other


def test_switched_on_the_same_settings_do_leave_a_trace():
    """The test above can fail: the parameters that must not matter there matter here."""
    on: dict[str, tuple[str, tuple[Over, Over]]] = {
        "no peers": ("mesh", channel("peer", degree=0)),
        "no open base": ("mesh", channel("open", clarity=0.1)),
        "nobody above": ("command", channel("reporting", clarity=0.0)),
        "no licence to try": ("mesh", structure_settings(trial={"share": 0.5})),
        "nobody moves": ("mesh", scenario_settings(friction={"movable": 1.0})),
        "decided alone": ("mesh", scenario_settings(costs={"negotiation_days": 300.0})),
        "reserve by formula": ("mesh", power("reserve", rule="seen_need", advice=[])),
        "no prevention": ("mesh", scenario_settings(prevention={"share": 0.2})),
        "no waves": ("mesh", scenario_settings(pressure={"wave_gap_days": 2.0})),
        "no money for help": ("mesh", scenario_settings(commissioning={"first_day": 0})),
        "nothing can run short": ("mesh", scenario_settings(supplies={"stock_days": 0.0, "pipeline_days": 0})),
    }
    for name, (structure, over) in on.items():
        case = Off(structure, ({}, {}), ())
        plain, varied = run(case, ({}, {})), run(case, over)
        assert "series" in worlds.differing(worlds.bytes_of(plain), worlds.bytes_of(varied)), name


def test_without_anything_that_crosses_borders_it_does_not_matter_who_borders_whom(monkeypatch):
    """No mixing, spill-over, likeness of work, other rules next door, peers or aid: places are islands."""
    crisis = worlds.scenario(
        epidemic={"neighbour_mixing": 0.0, "national_mixing": 0.0},
        load={"spill": 0.0},
        approaches={"interoperability": 0.0},
        culture={"confidence_rules": 0.0},
        restriction={"threshold": 20.0},
    )
    name, rows, pairs = synthetic_places(6, 2, 1)
    blocks = []
    for borders in (pairs, []):
        country = build_country(name, rows, borders)
        monkeypatch.setattr("sim.governance.setup.load_country", lambda _, country=country: country)
        blocks.append(Block(prepare(crisis, worlds.structure("silos")), [1]).run())
    assert len(blocks[0].setup.land.neighbour) > len(blocks[1].setup.land.neighbour) == 0
    assert not worlds.differing(worlds.bytes_of(blocks[0]), worlds.bytes_of(blocks[1]))
