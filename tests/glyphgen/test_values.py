"""What a project file holds is a value of its kind, or one line that says what is damaged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fonts.packed import to_bytes
from glyphgen.project.schema import ProjectError
from glyphgen.project.strokes import pack_strokes
from glyphgen.project.values import Values

VALUES = Values(Path("My.glyphgen"))


def test_values_come_back_as_they_were_kept() -> None:
    field = np.full((128, 128), 4, np.float32)
    np.testing.assert_array_equal(VALUES.field(0x6C38, to_bytes(field)), field)
    stroke = np.array([(256, 512, 500, 0, 0, 0), (300, 520, 510, 8, 0, 0)], np.int32)
    np.testing.assert_array_equal(VALUES.strokes(0x6C38, pack_strokes([stroke]))[0], stroke)
    assert VALUES.setting("seed", "7") == 7


def test_what_is_damaged_is_named() -> None:
    with pytest.raises(ProjectError, match=r"^My.glyphgen: is damaged at U\+6C38; go back"):
        VALUES.field(0x6C38, b"no field")
    with pytest.raises(ProjectError, match="1114112 is no codepoint"):
        VALUES.field(0x110000, b"")
    with pytest.raises(ProjectError, match="its 'seed' is not of its kind"):
        VALUES.setting("seed", '"seven"')
