"""The front door: ``meshgov``. stdout is data, stderr is progress; nothing heavy is imported before it is needed."""

# ruff: noqa: PLC0415 - imports stand where they are needed, so that --help is quick

from __future__ import annotations

import os
import signal
import sys

INTERRUPTED = 130
SAID_AT_THE_END = "meshgov: interrupted; nothing was written."
ENDINGS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
IS_THE_COMMAND = __name__ == "__main__" or os.path.basename(sys.argv[0]) in ("meshgov", "meshgov.exe")  # noqa: PTH119


def hear(handler: Callable[[int, Any], Any]) -> None:
    """Have a request to end (Ctrl-C, a plain kill, a closed terminal) do this, unless it is to be ignored."""
    for each in ENDINGS:
        if signal.getsignal(each) != signal.SIG_IGN:
            signal.signal(each, handler)


def leave_at_once(_number: int, _frame: Any) -> None:
    """End before anything is begun."""
    os.write(2, f"{SAID_AT_THE_END}\n".encode())
    os._exit(INTERRUPTED)


if IS_THE_COMMAND:
    hear(leave_at_once)  # while the rest is imported

import contextlib  # noqa: E402
import json  # noqa: E402
import shlex  # noqa: E402
import time  # noqa: E402
from collections.abc import Callable, Iterator, Sequence  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import TYPE_CHECKING, Any  # noqa: E402

import click  # noqa: E402

from sim.cli_study import study  # noqa: E402

if TYPE_CHECKING:
    from sim.errors import InputError
    from sim.governance.structure import Structure
    from sim.study.compare import Comparison, Progress
    from sim.world.scenario import Scenario

NOT_REPRODUCED, USAGE, SOME_FAILED = 1, 2, 3
ENGINES = click.Choice(["auto", "fast", "mesa"])
Kind = str


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and end the process with its exit code."""
    heard: list[int] = []

    def interrupt(number: int, _frame: Any) -> None:
        heard.append(number)
        raise KeyboardInterrupt

    hear(interrupt)
    try:
        code = exit_code(sys.argv[1:] if arguments is None else list(arguments))
    except BaseException:
        if not heard:
            raise
        click.echo(SAID_AT_THE_END, err=True)  # an import that was interrupted may say something else
        code = INTERRUPTED
    sys.exit(code)


def exit_code(arguments: Sequence[str]) -> int:
    """Run the command line and return its exit code: what the user got wrong is one message, never a traceback."""
    from sim.errors import InputError

    try:
        result = meshgov.main(list(arguments), prog_name="meshgov", standalone_mode=False)
    except InputError as error:
        click.echo(f"meshgov: {error}", err=True)
        return USAGE
    except click.ClickException as error:
        click.echo(f"meshgov: {error.format_message()} Try meshgov --help.", err=True)
        return USAGE
    except (click.Abort, KeyboardInterrupt):
        click.echo(SAID_AT_THE_END, err=True)
        return INTERRUPTED
    return result if isinstance(result, int) else 0


def print_version(context: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    """Print the version and end."""
    if wanted and not context.resilient_parsing:
        from importlib.metadata import PackageNotFoundError, version

        try:
            click.echo(f"meshgov {version('meshgov')}")
        except PackageNotFoundError:
            click.echo("meshgov, not installed")
        context.exit()


@click.group(
    invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@click.option(
    "--version", is_flag=True, expose_value=False, is_eager=True, callback=print_version, help="Show the version."
)
@click.pass_context
def meshgov(context: click.Context) -> None:
    """Put one crisis before several ways of governing: who decides what, and who hears whom.

    A scenario or structure is the name of a shipped one ("meshgov list scenarios") or a path to a .toml file.
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


meshgov.add_command(study)


# --- reading -------------------------------------------------------------------------------------------------


