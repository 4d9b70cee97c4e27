"""Scripts apart: what is written in one script does not spoil another."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch
from conftest import SOME, written

from fonts.drawing import Field
from fonts.regions import script_of
from glyphgen.config import RECIPES
from glyphgen.draw.draw import draw_batch, draw_glyphs
from glyphgen.draw.gate import kind_of
from glyphgen.draw.judge import Judge
from glyphgen.draw.tries import Batch
from glyphgen.hand.adapt import AdaptConfig, adapt
from glyphgen.hand.blend import blended
from glyphgen.hand.painter import FEW, Fields, Hand, Painter
from glyphgen.hand.prepare import (
    INKED,
    Finish,
    HeldOut,
    Prepared,
    Truth,
    _with_strokes,
    hold_out,
    inked_where_nearer,
    prepare,
)
from glyphgen.hand.prepared import Contents, PreparedHand
from glyphgen.hand.strokes import has_strokes
from glyphgen.network.checkpoint import WEIGHTS, load_model
from glyphgen.progress import Silent
from glyphgen.strokes.ink import ink
from glyphgen.strokes.library import Library

KANA, LETTERS = "あのをしネ", "agHMx"


@cache
def painter() -> Painter:
    if not WEIGHTS.exists():
        pytest.skip("the network is missing")
    return Painter(*load_model(), device="cpu")


@cache
def hanzi() -> dict[int, Field]:
    return written(SOME)


def printed(text: str) -> dict[int, Field]:
    """Characters of the content font, half as large and low: not as the hanzi stand."""
    theta = torch.tensor([[2.0, 0.0, 0.0], [0.0, 2.0, -0.8]]).expand(len(text), 2, 3)
    grid = torch.nn.functional.affine_grid(theta, [len(text), 1, 128, 128], align_corners=False)
    small = torch.nn.functional.grid_sample(painter().pairs([*map(ord, text)])[:, :1], grid,
                                            padding_mode="border", align_corners=False)
    return dict(zip(map(ord, text), small[:, 0].numpy() / 2))


def drawn(hand: Hand, char: str) -> Fields:
    own = hand.of(ord(char))
    return painter().draw(own, painter().framed(own, [ord(char)]), [1])[0][0]


@pytest.mark.parametrize("char, script, kind", [
    ("国", "han", "character"), ("𠮷", "han", "character"), ("豈", "han", "character"),
    ("글", "hangul", "character"), ("あ", "kana", "kana"), ("ー", "kana", "kana"),
    ("a", "latin", "latin"), ("7", "latin", "latin"), ("。", "sign", "sign")])
def test_every_character_has_a_script(char: str, script: str, kind: str) -> None:
    assert (script_of(ord(char)), kind_of(ord(char))) == (script, kind)


@pytest.mark.parametrize("others", [KANA, LETTERS, KANA + LETTERS])
def test_other_scripts_leave_hanzi_as_they_are(others: str) -> None:
    alone, among = painter().learn(hanzi()), painter().learn(printed(others) | hanzi())
    assert not alone.own
    assert np.array_equal(drawn(alone, "国"), drawn(among, "国"))
    assert not np.array_equal(drawn(alone, "ら"), drawn(among, "ら"))


def test_kana_have_a_frame_of_their_own() -> None:
    hand = painter().learn(hanzi() | printed(KANA))
    frames = [hand.of(ord(char)).frame.theta for char in "国らa"]
    assert frames[1][0, 0] > 1.5 * frames[0][0, 0]          # content is drawn that much smaller
    assert torch.equal(frames[2], hand.frame.theta)
    assert hand.of(ord("ら")).tokens.shape == hand.tokens.shape      # from all samples


def test_too_few_of_a_script_are_not_apart() -> None:
    assert set(painter().learn(hanzi() | printed(KANA[: FEW - 1])).own) == {"han"}
    assert not painter().learn(printed(KANA)).own


def test_batches_hold_one_hand() -> None:
    hand = painter().learn(hanzi() | printed(KANA))
    text = [ord(char) for char in "国a永らり和九"]
    batches = [*hand.batches(text, 2)]
    assert sorted(c for _, part in batches for c in part) == sorted(text)
    assert all(len(part) <= 2 and all(hand.of(c) is one for c in part) for one, part in batches)


def test_a_recipe_is_for_all_scripts() -> None:
    hand = painter().learn(hanzi() | printed(KANA)).with_recipe(RECIPES["hei"])
    assert {hand.of(ord(char)).recipe for char in "国らa"} == {RECIPES["hei"]}


def test_a_mixed_batch_draws_each_as_alone() -> None:
    samples = hanzi() | printed(KANA)
    hand = PreparedHand(painter(), painter().learn(samples), Finish())
    ready = hand, Judge(hand, samples)
    text = [ord(char) for char in "ら国a和り"]
    made = {drawn.codepoint: drawn for drawn in draw_batch(ready, Batch(text))}
    assert sorted(made) == sorted(text)
    alone, = draw_batch(ready, Batch([ord("国")]))
    assert np.array_equal(made[ord("国")].field, alone.field)


def test_a_blend_is_one_in_every_script() -> None:
    one = Prepared(painter().learn(hanzi() | printed(KANA)), Finish(), None, None)
    other = Prepared(painter().learn(hanzi()), Finish(), None, None)
    half = blended(one, other, 0.5).hand
    assert set(half.own) == {"han", "kana"}
    for char in "国らa":
        theta = (one.hand.of(ord(char)).frame.theta + other.hand.of(ord(char)).frame.theta) / 2
        assert torch.allclose(half.of(ord(char)).frame.theta, theta)
    ends = blended(one, other, 0.0).hand
    assert np.allclose(drawn(ends, "ら"), drawn(one.hand, "ら"), atol=0.1)


def test_mixed_samples_are_held_out_and_learnt() -> None:
    samples = hanzi() | printed(KANA)
    held = hold_out(painter(), samples)
    assert held is not None and len(held.truth.fields) == len(held.drawn) == len(samples)
    wanted = {field.tobytes() for field in samples.values()}
    assert {np.ascontiguousarray(field).tobytes() for field in held.truth.fields} == wanted
    own = Painter(*load_model(), device="cpu")
    assert adapt(own, samples, config=AdaptConfig(steps=1)) is not None
    made = prepare(own, samples, 0, False, Silent())
    assert made.hand.recipe == made.hand.of(ord("国")).recipe == made.hand.of(ord("ら")).recipe


def fields_of(ready: PreparedHand, contents: Contents, seeds: list[int]) -> list[Field]:
    return [one.field for one in ready.inked(contents, seeds)]


def test_only_scripts_of_the_recipe_are_inked_anew() -> None:
    hand, text = painter().learn(hanzi()), [ord(char) for char in "国らa。."]
    made = {}
    for inked in ((), ("kana",), ("kana", "latin", "sign")):
        recipe = replace(RECIPES["kai mixed"], inked=inked)
        ready = PreparedHand(painter(), hand.with_recipe(recipe), Finish())
        made[inked] = fields_of(ready, ready.framed(text), ready.seeds_of(text))
    pixels, kana, all_ = made.values()
    assert [np.array_equal(a, b) for a, b in zip(pixels, kana)] == [True, False, True, True, True]
    assert [np.array_equal(a, b) for a, b in zip(pixels, all_)] == [True, False, False, False, True]
    for before, after in zip(pixels[1:4], all_[1:4]):           # anew, and where it was
        both, either = (before > 0) & (after > 0), (before > 0) | (after > 0)
        assert both.sum() > 0.7 * either.sum()


def test_drawings_keep_the_strokes_that_they_were_inked_from() -> None:
    samples, text = hanzi(), [ord(char) for char in "国ら"]
    hand = painter().learn(samples).with_recipe(replace(RECIPES["kai mixed"], inked=("kana",)))
    ready = PreparedHand(painter(), hand, Finish())
    by_pixels, anew = draw_glyphs(ready, Judge(ready, samples), ready.framed(text),
                                  ready.seeds_of(text))
    assert by_pixels.strokes is None and anew.strokes is not None
    assert np.array_equal(anew.field, ink(anew.strokes.lines, anew.strokes.half_width))


def test_hanzi_without_strokes_are_inked_anew_beside_those_by_strokes() -> None:
    library, hand, text = Library.load(), painter().learn(hanzi()), [ord(char) for char in "団国"]
    assert [has_strokes(c) for c in text] == [False, True] and set(text) < library.codepoints
    made = []
    for recipe in (RECIPES["kai mixed"], replace(RECIPES["kai mixed"], strokes=True)):
        ready = PreparedHand(painter(), hand.with_recipe(recipe), Finish())
        made.append(fields_of(ready, ready.framed(text), ready.seeds_of(text)))
    for before, after in zip(*made):                        # of this hand no strokes are known
        assert not np.array_equal(before, after)
        assert ((before > 0) & (after > 0)).sum() > 0.7 * ((before > 0) | (after > 0)).sum()


def test_what_is_inked_anew_depends_on_nothing_else() -> None:
    recipe = replace(RECIPES["hei"], inked=("kana",))
    ready = PreparedHand(painter(), painter().learn(hanzi()).with_recipe(recipe), Finish())
    bent = ready.framed([*map(ord, "らぬを")]).bent([3, 4, 5])
    alone = fields_of(ready, bent.at([1]), [4])
    assert np.array_equal(fields_of(ready, bent, [3, 4, 5])[1], alone[0])


def held_out(text: str, ragged: str) -> tuple[HeldOut, list[Field | None]]:
    """Inked strokes as the truth; drawings of them, `ragged` ones with notches; these without."""
    truth = [ink(Library.load()[ord(char)], np.full((len(Library.load()[ord(char)]), 16), 2.5,
                                                    np.float32)) for char in text]
    rough = [np.minimum(field, 1.2 * np.sin(np.arange(128, dtype=np.float32)) + 1)
             if char in ragged else np.roll(field, 3) for char, field in zip(text, truth)]
    anew = [field if char in ragged else np.roll(field, 6) for char, field in zip(text, truth)]
    return HeldOut(RECIPES["hei"], Finish(), Truth(np.stack(truth)), np.stack(rough)), anew


def test_held_out_samples_choose_for_each_script() -> None:
    text = "あぬめらaegR"
    for ragged, chosen in (("あぬめら", {"kana"}), ("aegR", {"latin"}), (text, set(INKED)),
                           ("", set())):
        held, anew = held_out(text, ragged)
        made = inked_where_nearer(held, [*map(ord, text)], anew)
        assert set(made.recipe.inked) & {"kana", "latin"} == chosen & {"kana", "latin"}
        for i, char in enumerate(text):
            wanted = anew[i] if char in ragged else held.drawn[i]
            assert np.array_equal(made.drawn[i], wanted)


def test_an_even_pen_is_inked_anew_in_every_script() -> None:
    held, anew = held_out("あぬめらaegR", "")
    assert inked_where_nearer(held, [*map(ord, "あぬめらaegR")], anew).recipe.inked == ()
    made = inked_where_nearer(held, [*map(ord, "あぬめらaegR")], anew, even=True)
    assert made.recipe.inked == INKED
    assert all(np.array_equal(own, field) for own, field in zip(made.drawn, anew))


def test_hanzi_alone_choose_whether_they_go_by_strokes() -> None:
    held, anew = held_out("国あぬめ", "国")
    kept = held.put([None, *(np.full((128, 128), -4, np.float32) for _ in "あぬめ")])
    for one in (held, kept):
        assert _with_strokes(one, [anew[0], None, None, None]).recipe.strokes
        assert not _with_strokes(one, [anew[1], None, None, None]).recipe.strokes


def test_all_samples_choose_for_scripts_with_few() -> None:
    held, anew = held_out("あぬめらa", "あぬめら")
    assert set(inked_where_nearer(held, [*map(ord, "あぬめらa")], anew).recipe.inked) == {*INKED}
    assert inked_where_nearer(held, [*map(ord, "あぬめらa")], [None] * 5).recipe.inked == ()
