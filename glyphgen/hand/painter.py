"""Samples and content in, drawings out: the style is encoded once, then batches of one shape."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fonts.content import Content
from fonts.drawing import SPREAD, Field
from fonts.errors import UserError
from fonts.regions import script_of
from glyphgen.config import RECIPES, Recipe, SampleConfig
from glyphgen.engine import cores
from glyphgen.network.codec import PatchCodec
from glyphgen.network.displacer import Displacer, displacer_of
from glyphgen.network.frame import Frame, frame_of
from glyphgen.network.model import Denoiser, Generator
from glyphgen.network.sampler import Denoise, refine, regress, start
from glyphgen.strokes.anew import Inking
from glyphgen.strokes.hand import StrokeHand
from glyphgen.strokes.library import KAI

Fields = NDArray[np.float32]

# scripts with a frame of their own, and whether they are drawn from their own samples alone
APART = {"han": True, "hangul": True, "kana": False}
FEW = 3                 # samples of a script from which on it is apart

_INTEL = ("x86_64", "AMD64")        # what `platform.machine` calls it


@dataclass(frozen=True)
class Hand:
    """What the network knows of one person: computed once a font."""

    frame: Frame            # content to the hand's place and weight
    tokens: Tensor          # (1, K, D)
    style: Tensor           # (1, D)
    network: Denoiser       # as it was then, in the precision that is fast here
    recipe: Recipe = RECIPES["kai mixed"]
    voices: tuple[tuple[Hand, float], ...] = ()     # of a blend: hands and their shares
    own: Mapping[str, Hand] = field(default_factory=dict)   # of scripts with samples of their own
    strokes: StrokeHand | None = None       # where enough samples could be laid on strokes
    inking: Inking | None = None            # the same, of any script
    region: str = "cn"                      # whose forms it draws

    def of(self, codepoint: int) -> Hand:
        """The hand that draws this character."""
        return self.own.get(script_of(codepoint), self)

    def batches(self, codepoints: Iterable[int], size: int) -> Iterator[tuple[Hand, list[int]]]:
        """These characters in batches of one hand and at most `size`, in order but for that."""
        by_script: dict[str, list[int]] = {}
        for codepoint in codepoints:
            script = script_of(codepoint)
            by_script.setdefault(script if script in self.own else "", []).append(codepoint)
        for script, part in by_script.items():
            for first in range(0, len(part), size):
                yield self.own.get(script, self), part[first : first + size]

    def with_recipe(self, recipe: Recipe) -> Hand:
        """The same hand, drawn by this recipe."""
        return replace(self, recipe=recipe,
                       own={script: hand.with_recipe(recipe) for script, hand in self.own.items()})


def _devices() -> dict[str, bool]:
    """Whether each kind of device is there."""
    return {"cpu": True, "cuda": torch.cuda.is_available(),
            "mps": torch.backends.mps.is_available()}


def there_or_auto(name: str) -> str:
    """The device that a project keeps, "auto" where it was drawn on another machine's."""
    return name if _devices().get(name) else "auto"


def pick_device(name: str = "auto") -> torch.device:
    """The device for `--device auto|cpu|cuda|mps`; UserError where it is not there."""
    there = _devices()
    if name == "auto":
        name = next(n for n in ("cuda", "mps", "cpu") if there[n])
    if not there.get(name):
        raise UserError(f"device {name!r} is not available here, choose auto or cpu")
    return torch.device(name)


def has_bfloat16(device: torch.device) -> bool:
    """Whether bfloat16 is the fast type on this device: emulated it is slower than float32."""
    if device.type == "cpu":
        there = bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
        return there and (platform.machine() not in _INTEL or torch.cpu._is_avx512_bf16_supported())
    return device.type == "cuda" and torch.cuda.is_bf16_supported()


