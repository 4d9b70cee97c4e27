"""Drawing does not depend on which characters share a batch, or on how many work."""

from __future__ import annotations

from dataclasses import replace

from conftest import FEW, written

from glyphgen.config import RECIPES
from glyphgen.draw.draw import draw_batches
from glyphgen.draw.judge import Judge
from glyphgen.hand.painter import Painter
from glyphgen.hand.prepare import Finish
from glyphgen.hand.prepared import PreparedHand
from glyphgen.hand.strokes import lay_samples, with_strokes
from glyphgen.network.checkpoint import load_model

TEXT = [*map(ord, "国団山川あ水a東語。")]      # by strokes, without any, of other scripts


def test_drawings_are_the_same_in_any_order_by_any_number() -> None:
    painter = Painter(*load_model(), device="cpu")
    samples = written(FEW)
    hand = with_strokes(painter, painter.learn(samples), lay_samples(samples))
    ready = PreparedHand(painter, hand.with_recipe(replace(RECIPES["hei"], strokes=True)),
                         Finish())
    assert ready.way_of(TEXT[0]) == ("", True) and ready.way_of(TEXT[1]) == ("", False)
    judge, made = Judge(ready, samples), []
    for text, workers in ((TEXT, 1), (TEXT[::-1], 2)):
        drawn = [one for part in draw_batches(ready, judge, text, workers=workers) for one in part]
        assert sorted(one.codepoint for one in drawn) == sorted(text)
        made.append({one.codepoint: (one.field.tobytes(), one.score, one.seed) for one in drawn})
    assert made[0] == made[1]