@meshgov.command()
@click.argument("files", nargs=-1, required=True)
def validate(files: tuple[str, ...]) -> int:
    """Check scenario and structure FILES; say what is wrong, where, and what to do."""
    from sim.errors import InputError

    wrong = 0
    for word in files:
        try:
            settings = load_either(word)
        except InputError as error:
            wrong += 1
            click.echo(f"meshgov: {error}", err=True)
        else:
            click.echo(f"{word}: {kind_of(settings)} {settings.name}, in order")
    return USAGE if wrong else 0


@meshgov.command()
@click.argument("name_or_file")
def describe(name_or_file: str) -> None:
    """Tell a scenario or structure in plain English."""
    from sim.governance.describe import describe_scenario, describe_structure
    from sim.governance.structure import Structure

    settings = load_either(name_or_file)
    click.echo(describe_structure(settings) if isinstance(settings, Structure) else describe_scenario(settings))


@meshgov.command(name="list")
@click.argument("what", type=click.Choice(["scenarios", "structures", "outcomes", "parameters"]))
def list_(what: str) -> None:
    """List what there is, a line each: name, then what it is."""
    own = {"outcomes": outcome_rows, "parameters": parameter_rows}
    rows = own[what]() if what in own else shipped_rows(what.removesuffix("s"))
    width = max((len(name) for name, _ in rows), default=0)
    for name, says in rows:
        click.echo(f"{name:<{width}}  {says}")


def outcome_rows() -> list[tuple[str, str]]:
    """Return each outcome's name, and its unit, direction and meaning."""
    from sim.outcomes import OUTCOMES

    return [(each.name, f"{each.says} [{each.unit}; {each.better} is better]") for each in OUTCOMES.values()]


def parameter_rows() -> list[tuple[str, str]]:
    """Return each setting's key, and its meaning, default, range, unit and source."""
    from sim.governance.parameters import Parameter, all_parameters

    def about(each: Parameter) -> str:
        parts = [f"default {each.usual}", f"range {each.allowed}" if each.allowed else "", each.unit, each.source]
        return f"{each.says} [{'; '.join(part for part in parts if part)}]"

    return [(each.key, about(each)) for each in all_parameters()]


def shipped_rows(kind: Kind) -> list[tuple[str, str]]:
    """Return the name and title of each shipped scenario or structure."""
    from sim.world.files import load_scenario, load_structure, shipped_names

    if kind == "scenario":
        return [(name, load_scenario(name).title) for name in shipped_names("scenario")]
    return [(name, load_structure(name).title) for name in shipped_names("structure")]


def load_either(word: str) -> Scenario | Structure:
    """Return the scenario or the structure that a word stands for, or refuse it as what it seems to be."""
    from sim.errors import InputError
    from sim.world.files import load_scenario, load_structure

    refusals: list[InputError] = []
    for load in (load_scenario, load_structure):
        try:
            return load(word)
        except InputError as error:
            refusals.append(error)
    raise the_apt_one(word, *refusals)


def the_apt_one(word: str, as_scenario: InputError, as_structure: InputError) -> InputError:
    """Return the refusal of a file as a scenario or as a structure, whichever it seems to be."""
    from sim.errors import InputError
    from sim.governance.dials import is_dial
    from sim.governance.structure import Structure
    from sim.paths import is_path
    from sim.world.files import kind_of_file, shipped_names
    from sim.world.places import nearest
    from sim.world.scenario import Scenario

    if is_dial(word):
        return as_structure
    if not is_path(word):
        remedy = nearest(word, [*shipped_names("scenario"), *shipped_names("structure")])
        return InputError(f'there is no shipped scenario or structure "{word}".', remedy)
    kind = kind_of_file(Path(word))
    if kind is not None:
        return as_structure if kind == "structure" else as_scenario
    keys = top_keys(Path(word))
    seems = len(keys & set(Structure.model_fields)) > len(keys & set(Scenario.model_fields))
    return as_structure if seems else as_scenario


def top_keys(path: Path) -> set[str]:
    """Return the keys at the top of a TOML file; none if it cannot be read."""
    import tomllib

    try:
        return set(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, RecursionError):
        return set()


def kind_of(settings: Scenario | Structure) -> str:
    """Return which of the two it is, in a word."""
    return type(settings).__name__.lower()


