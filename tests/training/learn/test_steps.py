"""How many calls a way of sampling takes, and where its steps lead."""

from __future__ import annotations

from typing import Any, cast

import pytest
import torch
from torch import Tensor

from training.learn.steps import Sampler, Sampling
from training.learn.validate import ink_figures


@pytest.mark.parametrize("how, calls", [
    (Sampling("a", steps=0), 1), (Sampling("b"), 2), (Sampling("c", steps=3), 4),
    (Sampling("d", begin=0, steps=4), 4), (Sampling("e", guidance=1.5), 3),
    (Sampling("f", begin=0, steps=2, guidance=2), 4)])
def test_calls_a_glyph(how: Sampling, calls: int) -> None:
    assert how.calls == calls


@pytest.mark.parametrize("steps", [1, 2, 5])
def test_steps_to_a_network_that_is_sure_end_where_it_points(steps: int) -> None:
    aim = torch.full((1, 2), 3.0)

    class Sure:
        def call(self, z: Tensor, time: float, guidance: float) -> tuple[Tensor, None]:
            assert 0.7 <= time < 1 and guidance == 1
            return aim, None

    ended = Sampler.follow(cast(Any, Sure()), torch.zeros(1, 2), Sampling("x", steps=steps))
    torch.testing.assert_close(ended, aim)


def test_figures_of_a_square_drawn_half() -> None:
    whole = torch.full((1, 128, 128), -4.0)
    whole[0, 20:60, 20:60] = 4
    half = whole.clone()
    half[0, 40:60] = -4
    assert ink_figures(whole, whole) == {"nl1": 0, "iou": 1, "ink": 1}
    assert ink_figures(half, whole) == {"nl1": 0.5, "iou": 0.5, "ink": 0.5}
