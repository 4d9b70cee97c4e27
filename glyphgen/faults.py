"""Faults of this program, which are nobody else's: a short apology, and the details in a file."""

from __future__ import annotations

import os
import platform
import tempfile
import traceback
from contextlib import suppress

from fonts.errors import Line, UserError
from glyphgen import __version__

STATUS = 70         # of a command that ends so: EX_SOFTWARE of sysexits.h


def line_of(error: BaseException) -> Line:
    """The line for the person about whatever ended some work; a fault's details go to a file."""
    if isinstance(error, UserError):
        return error.line
    if isinstance(error, OSError):
        return Line(error.strerror or " ".join(str(error).split()) or type(error).__name__,
                    error.filename or "")
    if isinstance(error, MemoryError):
        return Line("out of memory: ask for fewer characters")
    return Line("sorry, this is a fault of glyphgen and not yours; {file} says what happened, "
                "please report it", file=_written(error))


def is_fault(error: BaseException) -> bool:
    """Whether it is this program that is to blame."""
    return not isinstance(error, UserError | OSError | MemoryError)


def _written(error: BaseException) -> str:
    """The file that the traceback is in."""
    lines = [f"glyphgen {__version__}, Python {platform.python_version()}, {platform.platform()}\n",
             *traceback.format_exception(error)]
    with suppress(OSError):
        handle, path = tempfile.mkstemp(".txt", "glyphgen-fault-")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.writelines(lines)
        return path
    return " ".join(lines[-1].split())
