"""Every setting of the generator, each named once."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ModelConfig:
    """Shape of the codec and the network; a checkpoint carries it."""

    latent: int = 24           # channels of a latent, 16 x 16 positions
    patch: int = 8             # pixels a side of one latent position
    width: int = 96            # channels at 16 x 16
    inner: int = 192           # channels at 8 x 8
    outer_blocks: int = 2      # residual blocks at 16 x 16 on each side
    inner_blocks: int = 4      # residual + attention blocks at 8 x 8
    heads: int = 4
    sources: int = 2           # content drawings a character: Hei and Kai

    @property
    def grid(self) -> int:
        """Latent positions a side."""
        return 128 // self.patch


@dataclass(frozen=True)
class SampleConfig:
    """How drawings are sampled; all of it enters the model hash of a project."""

    refine_from: float = 0.6   # time of the second call; 1 is data, 0 is noise
    steps: int = 2             # network calls a glyph: 1 is the regressor alone
    batch: int = 32            # fixed and padded, so that no glyph depends on its batch
    max_references: int = 64
