"""The pooled style as a Gaussian, so that hands can be drawn from N(0, 1) and blended.

Per hand H numbers with mean and variance (Kingma and Welling 2014). They begin as the principal
components of the pooled styles of training hands, whitened, so the network begins no worse by more
than the components left out.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from glyphgen.config import ModelConfig
from glyphgen.network.codec import PatchCodec
from glyphgen.network.model import Denoiser, StyleEncoder
from training.learn.batches import Batch, Groups, Share
from training.learn.flow import Call, TrainConfig, kl_to_normal, share_of, training_step
from training.learn.validate import draw, draw_in

HAND = 32               # numbers a hand
_HANDS = 240            # that the components are taken from
_CERTAIN = -4.0         # log variance at first


class GaussianStyle(StyleEncoder):
    """A style encoder whose style has passed through the H numbers of a hand."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__(config)
        self.enter_hand = nn.Linear(config.inner, 2 * HAND)
        self.leave_hand = nn.Linear(HAND, config.inner)

    def gaussian(self, pairs: Tensor) -> tuple[Tensor, Tensor, Tensor]:   # (G, R, 16, 16, 3C)
        """Tokens (G, K, D), mean and log variance of the hands (G, H)."""
        tokens, pooled = super().forward(pairs)
        mean, log_variance = self.enter_hand(pooled).float().chunk(2, -1)
        return tokens, mean, log_variance.clamp(-12, 4)

    def forward(self, pairs: Tensor) -> tuple[Tensor, Tensor]:
        tokens, mean, _ = self.gaussian(pairs)
        return tokens, self.leave_hand(mean)                              # (G, D)

    @torch.no_grad()
    def adopt(self, pooled: Tensor) -> None:
        """Begin with the principal components of pooled styles (S, D)."""
        mean = pooled.mean(0)
        values, vectors = torch.linalg.eigh(torch.cov((pooled - mean).T.double()))
        scale = values.flip(0)[:HAND].clamp_min(1e-6).sqrt().float()
        basis = vectors.flip(1)[:, :HAND].float()                         # (D, H)
        nn.init.zeros_(self.enter_hand.weight)
        nn.init.constant_(self.enter_hand.bias, _CERTAIN)
        self.enter_hand.weight[:HAND] = basis.T / scale[:, None]
        self.enter_hand.bias[:HAND] = -(mean @ basis) / scale
        self.leave_hand.weight.copy_(basis * scale)
        self.leave_hand.bias.copy_(mean)


class HandGenerator(nn.Module):
    """A generator with a Gaussian style; in training its hands are sampled."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.style = GaussianStyle(config)
        self.denoise = Denoiser(config)

    def forward(self, noisy: Tensor, time: Tensor, content: Tensor, pairs: Tensor, keep: Tensor,
                told: Tensor, noise: Tensor) -> tuple[Tensor, ...]:
        """A training call: `told` (G,) is 0 where the tokens are dropped; noise (G, H).

        Returns what `Generator` returns, and mean and log variance of the hands (G, H).
        """
        tokens, mean, log_variance = self.style.gaussian(pairs)
        hand = mean + (0.5 * log_variance).exp() * noise                  # (G, H), eq. 10
        tokens = tokens * (keep * told).to(tokens.dtype)[:, None, None]
        style = self.style.leave_hand(hand) * keep[:, None]
        drawn = self.denoise(noisy, time, content, tokens, style)
        return *drawn, mean, log_variance

    def invent(self, hands: Tensor) -> tuple[Tensor, Tensor]:
        """No tokens (G, 16, D), and the styles (G, D), of hands (G, H) that nobody wrote."""
        style = self.style.leave_hand(hands)
        return style.new_zeros(len(hands), 16, style.shape[-1]), style


def draw_hand(model: Any, codec: PatchCodec, batch: Batch) -> dict[str, Tensor]:
    """What `validate.draw` draws, and the same by the style without the tokens."""
    with torch.no_grad():
        tokens, style = model.style(codec.stack(batch.reference))
    alone = draw_in((0 * tokens, style), model, codec, batch.content)
    return draw(model, codec, batch) | {f"{way}, style alone": field
                                        for way, field in alone.items()}


def ready(model: HandGenerator, codec: PatchCodec, groups: Groups) -> None:
    """Set the hands' components by the pooled styles of training hands."""
    pooled: list[Tensor] = []
    with torch.no_grad():
        while sum(map(len, pooled)) < _HANDS:
            batch = groups.batch(len(pooled)).to(str(codec.mean.device))
            pairs = codec.stack(batch.reference)
            pooled.append(StyleEncoder.forward(model.style, pairs)[1])
    model.style.adopt(torch.cat(pooled))


def kl_step(model: Call, codec: PatchCodec, batch: Batch, config: TrainConfig,
            rng: torch.Generator, share: Share | None = None) -> Tensor:
    """The flow's loss of a batch, from the same random numbers, and its hands' divergence."""
    device = batch.target.device
    part, _, count = share_of(batch, share)
    own = torch.Generator(device).manual_seed(rng.initial_seed() + 1)
    told = torch.rand(part.groups, generator=own, device=device) >= config.token_dropout
    noise = torch.randn((part.groups, HAND), generator=own, device=device)
    mine = slice(part.start, part.stop)
    hands: list[Tensor] = []

    def call(*inputs: Tensor) -> tuple[Tensor, ...]:
        *drawn, mean, log_variance = model(*inputs, told[mine], noise[mine])
        hands.append(kl_to_normal(mean, log_variance).sum(-1).mean())
        return tuple(drawn)

    loss = training_step(call, codec, batch, config, rng, share)
    return loss + config.kl * hands[0] * (len(batch.target) / count)
