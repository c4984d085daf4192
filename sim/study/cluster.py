"""Beyond one machine: a Dask scheduler and its workers as an executor (the extra `cluster`)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Any

from sim.engine import MODEL_VERSION
from sim.errors import InputError

SECONDS_TO_ANSWER = 20.0


def version_there() -> tuple[int, str]:
    """Return what would decide results here: the model's version and Python's."""
    return MODEL_VERSION, sys.version.split()[0]


@contextmanager
def cluster_executor(address: str) -> Iterator[tuple[Executor, int]]:
    """Give an executor that hands out work to a cluster, and the number of tasks it does at a time.

    Parameters
    ----------
    address
        Of the scheduler, such as ``tcp://scheduler:8786``.

    Raises
    ------
    InputError
        If there is no such scheduler, it has no workers, or they have another version of the model.
    """
    client = _connected(address)
    try:
        threads = _checked(client, address)
        yield client.get_executor(), threads
    finally:
        client.close()


def _connected(address: str) -> Any:
    try:
        from distributed import Client  # noqa: PLC0415 - an extra
    except ImportError:
        remedy = 'Install the extra: pip install "meshgov[cluster]".'
        raise InputError("Dask distributed is not installed.", remedy, key="--cluster") from None
    try:
        return Client(address, timeout=SECONDS_TO_ANSWER)
    except (OSError, ValueError) as error:
        problem = f"no scheduler answers at {address} ({type(error).__name__})."
        raise InputError(problem, "Start one with: dask scheduler.", key="--cluster") from None


def _checked(client: Any, address: str) -> int:
    """Return the number of threads of all workers, or refuse workers that would give other results."""
    try:
        client.wait_for_workers(1, timeout=SECONDS_TO_ANSWER)
    except TimeoutError:
        remedy = f"Start one with: dask worker {address}."
        raise InputError(f"the scheduler at {address} has no workers.", remedy, key="--cluster") from None
    there = client.run(version_there, on_error="return")
    other = {where: found for where, found in there.items() if found != version_there()}
    if other:
        where, found = next(iter(other.items()))
        problem = f"the worker at {where} has not the same meshgov and Python ({found} against {version_there()})."
        raise InputError(problem, "Install the same versions on every machine.", key="--cluster")
    return sum(client.nthreads().values())
