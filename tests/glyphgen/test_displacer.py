"""The small network that says how content is displaced: what it gives, and whose pupil it is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from conftest import SOME, written

from glyphgen.hand.blend import blended
from glyphgen.hand.painter import Painter
from glyphgen.hand.prepare import Finish, Prepared
from glyphgen.network.checkpoint import CheckpointError, load_model, write_tensors
from glyphgen.network.displacer import (
    Displacer,
    DisplacerConfig,
    displacer_of,
    load_displacer,
    save_displacer,
)
from glyphgen.network.model import Generator
from glyphgen.network.sampler import regress
from glyphgen.strokes.library import KAI

SMALL = DisplacerConfig(width=16, inner=32, outer_blocks=1, inner_blocks=1, read=24)
TEXT = [*map(ord, "和書写地永安")]


@pytest.fixture(scope="module")
def painter() -> Painter:
    return Painter(*load_model(), device="cpu")


def taught(teacher: str = "") -> Displacer:
    """A small network that displaces something."""
    torch.manual_seed(0)
    network = Displacer(replace(SMALL, teacher=teacher)).eval()
    for parameter in network.parameters():
        if not parameter.any():                     # what begins by adding nothing
            torch.nn.init.normal_(parameter, std=0.1)
    return network


def shown(fonts: int, glyphs: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    torch.manual_seed(1)
    return (torch.randn(fonts * glyphs, 16, 16, 48), torch.randn(fonts, 16 * 5, 24),
            torch.randn(fonts, 24))


@torch.inference_mode()
def test_each_font_is_displaced_in_its_own_style() -> None:
    network, (content, tokens, style) = taught(), shown(2, 3)
    both = network(content, tokens, style)
    assert both.shape == (6, 2, 32, 32) and both.abs().max() <= network.config.reach
    for font in (0, 1):
        alone = network(content[3 * font:3 * font + 3], tokens[font, None], style[font, None])
        assert torch.allclose(both[3 * font:3 * font + 3], alone, atol=1e-5)
    assert not torch.allclose(network(content, tokens, style[[1, 0]]), both, atol=1e-4)
    assert not torch.allclose(network(content, tokens[[1, 0]], style), both, atol=1e-4)


@torch.inference_mode()
def test_the_order_of_samples_says_nothing_and_places_in_them_do() -> None:
    network, (content, tokens, style) = taught(), shown(1, 2)
    both, parts = network(content, tokens, style), tokens.unflatten(1, (5, 16))
    turned = network(content, parts.flip(1).flatten(1, 2), style)
    assert torch.allclose(both, turned, atol=1e-5)
    assert not torch.allclose(both, network(content, parts.flip(2).flatten(1, 2), style), atol=1e-5)


@torch.inference_mode()
def test_the_copy_to_draw_with_displaces_alike() -> None:
    network, given = taught(), shown(1, 2)
    whole = network(*given)
    assert torch.allclose(network.drawing(torch.float32)(*given), whole, atol=1e-4)
    assert torch.allclose(network.drawing(torch.bfloat16)(*given), whole, atol=0.02)


def test_a_checkpoint_comes_back_and_others_are_refused(tmp_path: Path) -> None:
    path, network = tmp_path / "d.safetensors", taught("abc")
    save_displacer(path, network)
    again = load_displacer(path)
    assert again.shape == network.shape
    for name, value in network.state_dict().items():
        near = value.abs().max() * (1 / 254 + 1 / 256)
        assert (again.state_dict()[name] - value).abs().max() <= near, name
    for config in ('{"width": 0}', '{"width": 8, "inner": 1e9}', '{"nothing": 1}', "[]", "{"):
        write_tensors(path, {"x": torch.zeros(1)}, {"config": config})
        with pytest.raises(CheckpointError, match=r"d\.safetensors"):
            load_displacer(path)


def test_it_serves_the_network_that_taught_it_alone(painter: Painter) -> None:
    assert displacer_of(painter.model) is not None
    assert displacer_of(Generator(painter.model.config)) is None


@torch.inference_mode()
def test_it_displaces_as_its_teacher_does(painter: Painter) -> None:
    hand = painter.learn(written())
    framed = painter.framed(hand, TEXT)
    small = painter.displacements(hand, framed)
    large = regress(painter.denoiser(hand, framed), painter.noise([0] * len(TEXT)))[1][:, KAI]
    ink = torch.nn.functional.avg_pool2d(torch.sigmoid(framed[:, KAI]), 4)
    error, usual = (((part * 64).square().sum(1) * ink).sum() / ink.sum()
                    for part in (small - large, large))
    assert error < 2.5 and error < 0.25 * usual


@torch.inference_mode()
def test_a_blend_is_displaced_between_its_hands(painter: Painter) -> None:
    one, other = (painter.learn(written(part)) for part in (SOME[:4], SOME[4:8]))
    both = blended(Prepared(one, Finish(), None, None), Prepared(other, Finish(), None, None), 0.25)
    framed = painter.framed(both.hand, TEXT)
    a, b, mixed = (painter.displacements(hand, framed) for hand in (one, other, both.hand))
    assert torch.allclose(mixed, 0.75 * a + 0.25 * b, atol=1e-4) and not torch.allclose(a, b)
