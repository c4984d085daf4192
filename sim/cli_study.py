"""``meshgov study``: from a question in a file to an answer that says how sure it is."""

# ruff: noqa: PLC0415 - imports stand where they are needed, so that --help is quick

from __future__ import annotations

import contextlib
import json
import shlex
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from sim.study.compare import Progress
    from sim.study.folder import StudyFolder
    from sim.study.read import Plan
    from sim.study.sensitivity import Method

NOT_SHOWN, SOME_FAILED, INTERRUPTED = 1, 3, 130
MOST_ARGUMENTS = 4  # against the answer, in a terminal; the report has all
SETTING = click.option(
    "--set", "settings", multiple=True, metavar="KEY=VALUE", help="Change a setting of the file, as replicates.count=8."
)
FOLDER = click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def study() -> None:
    """Answer a question with many runs: arms, uncertainties, a design, and how sure the answer is.

    A study is the name of a shipped one ("meshgov study list") or a path to a .toml file.
    """


@study.command(name="list")
def list_() -> None:
    """List the shipped studies, a line each: name, then question."""
    import tomllib

    from sim.study.read import study_file, study_names

    names = study_names()
    width = max((len(name) for name in names), default=0)
    for name in names:
        click.echo(f"{name:<{width}}  {tomllib.loads(study_file(name).read_text(encoding='utf-8'))['question']}")


@study.command()
@click.argument("file")
@SETTING
@click.option("--dry-run", is_flag=True, help="Only check, and say how many runs, how long and how much disk.")
@click.option("--jobs", type=int, help="Worker processes.  [default: one for each core]")
@click.option("--cluster", metavar="ADDRESS", help="Work on a Dask cluster, as tcp://scheduler:8786.")
@click.option("--out", type=click.Path(path_type=Path), help="The study's folder.  [default: results/NAME]")
@click.option("--force", is_flag=True, help="Begin again, in place of the study's folder that is there.")
@click.option("--max-failures", type=click.IntRange(0), help="Stop when more runs than this have failed.")
@AS_JSON
def run(
    file: str,
    settings: tuple[str, ...],
    dry_run: bool,
    jobs: int | None,
    cluster: str | None,
    out: Path | None,
    force: bool,
    max_failures: int | None,
    as_json: bool,
) -> int:
    """Run the study in FILE, or what is missing of it, and answer its question.

    What is done is kept at every moment: after an interruption the same command goes on.
    """
    from sim.study.read import load_plan

    plan = load_plan(file, settings)
    target = Path("results") / plan.study.name if out is None else out
    if dry_run:
        return tell_size(plan, jobs, as_json)
    try:
        folder = carried_through(plan, target, jobs, cluster, force, max_failures)
    except KeyboardInterrupt:
        click.echo(f"meshgov: interrupted; what was done is kept in {target}. The same command goes on.", err=True)
        return INTERRUPTED
    if folder is None:
        return SOME_FAILED
    return tell_result(folder, None, as_json)


def carried_through(
    plan: Plan, out: Path, jobs: int | None, cluster: str | None, force: bool, max_failures: int | None
) -> StudyFolder | None:
    """Run a study; None if too many of its runs failed."""
    from sim.study.runner import TooManyFailuresError, run_study

    with contextlib.ExitStack() as stack:
        executor, workers = stack.enter_context(executor_of(cluster, jobs))
        progress = stack.enter_context(bar())
        try:
            return run_study(plan, out, workers, executor, force, max_failures, progress, command_line())
        except TooManyFailuresError as error:
            click.echo(f"meshgov: {error}", err=True)
            return None


@contextlib.contextmanager
def executor_of(cluster: str | None, jobs: int | None) -> Iterator[tuple[Executor | None, int | None]]:
    """Give the executor that is to do the work, none for processes here, and how many tasks it takes at a time."""
    if cluster is None:
        yield None, jobs
        return
    from sim.study.cluster import cluster_executor

    with cluster_executor(cluster) as (executor, threads):
        yield executor, threads


@contextlib.contextmanager
def bar() -> Iterator[Progress]:
    """Give what is to be called with the number of runs done and planned: a bar on stderr, with rate and time left."""
    from tqdm import tqdm

    looks = "{l_bar}{bar}| {n_fmt}/{total_fmt} runs, {rate_fmt}, {remaining} left"
    with tqdm(file=sys.stderr, leave=False, bar_format=looks, unit=" runs", disable=None, initial=0) as shown:

        def progress(done: int, planned: int) -> None:
            if shown.total is None:
                shown.initial = shown.n = done  # what was there before says nothing of the rate
            shown.total = planned
            shown.update(done - shown.n)

        yield progress


