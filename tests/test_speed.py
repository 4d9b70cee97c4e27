"""What is fast is also right: exact distances, any precision, any number of workers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import distance_transform_edt

from fonts.content import Content
from fonts.drawing import CANVAS, SPREAD, coverage, from_coverage


@pytest.mark.parametrize("size", [128, 256, 384, 512])
def test_distances_are_exact_up_to_the_spread(size: int) -> None:
    ink = coverage(Content("cn").hei(ord("鹰")), size)
    inside = ink >= 0.5
    within, without = distance_transform_edt(inside), distance_transform_edt(~inside)
    apart = np.maximum(within - 0.5, 0) - np.maximum(without - 0.5, 0)
    expected = np.where(np.abs(apart) == 0.5, ink - 0.5, apart) * (CANVAS / size)
    np.testing.assert_allclose(from_coverage(ink, size), np.clip(expected, -SPREAD, SPREAD),
                               atol=1e-6)
