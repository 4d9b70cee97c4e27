"""Loops compiled by numba, and what all of them share."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

import numba
import numpy as np

from exporters.kernels.kept import for_any_processor, keep
from fonts.drawing import Points

P = ParamSpec("P")
R = TypeVar("R")

# llvmlite 0.50 aborts the process while it vectorises some of these loops (an assertion in LLVM);
# they are too short to gain from it.
numba.config.LOOP_VECTORIZE = 0
for_any_processor()


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """numba.njit, kept on disk between runs, with the function's own type."""
    kernel = numba.njit(cache=True, error_model="numpy")(function)
    keep(kernel)
    return cast(Callable[P, R], kernel)


@compiled
def norm(vector: Points) -> float:
    """Length of a vector (2,)."""
    return np.sqrt(vector[0] * vector[0] + vector[1] * vector[1])