def tell_result(folder: StudyFolder, method: Method | None, as_json: bool) -> int:
    """Answer a finished study's question and print the answer; return the exit code."""
    from sim.study.folder import REPORT

    counts = folder.manifest["runs"]
    if not counts["done"]:
        click.echo(f"meshgov: all {counts['failed']} runs failed. See meshgov study failed {folder.path}.", err=True)
        return SOME_FAILED
    said = answers_of(folder, method)
    click.echo(as_json_text(folder, said) if as_json else brief(said))
    click.echo(f"Report: {folder.path / REPORT}", err=True)
    if not counts["failed"]:
        return 0
    click.echo(f"meshgov: {counts['failed']} of {counts['planned']} runs failed.", err=True)
    return SOME_FAILED


def answers_of(folder: StudyFolder, method: Method | None) -> dict[str, Any]:
    """Return what a finished study says: as it was written down, if nothing has changed since."""
    if not (folder.as_it_was and method is None):
        from sim.report.study_page import analyse

        analyse(folder, method)
    from sim.study.folder import ANSWERS

    said: dict[str, Any] = json.loads((folder.path / ANSWERS).read_text(encoding="utf-8"))
    return said


def brief(said: dict[str, Any]) -> str:
    """Return the answer for a terminal: question, sentence, numbers, and the first of what speaks against it."""
    lines = [said["question"], said["answer"]]
    lines += [f"  {each['value']}  {each['says']}" for each in said["numbers"]]
    lines += ["Against it:", *[f"  - {each}" for each in said["case_against"][:MOST_ARGUMENTS]]]
    return "\n".join(lines)


def as_json_text(folder: StudyFolder, said: dict[str, Any]) -> str:
    """Return what came of a study as JSON."""
    manifest = folder.manifest
    told = {key: manifest[key] for key in ("study", "study_id", "runs", "seconds")}
    return json.dumps({**told, "out": str(folder.path), **said}, indent=2, ensure_ascii=False)


def tell_size(plan: Plan, jobs: int | None, as_json: bool) -> int:
    """Print how many runs a study has and, judged by a few shards, how long they take and what they fill."""
    from sim.study.runner import shards_abreast
    from sim.study.shards import run_shard, shard_count, spread
    from sim.study.workers import cores

    seeds, tried = len(plan.seeds), spread(plan)
    run_shard(tried[0])  # loads the kernels
    start = time.perf_counter()
    size = max(len(run_shard(shard)) for shard in tried)
    seconds = (time.perf_counter() - start) / len(tried)
    shards, workers = shard_count(plan, seeds), cores() if jobs is None else jobs
    told = {
        "scenarios": len(plan.scenarios),
        "arms": len(plan.arms),
        "points": len(plan.points),
        "crises": seeds,
        "most_crises": plan.study.replicates.most if plan.study.replicates.half_width is not None else seeds,
        "runs": plan.cells * seeds,
        "minutes": round(shards * seconds / workers / 60.0, 3),
        "megabytes": round(shards * size / 1e6, 2),
    }
    at_most = shards_abreast(plan, seeds) > 1  # the shards tried ran alone; in the study, points run side by side
    click.echo(json.dumps(told, indent=2) if as_json else size_in_words(told, workers, at_most))
    return 0


def size_in_words(told: dict[str, Any], workers: int, at_most: bool) -> str:
    """Return the size of a study in a sentence or two."""
    from sim.report.words import counted, counted_crises

    more = f" With {told['most_crises']} crises, as many times more." if told["most_crises"] > told["crises"] else ""
    about = "At most" if at_most else "About"
    return (
        f"{told['runs']:,} runs: {counted(told['arms'], 'arm')}, {counted(told['points'], 'point')}, "
        f"{counted(told['scenarios'], 'scenario')}, {counted_crises(told['crises'])} each.\n"
        f"{about} {time_in_words(told['minutes'])} with {counted(workers, 'process', 'es')}, and "
        f"{told['megabytes']:g} MB while it runs, judged by a few of its shards.{more}"
    )


def time_in_words(minutes: float) -> str:
    """Return a time as it is said: seconds where minutes would be none."""
    from sim.report.words import counted

    return f"{minutes:.0f} minutes" if minutes >= 2.0 else counted(max(1, round(60.0 * minutes)), "second")


@study.command()
@FOLDER
@click.option(
    "--sensitivity",
    type=click.Choice(["morris", "sobol", "pawn"]),
    help="How to judge what matters.  [default: as the design was made for]",
)
@AS_JSON
def analyse(folder: Path, sensitivity: Any, as_json: bool) -> int:
    """Answer the question of the finished study in FOLDER again: tables, figures and report.html."""
    from sim.errors import InputError
    from sim.study.folder import open_folder
    from sim.study.read import STUDY_FILE, load_plan

    manifest_of(folder)
    found = open_folder(load_plan(folder / STUDY_FILE), folder)
    if not found.finished:
        raise InputError(f"the study in {folder} is not finished.", "Give the command of study run again.")
    return tell_result(found, sensitivity, as_json)


@study.command()
@FOLDER
@AS_JSON
def status(folder: Path, as_json: bool) -> None:
    """Say how far the study in FOLDER has come."""
    told = status_of(folder)
    click.echo(json.dumps(told, indent=2) if as_json else "\n".join(f"{key}: {value}" for key, value in told.items()))


