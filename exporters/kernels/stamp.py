"""What a kernel is compiled from, as one digest: it says whether what was compiled is still it.

numba's own stamp is of the kernel's file. A kernel that it calls, or a constant, of another file
could change unseen, and whole files change when a comment does.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from types import CodeType, FunctionType

import numpy as np

_PLAIN = (bool, int, float, complex, str, bytes, tuple, type(None))


def stamp(kernel: FunctionType, options: object = None) -> str:
    """Digest of the code of a kernel and of all kernels that it calls, of the constants that they
    read, and of the options that they are compiled with."""
    parts: dict[str, list[str]] = {}
    _collect(kernel, parts)
    return sha256(repr((options, sorted(parts.items()))).encode()).hexdigest()


def _collect(kernel: FunctionType, parts: dict[str, list[str]]) -> None:
    """Adds a kernel and what it calls, each by its full name."""
    place = f"{kernel.__module__}.{kernel.__qualname__}"
    if place in parts:
        return
    parts[place] = [repr(kernel.__defaults__), *_said(kernel.__code__, kernel.__doc__)]
    for name, value in read_by(kernel):
        parts[place].append(f"{name} {_constant(value)}")
        called = getattr(value, "py_func", value)
        if isinstance(called, FunctionType):
            _collect(called, parts)


def read_by(kernel: FunctionType) -> Iterator[tuple[str, object]]:
    """Names and values of the module that a kernel reads."""
    names = {name for code in _codes(kernel.__code__) for name in code.co_names}
    yield from ((name, kernel.__globals__[name]) for name in sorted(names & {*kernel.__globals__}))


def _constant(value: object) -> str:
    """A constant as text; of anything else the kind alone, which the code says more of."""
    if isinstance(value, np.ndarray):
        return f"{value.dtype} {value.shape} {value.tobytes().hex()}"
    return repr(value) if isinstance(value, _PLAIN) else type(value).__name__


def _codes(code: CodeType) -> Iterator[CodeType]:
    """A code and those within it."""
    yield code
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _codes(inner)


def _said(code: CodeType, documented: str | None) -> Iterator[str]:
    """What a code does, but not where it stands nor how it is documented."""
    for one in _codes(code):
        constants = [c for c in one.co_consts
                     if not isinstance(c, CodeType) and (c is None or c != documented)]
        yield f"{one.co_code.hex()} {constants!r} {one.co_names} {one.co_varnames}"