class Painter:
    """Draws characters in a person's hand with one loaded model."""

    def __init__(self, model: Generator, codec: PatchCodec, region: str = "cn",
                 config: SampleConfig | None = None, device: str = "auto") -> None:
        self.config = config or SampleConfig()
        self.device = pick_device(device)
        self.model = model.to(self.device).eval()
        self.codec = codec.to(self.device)
        self.content = Content(region)
        self._half = has_bfloat16(self.device)
        self._kind = torch.bfloat16 if self._half else torch.float32

    def autocast(self) -> AbstractContextManager[object]:
        """The precision that the network runs in here."""
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self._half)

    def pairs(self, codepoints: Sequence[int]) -> Tensor:
        """Content drawings (N, 2, 128, 128) of the region."""
        drawn = [np.stack(self.content.pair(c)) for c in codepoints]
        return torch.from_numpy(np.stack(drawn)).to(self.device)

    def frames(self, samples: Mapping[int, Field]) -> dict[str, Frame]:
        """The frame of all samples under "", and those of scripts that have one of their own.

        Where other scripts stand and how large they are says little of a script.
        """
        parts = {"": [*samples]} | {script: [c for c in samples if script_of(c) == script]
                                    for script in APART}
        chosen = {script: part[: self.config.max_references] for script, part in parts.items()
                  if not script or FEW <= len(part) < len(samples)}
        return {script: frame_of(self.stacked(samples, part), self.pairs(part))
                for script, part in chosen.items()}

    def network(self) -> Denoiser:
        """The network as it is now, in the precision that is fast here."""
        return self.model.denoise.drawing(self._kind)

    @torch.inference_mode()
    def learn(self, samples: Mapping[int, Field], network: Denoiser | None = None) -> Hand:
        """The hand of the references: fields (128, 128) by codepoint.

        network: what `network` gave, where several hands share it.
        """
        frames, network = self.frames(samples), network or self.network()
        whole = self._learnt(samples, {"": frames[""]}, "", network)
        return replace(whole, own={script: self._learnt(samples, frames, script, network)
                                   for script in frames if script})

    def stacked(self, samples: Mapping[int, Field], chosen: Sequence[int]) -> Tensor:
        """The chosen samples (N, 128, 128) on the painter's device."""
        return torch.from_numpy(np.stack([samples[c] for c in chosen])).to(self.device)

    def _learnt(self, samples: Mapping[int, Field], frames: Mapping[str, Frame], script: str,
                network: Denoiser) -> Hand:
        """The hand of a script; each reference is shown in its own script's frame."""
        chosen = [c for c in samples if not APART.get(script) or script_of(c) == script]
        chosen = chosen[: self.config.max_references]
        triple = torch.cat([self.stacked(samples, chosen)[:, None],
                            self.shown(chosen, frames)], 1)               # (R, 3, 128, 128)
        tokens, style = self.model.style(self.codec.stack(triple)[None])    # once, so exactly
        return self.hand(frames[script], tokens, style, network)

    def shown(self, codepoints: Sequence[int], frames: Mapping[str, Frame]) -> Tensor:
        """Content drawings (N, 2, 128, 128), each in the frame of its script or of all."""
        return torch.cat([frames.get(script_of(c), frames[""]).apply(self.pairs([c]))
                          for c in codepoints])

    def hand(self, frame: Frame, tokens: Tensor, style: Tensor,
             network: Denoiser | None = None) -> Hand:
        """A hand of these tokens (1, K, D) and style (1, D).

        Without a `network`, of the painter's as it is now.
        """
        frame = Frame(frame.theta.to(self.device), frame.levels.to(self.device))
        return Hand(frame, tokens.to(self.device, self._kind), style.to(self.device, self._kind),
                    network or self.network(), region=self.content.region)

    @torch.inference_mode()
    def framed(self, hand: Hand, codepoints: Sequence[int]) -> Tensor:
        """Content drawings (N, 2, 128, 128) in the place and weight of a hand of their script."""
        return hand.frame.apply(self.pairs(codepoints))

    @torch.inference_mode()
    def draw(self, hand: Hand, framed: Tensor, seeds: Sequence[int],
             *recipes: Recipe) -> list[Fields]:
        """Fields (N, 128, 128) of `framed` contents (N, 2, 128, 128), by each recipe given.

        Without any, by the hand's own. N is at most one batch, and padded to it, so that a glyph
        never depends on its batch.
        """
        return self.drawn(hand, framed, seeds, *recipes)[0]

    @torch.inference_mode()
    def drawn(self, hand: Hand, framed: Tensor, seeds: Sequence[int],
              *recipes: Recipe, padded: bool = True) -> tuple[list[Fields], Tensor]:
        """The same, and how the contents were displaced: (N, 2, 2, F, F).

        Not `padded`, they take less time, and bits may depend on what else is in the batch.
        """
        count = len(framed)
        if padded:
            framed = self._full(framed)
        denoise = self.denoiser(hand, framed)
        noise = self.noise([*seeds, *[0] * (len(framed) - count)])
        first = regress(denoise, noise)
        drawn = [self.fields(refine(denoise, start(self.codec, framed, first, recipe), noise,
                                    recipe))[:count]
                 for recipe in recipes or (hand.recipe,)]
        return drawn, first[1][:count]

    @torch.inference_mode()
    def displacements(self, hand: Hand, framed: Tensor, padded: bool = True) -> Tensor:
        """How the Kai contents of (N, 2, 128, 128), at most a batch, are displaced: (N, 2, F, F).

        By the small network that was taught to, where there is one for these weights.
        """
        full = self._full(framed) if padded else framed
        if self.displacer is None:
            like = self.noise([0]).expand(len(full), -1, -1, -1)
            return regress(self.denoiser(hand, full), like)[1][:len(framed), KAI]
        content = self.codec.stack(full)
        parts = [share * self.displacer(content, one.tokens, one.style)
                 for one, share in hand.voices or ((hand, 1.0),)]
        return torch.stack(parts).sum(0)[:len(framed)]

    @cached_property
    def displacer(self) -> Displacer | None:
        """What says how the Kai content is displaced, in the precision that is fast here."""
        network = displacer_of(self.model)
        return network and network.to(self.device).drawing(self._kind)

    def _full(self, framed: Tensor) -> Tensor:
        """Contents (N, ...) padded to a batch."""
        return torch.cat([framed, framed[-1:].expand(self.config.batch - len(framed), -1, -1, -1)])

    def denoiser(self, hand: Hand, framed: Tensor) -> Denoise:
        """The network for these contents (N, 2, 128, 128) in this hand.

        Of a blend, the sum by shares of what its hands would draw and where they move content.
        """
        content = self.codec.stack(framed)

        def denoise(z: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
            latents, flows = zip(*(
                [share * part for part in one.network(z, t, content, one.tokens, one.style)]
                for one, share in hand.voices))
            return torch.stack(latents).sum(0), torch.stack(flows).sum(0)

        if hand.voices:
            return denoise
        return lambda z, t: hand.network(z, t, content, hand.tokens, hand.style)

    def fields(self, latents: Tensor) -> Fields:
        """Fields (N, 128, 128) of latents."""
        return self.codec.decode(latents).clamp(-SPREAD, SPREAD).float().cpu().numpy()

    def noise(self, seeds: Sequence[int]) -> Tensor:
        """Noise latents (N, 16, 16, C), each from its own seed."""
        config = self.model.config
        shape = (config.grid, config.grid, config.latent)
        drawn = [torch.randn(shape, generator=torch.Generator().manual_seed(s)) for s in seeds]
        return torch.stack(drawn).to(self.device)


def glyph_seed(seed: int, codepoint: int) -> int:
    """The noise seed of one glyph: a glyph depends on nothing but its font and itself."""
    return (seed * 0x9E3779B1 + codepoint * 0x85EBCA77) & 0x7FFFFFFF


def use_threads() -> None:
    """Let torch use the cores it has, no more, and flush denormals."""
    torch.set_num_threads(cores())
    torch.set_flush_denormal(True)
