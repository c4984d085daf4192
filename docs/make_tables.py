# ruff: noqa: INP001 - a script, not a package
"""Write the tables of the documents from the code, so that they cannot drift from it.

``python docs/make_tables.py`` writes those of docs/model.md; ``--check`` only says which are out of date.
``--results results/demo`` also writes the README's table, and copies its pictures, from a results folder;
``--study heterogeneity`` runs a shipped study, or what is missing of it, in results/heterogeneity, and writes the
tables of its page in experiments/ (of this one, also the README's). ``--study all`` does so for every study.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from sim.governance.parameters import (
    LABELS,
    Parameter,
    crisis_parameters,
    parameters_of,
    plain,
    power_parameters,
)
from sim.governance.structure import Structure
from sim.lineage import COLUMNS as LINEAGE
from sim.marks import with_table
from sim.outcomes import OUTCOMES
from sim.phases import PHASES
from sim.report.words import cells
from sim.state import COLUMNS, INFINITY
from sim.world.files import load_structure, shipped_names
from sim.world.land import DESKS, SERVICE_LEAD
from sim.world.scenario import Change, Scenario, Service, default_services

ROOT = Path(__file__).resolve().parents[1]
MODEL, README, IMAGES = ROOT / "docs" / "model.md", ROOT / "README.md", ROOT / "docs" / "images"
PICTURES = ("harm_over_time", "differences")  # copied as PNG, made smaller
MOST_BYTES = 200_000
EXPERIMENTS, RESULTS = ROOT / "experiments", ROOT / "results"
IN_README = {"heterogeneity": {"harm_per_1000": "study"}}  # study: outcome: table of the README
MOST_POINTS = 40  # of a table of points; a larger study shows shares of the space only
SHORT = {  # outcome: heading of its column in the README
    "harm_per_1000": "Harm",
    "deaths_per_100k": "Deaths",
    "restricted_days_per_person": "Restricted days",
    "regret_area": "Learning left undone",
    "idle_while_short_share": "Idle while others were short",
    "unmet_gap": "Gap in unmet need",
}
SIGNS = {"better": "**+**", "worse": "**−**", "no clear difference": "≈", "not judged": "?", "baseline": ""}

Row = Sequence[str]


class Law(NamedTuple):
    """What must hold in every run; how it is kept; and tests that hold it and do not name it."""

    says: str
    kept: str = ""
    tests: tuple[str, ...] = ()


LAWS = (
    Law(
        "1. Cases balance: what arrives is served, lapses or stays open, in each place and service. So do staff-days "
        "and supplies, and what is lent equals what arrives and what is lost on the way.",
        "Offers never exceed open cases; both sides of a move are settled on one day; after every run the ledgers of "
        "staff-days and of supplies must balance to 1e-9, or the run counts as failed (`sim/ledger.py`).",
    ),
    Law(
        "2. No stock, flow or variance is negative, shares lie in [0, 1], and nothing is NaN or infinite.",
        "Bounds stand beside every array in `sim/state.py`; settings refuse NaN and numbers out of range.",
    ),
    Law(
        "3. The same scenario, structure, changes and seed give identical bytes, on any number of workers and in any "
        "order of runs. Another seed differs.",
        "Nothing is stored between draws; work is cut by the design, not by timing.",
        ("study/test_compare.py", "conformance/test_engines_equal.py"),
    ),
    Law(
        "4. The same crisis for all: exogenous inputs are identical across structures under one seed.",
        "Resolved before the run, digested, and checked in every comparison.",
        ("study/test_compare.py", "patterns/test_short_versions.py", "foundations/test_streams.py"),
    ),
    Law(
        "5. Listing places or areas in another order gives identical bytes; renaming with keys kept changes labels.",
        "Everything is sorted by key; ties break by key.",
        ("world/test_country.py",),
    ),
    Law(
        "6. No dead parameter: each moves some outcome somewhere.",
        "Every setting is moved over its range in a probe of its own, or in the usual ones, until an outcome of a run "
        "differs. The few that no run can show, since they refuse or say how a record is read, name their test "
        "(`tests/laws/probes.py`).",
    ),
    Law("7. A mechanism that is off leaves no trace, whatever its other settings."),
    Law(
        "8. Without a crisis, at a base load of at most 0.7, structures tie on harm but for what running them costs.",
        "**Holds closely, not exactly, at 0.7.** Staff follow need by formula, so no place is overloaded for want of "
        "staff; one that starts with a poor way of working is short until it learns. England without its epidemic "
        '(`load_scenario("england_2020").model_copy(update={"epidemic": None, "days": 180})`, sixteen seeds), harm a '
        "year: command 12, brisk command 8, networked centre 5, silos 12, mesh 10.",
    ),
    Law(
        "9. The two engines are equal bit for bit after every phase of every day.",
        "One rulebook, one declaration of state, and a list of what may not be used.",
        ("conformance/test_engines_equal.py", "foundations/test_bans.py", "foundations/test_maths.py"),
    ),
)


# --- tables of docs/model.md -------------------------------------------------------------------------------


def markdown(heading: Row, rows: Iterator[Row]) -> str:
    """Return a table."""
    lines = [heading, ["---"] * len(heading), *rows]
    return "".join(f"| {' | '.join(escaped(cell) for cell in line)} |\n" for line in lines)


def escaped(cell: str) -> str:
    """Return a cell that cannot break its table."""
    return " ".join(cell.replace("|", r"\|").split())


def phases_table() -> str:
    """Return the phases in order."""
    return " → ".join(f"**{phase}**" for phase in PHASES) + "\n"


def state_table() -> str:
    """Return every state array."""

    def bound(value: float) -> str:
        return {INFINITY: "∞", -INFINITY: "−∞"}.get(value, f"{value:,g}".replace("-", "−"))

    heading = ("array", "one for each", "unit", "bounds", "on day 0", "meaning")
    rows = (
        (
            f"`{each.name}`",
            " × ".join((each.owner, *each.axes)),
            each.unit,
            f"{bound(each.low)} to {bound(each.high)}",
            bound(each.start),
            each.says,
        )
        for each in COLUMNS
    )
    return markdown(heading, rows)


def settings_table(settings: Iterable[Parameter]) -> str:
    """Return a table of settings."""
    heading = ("setting", "default", "unit", "range or choices", "meaning", "source")
    rows = ((f"`{each.key}`", each.usual, each.unit, each.allowed, each.says, each.source) for each in settings)
    return markdown(heading, rows)


def scenario_table() -> str:
    """Return the settings of a scenario, services and dated changes apart."""
    return settings_table(parameters_of(Scenario, skip={"services", "crisis", "change"}))


def crises_table() -> str:
    """Return the settings of every kind of crisis that a scenario lists."""
    return settings_table(crisis_parameters())


def service_table() -> str:
    """Return the settings of a service."""
    return settings_table(parameters_of(Service))


def services_table() -> str:
    """Return the services as they are by default."""
    names = list(Service.model_fields)
    usual = default_services()
    heading = ("service", *(f"`{name}`" for name in names))
    return markdown(heading, ((name, *(plain(getattr(each, key)) for key in names)) for name, each in usual.items()))


def change_table() -> str:
    """Return the settings of a dated change."""
    return settings_table(parameters_of(Change))


def powers_table() -> str:
    """Return what all powers have, then what single powers have besides."""
    return settings_table(power_parameters())


def channels_table() -> str:
    """Return the other settings of a structure."""
    return settings_table(parameters_of(Structure, skip={"powers"}))


def structures_table() -> str:
    """Return the shipped structures, setting by setting."""
    shipped = [load_structure(name) for name in shipped_names("structure")]
    heading = ("setting", *(each.name for each in shipped))
    flat = [dict(flattened(each.model_dump(), "")) for each in shipped]
    told = {"adaptation", "culture"}  # in words, by `meshgov describe`
    keys = [key for key in flat[0] if key not in told and any(each.get(key) != flat[0][key] for each in flat)]
    return markdown(heading, ((f"`{key}`", *(plain(each[key]) for each in flat)) for key in keys))


def flattened(table: dict[str, Any], above: str) -> Iterator[tuple[str, Any]]:
    """Yield every setting of nested tables."""
    for name, value in table.items():
        if isinstance(value, dict) and name != "holder":  # a holder by home nation is one setting
            yield from flattened(value, f"{above}{name}.")
        elif name not in LABELS:
            yield f"{above}{name}", value


def desks_table() -> str:
    """Return who serves what in a place."""
    heading = ("service", "desk of", "sector", "share of the service's staff", "sector lead")
    return markdown(
        heading,
        (
            (each.service, each.organisation, each.sector, plain(each.share), SERVICE_LEAD.get(each.service, "–"))
            for each in DESKS
        ),
    )


def outcomes_table() -> str:
    """Return every outcome."""
    heading = ("outcome", "group", "unit", "better", "meaning")
    return markdown(
        heading,
        (
            (f"`{each.name}`{' (headline)' if each.headline else ''}", each.group, each.unit, each.better, each.says)
            for each in OUTCOMES.values()
        ),
    )


def lineage_table() -> str:
    """Return what is written down of a decision."""
    return markdown(("column", "what it holds"), ((f"`{name}`", says) for name, says in LINEAGE.items()))


def suites() -> list[Path]:
    """Return the files of tests."""
    return sorted((ROOT / "tests").rglob("test_*.py"), key=lambda path: (path.parent, path.name))


def laws_table() -> str:
    """Return the laws with the tests that hold them: those that name a law ("law 7", "laws 1 and 2"), and more."""
    named: dict[str, set[str]] = {}
    for path in suites():
        for numbers in re.findall(r"[Ll]aws?[ _](\d(?:(?:, |,? and | to )\d)*)", path.read_text(encoding="utf-8")):
            for number in re.findall(r"\d", numbers):
                named.setdefault(number, set()).add(f"`{path.relative_to(ROOT).as_posix()}`")

    def tests(law: Law) -> str:
        found = named.get(law.says[0], set()) | {f"`tests/{name}`" for name in law.tests}
        return ", ".join(sorted(found)) or "none yet"

    rows = ((law.says, law.kept, tests(law)) for law in LAWS)
    return markdown(("law", "how it is kept", "where it is tested"), rows)


def tests_table() -> str:
    """Return the suites of tests, each with what it says of itself."""
    said = {path: ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "" for path in suites()}
    names = ((f"`{path.relative_to(ROOT).as_posix()}`", says.split("\n\n")[0]) for path, says in said.items())
    return markdown(("test", "what it holds"), names)


TABLES: dict[str, Callable[[], str]] = {
    "phases": phases_table,
    "state": state_table,
    "scenario": scenario_table,
    "crises": crises_table,
    "service": service_table,
    "services": services_table,
    "change": change_table,
    "powers": powers_table,
    "channels": channels_table,
    "structures": structures_table,
    "desks": desks_table,
    "outcomes": outcomes_table,
    "lineage": lineage_table,
    "laws": laws_table,
    "tests": tests_table,
}


def with_tables(text: str, tables: dict[str, Callable[[], str]]) -> str:
    """Return a document with every table between its marks made anew.

    Raises
    ------
    ValueError
        If a table has no marks, or not one pair of them.
    """
    for name, make in tables.items():
        if text.count(f"<!-- table: {name} -->\n") != 1:
            raise ValueError(f'the table "{name}" needs one pair of marks')
        text = with_table(text, name, make())
    return text


def out_of_date() -> list[str]:
    """Return the tables of docs/model.md that the code would write otherwise."""
    text = MODEL.read_text(encoding="utf-8")
    return [name for name, make in TABLES.items() if with_tables(text, {name: make}) != text]


# --- the README's table and pictures, from a results folder ---------------------------------------------


def results_table(folder: Path) -> str:
    """Return the headline outcomes of a comparison: a row for each structure."""
    table = pd.read_csv(folder / "table.csv")
    columns = []
    for outcome in SHORT:
        records: list[dict[str, Any]] = [
            {str(key): value for key, value in row.items()}
            for row in table[table["outcome"] == outcome].to_dict("records")
        ]
        columns.append([result_cell(each) for each in cells(records)])
    names = list(dict.fromkeys(table["structure"]))
    units = [f"{heading}<br>({unit_of(name)})" for name, heading in SHORT.items()]
    rows = ((f"`{name}`", *(column[n] for column in columns)) for n, name in enumerate(names))
    return markdown(("structure", *units), rows)


def unit_of(outcome: str) -> str:
    """Return the unit of an outcome as the table shows it: shares as percentages, their differences in points."""
    unit = OUTCOMES[outcome].unit
    return "%; differences in points" if unit == "share" else unit


def result_cell(each: Any) -> str:
    """Return one structure's result: value, interval of the difference, and the verdict as a sign."""
    interval = "" if each.verdict == "baseline" else f"<br>{each.interval}"
    return f"{each.value} {SIGNS[each.verdict]}{interval}".replace("-", "−").rstrip()


