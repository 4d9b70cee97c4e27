"""The trainer's presets: what each is by its paper, and that each learns and goes on."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import click
import pytest
import torch
from PIL import Image
from torch import Tensor

from fonts.drawing import CANVAS
from glyphgen.network.checkpoint import CheckpointError, load_model, save_model
from glyphgen.network.codec import PatchCodec
from glyphgen.network.loss import objective
from glyphgen.network.model import Generator
from tests.training.test_training import DATA, SMALL
from training import loop
from training.ablations import by_ancestral, invented, measured
from training.cache import Shard
from training.learn import kl_style
from training.learn.batches import Groups, Share
from training.learn.ddpm import Noise, ancestral, evenly, strided
from training.learn.flow import TrainConfig, kl_to_normal, training_step
from training.learn.kl_style import HAND, HandGenerator
from training.learn.optim import make_optimisers
from training.learn.presets import PRESETS, load_trained
from training.learn.vae import VAE
from training.loop import fit_codec, train

OTHERS = [name for name in PRESETS if name != "flow"]


@pytest.fixture(scope="module")
def groups(shard: Path) -> Groups:
    torch.set_num_threads(1)
    return Groups([Shard(shard)], DATA, seed=1)


@pytest.fixture(scope="module")
def codec(groups: Groups) -> PatchCodec:
    return fit_codec(groups, SMALL)


@pytest.fixture(autouse=True)
def few_hands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kl_style, "_HANDS", 40)


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("kind", ["linear", "cosine"])
def test_the_forward_process_is_the_chain_of_its_steps(kind: str) -> None:
    noise, t = Noise(kind, 1000), 60
    x = torch.full((4000, 1, 1, 2), 3.0)
    z = x
    for step in range(1, t + 1):            # q(z_t | z_t-1), eq. 2
        beta = float(1 - noise.kept[step] / noise.kept[step - 1])
        z = (1 - beta) ** 0.5 * z + beta**0.5 * torch.randn(x.shape, generator=rng(step))
    jumped = noise.forward(x, torch.full((4000,), t), torch.randn(x.shape, generator=rng()))
    for got in (z, jumped):
        assert got.mean() == pytest.approx(3 * float(noise.kept[t]) ** 0.5, abs=0.02)
        assert got.var() == pytest.approx(1 - float(noise.kept[t]), rel=0.05)
    assert noise.kept[0] == 1 and noise.kept[-1] < 1e-4 and (noise.kept.diff() < 0).all()


def test_the_linear_schedule_is_that_of_the_paper() -> None:
    kept = Noise().kept
    assert 1 - float(kept[1]) == pytest.approx(1e-4)
    assert 1 - float(kept[1000] / kept[999]) == pytest.approx(0.02)


@pytest.mark.parametrize("kind", ["linear", "cosine"])
def test_sampling_with_the_true_noise_gives_the_data(kind: str) -> None:
    noise, x = Noise(kind, 100), torch.randn(3, 4, 4, 2, generator=rng(1))

    def oracle(z: Tensor, t: int) -> Tensor:
        kept = float(noise.kept[t])
        return (z - kept**0.5 * x) / (1 - kept) ** 0.5

    start = torch.randn(x.shape, generator=rng(2))
    assert (ancestral(oracle, start, noise, rng(3)) - x).abs().max() < 1e-4
    assert (strided(oracle, start, noise, evenly(100, 5)) - x).abs().max() < 1e-4


def test_ancestral_sampling_has_the_variance_of_the_data() -> None:
    noise, deviation = Noise("linear", 1000), 0.5

    def best(z: Tensor, t: int) -> Tensor:      # the mean of the noise if x is N(0, 0.25)
        kept = float(noise.kept[t])
        return z * (1 - kept) ** 0.5 / (kept * deviation**2 + 1 - kept)

    drawn = ancestral(best, torch.randn(3000, 1, 1, 1, generator=rng(1)), noise, rng(2))
    assert drawn.std() == pytest.approx(deviation, rel=0.05)
    assert drawn.mean() == pytest.approx(0, abs=0.05)


def test_the_divergence_from_a_normal() -> None:
    zero = torch.zeros(1)
    assert kl_to_normal(zero, zero) == 0
    one, other = torch.distributions.Normal(0.7, 0.4), torch.distributions.Normal(0.0, 1.0)
    got = kl_to_normal(torch.tensor(0.7), 2 * torch.tensor(0.4).log())
    assert got.item() == pytest.approx(torch.distributions.kl_divergence(one, other).item(),
                                       rel=1e-5)


def test_the_learned_codec_begins_as_the_components(groups: Groups, codec: PatchCodec) -> None:
    network = VAE(SMALL)
    network.adopt(codec)
    fields = groups.batch(0).target
    with torch.no_grad():
        mean = network.encoder(fields)[0]
        drawn = network.reconstruct(fields)
    assert (mean - codec.encode(fields)).abs().max() < 1e-3
    assert (drawn - codec.decode(codec.encode(fields))).abs().max() < 1e-3


def test_the_judge_is_not_taught_by_what_it_teaches(groups: Groups) -> None:
    network, fields = VAE(SMALL), groups.batch(0).target
    told = network(fields, torch.zeros(len(fields), 16, 16, 12))[3]
    told.mean().backward()
    assert all(p.grad is None for p in network.judge.parameters())
    assert network.decoder.skip.weight.grad is not None


def test_a_gaussian_style_begins_near_the_pooled_one(groups: Groups, codec: PatchCodec) -> None:
    torch.manual_seed(0)
    plain, network = Generator(SMALL), HandGenerator(SMALL)
    network.load_state_dict(plain.state_dict(), strict=False)
    PRESETS["kl-style"].ready(network, codec, groups)
    pairs = codec.stack(groups.batch(3).reference)
    with torch.no_grad():
        before, after = plain.style(pairs)[1], network.style(pairs)[1]
        mean = network.style.gaussian(pairs)[1]
    assert (before - after).abs().max() < 0.02 * before.abs().max() + 1e-3
    assert mean.shape == (2, HAND)


def test_the_default_step_is_the_shipped_objective(groups: Groups, codec: PatchCodec) -> None:
    """The random numbers in their order, so that older runs go on to the same weights."""
    model, batch, own = Generator(SMALL), groups.batch(0), rng(5)
    got = training_step(model, codec, batch, TrainConfig(half=False), rng(5))
    regress, keep = torch.rand(2, generator=own) < 0.7, torch.rand(2, generator=own) >= 0.05
    wanted = objective(model, codec, batch.target, batch.content, batch.reference,
                       regress.repeat_interleave(3), 0.25, keep, own)
    assert torch.equal(got, wanted)
    assert PRESETS["flow"].config("flow") == TrainConfig()


def run(folder: Path, shard: Path, name: str) -> list[float]:
    """Train for four steps; the losses that were logged."""
    config = PRESETS[name].config(name, steps=4, warmup=2, log_every=1, save_every=2)
    train(folder, [shard], None, config, SMALL, DATA, "cpu", compiled=False)
    lines = (folder / "log.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line)["loss"] for line in lines]


def stop(line: dict) -> None:
    if line["step"] == 3:
        raise KeyboardInterrupt


def run_partly(folder: Path, shard: Path, name: str, patch: pytest.MonkeyPatch) -> None:
    """The same, interrupted in the third step, after a checkpoint at the second."""
    with patch.context() as inner, pytest.raises(KeyboardInterrupt):
        inner.setattr(loop, "_log", lambda folder, line: stop(line))
        run(folder, shard, name)


@pytest.mark.parametrize("name", ["flow-noise", "ddpm", "vae-gan", "kl-style"])
def test_a_preset_goes_on_to_the_same_bits_and_is_named(
        name: str, tmp_path: Path, shard: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.set_num_threads(1)
    straight, stopped = tmp_path / "straight", tmp_path / "stopped"
    losses = run(straight, shard, name)
    run_partly(stopped, shard, name, monkeypatch)
    assert run(stopped, shard, name) == losses[2:]
    one, other = (torch.load(folder / "state.pt") for folder in (straight, stopped))
    assert one["preset"] == name
    for part in ("model", "average"):
        assert all(torch.equal(one[part][key], other[part][key]) for key in one[part])
    assert load_trained(straight / "last.safetensors")[0] == name
    with pytest.raises(CheckpointError, match=f"trained with --preset '{name}'"):
        load_model(straight / "last.safetensors")


@pytest.mark.parametrize("name", OTHERS)
def test_a_preset_lowers_its_loss(name: str, groups: Groups, codec: PatchCodec) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    preset = PRESETS[name]
    model = preset.network(SMALL)
    preset.ready(model, codec, groups)
    optimisers = make_optimisers(model, 2e-3)
    config, batch, losses = preset.config(name, adversarial=0.0), groups.batch(0), []
    for _ in range(12):                 # one batch, the same noise: it can only be learnt
        loss = preset.step(model, codec, batch, config, rng())
        loss.backward()
        losses.append(loss.item())
        for optimiser in optimisers:
            optimiser.step()
            optimiser.zero_grad()
    assert losses[-1] < 0.97 * losses[0]


@pytest.mark.parametrize("name", PRESETS)
def test_shares_add_up_to_the_batch(name: str, groups: Groups, codec: PatchCodec) -> None:
    torch.manual_seed(0)
    preset = PRESETS[name]
    model = preset.network(SMALL)
    config = preset.config(name, half=False)
    whole = preset.step(model, codec, groups.batch(0), config, rng())
    parts = [preset.step(model, codec, groups.batch(0, part), config, rng(), part)
             for part in (Share(0, 1, 2), Share(1, 2, 2))]
    assert sum(map(Tensor.item, parts)) == pytest.approx(whole.item(), rel=1e-4)


def test_a_run_keeps_its_preset_and_older_runs_go_on(
        tmp_path: Path, shard: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    losses, older = run(tmp_path / "straight", shard, "flow"), tmp_path / "older"
    run_partly(older, shard, "flow", monkeypatch)
    with pytest.raises(click.ClickException, match="holds a run of the preset flow, not ddpm"):
        run(older, shard, "ddpm")
    state = torch.load(older / "state.pt")
    assert state.pop("preset") == "flow"
    torch.save(state, older / "state.pt")       # as it was written before there were presets
    assert run(older, shard, "flow") == losses[2:]


def test_a_preset_that_is_no_name_is_refused(tmp_path: Path, codec: PatchCodec) -> None:
    path = tmp_path / "w.safetensors"
    save_model(path, Generator(replace(SMALL, preset=3)), codec)    # type: ignore[arg-type]
    with pytest.raises(CheckpointError, match="its preset is 3"):
        load_model(path)


@pytest.mark.parametrize("name", ["vae", "kl-style", "ddpm", "flow-noise"])
def test_a_preset_is_measured_and_shown(name: str, tmp_path: Path, shard: Path,
                                        codec: PatchCodec) -> None:
    one = Groups([Shard(shard)], replace(DATA, groups=1, targets=12), seed=2)
    torch.manual_seed(0)
    network = PRESETS[name].network(SMALL).eval()
    PRESETS[name].ready(network, codec, one)
    figures = measured(PRESETS[name].draw, network, codec, [("one", one.batch(0))],
                       tmp_path / name)
    with Image.open(tmp_path / f"{name}-0.png") as picture:
        assert picture.height == (1 + len(figures)) * CANVAS
    assert all(row[0]["iou"] <= 1 for row in figures.values())
    if name == "vae":               # untrained, it is the closed-form codec
        assert figures["learned"][0] == pytest.approx(figures["components"][0], abs=1e-3)
        assert figures["learned"][0]["iou"] > 0.9 and 0.8 < figures["learned"][0]["sharp"] < 1.2
    if name == "kl-style":
        with torch.no_grad():
            for parameter in network.denoise.parameters():      # a style must show
                parameter.add_(0.05 * torch.randn_like(parameter))
        hands, walk = invented(network, codec, [one.batch(0), one.batch(1)], "moved kai")
        assert not torch.equal(walk[0], walk[-1]) and len(hands[0]) == 12
    if name == "ddpm":
        drawn = by_ancestral(Noise(steps=5), network, codec, one.batch(0))
        assert drawn.isfinite().all() and drawn.shape == (12, CANVAS, CANVAS)
