"""Rules go, and what is written across them stays."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from fonts.reading.erase import Ink, _longest, bridged, erased
from fonts.reading.lines import find_lines


@pytest.mark.parametrize("run, longest", [([], 0), ([0, 0], 0), ([1, 1, 0, 1], 2),
                                          ([0, 1, 1, 1], 3)])
def test_the_longest_run(run: list[int], longest: int) -> None:
    assert _longest(np.array(run, bool)) == longest


def test_a_red_rule_goes_and_black_ink_across_it_stays() -> None:
    dark = np.zeros((400, 400, 3), np.float32)
    cv2.line(dark, (10, 200), (390, 200), (0.1, 0.5, 0.5), 3)
    cv2.line(dark, (200, 80), (200, 320), (0.9, 0.9, 0.9), 16)
    rules = find_lines(dark, 400, [0])
    cover, differs, lost = erased(dark, rules, Ink(np.full(3, 0.9), 16.0), 400)
    assert len(rules) == 1 and not lost
    assert cover[195:206, 20:180].max() == 0 and differs[200, 100]
    assert cover[80:320, 200].min() == 1
    assert (cover > 0.5).sum() == pytest.approx(241 * 17, rel=0.05)


def test_a_stroke_is_joined_across_what_was_taken_out() -> None:
    cover = np.zeros((200, 200), np.float32)
    cover[40:160, 95:106] = 1
    dark = np.zeros((200, 200, 3), np.float32)
    cv2.line(dark, (5, 100), (195, 100), (0.9,) * 3, 3)
    rules, core = find_lines(dark, 200, [0]), np.zeros((200, 200), bool)
    core[97:104] = True
    joined = bridged(cover * ~core, rules, core)
    assert joined[97:104, 98:103].min() == 1 and joined[97:104, :80].max() == 0
    assert bridged(cover, rules, np.zeros((200, 200), bool)) is cover