def about_results(folder: Path) -> str:
    """Return what was run, from the manifest."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return f"Run `{manifest['run_id']}`, model version {manifest['model_version']}, {len(manifest['seeds'])} crises.\n"


def study_tables(name: str) -> dict[str, str]:
    """Run a shipped study, or what is missing of it, and return its tables: the answer, then each outcome."""
    from sim.report.study_page import analyse  # noqa: PLC0415 - only here
    from sim.study.read import load_plan  # noqa: PLC0415 - only here
    from sim.study.runner import run_study  # noqa: PLC0415 - only here

    folder = run_study(load_plan(name), RESULTS / name, command=f"meshgov study run {name}")
    answers = analyse(folder)
    tables = {"answer": answer_text(answers, folder.manifest)}
    if len(answers.best) <= MOST_POINTS:
        tables |= {each.outcome: points_table(answers, each.outcome) for each in answers.cells}
    return tables


def answer_text(answers: Any, manifest: dict[str, Any]) -> str:
    """Return a study's answer as its page tells it: sentence, numbers, what else it says, and the case against it."""
    from sim.report.study_page import sentences  # noqa: PLC0415 - only here

    said = sentences(answers)
    lines = [f"**{said['answer']}**", ""]
    lines += [f"- **{each['value']}** {each['says']}" for each in said["numbers"]]
    lines += ["", *(f"{text}\n" for text in said["answers"].values()), "The strongest case against it:", ""]
    lines += [f"- {each}" for each in said["case_against"]]
    lines += [
        "",
        f"Study `{manifest['study_id']}`, model version {manifest['model_version']}, {manifest['runs']['done']} runs.",
    ]
    return re.sub(r"(?<=[ \[*])-(?=\d)", "−", "\n".join(lines)) + "\n"


