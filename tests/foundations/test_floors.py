"""Imports only go down, and only the agents and their model know Mesa."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# From the ground up. The longest name that fits decides: `fast.compiled` lies lower than the rest of `fast`.
FLOORS = [
    ["errors", "marks", "paths", "phases", "series", "state", "streams", "rules", "fast.compiled"],
    ["world", "governance"],
    ["agents", "model", "fast", "outcomes", "ledger", "lineage"],
    ["engine", "own"],
    ["study", "known_answers"],
    ["report"],
    ["workshop"],
    ["cli", "cli_study", "__main__"],
]
FLOOR_OF = {name: floor for floor, names in enumerate(FLOORS) for name in names}
MESA_ALLOWED = ("agents", "model")
RULES_MAY_IMPORT = {"math", "typing", "collections.abc", "sim.rules", "sim.fast.compiled", "__future__"}


def modules() -> list[Path]:
    """Return every module of the package but its front page, which exports lazily from every floor."""
    return [path for path in sorted((ROOT / "sim").rglob("*.py")) if path != ROOT / "sim" / "__init__.py"]


def module_name(path: Path) -> str:
    """Return a module's dotted name inside the package."""
    parts = path.relative_to(ROOT / "sim").with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def floor_of(name: str) -> int | None:
    if name == "fast":  # the package itself, which `fast.compiled` cannot be imported without
        return 0
    parts = name.split(".")
    prefixes = [".".join(parts[:length]) for length in range(len(parts), 0, -1)]
    return next((FLOOR_OF[prefix] for prefix in prefixes if prefix in FLOOR_OF), None)


def imported(source: str, package: str) -> Iterator[str]:
    """Yield the full name of everything imported, wherever in the file it stands."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _base(node, package)
            yield from (f"{base}.{alias.name}" for alias in node.names)


def _base(node: ast.ImportFrom, package: str) -> str:
    if not node.level:
        return node.module or ""
    kept = package.split(".")[: len(package.split(".")) - node.level + 1]
    return ".".join([*kept, *([node.module] if node.module else [])])


def imports_of(path: Path) -> list[str]:
    package = ".".join(["sim", *path.relative_to(ROOT / "sim").parts[:-1]])
    return list(imported(path.read_text(encoding="utf-8"), package))


def module_id(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", modules(), ids=module_id)
def test_every_module_has_a_floor(path):
    assert floor_of(module_name(path)) is not None, "add it to FLOORS"


@pytest.mark.parametrize("path", modules(), ids=module_id)
def test_imports_only_go_down(path):
    here = floor_of(module_name(path))
    inside = [name.removeprefix("sim.") for name in imports_of(path) if name.startswith("sim.")]
    assert [name for name in inside if (floor_of(name) or 0) > here] == []


@pytest.mark.parametrize("path", modules(), ids=module_id)
def test_only_agents_and_model_import_mesa(path):
    if module_name(path).partition(".")[0] not in MESA_ALLOWED:
        assert [name for name in imports_of(path) if name.partition(".")[0] == "mesa"] == []


@pytest.mark.parametrize("path", sorted((ROOT / "sim" / "rules").rglob("*.py")), ids=module_id)
def test_a_rule_knows_nothing_of_the_world(path):
    strange = [name for name in imports_of(path) if not any(f"{name}.".startswith(f"{ok}.") for ok in RULES_MAY_IMPORT)]
    assert strange == []


def test_mesa_batch_run_is_never_called():
    # It runs one step too many, loses a whole batch to one failure and repeats seeds (checked on Mesa 3.3 and 3.5).
    assert [path for path in modules() if "batch_run" in path.read_text(encoding="utf-8")] == []


def test_the_reader_of_imports_sees_all_kinds():
    source = "import mesa.x\nfrom sim import model\ndef f():\n    from ..world import places\n    from . import phases"
    assert set(imported(source, "sim.fast")) == {"mesa.x", "sim.model", "sim.world.places", "sim.fast.phases"}


@pytest.mark.parametrize(
    ("name", "floor"),
    [("rules.maths", 0), ("fast.compiled", 0), ("fast", 0), ("fast.warm", 2), ("cli", 7), ("new", None)],
)
def test_the_longest_name_decides(name, floor):
    assert floor_of(name) == floor
