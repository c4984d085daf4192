"""The results folder: written beside its place and moved there whole, or not at all."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sim.engine import MODEL_VERSION
from sim.errors import InputError
from sim.paths import PACKAGE
from sim.study.compare import Comparison
from sim.study.workers import cores, deaf_to_interrupts

MANIFEST = "manifest.json"
LIBRARIES = ("mesa", "numba", "numpy", "pandas", "pydantic", "scipy")
CLUTTER = {".DS_Store", "Thumbs.db", "desktop.ini"}  # what file managers leave where someone has looked


@contextmanager
def results_folder(out: Path, force: bool = False) -> Iterator[Path]:
    """Give an empty folder to fill; if all goes well it becomes `out`, otherwise nothing is left of it.

    Parameters
    ----------
    out
        The results folder that is wanted.
    force
        Whether a results folder that is there may be replaced (after success only).

    Raises
    ------
    InputError
        Before anything is done, if `out` may not be replaced or cannot be written.
    """
    target, partial, made = claim(out, force)
    try:
        yield partial
        check_replaceable(target, out, force)
        with deaf_to_interrupts():
            take_place(partial, target)
    except BaseException:
        with deaf_to_interrupts():
            shutil.rmtree(partial, ignore_errors=True)
            remove_empty(made)
        raise


def claim(out: Path, force: bool) -> tuple[Path, Path, list[Path]]:
    """Return the target, a new folder beside it, and the parents made for it, the innermost first."""
    try:
        target = out.resolve()
        check_replaceable(target, out, force)
        made = [parent for parent in target.parents if not parent.exists()]
        partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
        make_folder(partial, made)
    except (OSError, RuntimeError, ValueError) as error:  # RuntimeError: a loop of links; ValueError: a zero byte
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"{out} cannot be written ({reason}).", "Choose another folder.", key="--out") from None
    return target, partial, made


def make_folder(folder: Path, made: Sequence[Path]) -> None:
    """Make a folder and its parents, or none of them."""
    try:
        folder.mkdir(parents=True)
    except OSError:
        remove_empty(made)
        raise


def check_replaceable(target: Path, shown: Path, force: bool) -> None:
    """Refuse a place where something is that must not be lost."""
    if not target.exists():
        return
    if not target.is_dir():
        raise InputError(f"{shown} is a file.", "Choose another folder.", key="--out")
    if not force:
        raise InputError(
            f"{shown} is there already.", "Choose another folder, or replace it with --force.", key="--out"
        )
    strangers = sorted(files_in(target) - listed(target, shown))
    if strangers:
        raise InputError(
            f"{shown} holds what meshgov did not write ({strangers[0]}), so it is not replaced.",
            "Move that elsewhere, or choose another folder.",
            key="--out",
        )


def listed(target: Path, shown: Path) -> set[str]:
    """Return the files that the manifest of a results folder lists, or refuse a folder that is no such thing."""
    if not any(target.iterdir()):
        return set()
    try:
        manifest = json.loads((target / MANIFEST).read_text(encoding="utf-8"))
        return {MANIFEST, *manifest["files"]} if "meshgov" in manifest else set()
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(
            f"{shown} is not a results folder (it has no {MANIFEST} of meshgov's), so it is not replaced.",
            "Choose another folder.",
            key="--out",
        ) from None


def files_in(folder: Path) -> set[str]:
    """Return every file below a folder, relative to it."""
    paths = (path for path in folder.rglob("*") if not path.is_dir() or path.is_symlink())
    return {path.relative_to(folder).as_posix() for path in paths if path.name not in CLUTTER}


def take_place(partial: Path, target: Path) -> None:
    """Move a finished folder to its place; what was there before goes only once the new one stands."""
    old = partial.with_suffix(".old")
    if target.exists():
        target.rename(old)
    try:
        partial.rename(target)
    except OSError:
        if old.exists():
            old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def remove_empty(folders: Sequence[Path]) -> None:
    """Remove folders that were made for nothing, unless something else has moved in."""
    for folder in folders:
        with suppress(OSError):
            folder.rmdir()


def save(comparison: Comparison, folder: Path) -> None:
    """Write what was run and what came out."""
    write_resolved(comparison, folder / "resolved")
    comparison.runs.to_parquet(folder / "runs.parquet", index=False)
    comparison.places.to_parquet(folder / "places.parquet", index=False)
    comparison.resources.to_parquet(folder / "resources.parquet", index=False)
    comparison.table().to_csv(folder / "table.csv", index=False)
    (folder / "timeseries").mkdir()
    for name, series in comparison.series.groupby("structure"):
        series.to_parquet(folder / "timeseries" / f"{name}.parquet", index=False)
    if comparison.squares:
        comparison.abroad.to_parquet(folder / "runs_in_cultures.parquet", index=False)
        comparison.cultures.to_csv(folder / "cultures.csv", index=False)
    if len(comparison.failures):
        comparison.failures.to_csv(folder / "failures.csv", index=False)


def write_resolved(comparison: Comparison, folder: Path) -> None:
    """Write the scenario and the structures in full: files that can be run again."""
    folder.mkdir()
    files = {"scenario": comparison.scenario, **{each.name: each for each in comparison.structures}}
    for name, settings in files.items():
        path = folder / (f"{name}.toml" if name == "scenario" else f"structure_{name}.toml")
        path.write_text(as_toml(settings.model_dump(mode="json")), encoding="utf-8")


def seal(manifest: dict[str, Any], folder: Path) -> None:
    """Write the manifest, last: it lists the files that are there."""
    text = json.dumps({**manifest, "files": sorted(files_in(folder))}, indent=2, ensure_ascii=False)
    partial = folder / f".{MANIFEST}.partial"
    partial.write_text(text + "\n", encoding="utf-8")
    partial.replace(folder / MANIFEST)


def manifest_of(comparison: Comparison, command: str, seconds: float) -> dict[str, Any]:
    """Return everything needed to know what a comparison is, and to make it again."""
    return {
        **about_machine(),
        "run_id": comparison.run_id,
        "command": command,
        "scenario": comparison.scenario.name,
        "structures": [each.name for each in comparison.structures],
        "baseline": comparison.baseline,
        "seeds": list(comparison.seeds),
        "engine": sorted(set(comparison.done["engine"])),
        "runs": {
            "planned": comparison.planned,
            "done": comparison.planned - len(comparison.failures),
            "failed": len(comparison.failures),
        },
        "seconds": round(seconds, 1),
        "crises": {str(seed): digest for seed, digest in comparison.crises.items()},
    }


def about_machine() -> dict[str, Any]:
    """Return what results were made with: versions, the state of the checkout, and the machine."""
    commit, changed = checkout_state()
    return {
        "meshgov": version_of("meshgov"),
        "model_version": MODEL_VERSION,
        "commit": commit,
        "uncommitted_changes": changed,
        "versions": {"python": platform.python_version(), **{name: version_of(name) for name in LIBRARIES}},
        "machine": {"system": platform.platform(), "processor": platform.machine(), "cores": cores()},
    }


def version_of(library: str) -> str | None:
    """Return the installed version of a library, or None."""
    try:
        return importlib.metadata.version(library)
    except importlib.metadata.PackageNotFoundError:
        return None


def checkout_state() -> tuple[str | None, bool | None]:
    """Return the commit, and whether files differ from it; None and None outside a checkout."""
    root, git = PACKAGE.parent, shutil.which("git")
    if git is None or not (root / ".git").exists():
        return None, None
    commit = ask_git(git, "rev-parse", "HEAD")
    changed = ask_git(git, "status", "--porcelain")
    return commit, None if changed is None else bool(changed)


def ask_git(git: str, *words: str) -> str | None:
    """Return what git answers, or None if it refuses."""
    asked = [git, "-C", str(PACKAGE.parent), *words]
    answer = subprocess.run(asked, capture_output=True, text=True, check=False)  # noqa: S603 - fixed words
    return answer.stdout.strip() if answer.returncode == 0 else None


def as_toml(table: dict[str, Any], path: tuple[str, ...] = ()) -> str:
    """Return settings as TOML that reads back the same; None is left out."""
    plain = {key: value for key, value in table.items() if value is not None and not isinstance(value, dict)}
    lines = [f"{toml_key(key)} = {toml_value(value)}\n" for key, value in plain.items()]
    for key, value in table.items():
        if isinstance(value, dict):
            below = (*path, key)
            lines.append(f"\n[{'.'.join(toml_key(part) for part in below)}]\n{as_toml(value, below)}")
    return "".join(lines)


def toml_key(key: str) -> str:
    """Return a key as TOML wants it: in quotes where it holds a dot, as dial_0.3_0.7 does."""
    return json.dumps(key) if "." in key else key


def toml_value(value: Any) -> str:
    """Return a value on one line of TOML."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(toml_value(each) for each in value)}]"
    if isinstance(value, dict):
        pairs = [f"{json.dumps(key)} = {toml_value(each)}" for key, each in value.items() if each is not None]
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return json.dumps(value)
