"""Where each parameter is alive: scenarios and structures in which moving it moves some outcome.

A parameter inherits the usual probes, which are tried in turn, over the ends and the middle of its range. One that
needs more (a mechanism that is off in the usual probes, a range within which a run is not trivial) has a row of its
own. A new parameter that moves nothing in the usual probes fails the test, with its name, until it has such a row.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from pydantic import ValidationError

from sim.engine import run
from sim.errors import InputError
from sim.governance.parameters import Parameter
from sim.governance.structure import POWERS, Structure
from sim.world.document import merged
from sim.world.files import load_structure
from sim.world.recorded import Gap
from sim.world.scenario import Scenario
from tests.crisis.samples import RECORD, left_out
from tests.laws import worlds

HELPERS = ("outsourcer", "independent", "consortium", "public", "community")
GAP = tuple(Gap.model_fields)
Table = dict[str, Any]
SHARES = "scenario.services.*.share"

# One of everything, in a few places over a few weeks.
FULL: Table = {
    "days": 63,
    "country": {"places": 8, "regions": 3},
    "approaches": {"shift_gap_days": 20.0},
    "load": {"spill": 0.003, "cascade": 0.003, "base": 0.8},
    "restriction": {"threshold": 20.0, "hold_days": 14},
    "prevention": {"share": 0.05, "lag_days": 20.0},
    "supplies": {"stock_days": 10.0, "world_supply": 0.8},
    "commissioning": {},
    "epidemic": {
        "first_day": 0,
        "imports_per_million": 20.0,
        "variants": [{"day": 21, "transmissibility": 1.4, "takeover_days": 10}],
    },
    "pressure": {"load": 1.1, "ramp_days": 10},
    "crisis": [
        {"kind": "flood", "first_day": 5},
        {"kind": "winter", "first_day": -10, "transmission": 1.2},
        {"kind": "wicked_issue", "growth_days": 30.0, "feeding": 0.003},
        {"kind": "supply_shock", "first_day": 10},
    ],
}
LOCAL: Table = {"powers": {"workforce": {"services": "pooled"}}}
JOINT: Table = {"powers": {name: {"joint": True} for name in POWERS}, "channels": {"open": {"coverage": 0.7}}}


@dataclass(frozen=True)
class Probe:
    """Where to look.

    Parameters
    ----------
    structure
        Name of a shipped structure, and what is changed in it.
    scenario
        What is changed in the full scenario.
    values
        What the parameter is set to; by default the ends of its range, its middle, and near its default.
    """

    structure: str
    governing: Table = field(default_factory=dict)
    scenario: Table = field(default_factory=dict)
    values: tuple[Any, ...] = ()


USUAL = (
    Probe("mesh", JOINT),
    Probe("command", {"powers": {"workforce": {"services": "pooled", "places": "directed"}}}),
    Probe("silos", LOCAL),
)
PAID: Table = {"days": 120, "commissioning": {"first_day": 7, "budget_gbp_per_head": 500.0}}
EASED: Table = {  # an infection that can be stopped and comes back
    "days": 150,
    "restriction": {"threshold": 30.0, "hold_days": 7, "release": 0.9, "effect": 0.95},
    "epidemic": {"reproduction_number": 1.6, "variants": []},
}
RECORDED: Table = {
    "crisis": [
        {
            "kind": "replay",
            "series": str(RECORD),
            "first_week": "2021-01-04",
            "leave_out": left_out(8),
            "control_per_case": 1.0,
            "clinical_per_death": 2.0,
        }
    ]
}
CHANGED: Table = {"change": [{"day": 20, "scenario": {"culture": {"candour": 0.1}}}]}
REGIONS: Table = {"powers": {name: {"holder": "region", "fallback": "place"} for name in POWERS}}
ENGLAND: Table = {"country": {"kind": "england"}}  # where regional bodies do not reach every place
HUB: Table = merged(JOINT, {"channels": {"hub": {"services": ["social_care", "essentials", "wellbeing"]}}})
HIDING: Table = {"services": {"social_care": {"seen": 0.5}, "wellbeing": {"seen": 0.5}}}

FOLLOWS: Table = {"priority": {"rule": "activity_targets"}, "powers": {"reserve": {"rule": "seen_need"}}}
BIDDING: Table = {"powers": {"reserve": {"holder": "nation", "rule": "bids"}}}
BLAMED: Table = {"culture": {"blame": 5.0}, "evidence": {"slack": 0.9}}
MOVED: Table = {"movement": {"threshold": 0.1, "threshold_sd": 0.1}}
ANSWERED: Table = {"movement": {"threshold": -1.0, "gives_way_at": 0.1}}
LOST: Table = {"loss": [{"day": 10, "days": 30, "of": "nation"}]}
RULED: Table = {
    "adaptation": [
        {
            "watch": "infections_per_100k",
            "starts_at": 100.0,
            "ends_at": 100.0,
            "hold_days": 7,
            "then": {"powers": {"approach": {"holder": "nation", "joint": False}}},
        }
    ]
}


RESIDENTS: Table = {"powers": {"approach": {"holder": "community", "fallback": "nation"}}}
TAKEN: Table = {"funding": {"takeover": "nation"}}
FAILING: Table = {"financial_failure": {"share": 0.5, "first_day": 10, "length_days": 40}}
TWO: Table = {"powers": {name: {"second": "place"} for name in POWERS if name != "commissioning"}}


def helped(kind: str) -> Probe:
    """Return a probe in which each place pays one kind of helper."""
    return Probe("silos", {"powers": {"commissioning": {"helper": kind}}}, PAID)


# Parameters that need a probe of their own: the first pattern that fits a key decides.
OWN: dict[str, Probe] = {
    "scenario.leadership.*": Probe("mesh", JOINT, {"leadership": {"places": 4, "length_days": 30}}),
    "scenario.joint_sessions.*": Probe("mesh", JOINT, {"joint_sessions": {"length_days": 30}}),
    "scenario.pooled_budget.*": Probe("mesh", JOINT, {"pooled_budget": {"length_days": 30}}),
    "scenario.shared_trial.read_weeks": Probe("mesh", JOINT, {"shared_trial": {}}, values=(1, 2)),
    "scenario.shared_trial.*": Probe("mesh", JOINT, {"shared_trial": {"length_days": 30, "read_weeks": 1}}),
    "scenario.movement.threshold_sd": Probe("command", {}, MOVED, values=(0.0, 3.0)),
    "scenario.movement.length_days": Probe("command", {}, MOVED, values=(1,)),
    "scenario.movement.switch_days": Probe("command", {}, ANSWERED),
    "scenario.movement.answer": Probe("command", {}, ANSWERED),
    "scenario.movement.power": Probe("command", {}, ANSWERED),
    "scenario.movement.example": Probe("mesh", JOINT, MOVED),
    "scenario.movement.gap": Probe("mesh", JOINT, MOVED),
    "scenario.movement.override": Probe("command", {}, {**MOVED, "days": 150}),
    "scenario.movement.*": Probe("command", {}, MOVED),
    "scenario.targets.uncounted": Probe("command", FOLLOWS, {"targets": {"length_days": 63}}),
    "scenario.targets.*": Probe("command", {}, {"targets": {"length_days": 30}}),
    "structure.priority.rule": Probe("command", FOLLOWS, {"targets": {}}),
    "scenario.morale.enough": Probe("command", scenario={"morale": {"leaving": 2.0}}),
    "scenario.morale.recruit_days": Probe("command", scenario={"morale": {"leaving": 2.0, "enough": 1.0}}),
    "scenario.restriction.release": Probe("silos", LOCAL, EASED),
    "scenario.restriction.hold_days": Probe("silos", LOCAL, EASED),
    "scenario.restriction.lighter_at": Probe("silos", LOCAL, {"restriction": {"lighter": 0.5}}),
    "scenario.restriction.support_half_gbp": Probe("silos", LOCAL, {"restriction": {"support_gbp": 20.0}}),
    **{f"scenario.commissioning.{kind}.*": helped(kind) for kind in HELPERS},
    "scenario.commissioning.hiring_rise": helped("public"),
    "scenario.commissioning.tax_slope": Probe("silos", {"funding": {"rule": "own_tax"}}, PAID),
    "scenario.commissioning.pot_*": Probe("silos", {"funding": {"rule": "pots"}}, PAID),
    "scenario.commissioning.join_days": helped("community"),
    "scenario.commissioning.drift_days": helped("community"),
    "scenario.commissioning.volunteers_start": helped("community"),
    "scenario.commissioning.*": helped("outsourcer"),
    "structure.powers.commissioning.*": helped("outsourcer"),
    "scenario.services.[*].measurable": helped("outsourcer"),
    "scenario.crisis[[][]].flood.path": Probe("mesh", JOINT, values=(["X00001"], ["X00002"])),
    "scenario.crisis[[][]].replay.first_week": Probe("mesh", JOINT, RECORDED, values=("2021-01-18",)),
    "scenario.crisis[[][]].replay.*": Probe("mesh", JOINT, RECORDED),
    "scenario.change[[][]].day": Probe("mesh", JOINT, CHANGED, values=(40,)),
    "scenario.loss[[][]].*": Probe("brisk_command", scenario=LOST),
    "scenario.succession.*": Probe("brisk_command", scenario=LOST),
    "structure.adaptation[[][]].*": Probe("mesh", RULED, {"days": 150}),
    "scenario.hidden.*": Probe("mesh", JOINT, HIDING),
    "scenario.load.hub_effect": Probe("mesh", HUB),
    "scenario.costs.hub": Probe("mesh", HUB),
    "scenario.services.[*].breeds": Probe("mesh", JOINT, values=({},)),  # none, in place of some in each other
    "structure.powers.[*].answers": Probe("mesh", JOINT, BLAMED),
    "scenario.evidence.bid_skill": Probe("silos", BIDDING),
    "scenario.costs.bid": Probe("silos", BIDDING),
    "scenario.evidence.slack": Probe("silos", {"powers": {"approach": {"answers": "nobody"}}}),
    "structure.channels.hub.services": Probe("mesh", JOINT, values=(["social_care", "wellbeing"],)),
    "structure.channels.hub.data": Probe("mesh", HUB),
    "scenario.no_lead.takes_up": Probe("brisk_command", TWO),
    "structure.powers.*.second": Probe("brisk_command"),
    "structure.variation.override": Probe("brisk_command", scenario={"take_up": {"enforcement": 0.0}}),
    "scenario.load.residents_organised": Probe("silos", RESIDENTS),
    "scenario.evidence.residents_attention": Probe("silos", RESIDENTS),
    "scenario.financial_failure.*": Probe("silos", TAKEN, FAILING),
    "structure.funding.takeover": Probe("silos", scenario=FAILING),
    "structure.culture": Probe("mesh", JOINT, values=({"candour": 0.1},)),
    "structure.emergency.stand_up_days": Probe("mesh", scenario={"load": {"responder_share": 0.2}}, values=(0, 30)),
    "structure.powers.[*].fallback": Probe("mesh", REGIONS, ENGLAND),
}
# Settings that move no outcome of a run that they allow: why, and which test shows what they do.
ELSEWHERE: dict[str, tuple[str, str]] = {
    "structure.adaptation[].then": ("it holds settings, each probed by itself", "tests/governance/test_adaptation.py"),
    "structure.requires": ("it refuses countries without a tier", "tests/world/test_files.py"),
    "scenario.crisis[].replay.which": (
        "nothing is drawn for a replay; it tells two apart",
        "tests/crisis/test_each_kind.py",
    ),
    "scenario.crisis[].replay.series": ("it names the record", "tests/crisis/test_replay.py"),
    "scenario.crisis[].replay.leave_out": ("it allows a record of more areas", "tests/crisis/test_replay.py"),
    **{
        f"scenario.crisis[].replay.{name}": ("it says how the record is read", "tests/crisis/test_replay.py")
        for name in ("crosswalk[].area", "crosswalk[].places", *(f"gaps[].{part}" for part in GAP))
    },
}


def probes_of(parameter: Parameter) -> tuple[Probe, ...]:
    """Return the probes of a parameter: its own, or the usual ones."""
    return next(((probe,) for pattern, probe in OWN.items() if fnmatchcase(parameter.key, pattern)), USUAL)


def base_of(probe: Probe) -> tuple[Table, Table]:
    """Return the settings of a probe, scenario and structure, as tables."""
    whole = worlds.scenario(**merged(FULL, probe.scenario)).model_dump()
    return whole, merged(load_structure(probe.structure).model_dump(), probe.governing)


def values_of(parameter: Parameter) -> Iterator[Any]:
    """Yield what a parameter may be set to: far ends first."""
    if parameter.low is None or parameter.high is None:
        yield from _words_of(parameter)
        return
    low, high = parameter.low, parameter.high
    usual = parameter.default if parameter.default is not None else (low + high) / 2.0
    near = (usual * 0.5, usual * 2.0, usual + 1.0)
    for value in (low, high, (low + high) / 2.0, *near):
        held = min(high, max(low, value))
        yield int(held) if parameter.is_whole else float(held)


def _words_of(parameter: Parameter) -> Iterator[Any]:
    if parameter.is_list:
        yield []
        yield list(parameter.choices)
        yield from ([word] for word in parameter.choices)
    else:
        yield from parameter.choices


def moved(tables: tuple[Table, Table], parameter: Parameter, value: Any) -> tuple[Table, Table] | None:
    """Return the settings with one of them changed; None where that cannot be done."""
    scenario, structure = tables
    where, *path = parameter.key.split(".")
    if where == "structure":
        after = _set(structure, path, value)
        return None if after is None else (scenario, after)
    if path[0] == "crisis[]":
        crises = [_set(each, path[2:], value) if each["kind"] == path[1] else each for each in scenario["crisis"]]
        return None if None in crises else ({**scenario, "crisis": crises}, structure)
    if parameter.key == SHARES:
        services = scenario["services"]
        first, *_ = services
        shares = {name: value if name == first else _rest(services, first, name, value) for name in services}
        return {**scenario, "services": {name: {**services[name], "share": shares[name]} for name in shares}}, structure
    after = _set(scenario, path, value)
    return None if after is None else (after, structure)


def _rest(services: Table, first: str, name: str, value: float) -> float:
    """Return a service's part of what the first one leaves: shares sum to one."""
    return float(services[name]["share"] * (1.0 - value) / (1.0 - services[first]["share"]))


