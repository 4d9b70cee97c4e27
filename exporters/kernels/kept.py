"""Compiled kernels on disk: those that came with the package, then those that were compiled here.

A wheel brings its kernels compiled (`exporters.kernels.hatch`), for any processor of its
architecture. They are found by what they were compiled from, whatever the time or the place of a
file; of another numba or of changed code none is found, and the kernel is compiled where and when
it is needed.
numba keeps what it compiles in two pickles a kernel, and that is all of it that is used here.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import numba

from exporters.kernels.stamp import stamp

READY = Path(__file__).parent / "ready"

_all: list[Shelves] = []
_filling: list[Path] = []       # the folder that is being filled, if any


def for_any_processor() -> None:
    """Have numba compile for the least processor of this architecture, unless it was told one.

    A processor's name is part of the key of what is kept: by its own, each would need its own.
    """
    if numba.config.CPU_NAME is None and numba.config.CPU_FEATURES is None:
        numba.config.CPU_NAME, numba.config.CPU_FEATURES = "generic", ""


def keep(kernel: Any) -> None:
    """Has numba look for a kernel among the ready ones first; else all is as numba has it."""
    try:
        kernel._cache._cache_file = Shelves(kernel)
    except (AttributeError, ImportError, TypeError):    # of a numba that keeps things otherwise
        pass


class Shelves:
    """Both places of a kernel, as numba's cache asks for them: to load from and to save to."""

    def __init__(self, kernel: Any) -> None:
        from numba.core.caching import IndexDataCacheFile

        self._file, self._kernel = IndexDataCacheFile, kernel
        self._usual = kernel._cache.cache_path, kernel._cache._impl.filename_base
        function = kernel.py_func
        self._name = ".".join([function.__module__, function.__qualname__,
                               f"{sys.implementation.cache_tag}{getattr(sys, 'abiflags', '')}"])
        _all.append(self)

    @cached_property
    def _stamp(self) -> str:        # later than the kernel, which may call what stands below it
        return stamp(self._kernel.py_func, self._kernel.targetoptions)

    @cached_property
    def _own(self) -> Any:
        return self._file(*self._usual, self._stamp)

    def ready(self) -> Any:
        """What was compiled ahead."""
        return self._file(str(_filling[-1] if _filling else READY), self._name, self._stamp)

    def load(self, key: object) -> object:
        """What was compiled of these types for this processor, or None."""
        try:
            found = self.ready().load(key)
        except Exception:           # a broken file can raise anything
            found = None
        return self._own.load(key) if found is None and not _filling else found

    def save(self, key: object, data: object) -> None:
        """Keep what was compiled: for oneself, unless a folder is being filled."""
        (self.ready() if _filling else self._own).save(key, data)

    def flush(self) -> None:
        """Forget what was compiled here."""
        self._own.flush()

    def files(self) -> set[str]:
        """Names of the files that hold what is ready and still right."""
        ready = self.ready()
        kept = ready._load_index()
        return {ready._index_name, *kept.values()} if kept else set()


@contextmanager
def filling(folder: Path = READY) -> Iterator[None]:
    """What is compiled meanwhile goes into a folder; what is not of this code goes from there."""
    folder.mkdir(parents=True, exist_ok=True)
    _filling.append(folder)
    try:
        yield
        right = {name for shelves in _all for name in shelves.files()}
        for path in folder.iterdir():
            if path.name not in right:
                path.unlink()
    finally:
        _filling.pop()
