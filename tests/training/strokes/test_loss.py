"""What strokes that lie elsewhere cost."""

from __future__ import annotations

import pytest
import torch

from training.strokes.loss import course, joints

BAR = torch.stack([torch.linspace(20, 80, 16), torch.full((16,), 40.0)], -1)


def test_nothing_costs_nothing() -> None:
    assert course(BAR, BAR).item() == 0


def test_along_a_stroke_a_shift_costs_less_than_beside_it() -> None:
    """3 pixels cost 2.5 each: beside at all points, along at both ends and 0.3 between."""
    beside = course(BAR + torch.tensor([0.0, 3.0]), BAR)
    along = course(BAR + torch.tensor([3.0, 0.0]), BAR)
    assert beside.item() == pytest.approx(2.5)
    assert along.item() == pytest.approx(2.5 * (2 + 0.3 * 14) / 16)


def test_an_end_that_leaves_its_joint_costs() -> None:
    """The upright's top lies on the bar; drawn 3 pixels lower it costs 2.5, 2 ends being one."""
    upright = torch.stack([torch.full((16,), 48.0), torch.linspace(40, 100, 16)], -1)
    both, there = torch.stack([BAR, upright])[None], torch.ones(1, 2, dtype=torch.bool)
    lower = both.clone()
    lower[0, 1, :, 1] += 3
    assert joints(both, both, both, there).item() == 0
    assert joints(lower, both, both, there).item() == pytest.approx(2.5)
