"""Where batches are worked on: in threads or processes, or over a Ray cluster (`glyphgen[ray]`).

What all batches share is sent to each machine once. Only the process that gives the work writes
the project. Results come as they are done and depend neither on the engine nor on their order.
"""

from __future__ import annotations

import ctypes
import logging
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from functools import lru_cache
from importlib.util import find_spec
from itertools import islice
from multiprocessing import get_context
from typing import Any

from fonts.errors import UserError
from glyphgen import __version__

ENGINES = ("local", "ray")
_MALLOC = {-8: 1, -3: 32 << 20, -1: 32 << 20}   # M_ARENA_MAX, M_MMAP_ and M_TRIM_THRESHOLD
Work = Callable[[Any, Any], Any]                            # (shared, batch) -> result
_LOSSES = 10            # workers that may be lost over one batch
_AHEAD = 2              # batches given out for each core of the cluster
_AHEAD_APART = 3        # and for each process of this machine


def cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class EngineError(UserError):
    """An engine that cannot work here; one line says why and what to do."""


def hold_less() -> None:
    """Have glibc give back what is freed: one arena for all threads, large blocks mapped apart.

    Some 7 % less memory at the same speed (docs/speed.md). Other C libraries are left as they are.
    """
    with suppress(AttributeError, OSError, ValueError):     # no such function, name or library
        if os.confstr("CS_GNU_LIBC_VERSION"):
            for option, value in _MALLOC.items():
                ctypes.CDLL(None).mallopt(option, value)


def check(name: str, device: str = "auto") -> None:
    """Refuse an engine that is not there, before the work. Raises EngineError."""
    if name not in ENGINES:
        raise EngineError(f"engine {name!r} is unknown: choose {' or '.join(ENGINES)}")
    if name == "ray" and device not in ("auto", "cpu"):
        raise EngineError(f"engine ray draws on CPUs, not on {device}: leave --device out")
    if name == "ray" and find_spec("ray") is None:
        raise EngineError("engine ray: Ray is not installed: pip install 'glyphgen[ray]'")


def running(engine: str) -> AbstractContextManager[object]:
    """Holds what the engine needs, so that several calls of `spread` start it only once."""
    return _cluster() if engine == "ray" else nullcontext()


def spread(work: Work, shared: Any, batches: Iterable[Any], engine: str = "local",
           workers: int | None = None, apart: bool = False) -> Iterator[Any]:
    """`work(shared, batch)` of every batch, a batch a core at a time.

    `workers` is another number than all cores of this machine; 1 is this thread. `apart` is for
    work that does not let other threads run: it gets processes of its own. Over a cluster results
    come as they are done, else in order. Raises EngineError.
    """
    if engine == "ray":
        return _over_ray(work, shared, batches)
    workers = workers or cores()
    if workers == 1:
        return (work(shared, batch) for batch in batches)
    return _here(work, shared, batches, workers, apart)


def _here(work: Work, shared: Any, batches: Iterable[Any], workers: int,
          apart: bool) -> Iterator[Any]:
    """Results in order: OpenCV, torch and FreeType let other threads work, loops in numba do not.

    Work of processes is short, so each is given some ahead.
    """
    waiting: deque[Future[Any]] = deque()
    source, most = iter(batches), workers * (_AHEAD_APART if apart else 1)
    pool = ProcessPoolExecutor(workers, get_context("spawn"), _leave_interrupts) if apart \
        else ThreadPoolExecutor(workers)
    with pool:
        try:
            while True:
                waiting.extend(pool.submit(work, shared, batch)
                               for batch in islice(source, most - len(waiting)))
                if not waiting:
                    return
                yield waiting.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)


def _leave_interrupts() -> None:
    """Leave Ctrl-C, which reaches every process of a terminal, to the one that gives the work."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def _cluster() -> Iterator[None]:
    """The cluster that RAY_ADDRESS names or this machine is part of, else one on this machine."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    import ray

    if ray.is_initialized():
        yield
        return
    try:
        ray.init(log_to_driver=False, logging_level=logging.ERROR, include_dashboard=False)
    except Exception as error:          # Ray raises all kinds, and Exception itself
        raise EngineError(f"engine ray: no cluster can be reached ({error}); see `ray status` "
                          "and RAY_ADDRESS") from None
    try:
        yield
    finally:
        ray.shutdown()


def _over_ray(work: Work, shared: Any, batches: Iterable[Any]) -> Iterator[Any]:
    """Results as they are done. What a lost worker had is given to another one."""
    with _cluster():
        import ray

        task = ray.remote(num_cpus=1, max_retries=_LOSSES)(_apart)
        kept = [ray.put(shared)]            # in a list, so that a task gets the reference
        waiting: list[Any] = []
        source = iter(batches)
        try:
            while True:
                room = max(1, int(_AHEAD * ray.cluster_resources().get("CPU", 1))) - len(waiting)
                waiting += [task.remote(__version__, work, kept, batch)
                            for batch in islice(source, max(0, room))]
                if not waiting:
                    return
                done, waiting = ray.wait(waiting, num_returns=1)
                yield ray.get(done[0])
        except ray.exceptions.RayTaskError as error:
            if not isinstance(error.cause, ray.exceptions.RayError):
                raise error.cause from None
            last = str(error.cause).strip().splitlines()[-1]
            raise EngineError(f"engine ray: a worker cannot start ({last}); install the same "
                              "glyphgen on every machine") from None
        except ray.exceptions.RayError as error:
            raise EngineError(f"engine ray: a batch was lost for good ({type(error).__name__}); "
                              "what is done is kept, the same command goes on") from None
        finally:
            for reference in waiting:
                ray.cancel(reference)


def _apart(version: str, work: Work, kept: list[Any], batch: Any) -> Any:
    """A batch in a worker, which must be what the giver of the work is."""
    if version != __version__:
        raise EngineError(f"engine ray: a worker has glyphgen {__version__} and this is {version}; "
                          "install the same everywhere")
    return work(_fetched(kept[0]), batch)


@lru_cache(maxsize=1)
def _fetched(reference: Any) -> Any:
    import ray

    return ray.get(reference)