def _set(table: Table, path: list[str], value: Any) -> Table | None:
    """Return a table with a setting changed: in each entry where the path says so."""
    name, rest = path[0].removesuffix("[]"), path[1:]
    if name == "*":
        return {key: _set(each, rest, value) for key, each in table.items()}
    if not rest:
        return {**table, name: value}
    below = table.get(name)
    if path[0].endswith("[]"):
        return {**table, name: [_set(each, rest, value) for each in below or ()]}
    return None if below is None else {**table, name: _set(below, rest, value)}


@cache
def usual_outcomes(number: int) -> dict[str, float]:
    """Return the outcomes of a usual probe as it is."""
    return outcomes_of(base_of(USUAL[number]))


def outcomes_of(tables: tuple[Table, Table]) -> dict[str, float]:
    """Return the outcomes of one run on the fast engine."""
    scenario, structure = Scenario.model_validate(tables[0]), Structure.model_validate(tables[1])
    return run(scenario, structure, [1])[0].outcomes


def differing(a: dict[str, float], b: dict[str, float]) -> list[str]:
    """Return the outcomes that differ; undefined in both is equal."""
    return [name for name in a if a[name] != b[name] and not (a[name] != a[name] and b[name] != b[name])]


def alive(parameter: Parameter) -> str | None:
    """Return where a parameter moves what, in words, or None where it moves nothing."""
    probes = probes_of(parameter)
    for number, probe in enumerate(probes):
        tables = base_of(probe)
        before = usual_outcomes(number) if probes is USUAL else outcomes_of(tables)
        for value in probe.values or values_of(parameter):
            try:
                after = moved(tables, parameter, value)
                found = [] if after is None else differing(before, outcomes_of(after))
            except (ValidationError, InputError):
                continue  # not with everything else that is there; another value may do
            if found:
                return f"{parameter.key} = {value} under {probe.structure} moves {', '.join(found[:3])}"
    return None