# --- running -------------------------------------------------------------------------------------------------


@meshgov.command()
@click.argument("scenario")
@click.option("--structure", required=True, help="The structure: a shipped name, a file, or dial:0.3,0.7.")
@click.option("--seed", type=int, default=1, show_default=True, help="Seed of the crisis; 0 is a seed.")
@click.option("--engine", type=ENGINES, default="auto", show_default=True, help="All engines give the same results.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for results; without it, none are kept.")
@click.option("--force", is_flag=True, help="Replace a results folder that is there, once the new one is complete.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def run(scenario: str, structure: str, seed: int, engine: Any, out: Path | None, force: bool, as_json: bool) -> int:
    """Run SCENARIO once under one structure and print its outcomes."""
    from sim.study.compare import check
    from sim.study.compare import compare as work

    check(scenario, [structure], 1, seed, 1, None)

    def do(progress: Progress) -> Comparison:
        return work(scenario, [structure], 1, seed, engine, jobs=1, progress=progress)

    return carry_out(do, out, force, as_json)


@meshgov.command()
@click.argument("scenario")
@click.option("--structures", required=True, help="Structures, with commas between: names, files, or dial:0.3,0.7.")
@click.option("--replicates", type=int, default=16, show_default=True, help="Runs of each structure.")
@click.option("--seed", type=int, default=1, show_default=True, help="First seed; 0 is a seed.")
@click.option("--baseline", help="Structure to compare with.  [default: the first]")
@click.option("--engine", type=ENGINES, default="auto", show_default=True, help="All engines give the same results.")
@click.option("--jobs", type=int, help="Worker processes.  [default: one for each core]")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for results.  [default: results/SCENARIO]")
@click.option("--force", is_flag=True, help="Replace a results folder that is there, once the new one is complete.")
@click.option("--decisions", is_flag=True, help="Keep every decision of the first crisis (slower: one Mesa run each).")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def compare(
    scenario: str,
    structures: str,
    replicates: int,
    seed: int,
    baseline: str | None,
    engine: Any,
    jobs: int | None,
    out: Path | None,
    force: bool,
    decisions: bool,
    as_json: bool,
) -> int:
    """Run SCENARIO under several structures, each through the same crises, and compare them in pairs.

    Prints each outcome's paired difference from the baseline with a 95% interval, and writes a results folder with
    data, figures and report.html.
    """
    from sim.governance.dials import words_in
    from sim.study.compare import check
    from sim.study.compare import compare as work

    words = words_in(structures)
    check(scenario, words, replicates, seed, jobs, baseline)

    def do(progress: Progress) -> Comparison:
        return work(scenario, words, replicates, seed, engine, jobs, baseline, progress)

    out = Path("results") / Path(scenario).stem if out is None else out
    return carry_out(do, out, force, as_json, decisions)


@meshgov.command()
@click.argument("results", type=click.Path(path_type=Path))
@click.option("--place", required=True, help="Code or name of the place.")
@click.option("--day", type=int, required=True, help="Day of the run, from 0 on.")
@click.option("--power", help="One power only, such as restriction.")
@click.option("--service", help="Ways of working of one service only, such as social_care.")
@click.option("--seed", type=int, help="Which of the crises.  [default: the first]")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of sentences.")
def explain(
    results: Path, place: str, day: int, power: str | None, service: str | None, seed: int | None, as_json: bool
) -> None:
    """Tell the chain behind the decisions that stood in one place on one day, under each structure of RESULTS.

    What triggered a decision, what was known and how old it was, who was in the room, who had to agree, how long it
    took, who followed, and what things were like before and after. Where decisions were not kept (compare
    --decisions), the first days are lived through again: a few seconds for each structure.
    """
    from sim.governance.structure import POWERS
    from sim.report.explain import Question, as_data, as_text, chains, place_in, word_in
    from sim.study.decisions import check_day, check_seed, lineage_behind, open_results
    from sim.world.country import load_country
    from sim.world.scenario import SERVICES

    there = open_results(results)
    crisis = there.seeds[0] if seed is None else seed
    check_day(there, day)
    check_seed(there, crisis)
    powers = ("approach",) if service is not None and power is None else word_in(power, POWERS, "--power")
    where = place_in(load_country(there.scenario.country), place)
    question = Question(where, day, powers, word_in(service, SERVICES, "--service"))
    lineages = {each.name: lineage_behind(there, each, crisis, day) for each in there.structures}
    found = {name: chains(lineage, question) for name, lineage in lineages.items()}
    if as_json:
        data = as_data(there.scenario.name, lineages, question, found)
        click.echo(json.dumps(data, indent=2, ensure_ascii=False))
    else:
        titles = {each.name: each.title for each in there.structures}
        click.echo(as_text(there.scenario.name, titles, lineages, question, found))


@meshgov.command(name="known-answers")
@click.argument("cases", nargs=-1, metavar="[CASE]...")
@click.option("--full", is_flag=True, help="The stated number of runs: about ten minutes for all, not one.")
@click.option(
    "--seed", type=click.IntRange(0, 2**64 - 1), default=1, show_default=True, help="Seed of all draws; 0 is a seed."
)
@click.option("--jobs", type=click.IntRange(1), help="Worker processes.  [default: one for each core]")
@click.option("--figures", type=click.Path(path_type=Path, file_okay=False), help="Folder for a figure of each case.")
@click.option("--docs", type=click.Path(path_type=Path, exists=True), help="Page in whose table the rows are replaced.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def known_answers(
    cases: tuple[str, ...],
    full: bool,
    seed: int,
    jobs: int | None,
    figures: Path | None,
    docs: Path | None,
    as_json: bool,
) -> int:
    """Reproduce ten results by other people (G1 to G10) and print ours beside theirs.

    Ends with 1 if any of their claims does not hold here.
    """
    from sim.known_answers import table
    from sim.known_answers.case import chosen_ids, run_cases

    ids = chosen_ids(cases)
    if figures is not None:
        figures.mkdir(parents=True, exist_ok=True)
    results = []
    for result in run_cases(ids, full, seed, jobs, figures, figure_look):
        click.echo(f"{result.case}: {result.verdict}, {result.seconds:.1f} s", err=True)
        results.append(result)
    if docs is not None:
        page = table.put_into(docs.read_text(encoding="utf-8"), results, full, seed)
        docs.write_text(page, encoding="utf-8")
    data = json.dumps(table.as_data(results, full, seed), indent=2, ensure_ascii=False) if as_json else None
    click.echo(data or table.as_text(results))
    return 0 if all(result.reproduced for result in results) else NOT_REPRODUCED


@meshgov.command(name="validate-data")
@click.option("--points", type=click.IntRange(1), default=100, show_default=True, help="Settings that the fit tries.")
@click.option(
    "--replicates", type=click.IntRange(2), default=16, show_default=True, help="Crises for what is reported."
)
@click.option("--figures", type=click.Path(path_type=Path, file_okay=False), help="Folder for the figures.")
@click.option("--docs", type=click.Path(path_type=Path, exists=True), help="Page whose tables are replaced.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
def validate_data(points: int, replicates: int, figures: Path | None, docs: Path | None, as_json: bool) -> int:
    """Hold the model to what was recorded in England in 2020-21: fitted on one period, tested on another.

    Ends with 1 if anything does not hold on the period that it was not fitted on.
    """
    from sim.report import validation as report
    from sim.study.validation import validate as work

    found = work(points, seeds=replicates, progress=lambda what: click.echo(f"{what} ...", err=True))
    if figures is not None:
        report.draw(found, figures)
    if docs is not None:
        docs.write_text(report.put_into(docs.read_text(encoding="utf-8"), found), encoding="utf-8")
    data = json.dumps(report.as_data(found), indent=2, ensure_ascii=False) if as_json else None
    click.echo(data or report.as_text(found))
    return 0 if report.all_tests_hold(found) else NOT_REPRODUCED


@contextlib.contextmanager
def figure_look() -> Iterator[None]:
    """Draw in the project's style, with its colours and dashes for lines in turn."""
    import matplotlib as mpl
    from matplotlib.rcsetup import cycler

    from sim.report import style

    lines = cycler(color=style.COLOURS[: len(style.DASHES)], linestyle=style.DASHES)
    with style.applied(), mpl.rc_context({"axes.prop_cycle": lines, "figure.constrained_layout.use": True}):
        yield


def carry_out(
    do: Callable[[Progress], Comparison], out: Path | None, force: bool, as_json: bool, decisions: bool = False
) -> int:
    """Run, keep and print a comparison; return the exit code."""
    if out is None:
        with progress_bar() as progress:
            comparison = do(progress)
    else:
        comparison = run_and_keep(do, out, force, decisions)
    click.echo(as_data(comparison, out) if as_json else as_text(comparison, kept=out is not None))
    if out is not None:
        click.echo(f"Report: {out / 'report.html'}", err=True)
    if comparison.failures.empty:
        return 0
    click.echo(f"meshgov: {len(comparison.failures)} of {comparison.planned} runs failed.", err=True)
    return SOME_FAILED


def run_and_keep(do: Callable[[Progress], Comparison], out: Path, force: bool, decisions: bool) -> Comparison:
    """Run a comparison and write its results folder, whole or not at all."""
    from sim.report.figures import all_pictures
    from sim.report.page import page
    from sim.study.decisions import keep_decisions
    from sim.study.store import manifest_of, results_folder, save, seal

    with results_folder(out, force) as folder:
        start = time.perf_counter()
        with progress_bar() as progress:
            comparison = do(progress)
        manifest = manifest_of(comparison, command_line(), time.perf_counter() - start)
        save(comparison, folder)
        if decisions:
            keep_decisions(comparison, folder)
        pictures = list(all_pictures(comparison))
        (folder / "figures").mkdir()
        for picture in pictures:
            picture.save(folder / "figures")
        (folder / "report.html").write_text(page(comparison, pictures, manifest), encoding="utf-8")
        seal(manifest, folder)
    return comparison


@contextlib.contextmanager
def progress_bar() -> Iterator[Progress]:
    """Give what is to be called with the number of runs done and planned; it moves a bar on stderr."""
    from tqdm import tqdm

    looks = "{l_bar}{bar}| {n_fmt}/{total_fmt} runs, {elapsed}"
    with contextlib.ExitStack() as stack:
        bars: list[tqdm] = []

        def progress(done: int, planned: int) -> None:
            if not bars:
                bar = tqdm(total=planned, file=sys.stderr, leave=False, bar_format=looks, mininterval=0)
                bars.append(stack.enter_context(bar))
            bars[0].update(done - bars[0].n)

        yield progress


def command_line() -> str:
    """Return the command as it was typed."""
    return shlex.join(["meshgov", *sys.argv[1:]])


def as_text(comparison: Comparison, kept: bool) -> str:
    """Return the table as aligned text; if there is a results folder, with what is in it."""
    from sim.report.culture_words import culture_text
    from sim.report.words import WHERE_ALL_IS, text_table

    return "\n".join([text_table(comparison), *culture_text(comparison), *([WHERE_ALL_IS] if kept else [])])


def as_data(comparison: Comparison, out: Path | None) -> str:
    """Return the table as JSON, with null for what is not known."""
    rows = json.loads(comparison.table().to_json(orient="records", double_precision=15))
    data = {
        "run_id": comparison.run_id,
        "scenario": comparison.scenario.name,
        "baseline": comparison.baseline,
        "seeds": list(comparison.seeds),
        "out": None if out is None else str(out),
        "failures": comparison.failures.to_dict("records"),
        "table": rows,
        "cultures": json.loads(comparison.cultures.to_json(orient="records", double_precision=15)),
    }
    return json.dumps(data, indent=2, ensure_ascii=False)


if __name__ == "__main__":
    main()
