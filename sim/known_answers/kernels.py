"""How the cases' own loops are compiled.

The decorators of `sim.fast.compiled` are for the main model: their cache folder is named after a hash of the sources
that the model's kernels come from, and these are not among them, so that work on a case costs the model no compilation.
Numba itself notices when the file of a kernel has changed, but not when a file has that it imports from. A kernel here
may therefore call, of compiled code, only what stands in its own file and what comes from the hashed sources
(`sim.rules`, `sim.streams`). A test holds the cases to that.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

from sim.fast import compiled as _sets_the_cache_folder  # noqa: F401 - before Numba decorates anything

Function = TypeVar("Function", bound=Callable[..., Any])


def kernel(function: Function) -> Function:
    """Compile a loop over arrays, with the flags of the main model's kernels, and keep it on disk.

    Parameters
    ----------
    function
        A function in the part of Python that Numba knows; see the module's text for what it may call.
    """
    return cast("Function", njit(error_model="numpy", fastmath=False, cache=True)(function))
