"""Laid samples kept as bytes: they come back as they were, and nothing else comes in."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from conftest import FEW, written
from safetensors import SafetensorError
from safetensors.numpy import load, save

from fonts.drawing import Field
from glyphgen.hand.kept import packed, unpacked
from glyphgen.hand.strokes import lay_samples
from glyphgen.strokes.laid.lay import Laid

Parts = dict[str, np.ndarray]


@pytest.fixture(scope="module")
def samples() -> dict[int, Field]:
    return written(FEW)


@pytest.fixture(scope="module")
def laid(samples: dict[int, Field]) -> dict[int, Laid]:
    return lay_samples(samples)


def test_laid_samples_come_back_as_they_were(samples: dict[int, Field],
                                             laid: dict[int, Laid]) -> None:
    data = packed(laid)
    again = unpacked(data, samples, "cn")
    assert [*again] == [*laid] and len(laid) > 4
    for one, other in zip(laid.values(), again.values()):
        for name, part in vars(one).items():
            np.testing.assert_array_equal(getattr(other, name), part)
    assert len(data) < 60_000


ODD: list[Callable[[Parts], object]] = [
    lambda parts: parts["strokes"].__setitem__((0, 0, 0), np.nan),
    lambda parts: parts["strokes"].__setitem__((0, 0, 0), 1e6),
    lambda parts: parts["half_width"].__setitem__((0, 0), -1),
    lambda parts: parts["places"].__setitem__((0, 0), 16),
    lambda parts: parts["ends"].__setitem__((0, 0, 0), np.inf),
    lambda parts: parts["sides"].__setitem__((0, 0, 0), np.nan),
    lambda parts: parts.pop("sides"),
    lambda parts: parts["codepoints"].__setitem__(0, parts["codepoints"][1]),
    lambda parts: parts["codepoints"].__setitem__(0, ord("龍")),          # no sample
    lambda parts: parts["codepoints"].__setitem__(0, -1),
    lambda parts: parts["corners"].__setitem__(0, 10**6),
    lambda parts: parts.update(strokes=parts["strokes"][:-1]),
    lambda parts: parts.update(strokes=parts["strokes"].astype(np.float64)),
    lambda parts: parts.update(codepoints=parts["codepoints"].astype(np.float32)),
    lambda parts: parts.pop("turnings"),
]


@pytest.mark.parametrize("change", ODD)
def test_what_is_no_laid_sample_is_refused(samples: dict[int, Field], laid: dict[int, Laid],
                                           change: Callable[[Parts], object]) -> None:
    parts = {name: part.copy() for name, part in load(packed(laid)).items()}
    change(parts)
    with pytest.raises((ValueError, LookupError)):
        unpacked(save({name: np.ascontiguousarray(part) for name, part in parts.items()}),
                 samples, "cn")


@pytest.mark.parametrize("data", [b"", b"\xff" * 64, b"{}"])
def test_other_bytes_are_refused(samples: dict[int, Field], data: bytes) -> None:
    with pytest.raises((ValueError, SafetensorError)):
        unpacked(data, samples, "cn")
