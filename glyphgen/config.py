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
    flow: int = 32             # cells a side of the displacement field
    reach: float = 0.25        # displacement at the limit, in -1..1 coordinates
    preset: str = "flow"       # what it was trained for; training.presets has the others

    @property
    def grid(self) -> int:
        """Latent positions a side."""
        return 128 // self.patch


@dataclass(frozen=True)
class Recipe:
    """How the second call starts: from the displaced content, the regressor's drawing, or both.

    z_t = t (mix * displaced + (1 - mix) * regressed) + (1 - t) * grain * noise.
    """

    source: int = 1            # which content is displaced: 0 Hei, 1 Kai
    mix: float = 0.6           # 1: displaced content alone; 0 may be a cloud
    time: float = 0.7          # 1 is data, 0 is noise
    grain: float = 0.3


RECIPES = {
    "kai": Recipe(1, 1.0, 0.7, 0.5),
    "hei": Recipe(0, 1.0, 0.7, 0.5),
    "kai mixed": Recipe(1, 0.6, 0.7, 0.3),
    "hei mixed": Recipe(0, 0.6, 0.7, 0.3),
}


@dataclass(frozen=True)
class SampleConfig:
    """How drawings are sampled: two network calls a glyph."""

    batch: int = 16            # fixed and padded, so that no glyph depends on its batch
    max_references: int = 64
