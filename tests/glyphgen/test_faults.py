"""Whose fault an error is."""

from __future__ import annotations

from pathlib import Path

from fonts.errors import UserError
from glyphgen.faults import is_fault, line_of


def test_input_files_and_memory_are_the_persons() -> None:
    missing = FileNotFoundError(2, "No such file or directory", "a.ttf")
    assert line_of(missing) == "a.ttf: No such file or directory" and not is_fault(missing)
    asked = UserError("over {n} MB", "a.png", n=48)
    assert line_of(asked) is asked.line and not is_fault(asked)
    assert line_of(MemoryError()) == "out of memory: ask for fewer characters"


def test_anything_else_is_ours_and_its_traceback_is_in_a_file() -> None:
    try:
        {}["none"]
    except KeyError as error:
        assert is_fault(error)
        line = line_of(error)
    written = Path(str(line.values["file"]))
    assert line.startswith("sorry") and "KeyError: 'none'" in written.read_text("utf-8")
    written.unlink()
