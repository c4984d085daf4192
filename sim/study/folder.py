"""A study's folder: made at the start, filled shard by shard, and never left in a state that cannot be gone on from.

::

    study.toml        the study, with names of files that lie beside it: it can be run again from here
    resolved/         scenarios and structures in full; plan.json, what decides which runs there are
    manifest.json     versions, commit, command, seeds, machine, digests; whether it is finished
    shards/           what has been done, until the study is finished
    runs.parquet      one row a run
    failures.csv      the runs that broke down, with stage and traceback
    analysis/  figures/  report.html
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sim.engine import MODEL_VERSION
from sim.errors import InputError
from sim.outcomes import OUTCOMES
from sim.study.compare import FAILED, UnequalCrisisError, digest_of
from sim.study.declared import Study
from sim.study.read import STUDY_FILE, Plan
from sim.study.shards import LABELS as RUN_LABELS
from sim.study.shards import file_name, from_bytes, schema_of
from sim.study.store import MANIFEST, about_machine, as_toml, files_in, seal

RUNS, FAILURES, SHARDS, PLAN = "runs.parquet", "failures.csv", "shards", "resolved/plan.json"
REPORT, ANSWERS = "report.html", "analysis/answers.json"
MOST_CHANGES_SHOWN = 4
SHARDS_AT_A_TIME = 256  # that are held in memory while runs are gathered
PARTIAL = ".partial"
LABELS = {"title", "description", "story", "purpose", "sources"}  # words: they change no run


@dataclass
class StudyFolder:
    """A study's folder and what is in it.

    Parameters
    ----------
    path
        Where it is.
    plan
        The study.
    done
        The file of each shard that is there, by number.
    as_it_was
        Whether it was finished before, and asks what it asked then: its answers stand.
    """

    path: Path
    plan: Plan
    done: dict[int, str] = field(default_factory=dict)
    as_it_was: bool = False

    @property
    def manifest(self) -> dict[str, Any]:
        """What the manifest says."""
        return read_manifest(self.path)

    @property
    def finished(self) -> bool:
        """Whether all runs are gathered, and undamaged."""
        manifest, path = self.manifest, self.path / RUNS
        return bool(manifest.get("finished")) and path.is_file() and digest_of_file(path) == manifest.get("runs_digest")

    def put(self, number: int, data: bytes) -> None:
        """Keep what came of a shard, whole or not at all.

        Raises
        ------
        InputError
            If it cannot be written: the disk is full, say. What was kept before stays.
        """
        name = file_name(number, data)
        write_whole(self.path / SHARDS / name, data)
        self.done[number] = name

    def table(self, number: int) -> pa.Table:
        """Return what came of a shard.

        Raises
        ------
        InputError
            If its file is damaged.
        """
        name = self.done[number]
        path = self.path / SHARDS / name
        data = path.read_bytes()
        if file_name(number, data) != name:
            raise InputError(
                "this file of finished runs is damaged; all others are kept.",
                "Delete it and give the same command again: only its runs are done once more.",
                path,
            )
        return from_bytes(data)


def write_whole(path: Path, data: bytes) -> None:
    """Write a file beside its place and move it there.

    Raises
    ------
    InputError
        If it cannot be written.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}{PARTIAL}")
    try:
        partial.write_bytes(data)
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        reason = error.strerror or str(error)
        raise InputError(
            f"it cannot be written ({reason}); what was done before is kept.",
            "Make room or mend the folder, and give the same command again: it goes on from here.",
            path,
        ) from None


