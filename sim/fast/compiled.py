"""How Python functions are compiled, and where compiled code is kept.

Four decorators. ``rule`` leaves a function as it is and lets compiled code call it by name; ``compiled``
makes a kernel, ``inner`` a part of one, and ``lanes`` the innermost loop of one, over worlds. All use the same
flags, so that a rule gives the same bits in both engines: no fast-math, no fused multiply-add, and a division by
zero gives an infinity and not an exception (which would stop loops from being vectorised).

Numba's disk cache does not notice that an imported file has changed. The cache folder is therefore named
after a hash of every source file that compiled code can come from.
"""

import contextlib
import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar, cast

import llvmlite
import numba
from numba import njit
from numba.core.compiler import Compiler
from numba.extending import register_jitable

locks: Any
try:
    import fcntl as locks
except ImportError:  # pragma: no cover - Windows has no such locks; old cache folders are then kept
    locks = None

Function = TypeVar("Function", bound=Callable[..., Any])

PACKAGE = Path(__file__).resolve().parents[1]
# Everything that compiled code, its types and its constants come from; a test holds the package to it.
KERNEL_SOURCES = ("rules", "fast", "world", "governance", "streams.py", "state.py")
LOCK_NAME = "in_use"
# Settings of Numba that change what is compiled, but not Numba's own cache key.
NUMBA_SETTINGS = ("NUMBA_BOUNDSCHECK", "NUMBA_OPT", "NUMBA_LOOP_VECTORIZE", "NUMBA_SLP_VECTORIZE")


class _Apart(Compiler):
    """Numba's compiler, told that arrays given to a function do not overlap (it has no option for that)."""

    def define_pipelines(self) -> Any:  # pragma: no cover - runs in the compiler
        self.state.flags.noalias = True
        return super().define_pipelines()  # type: ignore[no-untyped-call]


def compiled(function: Function) -> Function:
    """Compile a kernel: a function that loops over arrays.

    Parameters
    ----------
    function
        A function in the part of Python that Numba knows. It may call any ``rule`` by name. Its arguments
        are arrays and numbers; a count of worlds must be an argument, not a constant.

    Returns
    -------
    Function
        The compiled function, kept on disk between runs. With ``NUMBA_DISABLE_JIT=1`` the function itself.
    """
    return cast("Function", njit(error_model="numpy", fastmath=False, cache=True)(function))


def inner(function: Function) -> Function:
    """Compile a part of a kernel: the same, but only other compiled code can call it.

    It has no wrapper for calls from Python, which for the model's many tables takes longer to compile than
    the function itself.
    """
    flags: Any = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    return njit(error_model="numpy", fastmath=False, cache=True, **flags)(function)


def lanes(function: Function) -> Function:
    """Compile a loop over worlds that the processor takes several at a time.

    The compiler is told that no two of the arrays overlap, without which it would have to see to one world after the
    other. So they must be different arrays, or different rows. It makes no arrays, and does not count who
    refers to one. Only other compiled code can call it.
    """
    flags: Any = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True, "pipeline_class": _Apart, "_nrt": False}
    return njit(error_model="numpy", fastmath=False, cache=True, **flags)(function)


def rule(function: Function) -> Function:
    """Let compiled code call a plain function of numbers by name.

    Parameters
    ----------
    function
        A pure function of numbers.

    Returns
    -------
    Function
        The same function, unchanged: Python calls it as ever. Inside a kernel its body is put in the
        place of the call, so that the loop around it can be vectorised.
    """
    register_jitable(error_model="numpy", fastmath=False, forceinline=True)(function)
    return function


def source_hash() -> str:
    """Return a short hash of the kernels' sources, the compiler's versions and its settings."""
    digest = hashlib.blake2b(digest_size=10)
    for part in (*_versions(), *_sources()):
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.hexdigest()


def cache_folder() -> Path:
    """Return the first writable place for the cache, made if it was not there.

    Returns
    -------
    Path
        ``$MESHGOV_CACHE/<hash>`` if that is set; else ``.cache/numba/<hash>`` in a checkout, or the same in
        the user's cache folder; else a temporary folder of this user's own.
    """
    name = source_hash()
    for parent in _places():
        with contextlib.suppress(OSError):
            return open_folder(parent, name)
    return Path(tempfile.mkdtemp(prefix="meshgov-numba-"))


def checkout() -> Path | None:
    """Return the root of the checkout that holds the package, or None for an installed wheel."""
    root = PACKAGE.parent
    return root if (root / "pyproject.toml").is_file() else None


def _versions() -> Iterator[bytes]:
    yield sys.version.encode()
    yield numba.__version__.encode()
    yield llvmlite.__version__.encode()
    for setting in NUMBA_SETTINGS:
        yield f"{setting}={os.environ.get(setting, '')}".encode()


def _sources() -> Iterator[bytes]:
    folders = [PACKAGE / name for name in KERNEL_SOURCES]
    paths = [path for folder in folders for path in ([folder] if folder.suffix else folder.rglob("*.py"))]
    for path in sorted(paths):
        yield path.relative_to(PACKAGE).as_posix().encode()
        yield path.read_bytes()


def _places() -> Iterator[Path]:
    chosen = os.environ.get("MESHGOV_CACHE")
    if chosen:
        yield Path(chosen)
        return
    root = checkout()
    if root is not None:
        yield root / ".cache" / "numba"
    with contextlib.suppress(RuntimeError):  # no home folder
        yield Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "meshgov" / "numba"


def open_folder(parent: Path, name: str) -> Path:
    """Make a cache folder, or find it; hold it; and remove older ones if it is new and in the checkout.

    Raises
    ------
    OSError
        If nothing can be written there.
    """
    folder = parent / name
    is_new = not folder.is_dir()
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder):
        _hold(folder)
    root = checkout()
    if is_new and root is not None and parent == root / ".cache" / "numba":
        remove_unused(parent, keep=name)
    return folder


def _hold(folder: Path) -> None:
    """Keep a shared lock on a cache folder for the life of this process, so that no other removes it."""
    if locks is None:
        return
    lock = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_CREAT)  # never closed: the process's end frees it
    with contextlib.suppress(OSError):  # a file system without locks
        locks.flock(lock, locks.LOCK_SH)
    folder.mkdir(parents=True, exist_ok=True)  # another process may have removed it just before the lock


def remove_unused(parent: Path, keep: str) -> None:
    """Remove the cache folders of older sources that no running process holds."""
    for folder in parent.iterdir():
        if folder.name != keep and len(folder.name) == len(keep) and folder.is_dir():
            with contextlib.suppress(OSError):
                _remove_if_free(folder)


def _remove_if_free(folder: Path) -> None:
    if locks is None:
        return
    with (folder / LOCK_NAME).open("a") as lock:
        locks.flock(lock, locks.LOCK_EX | locks.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)


# Before any decorator runs: Numba reads this setting when a function is decorated.
numba.config.CACHE_DIR = str(cache_folder())  # type: ignore[attr-defined]
