"""The codec, the frame, the network and its checkpoints, on shapes drawn here."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from torch import Tensor

from fonts.drawing import CANVAS, from_coverage
from glyphgen.config import ModelConfig
from glyphgen.network.checkpoint import (
    CheckpointError,
    load_model,
    read_tensors,
    save_model,
    write_tensors,
)
from glyphgen.network.codec import PatchCodec
from glyphgen.network.frame import displace, frame_of, warp
from glyphgen.network.loss import draw_loss, noised
from glyphgen.network.model import Generator
from training.release import main as release
from training.release import mean_of

SMALL = ModelConfig(latent=12, width=16, inner=32, outer_blocks=1, inner_blocks=1, heads=2)


def box(left: int, top: int, right: int, bottom: int) -> Tensor:
    """The field of a filled box in canvas pixels."""
    ink = np.zeros((CANVAS, CANVAS), np.float32)
    ink[top:bottom, left:right] = 1
    return torch.from_numpy(from_coverage(ink))


@pytest.fixture(scope="module")
def codec() -> PatchCodec:
    rng = np.random.default_rng(0)
    fields = []
    for _ in range(60):
        x, y = rng.integers(8, 80, 2)
        w, h = rng.integers(4, 40, 2)
        fields.append(box(x, y, x + w, y + h))
    made = PatchCodec(SMALL)
    made.fit(torch.stack(fields))
    return made


def test_the_codec_keeps_shapes(codec: PatchCodec) -> None:
    fields = torch.stack([box(20, 30, 60, 38), box(50, 10, 57, 100)])
    back = codec.decode(codec.encode(fields))
    inside, true = back > 0, fields > 0
    assert (inside & true).sum() / (inside | true).sum() > 0.97


def test_stacked_latents_stand_side_by_side(codec: PatchCodec) -> None:
    fields = torch.randn(3, 2, CANVAS, CANVAS)
    stacked = codec.stack(fields)
    assert stacked.shape == (3, 16, 16, 24)
    assert torch.allclose(stacked[..., 12:], codec.encode(fields[:, 1]), atol=1e-5)


def test_the_frame_finds_place_size_and_weight() -> None:
    contents = torch.stack([box(20, 30, 60, 38), box(60, 20, 68, 90), box(30, 70, 100, 78)])
    theta = torch.tensor([[1.25, 0.0, 0.10], [0.0, 1.25, -0.05]])
    samples = warp(contents[:, None], theta.expand(3, 2, 3))[:, 0].clamp(-4, 4)
    frame = frame_of(samples, contents[:, None].repeat(1, 2, 1, 1))
    assert torch.allclose(frame.theta, theta, atol=0.06)
    framed = frame.apply(contents[:, None].repeat(1, 2, 1, 1))[:, 1]
    inside, true = framed > 0, samples > 0
    assert (inside & true).sum() / (inside | true).sum() > 0.8


def test_no_displacement_changes_nothing_and_a_constant_one_moves() -> None:
    contents = torch.stack([box(40, 40, 60, 50), box(40, 40, 60, 50)])[None]
    flow = torch.zeros(1, 2, 2, 32, 32)
    assert torch.allclose(displace(contents, flow), contents, atol=1e-4)
    flow[:, 1, 0] = 2 * 8 / CANVAS                       # read from 8 pixels further right
    moved = displace(contents, flow)[0, 1]
    assert torch.allclose(moved[:, 10:100], contents[0, 1][:, 18:108], atol=1e-3)


def test_displacement_learns_after_it_was_used_for_drawing() -> None:
    contents = torch.randn(1, 2, CANVAS, CANVAS)
    flow = torch.zeros(1, 2, 2, 16, 16)
    with torch.inference_mode():
        displace(contents, flow)
    flow.requires_grad_()
    displace(contents, flow).sum().backward()
    assert flow.grad is not None and flow.grad.any()


def test_an_untrained_network_draws_the_kai_content(codec: PatchCodec) -> None:
    model = Generator(SMALL)
    content = torch.randn(4, 16, 16, 24)
    pairs = torch.randn(2, 5, 16, 16, 36)
    latent, flow = model(torch.zeros(4, 16, 16, 12), torch.zeros(4), content, pairs,
                         torch.ones(2))
    assert torch.allclose(latent, content[..., 12:], atol=1e-5)
    assert flow.shape == (4, 2, 2, 32, 32) and not flow.any()


def test_references_have_no_order(codec: PatchCodec) -> None:
    model = Generator(SMALL).eval()
    pairs = torch.randn(1, 6, 16, 16, 36)
    _, one = model.style(pairs)
    _, other = model.style(pairs.flip(1))
    assert torch.allclose(one, other, atol=1e-5)


def test_the_loss_prefers_the_stroke_in_place() -> None:
    target = box(60, 20, 66, 100)[None]
    near, far, none = box(62, 20, 68, 100)[None], box(80, 20, 86, 100)[None], -4 * torch.ones(1)
    blank = none[:, None, None].expand(1, CANVAS, CANVAS)
    losses = [float(draw_loss(f, target)) for f in (target, near, far, blank)]
    assert losses[0] < losses[1] < losses[2]
    assert losses[1] < losses[3]


def test_noise_is_only_where_it_is_asked_for() -> None:
    latent = torch.randn(6, 16, 16, 12)
    regress = torch.tensor([True, False] * 3)
    noisy, time = noised(latent, regress, 0.5, torch.Generator().manual_seed(0))
    assert not noisy[regress].any() and not time[regress].any()
    assert (time[~regress] >= 0.5).all() and noisy[~regress].any()


def test_weights_in_bytes_are_half_the_size_and_nearly_the_same(tmp_path: Path,
                                                                codec: PatchCodec) -> None:
    model = Generator(SMALL)
    whole, small = tmp_path / "w.safetensors", tmp_path / "s.safetensors"
    save_model(whole, model, codec)
    save_model(small, model, codec, torch.int8)
    assert small.stat().st_size < 0.75 * whole.stat().st_size
    again = load_model(small)[0].state_dict()
    for name, value in model.state_dict().items():
        # half a step of a byte, and bfloat16 before it
        assert (again[name] - value).abs().max() <= value.abs().max() * (1 / 254 + 1 / 256), name


def test_the_mean_of_runs_is_packed(tmp_path: Path, codec: PatchCodec) -> None:
    paths = [tmp_path / f"{number}.safetensors" for number in range(3)]
    for number, path in enumerate(paths):
        model = Generator(SMALL)
        torch.nn.init.constant_(model.denoise.up.weight, number)
        save_model(path, model, codec, torch.float32)
    mean, same = mean_of(paths)
    assert torch.allclose(mean.denoise.up.weight, torch.tensor(1.0))
    assert torch.equal(same.state_dict()["mean"], codec.state_dict()["mean"])
    other = PatchCodec(SMALL)
    save_model(paths[1], model, other)
    said = CliRunner().invoke(release, [*map(str, paths), str(tmp_path / "out.safetensors")])
    assert said.exit_code == 1 and "1.safetensors" in said.output
    assert not (tmp_path / "out.safetensors").exists()


def test_scales_that_are_no_scales_are_refused(tmp_path: Path, codec: PatchCodec) -> None:
    path = tmp_path / "w.safetensors"
    save_model(path, Generator(SMALL), codec, torch.int8)
    tensors, metadata = read_tensors(path)
    name = next(name for name in tensors if name.endswith(":scale"))
    write_tensors(path, tensors | {name: torch.ones(1000, 1, 1)}, metadata)
    with pytest.raises(CheckpointError, match="scales than rows"):
        load_model(path)


def test_a_checkpoint_comes_back_and_damage_is_seen(tmp_path: Path, codec: PatchCodec) -> None:
    model, path = Generator(SMALL), tmp_path / "w.safetensors"
    save_model(path, model, codec, torch.float32)
    again, codec_again = load_model(path)
    assert again.config == SMALL
    assert torch.equal(codec_again.basis, codec.basis)
    assert torch.equal(again.style.conv.weight, model.style.conv.weight)
    data = bytearray(path.read_bytes())
    data[-100] ^= 0xFF
    path.write_bytes(bytes(data))
    with pytest.raises(CheckpointError, match="damaged"):
        load_model(path)
    path.write_bytes(b"nothing")
    with pytest.raises(CheckpointError, match="not a glyphgen checkpoint"):
        load_model(path)
