"""Every setting of the generator, each named once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fonts.charset import default_for
from glyphgen.engine import check as check_engine


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
    preset: str = "flow"       # what it was trained for; training.learn.presets has the others

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


@dataclass(frozen=True)
class GenerateConfig:
    """What to draw and how."""

    charset: str
    region: str = "cn"
    seed: int = 0
    adapt: bool = True
    device: str = "auto"
    engine: str = "local"
    blend: tuple[str, float] | None = None      # another project's hand and its share
    invent: int | None = None                   # seed of a hand that nobody has

    def __post_init__(self) -> None:
        check_engine(self.engine, self.device)
        if self.blend and not 0 < self.blend[1] < 1:
            raise ValueError(f"--blend {self.blend[0]}: the weight is between 0 and 1, "
                             f"not {self.blend[1]:g}")
        if self.blend and self.invent is not None:
            raise ValueError("--blend and --invent: give one of them")


def config_from(settings: Mapping[str, Any]) -> GenerateConfig:
    """How a project of these settings is drawn; ValueError for settings that are none."""
    blend, invent = settings.get("blend"), settings.get("invent")
    region = str(settings.get("region") or "cn")
    if blend is not None and not (isinstance(blend, list | tuple) and len(blend) == 2
                                  and isinstance(blend[1], int | float)):
        raise ValueError(f"the setting blend is {blend!r}, not a project and a weight")
    if invent is not None and not isinstance(invent, int):
        raise ValueError(f"the setting invent is {invent!r}, not a seed")
    return GenerateConfig(
        str(settings.get("charset") or default_for(region)), region, int(settings.get("seed") or 0),
        settings.get("adapt") is not False, str(settings.get("device", "auto")),
        str(settings.get("engine", "local")),
        (str(blend[0]), float(blend[1])) if blend else None, invent)
