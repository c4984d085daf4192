"""Who does the work: this process, one process a core, or any executor of `concurrent.futures`.

One rule for comparisons and studies. Results come back as they are finished, each with its place in the plan, and never
more pieces are handed out than workers can soon take: so memory does not grow with the length of the plan.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.connection import wait as wait_for
from typing import TypeVar

from sim.errors import InputError

Piece = TypeVar("Piece")
Result = TypeVar("Result")

HANDED_OUT = 3  # pieces for each worker that wait or are at work


def check_jobs(jobs: int | None) -> None:
    """Refuse a number of workers that cannot be."""
    if jobs is not None and jobs < 1:
        raise InputError(f"{jobs} jobs were asked for.", "Ask for at least 1.", key="jobs")


def cores() -> int:
    """Return the number of cores that this process may use."""
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed else os.cpu_count() or 1


def work_through(
    work: Callable[[Piece], Result], pieces: Sequence[Piece], jobs: int | None
) -> Generator[tuple[int, Result], None, None]:
    """Yield each piece's place in the list and what came of it, as workers of this machine finish them.

    Parameters
    ----------
    work
        What is done with a piece; importable by name, for other processes must find it.
    pieces
        The list.
    jobs
        Worker processes; None means one for each core. One job, or one piece, is done in this process.

    Raises
    ------
    RuntimeError
        If a worker process died.
    """
    workers = min(cores() if jobs is None else jobs, len(pieces))
    if workers <= 1:
        yield from ((place, work(piece)) for place, piece in enumerate(pieces))
        return
    with process_pool(workers) as executor:
        yield from as_finished(work, pieces, executor, HANDED_OUT * workers, cancels=False)


@contextmanager
def process_pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    """Give a pool of worker processes; whatever goes wrong ends them at once.

    They are started anew ("spawn"): a copy of this process would share its threads' locks.
    """
    before = set(multiprocessing.active_children())
    executor = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), end_with_parent)
    try:
        yield executor
    except BrokenProcessPool as error:
        raise RuntimeError(
            "A worker process died. In a script, call compare under `if __name__ == '__main__':`; "
            "if it is there already, memory may have run out: pass jobs=1."
        ) from error
    except BaseException:
        for child in set(multiprocessing.active_children()) - before:
            child.kill()  # they are deaf to a plain request
        raise
    finally:
        executor.shutdown(wait=False, cancel_futures=True)


def end_with_parent() -> None:
    """Make this worker process end once its parent has, however that ended: else it would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_after, args=(parent.sentinel,), daemon=True).start()


def _end_after(sentinel: int) -> None:
    wait_for([sentinel])
    os._exit(1)


def as_finished(
    work: Callable[[Piece], Result], pieces: Iterable[Piece], executor: Executor, most: int, cancels: bool = True
) -> Generator[tuple[int, Result], None, None]:
    """Yield each piece's place and result as an executor finishes them, with at most so many handed out.

    Parameters
    ----------
    work
        As for `work_through`.
    pieces
        The list, or whatever yields one piece after the other: the next is asked for when a worker is free.
    executor
        Any executor of `concurrent.futures`, a cluster's included.
    most
        Pieces that are handed out at a time.
    cancels
        Whether to take back at the end what was handed out and not done. Not where worker processes are ended with
        the pool: its manager stumbles, aloud, over cancelled work of a worker that died.
    """
    left = iter(enumerate(pieces))
    handed_out: dict[Future[Result], int] = {}
    try:
        while True:
            with deaf_to_interrupts():
                for place, piece in _next_of(left, most - len(handed_out)):
                    handed_out[executor.submit(work, piece)] = place
            if not handed_out:
                return
            done, _ = wait(handed_out, return_when=FIRST_COMPLETED)
            for future in sorted(done, key=lambda each: handed_out[each]):
                yield handed_out.pop(future), future.result()
    finally:
        if cancels:
            for future in handed_out:
                future.cancel()


def _next_of(left: Iterator[tuple[int, Piece]], count: int) -> Iterator[tuple[int, Piece]]:
    """Yield the next few, or as many as are left."""
    for _ in range(count):
        following = next(left, None)
        if following is None:
            return
        yield following


@contextmanager
def deaf_to_interrupts() -> Iterator[None]:
    """Put off Ctrl-C and requests to end; processes that start inside never hear them: the parent ends them."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