def points_table(answers: Any, outcome: str) -> str:
    """Return one outcome at every point: the baseline's mean, and for other arms mean, verdict and interval."""
    axes, plan = answers.plan.study.uncertainties, answers.plan
    cell = next(each for each in answers.cells if each.outcome == outcome)
    effects = answers.effects[(answers.effects["outcome"] == outcome) & (answers.effects["point"] >= 0)]
    rows = []
    for labels, base in zip(cell.labels.to_dict("records"), cell.means()[:, 0], strict=True):
        here = effects[(effects["scenario"] == labels["scenario"]) & (effects["point"] == labels["point"])]
        found = cells(records_of(plan.arms[0], base, here, outcome))
        case = [f"`{labels['scenario']}`"] if len(plan.scenarios) > 1 else []
        rows.append((*case, *(plain(labels[name]) for name in axes), *(result_cell(each) for each in found)))
    first = ["Scenario"] if len(plan.scenarios) > 1 else []
    heading = (*first, *(axis.title or name for name, axis in axes.items()), *(plan.titles[arm] for arm in plan.arms))
    return markdown(heading, iter(rows))


def records_of(baseline: str, mean: float, effects: pd.DataFrame, outcome: str) -> list[dict[str, Any]]:
    """Return one point's comparisons as `cells` takes them, the baseline first."""
    nan, rest = float("nan"), {"failed": 0, "unit": OUTCOMES[outcome].unit}
    first = {"structure": baseline, "value": mean, "difference": nan, "low": nan, "high": nan, "verdict": "baseline"}
    others = [
        {
            **{str(key): value for key, value in row.items()},
            "structure": row["arm"],
            "value": row["mean"],
            "runs": row["pairs"],
            **rest,
        }
        for row in effects.to_dict("records")
    ]
    return [{**first, "undefined": 0, "runs": 0, "pairs": 0, **rest}, *others]


