"""One way to compile a numeric kernel, typed.

Compiled code is cached beside the source (or in the user's cache when that is read-only), so only
the first run on a machine pays for compiling. Kernels release the interpreter lock.
"""

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

import numba

P = ParamSpec("P")
R = TypeVar("R")


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Compile `function` with numba in nopython mode, keeping its static type."""
    return cast("Callable[P, R]", numba.njit(cache=True, nogil=True)(function))
