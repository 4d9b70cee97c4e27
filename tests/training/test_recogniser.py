"""What the recogniser is trained by."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from training.recogniser import RecogniserConfig, _shaken, contrast, fields_of


def test_packed_fields_are_in_pixels() -> None:
    assert fields_of(np.array([[127, -127, 0]], np.int8)).tolist() == [[4, -4, 0]]


def test_glyphs_are_drawn_to_their_own_content_and_from_others() -> None:
    """Two of two dimensions: right, apart by 1 / temperature; wrong, by as much the other way."""
    one = torch.eye(2)
    codepoints = torch.tensor([1, 2])
    right, wrong = (contrast(one, other, codepoints, 0.5).item() for other in (one, one.flip(0)))
    assert right == pytest.approx(math.log(1 + math.exp(-2)))
    assert wrong == pytest.approx(math.log(1 + math.exp(2)))
    assert contrast(one, one.flip(0), torch.tensor([7, 7]), 0.5).item() == 0    # no negatives


def test_shakes_are_as_large_as_said() -> None:
    config = RecogniserConfig(stretch=0.5, shear=0, shift=0)
    moved = _shaken(4000, config, torch.Generator().manual_seed(1))
    assert moved.std(0)[0, 0].item() == pytest.approx(0.5, rel=0.05)
    assert moved[:, 0, 1:].abs().max() == 0 == moved[:, 1, 2].abs().max()