def copy_pictures(folder: Path) -> None:
    """Copy the README's pictures, with fewer colours so that they stay small."""
    from PIL import Image  # noqa: PLC0415 - only here

    IMAGES.mkdir(exist_ok=True)
    for name in PICTURES:
        target = IMAGES / f"{name}.png"
        with Image.open(folder / "figures" / f"{name}.png") as picture:
            small = picture.convert("RGB").quantize(colors=96, dither=Image.Dither.NONE)
            small.save(target, optimize=True)
        if target.stat().st_size > MOST_BYTES:
            target.unlink()
            raise ValueError(f"{target} is larger than {MOST_BYTES} bytes")


def write_study_pages(word: str) -> None:
    """Run studies and write the tables of their pages."""
    from sim.study.read import study_names  # noqa: PLC0415 - only here

    for name in study_names() if word == "all" else [word]:
        tables = study_tables(name)
        write_tables(EXPERIMENTS / name / "README.md", tables)
        for outcome, table in IN_README.get(name, {}).items():
            write_tables(README, {table: tables[outcome]})


def write_tables(page: Path, tables: dict[str, str]) -> None:
    """Write tables into a page."""
    text = page.read_text(encoding="utf-8")
    for name, table in tables.items():
        text = with_tables(text, {name: table.__str__})
    page.write_text(text, encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Write, or check."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say which tables are out of date")
    parser.add_argument("--results", type=Path, help="results folder for the README's table and pictures")
    parser.add_argument("--study", help="run a shipped study (or all) and write the tables of its page")
    given = parser.parse_args(arguments)
    old = out_of_date()
    if given.check:
        sys.stderr.write(f"out of date: {', '.join(old) or 'none'}\n")
        return int(bool(old))
    MODEL.write_text(with_tables(MODEL.read_text(encoding="utf-8"), TABLES), encoding="utf-8")
    if given.results:
        table = results_table(given.results) + "\n" + about_results(given.results)
        write_tables(README, {"results": table})
        copy_pictures(given.results)
    if given.study:
        write_study_pages(given.study)
    return 0


if __name__ == "__main__":
    sys.exit(main())
