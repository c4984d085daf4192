"""The report: one page that stands by itself, without a network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from sim.governance.describe import describe_scenario, describe_structure
from sim.outcomes import Outcome
from sim.report.culture_words import EFFECTS_ARE, culture_caveats, culture_squares
from sim.report.figures import Picture
from sim.report.words import (
    HARM_IS,
    NOT_A_FORECAST,
    POINTS_ARE,
    Cell,
    cells,
    counted,
    first_sentence,
    headline_outcomes,
    listed_outcomes,
    main_sentence,
    rows_of,
    trade_offs,
    undefined_everywhere,
    zero_everywhere,
)
from sim.study.compare import Comparison
from sim.study.statistics import METHOD

TEMPLATES = Path(__file__).parent / "templates"
SECTIONS = {  # picture: heading of its section
    "harm_over_time": "How much harm, and when",
    "learning_curves": "Who learnt, and how fast",
    "resources": "What resources went into",
    "equity": "Who bore it",
    "map": "Where it was",
}


@dataclass(frozen=True)
class Line:
    """One outcome with what every structure did on it, the baseline first."""

    outcome: Outcome
    cells: list[Cell]


@dataclass(frozen=True)
class StructureWords:
    """One structure as the page tells of it."""

    title: str
    short: str
    says: str
    results: str
    in_full: str


def page(comparison: Comparison, pictures: Sequence[Picture], manifest: dict[str, Any]) -> str:
    """Return the report as HTML: everything it needs is in it.

    Parameters
    ----------
    comparison
        What was run and what came out.
    pictures
        Its figures.
    manifest
        As from :func:`sim.study.store.manifest_of`.
    """
    drawn = {picture.name: picture for picture in pictures}
    return environment().get_template("report.html").render(
        comparison=comparison,
        scenario=comparison.scenario,
        replicates=counted(len(comparison.seeds), "replicate"),
        sentence=main_sentence(comparison),
        not_a_forecast=NOT_A_FORECAST,
        method=METHOD,
        harm_is=HARM_IS,
        points_are=POINTS_ARE,
        headlines=lines(comparison, headline_outcomes(comparison.table())),
        groups=groups(comparison),
        absent=undefined_everywhere(comparison.table()),
        zero=zero_everywhere(comparison),
        structures=list(structure_words(comparison)),
        scenario_in_full=describe_scenario(comparison.scenario),
        cultures=culture_squares(comparison),
        effects_are=EFFECTS_ARE,
        failures=comparison.failures.to_dict("records"),
        differences=drawn.get("differences"),
        sections=[(heading, drawn[name]) for name, heading in SECTIONS.items() if name in drawn],
        caveats=list(caveats(comparison)),
        again=command_again(comparison),
        manifest=manifest,
    )  # fmt: skip


def environment() -> Environment:
    """Return the templates; whatever a user wrote is escaped."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["drawing"] = lambda picture: Markup(picture.svg())  # noqa: S704 - our own drawing, its words escaped
    made.filters["css"] = lambda verdict: verdict.replace(" ", "-")
    return made


def lines(comparison: Comparison, outcomes: Sequence[Outcome]) -> list[Line]:
    """Return outcomes with their cells."""
    table = comparison.table()
    return [Line(outcome, cells(rows_of(table, outcome.name))) for outcome in outcomes]


def groups(comparison: Comparison) -> dict[str, list[Line]]:
    """Return all outcomes that have something to tell, by group."""
    by_group: dict[str, list[Line]] = {}
    for line in lines(comparison, listed_outcomes(comparison)):
        by_group.setdefault(line.outcome.group, []).append(line)
    return by_group


def structure_words(comparison: Comparison) -> Iterator[StructureWords]:
    """Yield what the page tells of each structure, the baseline first."""
    by_name = {each.name: each for each in comparison.structures}
    for name in comparison.names:
        results = "the baseline" if name == comparison.baseline else trade_offs(comparison, name)
        in_full = describe_structure(by_name[name], comparison.scenario.costs)
        yield StructureWords(
            by_name[name].title, comparison.titles[name], first_sentence(by_name[name].description), results, in_full
        )


def caveats(comparison: Comparison) -> Iterator[str]:
    """Yield what the reader must know before using a number."""
    scenario = comparison.scenario
    yield "This is no forecast, and no ranking of real places or people. It shows what follows from its assumptions."
    yield ("Most numbers in the model are assumptions; few have been measured. No default was chosen by who wins.")
    yield (
        "The verdicts hold at one point only, and may flip elsewhere. Nobody knows how local the differences are in "
        f"what works (heterogeneity, here {scenario.approaches.heterogeneity:g}), how near need is to capacity (before "
        f"the crisis, here {scenario.load.base:g} of it), how much staff can move (here "
        f"{scenario.friction.movable:.0%}) or how late news travels. Change each in a copy of the scenario and compare "
        "again before relying on a sign."
    )
    yield (
        f"There {'is' if len(comparison.seeds) == 1 else 'are'} {counted(len(comparison.seeds), 'replicate')}: chance "
        "in the crisis is in the intervals, doubt about the assumptions is not."
    )
    yield (
        "All structures had the same staff, money and crisis; they differ in powers and channels only. What it costs "
        "to change from one to another is left out."
    )
    yield from culture_caveats(comparison)
    if scenario.epidemic is not None:
        yield "Deaths, restricted days and cost belong together: how to weigh them is for people to say, not the model."
    if scenario.country.kind != "synthetic":
        whose = "England's" if scenario.country.kind == "england" else "the United Kingdom's"
        yield (
            f"Places are {whose} authorities of 2021; some have since been merged or abolished. What happens to a "
            "named place here says nothing about that place."
        )


def command_again(comparison: Comparison) -> str:
    """Return the command that runs the same from the results folder alone."""
    files = ",".join(f"resolved/structure_{name}.toml" for name in comparison.names)
    replicates = f"--replicates {len(comparison.seeds)} --seed {comparison.seeds[0]}"
    return f"meshgov compare resolved/scenario.toml --structures {files} {replicates} --out again"
