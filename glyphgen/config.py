"""Every setting of the generator, each named once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields, replace
from typing import Any

from fonts.charset import CharsetError, default_for, names_file, resolve
from fonts.errors import UserError
from fonts.regions import REGIONS
from glyphgen.engine import check as check_engine

DEVICES = ("auto", "cpu", "cuda", "mps")
_FAR = 1 << 53              # of a whole number


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
    strokes: bool = False      # hanzi stroke by stroke, where their strokes are known
    inked: tuple[str, ...] = ()    # other scripts whose drawings are inked anew by their strokes

    @property
    def by_pixels(self) -> Recipe:
        """The same without strokes."""
        return replace(self, strokes=False, inked=())


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


def is_text(value: Any) -> bool:
    return isinstance(value, str)


def is_whole(value: Any) -> bool:
    return type(value) is int and -_FAR < value < _FAR


def _is_blend(value: Any) -> bool:
    return value is None or (isinstance(value, list | tuple) and len(value) == 2
                             and isinstance(value[0], str) and type(value[1]) in (int, float))


def _setting(kind: Callable[[Any], bool], default: Any = MISSING) -> Any:
    """A field that a project keeps, and what it may be there: a project may come from anyone."""
    return field(default=default, metadata={"kind": kind})


@dataclass(frozen=True)
class GenerateConfig:
    """What to draw and how: every setting of it, with its default and what a project may keep."""

    charset: str = _setting(is_text)
    region: str = _setting(lambda value: value in REGIONS, "cn")
    seed: int = _setting(is_whole, 0)
    adapt: bool = _setting(lambda value: isinstance(value, bool), True)
    device: str = _setting(lambda value: value in DEVICES, "auto")
    blend: tuple[str, float] | None = _setting(_is_blend, None)     # another project, its share
    invent: int | None = _setting(lambda value: value is None or is_whole(value), None)
    engine: str = "local"                       # of this run alone, so no project keeps it

    def __post_init__(self) -> None:
        check_engine(self.engine, self.device)
        if self.blend and not 0 < self.blend[1] < 1:
            raise UserError(f"--blend {self.blend[0]}: the weight is between 0 and 1, "
                             f"not {self.blend[1]:g}")
        if self.blend and self.invent is not None:
            raise UserError("--blend and --invent: give one of them")


KINDS: dict[str, Callable[[Any], bool]] = {
    one.name: one.metadata["kind"] for one in fields(GenerateConfig) if one.metadata}


def to_settings(config: GenerateConfig) -> dict[str, Any]:
    """What a project keeps of how it is drawn."""
    return {name: getattr(config, name) for name in KINDS}


def from_settings(settings: Mapping[str, Any], **asked: Any) -> GenerateConfig:
    """How a project of these settings is drawn; what is `asked`, unless None, stands above them.

    UserError for settings that are none.
    """
    names = {one.name for one in fields(GenerateConfig)}
    given = {name: settings[name] for name in KINDS if name in settings} | {
        name: value for name, value in asked.items() if value is not None}
    wrong = [name for name, value in given.items()
             if name not in names or not KINDS.get(name, is_text)(value)]
    if wrong:
        raise UserError(f"the setting {wrong[0]} is {given[wrong[0]]!r}, which it cannot be")
    if given.get("blend"):
        given["blend"] = (given["blend"][0], float(given["blend"][1]))
    given.setdefault("region", GenerateConfig.region)
    given["charset"] = given.get("charset") or default_for(given["region"])
    return GenerateConfig(**given)


def asked_for(settings: Mapping[str, Any]) -> Sequence[int]:
    """The characters that a project is to have: as they were when it was last drawn.

    No file is read for it: a charset may name one of another day, machine or person, or a set
    that is not known here; the region's default stands in for that.
    """
    kept: list[int] = settings.get("codepoints", [])
    if kept:
        return kept
    usual = default_for(str(settings.get("region", GenerateConfig.region)))
    charset = str(settings.get("charset") or usual)
    try:
        return resolve(usual if names_file(charset) else charset).codepoints
    except CharsetError:
        return resolve(usual).codepoints