def status_of(folder: Path) -> dict[str, Any]:
    """Return how far a study has come."""
    from sim.study.folder import done_shards
    from sim.study.read import STUDY_FILE, load_plan
    from sim.study.shards import shard_count

    manifest = manifest_of(folder)
    told = {"study": manifest["study"], "study_id": manifest["study_id"], "command": manifest["command"]}
    if manifest["finished"]:
        return {**told, "state": "finished", **manifest["runs"], "seconds": manifest["seconds"]}
    plan = load_plan(folder / STUDY_FILE)
    planned = shard_count(plan, len(plan.seeds))
    return {**told, "state": "unfinished", "shards_done": len(done_shards(folder)), "shards_of_first_stage": planned}


def manifest_of(folder: Path) -> dict[str, Any]:
    """Return the manifest of a study's folder, or refuse another."""
    from sim.errors import InputError
    from sim.study.folder import read_manifest

    manifest = read_manifest(folder)
    if "study" not in manifest:
        raise InputError(f"{folder} is no study's folder.", "Give the folder that meshgov study run has written.")
    return manifest


@study.command()
@FOLDER
def failed(folder: Path) -> int:
    """Print the runs of the study in FOLDER that failed, as CSV with stage and traceback; exit code 3 if any."""
    from sim.study.folder import failures_in

    manifest_of(folder)
    broken = failures_in(folder)
    if not len(broken):
        click.echo("No run has failed.", err=True)
        return 0
    click.echo(broken.to_csv(index=False), nl=False)
    return SOME_FAILED


@study.command()
@FOLDER
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def export(folder: Path, file: Path) -> None:
    """Write one row a run of the study in FOLDER to FILE: .csv, .parquet, .json or .feather."""
    from sim.study.folder import export_runs

    manifest_of(folder)
    rows = export_runs(folder, file)
    click.echo(f"{rows} runs written to {file}", err=True)


@study.command()
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option(
    "--results",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("results") / "patterns",
    show_default=True,
    help="Folder of the studies that they rest on, each in a folder of its name.",
)
@click.option("--no-run", is_flag=True, help="Judge what is there; run nothing.")
@click.option("--jobs", type=int, help="Worker processes.  [default: one for each core]")
@click.option("--docs", type=click.Path(path_type=Path, exists=True), help="Page whose tables are replaced.")
@click.option(
    "--figures", type=click.Path(path_type=Path, file_okay=False), help="Folder for a figure of each pattern."
)
@AS_JSON
def patterns(
    ids: tuple[str, ...],
    results: Path,
    no_run: bool,
    jobs: int | None,
    docs: Path | None,
    figures: Path | None,
    as_json: bool,
) -> int:
    """Judge what theory expects of the model (M1 to M11, M14), running what is missing of the studies that it takes.

    Ends with 1 if any of it does not hold in full.
    """
    from sim.report import patterns as report
    from sim.study.theory import chosen_patterns, judged

    wanted = chosen_patterns(ids)
    runs_of, manifests = kept_studies(results, None if no_run else jobs, no_run)
    outturns = judged(wanted, runs_of)
    if figures is not None:
        for each in outturns:
            report.draw(each, runs_of, figures)
    if docs is not None:
        page = report.put_into(docs.read_text(encoding="utf-8"), report.page_tables(outturns, runs_of, manifests))
        docs.write_text(page, encoding="utf-8")
    data = json.dumps(report.as_data(outturns), indent=2, ensure_ascii=False) if as_json else None
    click.echo(data or report.as_text(outturns))
    return 0 if all(each.verdict == "holds" for each in outturns) else NOT_SHOWN


def kept_studies(results: Path, jobs: int | None, no_run: bool) -> tuple[Any, dict[str, Any]]:
    """Return what gives the runs of a study by its name, run before if they are not there, and all manifests so far."""
    from functools import cache

    from sim.errors import InputError
    from sim.study.folder import read_manifest, read_runs
    from sim.study.pooling import pooling_runs
    from sim.study.theory import POOLING, study_file_of

    manifests: dict[str, Any] = {}

    @cache
    def runs_of(name: str) -> Any:
        if name == POOLING:
            return pooling_runs()
        if not no_run:
            run_kept(study_file_of(name), results / name, jobs)
        elif not (results / name).is_dir():
            raise InputError(
                f"{results / name} is not there.", "Leave out --no-run, or give --results.", key="--no-run"
            )
        runs = read_runs(results / name)
        manifests[name] = read_manifest(results / name)
        return runs

    return runs_of, manifests


def run_kept(file: Path, out: Path, jobs: int | None) -> None:
    """Run what is missing of a study."""
    from sim.study.read import load_plan
    from sim.study.runner import run_study

    click.echo(f"{out.name} ...", err=True)
    with bar() as progress:
        run_study(load_plan(file), out, jobs, progress=progress, command=command_line())


def command_line() -> str:
    """Return the command as it was typed."""
    return shlex.join(["meshgov", *sys.argv[1:]])