def digest_of_file(path: Path) -> str:
    """Return a digest of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "blake2b").hexdigest()[:32]


# --- opening -----------------------------------------------------------------------------------------------


def open_folder(plan: Plan, out: Path, force: bool = False) -> StudyFolder:
    """Return the folder of a study, made anew or as it was left.

    Parameters
    ----------
    plan
        The study.
    out
        Where.
    force
        Whether a study's folder that is there is replaced.

    Raises
    ------
    InputError
        If something else is there, another study is, or it cannot be written.
    """
    if out.exists() and not out.is_dir():
        raise InputError(f"{out} is a file.", "Choose another folder.", key="--out")
    if out.is_dir() and any(out.iterdir()):
        check_ours(out)
        if not force:
            return gone_on(plan, out)
        shutil.rmtree(out)
    return made_new(plan, out)


def check_ours(out: Path) -> None:
    """Refuse a folder that holds what no study of meshgov's wrote."""
    manifest = read_manifest(out)
    if "study" not in manifest:
        problem = f"{out} holds something else than a study (it has no {MANIFEST} of one)."
        raise InputError(problem, "Choose another folder with --out.", key="--out")
    listed = {MANIFEST, STUDY_FILE, RUNS, FAILURES, REPORT, *manifest.get("files", [])}
    inside = ("resolved/", f"{SHARDS}/", "analysis/", "figures/")
    strangers = sorted(f for f in files_in(out) - listed if not f.startswith(inside) and not f.endswith(PARTIAL))
    if strangers:
        problem = f"{out} holds what meshgov did not write ({strangers[0]})."
        raise InputError(problem, "Move that elsewhere, or choose another folder.", key="--out")


def gone_on(plan: Plan, out: Path) -> StudyFolder:
    """Return a folder as it was left, or refuse one of a study that has changed."""
    then, now = json.loads((out / PLAN).read_text(encoding="utf-8")), identity(plan)
    changed = changes(then, now)
    if changed:
        shown = "; ".join(changed[:MOST_CHANGES_SHOWN])
        more = f"; and {len(changed) - MOST_CHANGES_SHOWN} more" if len(changed) > MOST_CHANGES_SHOWN else ""
        raise InputError(
            f"{out} holds runs of this study as it was before it changed ({shown}{more}).",
            f"Choose a new folder, such as --out {free_name(out)}; or replace this one with --force.",
            key="--out",
        )
    (out / SHARDS).mkdir(exist_ok=True)
    return StudyFolder(out, plan, done_shards(out))


def done_shards(out: Path) -> dict[int, str]:
    """Return the files of finished shards by number."""
    return {int(path.name[:7]): path.name for path in sorted((out / SHARDS).glob("*.arrow"))}


def free_name(out: Path) -> Path:
    """Return the first of NAME-2, NAME-3 and so on that is not there."""
    number = 2
    while out.with_name(f"{out.name}-{number}").exists():
        number += 1
    return out.with_name(f"{out.name}-{number}")


def made_new(plan: Plan, out: Path) -> StudyFolder:
    """Return a new folder with everything that was asked for in it."""
    try:
        (out / SHARDS).mkdir(parents=True, exist_ok=True)
        write_resolved(plan, out)
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(
            f"{out} cannot be written ({reason}).", "Choose another folder with --out.", key="--out"
        ) from None
    return StudyFolder(out, plan)


