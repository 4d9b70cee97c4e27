"""Where batches are worked on: in threads of this process, or over a Ray cluster (`glyphgen[ray]`).

What all batches share is sent to each machine once. Only the process that gives the work writes
the project. Results come as they are done and depend neither on the engine nor on their order.
"""

from __future__ import annotations

import logging
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import lru_cache
from importlib.util import find_spec
from itertools import islice
from typing import Any, NamedTuple

from glyphgen import __version__

Work = Callable[[Any, Any], Any]                            # (shared, batch) -> result
_LOSSES = 10            # workers that may be lost over one batch
_AHEAD = 2              # batches given out for each core of the cluster


def cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class EngineError(ValueError):
    """An engine that cannot work here; one line says why and what to do."""


class Engine(NamedTuple):
    """`running` holds what the engine needs; `spread(work, shared, batches)` yields results."""

    running: Callable[[], AbstractContextManager[object]]
    spread: Callable[[Work, Any, Iterable[Any]], Iterator[Any]]


def check(name: str, device: str = "auto") -> None:
    """Refuse an engine that is not there, before the work. Raises EngineError."""
    if name not in ENGINES:
        raise EngineError(f"engine {name!r} is unknown: choose {' or '.join(ENGINES)}")
    if name == "ray" and device not in ("auto", "cpu"):
        raise EngineError(f"engine ray draws on CPUs, not on {device}: leave --device out")
    if name == "ray" and find_spec("ray") is None:
        raise EngineError("engine ray: Ray is not installed: pip install 'glyphgen[ray]'")


def one_by_one(work: Work, shared: Any, batches: Iterable[Any]) -> Iterator[Any]:
    """Results in order, in this thread."""
    for batch in batches:
        yield work(shared, batch)


def _here(work: Work, shared: Any, batches: Iterable[Any]) -> Iterator[Any]:
    """Results in order, a batch a core at a time: OpenCV, torch and FreeType let others work."""
    workers, source = cores(), iter(batches)
    waiting: deque[Future[Any]] = deque()
    with ThreadPoolExecutor(workers) as pool:
        try:
            while True:
                waiting.extend(pool.submit(work, shared, batch)
                               for batch in islice(source, workers - len(waiting)))
                if not waiting:
                    return
                yield waiting.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)


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


ENGINES = {"local": Engine(nullcontext, _here), "ray": Engine(_cluster, _over_ray)}
