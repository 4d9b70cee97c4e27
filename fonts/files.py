"""Files that are there whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from glob import escape
from pathlib import Path

from fonts.errors import UserError


def write_atomic(path: str | Path, data: bytes) -> None:
    """Write a file through a synced temporary one in the same folder. Raises UserError."""
    put(Path(path), lambda part: part.write_bytes(data))


def sweep(path: Path) -> None:
    """Remove what processes that were killed left of earlier tries at this file."""
    for left in path.parent.glob(f".{escape(path.name)}.????????"):
        shutil.rmtree(left, ignore_errors=True)


def put(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a temporary file or folder beside `path`, then move it into place.

    Raises UserError.
    """
    try:
        with tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as folder:
            part = Path(folder) / path.name
            write(part)
            if part.is_dir():
                if path.is_dir():
                    os.replace(path, Path(folder) / "before")
                os.replace(part, path)
                return
            with open(part, "rb+") as stream:
                os.fsync(stream.fileno())
            os.replace(part, path)
    except OSError as error:
        raise UserError("cannot be written: {reason}",
                        path, reason=error.strerror or error) from error
