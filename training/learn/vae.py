"""A learned codec (Kingma and Welling 2014), to compare the principal components with.

Encoder and decoder are the closed-form codec plus convolutions whose last layers begin at zero,
so training starts at its reconstruction. Optionally a patch discriminator judges the fields by the
hinge loss (Lim and Ye 2017).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from fonts.drawing import SPREAD
from glyphgen.config import ModelConfig
from glyphgen.network.codec import PatchCodec
from glyphgen.network.loss import draw_loss
from glyphgen.network.model import Conv, zeroed
from training.learn.batches import Batch, Share
from training.learn.flow import Call, TrainConfig, halved, kl_to_normal, share_of

_CERTAIN = -6.0         # log variance of a latent at first


class _Block(nn.Module):
    """A residual block."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.conv1 = Conv(width, width)
        self.conv2 = zeroed(Conv(width, width))

    def forward(self, x: Tensor) -> Tensor:                               # (N, H, W, D)
        return x + self.conv2(F.silu(self.conv1(F.silu(self.norm(x)))))


class Encoder(nn.Module):
    """Fields to mean and log variance of their latents."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        pixels, latent, width = config.patch**2, config.latent, config.width
        self.patch = config.patch
        self.skip = nn.Linear(pixels, latent)
        self.enter = Conv(pixels, width)
        self.blocks = nn.Sequential(_Block(width), _Block(width))
        self.leave = zeroed(Conv(width, 2 * latent))
        with torch.no_grad():
            assert self.leave.bias is not None
            self.leave.bias[latent:] = _CERTAIN

    def forward(self, fields: Tensor) -> tuple[Tensor, Tensor]:           # (N, 128, 128)
        patches = F.pixel_unshuffle(fields[:, None] / SPREAD, self.patch)
        patches = patches.permute(0, 2, 3, 1)                             # (N, 16, 16, P)
        more, log_variance = self.leave(self.blocks(self.enter(patches))).chunk(2, -1)
        with torch.autocast(fields.device.type, enabled=False):
            mean = self.skip(patches) + more.float()                      # (N, 16, 16, C)
        return mean, log_variance.float().clamp(-12, 4)


class Decoder(nn.Module):
    """Latents to fields."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        pixels, latent, width = config.patch**2, config.latent, config.width
        self.patch = config.patch
        self.skip = nn.Linear(latent, pixels)
        self.enter = Conv(latent, width)
        self.blocks = nn.Sequential(_Block(width), _Block(width))
        self.up = nn.Linear(width, 4 * (width // 2))
        self.fine = nn.Sequential(_Block(width // 2), _Block(width // 2))
        self.leave = zeroed(Conv(width // 2, pixels // 4))

    def forward(self, latents: Tensor) -> Tensor:                         # (N, 16, 16, C)
        h = self.up(self.blocks(self.enter(latents)))                     # (N, 16, 16, 2 W)
        h = F.pixel_shuffle(h.permute(0, 3, 1, 2), 2).permute(0, 2, 3, 1)
        h = self.leave(F.silu(self.fine(h)))                              # (N, 32, 32, P / 4)
        more = F.pixel_shuffle(h.permute(0, 3, 1, 2), self.patch // 2)    # (N, 1, 128, 128)
        with torch.autocast(latents.device.type, enabled=False):
            plain = self.skip(latents.float()).permute(0, 3, 1, 2)        # (N, P, 16, 16)
            plain = F.pixel_shuffle(plain, self.patch) + more.float()
        return plain[:, 0] * SPREAD                                       # (N, 128, 128)


class Discriminator(nn.Module):
    """Fields to scores of their patches, high for genuine ones (Isola et al. 2017, section 3.2)."""

    def __init__(self, widths: tuple[int, ...] = (16, 32, 64)) -> None:
        super().__init__()
        self.convs = nn.ModuleList(Conv(a, b, stride=2) for a, b in zip((1, *widths), widths))
        self.leave = Conv(widths[-1], 1)

    def forward(self, fields: Tensor) -> Tensor:                          # (N, 128, 128)
        h = fields.clamp(-SPREAD, SPREAD)[..., None] / SPREAD
        for conv in self.convs:
            h = F.leaky_relu(conv(h), 0.2)
        return self.leave(h).float()                                      # (N, 16, 16, 1)


class VAE(nn.Module):
    """Encoder, decoder and the judge of what it draws."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)
        self.judge = Discriminator()

    def forward(self, fields: Tensor, noise: Tensor) -> tuple[Tensor, ...]:
        """A training call: drawn fields, mean and log variance, and the judge's three scores.

        The scores: of drawn fields by a judge that does not learn from it, of drawn and of genuine
        fields to learn from.
        """
        mean, log_variance = self.encoder(fields)
        drawn = self.decoder(mean + (0.5 * log_variance).exp() * noise)   # eq. 10
        still = {name: value.detach() for name, value in self.judge.named_parameters()}
        told = torch.func.functional_call(self.judge, still, (drawn,))
        return (drawn, mean, log_variance, told, self.judge(drawn.detach()), self.judge(fields))

    @torch.no_grad()
    def adopt(self, codec: PatchCodec) -> None:
        """Begin as the closed-form codec."""
        analysis = codec.basis / codec.scale[:, None]
        self.encoder.skip.weight.copy_(analysis)
        self.encoder.skip.bias.copy_(-(analysis @ codec.mean))
        self.decoder.skip.weight.copy_((codec.basis * codec.scale[:, None]).T)
        self.decoder.skip.bias.copy_(codec.mean)

    def reconstruct(self, fields: Tensor) -> Tensor:
        """Fields (N, 128, 128) through the mean of their latents."""
        return self.decoder(self.encoder(fields)[0])


def vae_step(model: Call, codec: PatchCodec, batch: Batch, config: TrainConfig,
             rng: torch.Generator, share: Share | None = None) -> Tensor:
    """Reconstruction, divergence (eq. 7) and the hinge terms, on the targets of a batch."""
    device = batch.target.device
    _, rows, count = share_of(batch, share)
    latent = (16, 16, len(codec.scale))
    noise = torch.randn((count, *latent), generator=rng, device=device)[rows]
    drawn, mean, log_variance, told, false, true = halved(model, device.type, config)(
        batch.target, noise)
    loss = draw_loss(drawn, batch.target) + config.kl * kl_to_normal(mean, log_variance).mean()
    if config.adversarial:
        judged = F.relu(1 - true).mean() + F.relu(1 + false).mean()
        loss = loss + judged - config.adversarial * told.mean()
    return loss * (len(drawn) / count)


@torch.no_grad()
def draw_vae(network: VAE, codec: PatchCodec, batch: Batch) -> dict[str, Tensor]:
    """Target fields through the closed-form codec and through this one."""
    return {"components": codec.decode(codec.encode(batch.target)),
            "learned": network.reconstruct(batch.target)}
