"""A drawing as the gate sees it, and the steps of sampling."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from glyphgen.config import Recipe
from glyphgen.network.sampler import refine, regress
from glyphgen.project.records import Drawn

FIELD = np.zeros((128, 128), np.float32)


@pytest.mark.parametrize("doubt, score, state", [(0.0, 1.0, "drawn"), (1.0, 0.5, "drawn"),
                                                 (3.0, 0.25, "doubtful")])
def test_a_score_is_one_over_one_and_the_doubt(doubt: float, score: float, state: str) -> None:
    drawn = Drawn.from_doubt(0x6C38, FIELD, 7, {"density": doubt}, doubt)
    assert (drawn.score, drawn.state, drawn.seed) == (score, state, 7)


def test_the_first_call_starts_from_nothing_and_the_second_from_a_middle_time() -> None:
    def denoise(z: torch.Tensor, t: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return z + t, t

    like = torch.ones(1, 2, 2, 3)
    assert regress(denoise, like)[0].abs().sum() == 0
    recipe = Recipe(0, 0.0, time=0.75, grain=0.5)
    begun, noise = 4 * like, 8 * like
    assert torch.equal(refine(denoise, begun, noise, recipe), like * (3 + 1 + 0.75))