def write_resolved(plan: Plan, out: Path) -> None:
    """Write the study so that it can be run again from the folder alone."""
    (out / "resolved").mkdir(exist_ok=True)
    for scenario in plan.scenarios:
        text = as_toml(scenario.model_dump(mode="json"))
        (out / "resolved" / f"scenario_{scenario.name}.toml").write_text(text, encoding="utf-8")
    for structure in plan.structures:
        text = as_toml(structure.model_dump(mode="json"))
        (out / "resolved" / f"structure_{structure.name}.toml").write_text(text, encoding="utf-8")
    if plan.study.design.file:
        frame = pd.DataFrame(plan.points.rows, columns=list(plan.study.uncertainties))
        frame.to_csv(out / "resolved" / "points.csv", index=False)
    text = as_toml(resolved_study(plan).model_dump(mode="json"))
    (out / STUDY_FILE).write_text(text, encoding="utf-8")
    (out / PLAN).write_text(json.dumps(identity(plan), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def resolved_study(plan: Plan) -> Study:
    """Return the study with the files that lie beside it in its folder."""
    dump = plan.study.model_dump()
    dump["scenarios"] = [f"resolved/scenario_{each.name}.toml" for each in plan.scenarios]
    dump["settings"] = {}
    dump["baseline"] = plan.arms[0]
    titles = {each.name: each.title for each in plan.structures}
    dump["arms"] = {name: {"structure": f"resolved/structure_{name}.toml", "title": titles[name]} for name in plan.arms}
    if plan.study.design.file:
        dump["design"]["file"] = "resolved/points.csv"
    return Study.model_validate(dump)


def identity(plan: Plan) -> dict[str, Any]:
    """Return everything that decides which runs there are, flat: what is asked of them may change, they may not."""
    study, axes = plan.study, plan.study.uncertainties
    deep: dict[str, Any] = {
        "model_version": MODEL_VERSION,
        "scenarios": {each.name: each.model_dump(mode="json", exclude=LABELS) for each in plan.scenarios},
        "arms": {each.name: each.model_dump(mode="json", exclude=LABELS) for each in plan.structures},
        "uncertainties": {name: axis.model_dump(mode="json", exclude=LABELS) for name, axis in axes.items()},
        "design": study.design.model_dump(mode="json", exclude={"file"}),
        "points": digest_of(plan.points.rows),
        "replicates": study.replicates.model_dump(mode="json"),
        "seeds": list(study.seeds) or study.seed,
    }
    if plan.own.agents:
        deep |= {"agents": plan.own.names}
    if study.replicates.half_width is not None:
        deep |= {"baseline": plan.arms[0], "main_outcome": plan.main}
    return dict(flat(deep))


def flat(table: dict[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Yield settings by dotted key."""
    for name, value in table.items():
        if isinstance(value, dict):
            yield from flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value


def changes(then: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """Return what differs between two plans, in words."""
    keys = [*then, *(key for key in now if key not in then)]
    told = [key for key in keys if then.get(key) != now.get(key)]
    if len(told) > 1 and "points" in told:
        told.remove("points")  # a digest, which says less than what made the points others
    return [f"{key} was {shown(then.get(key))}, is {shown(now.get(key))}" for key in told]


def shown(value: Any) -> str:
    """Return a value in a few words."""
    text = "absent" if value is None else str(value)
    return text if len(text) <= 40 else f"{text[:37]}..."


# --- the manifest ------------------------------------------------------------------------------------------


def read_manifest(out: Path) -> dict[str, Any]:
    """Return what a folder's manifest says; nothing if there is none of meshgov's."""
    try:
        manifest = json.loads((out / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return manifest if isinstance(manifest, dict) and "meshgov" in manifest else {}


def write_manifest(folder: StudyFolder, command: str, **more: Any) -> None:
    """Write what the study is, where it was run and how far it has come."""
    plan = folder.plan
    before = read_manifest(folder.path)
    manifest: dict[str, Any] = {
        **about_machine(),
        "study": plan.study.name,
        "study_id": digest_of(identity(plan)),
        "command": command,
        "scenarios": [each.name for each in plan.scenarios],
        "arms": plan.arms,
        "points": len(plan.points),
        "seeds": before.get("seeds", list(plan.seeds)),
        "finished": False,
        **{key: value for key, value in before.items() if key in {"runs", "crises", "seconds"}},
        **more,
    }
    seal(manifest, folder.path)


# --- gathering ---------------------------------------------------------------------------------------------


def gather(folder: StudyFolder, shards: int) -> dict[str, int]:
    """Write one row a run into `runs.parquet`, in the order of the plan, and the failures beside it.

    Memory holds a few hundred shards at a time, however many there are.

    Parameters
    ----------
    folder
        With all its shards.
    shards
        How many there are.

    Returns
    -------
    dict
        Numbers of runs planned, done and failed.

    Raises
    ------
    InputError
        If arms had unequal means, a shard is damaged, or the disk is full.
    """
    partial, failures = folder.path / f".{RUNS}{PARTIAL}", []
    runs, failed, step = 0, 0, max(1, SHARDS_AT_A_TIME // len(folder.plan.arms)) * len(folder.plan.arms)
    schema = schema_of(tuple(folder.plan.study.uncertainties), folder.plan.points.rows[0])
    try:
        with pq.ParquetWriter(partial, schema) as writer:
            for start in range(0, shards, step):
                table = pa.concat_tables([folder.table(n) for n in range(start, min(start + step, shards))])
                check_fair(table)
                writer.write_table(table)
                broken = table.filter(pc.equal(table["status"], FAILED))
                failures.append(broken)
                runs, failed = runs + len(table), failed + len(broken)
        partial.replace(folder.path / RUNS)
    except OSError as error:
        reason = error.strerror or str(error)
        problem = f"runs cannot be gathered ({reason}); all of them are kept in {SHARDS}/."
        raise InputError(problem, "Make room and give the same command again.", folder.path / RUNS) from None
    finally:
        partial.unlink(missing_ok=True)
    write_failures(folder, pa.concat_tables(failures))
    return {"planned": runs, "done": runs - failed, "failed": failed}


def write_failures(folder: StudyFolder, broken: pa.Table) -> None:
    """Write the runs that broke down, if any."""
    path = folder.path / FAILURES
    if not len(broken):
        path.unlink(missing_ok=True)
        return
    columns = [*RUN_LABELS, *folder.plan.study.uncertainties, "stage", "message", "traceback"]
    write_whole(path, broken.select(columns).to_pandas().to_csv(index=False).encode())


def check_fair(table: pa.Table) -> None:
    """Refuse runs in which arms had unequal means or met different crises.

    Raises
    ------
    InputError
        If means were unequal.
    UnequalCrisisError
        If crises differed: a fault of the programme.
    """
    frame = table.select([*RUN_LABELS, "status", "means_digest", "crisis_digest"]).to_pandas()
    done = frame[frame["status"] != FAILED].groupby(["scenario", "point", "seed"], sort=False)
    for column in ("crisis_digest", "means_digest"):
        kinds = done[column].nunique()
        if (kinds > 1).any():
            scenario, point, seed = kinds.index[kinds > 1][0]
            _refuse_unfair(column, f"{scenario}, point {point}, seed {seed}")


def _refuse_unfair(column: str, where: str) -> None:
    if column == "crisis_digest":
        raise UnequalCrisisError(f"different crises under one seed ({where}): please report this")
    raise InputError(
        f"the arms do not have equal means ({where}).",
        "Amounts belong in the scenario: take them out of the structures and their dated changes.",
        key="arms",
    )


def crises_of(runs: pd.DataFrame) -> dict[str, str]:
    """Return a digest of all crises met under each seed."""
    met = runs.loc[runs["status"] != FAILED, ["scenario", "point", "seed", "crisis_digest"]].drop_duplicates()
    return {str(seed): digest_of(sorted(group["crisis_digest"])) for seed, group in met.groupby("seed")}


def read_runs(out: Path, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """Return a finished study's runs, all columns or some.

    Raises
    ------
    InputError
        If they are not there, or damaged.
    """
    path = out / RUNS
    if not path.is_file():
        raise InputError(
            "there are no gathered runs here.",
            f"Finish it first: meshgov study run {out / STUDY_FILE} --out {out}.",
            path,
        )
    try:
        return pd.read_parquet(path, columns=None if columns is None else list(columns))
    except (OSError, pa.ArrowInvalid) as error:
        raise InputError(f"the file is damaged ({error}).", "Run the study again with --force.", path) from None


def failures_in(out: Path) -> pd.DataFrame:
    """Return the runs that failed so far, with stage, message and traceback."""
    if (out / FAILURES).is_file():
        return pd.read_csv(out / FAILURES)
    hidden = {"run_id", "status", "engine", "means_digest", "crisis_digest", *OUTCOMES}
    tables = [from_bytes(path.read_bytes()) for path in sorted((out / SHARDS).glob("*.arrow"))]
    broken = [table.filter(pc.equal(table["status"], FAILED)) for table in tables]
    frame: pd.DataFrame = pa.concat_tables(broken).to_pandas() if broken else pd.DataFrame()
    return frame[[name for name in frame.columns if name not in hidden]]


WRITERS: dict[str, Callable[[pd.DataFrame, Path], Any]] = {
    ".csv": lambda frame, path: frame.to_csv(path, index=False),
    ".json": lambda frame, path: frame.to_json(path, orient="records", double_precision=15),
    ".parquet": lambda frame, path: frame.to_parquet(path, index=False),
    ".feather": lambda frame, path: frame.to_feather(path),
}


def export_runs(out: Path, file: Path) -> int:
    """Write one row a run in another format; return how many.

    Raises
    ------
    InputError
        If the format is not known, the file is there already, or it cannot be written.
    """
    if file.suffix not in WRITERS:
        raise InputError(
            f'"{file.name}" is of no kind that can be written.', f"End it in one of: {', '.join(WRITERS)}."
        )
    if file.exists():
        raise InputError(f"{file} is there already.", "Choose another name.")
    runs = read_runs(out)
    try:
        WRITERS[file.suffix](runs, file)
    except OSError as error:
        raise InputError(f"{file} cannot be written ({error.strerror}).", "Choose another place.") from None
    return len(runs)
