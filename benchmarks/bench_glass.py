"""A font from strokes written on glass, compared with the font from pictures of the same strokes.

    python -m benchmarks.bench_glass --face HAND.ttf [--face ...] [--region cn] [--n 120]

Strokes are laid on glyphs of HAND, and written on glass in the order of their medians. A hand is
learnt from the recommended samples with these strokes, and from the same samples as pictures, where
strokes have to be found. Both draw the same other characters, which are compared with what glass
has of HAND there. Prints one line of JSON a face:

    laid                    samples that strokes are found on at all
    learnt meeting, apart   how far strokes that are learnt from lie from the written ones, of those
                            that cross or join others, and of the rest; pixels of the canvas of 128
    drawn meeting, apart    how far drawn strokes lie from the written ones
    nl1, iou, chamfer       of the drawings; "joined": of that half whose strokes meet most
    better                  by how much nl1 of glass is lower, and the standard error of that
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from fonts.charset import recommended, resolve
from fonts.drawing import Field, reduced
from fonts.reading.samples import Sample
from fonts.regions import REGIONS
from fonts.render import Face
from glyphgen.hand.glass import glass_field
from glyphgen.hand.painter import Painter
from glyphgen.hand.prepare import compared, lines_of, prepare
from glyphgen.hand.prepared import PreparedHand
from glyphgen.hand.strokes import has_strokes, lay_samples
from glyphgen.network.checkpoint import load_model
from glyphgen.progress import Silent
from glyphgen.project.strokes import UNITS, Stroke
from glyphgen.strokes.ink import Inked
from glyphgen.strokes.laid.lay import lay
from glyphgen.strokes.library import KAI, Library

Floats = NDArray[np.float32]

_NEAR = 3.0             # canvas pixels at which strokes meet
_FINE = np.linspace(0, 15, 76)                          # where lines of 16 points are looked at
_LIGHT, _HARD = 1.0, 3.0                                # half-widths that glass has
_CHARSET = {"cn": "gb2312-1", "tw": "tw4808", "hk": "tw4808", "jp": "jis1", "kr": "gb2312-1"}


@dataclass(frozen=True)
class Written:
    """A character on glass: its lines (S, 16, 2), canvas pixels, strokes and picture."""

    lines: Floats
    strokes: Sequence[Stroke]
    field: Field

    @classmethod
    def of(cls, codepoint: int, face: Face, region: str) -> Written | None:
        """A face's glyph; None where it has none that strokes can be laid on."""
        drawn = face.field(codepoint)
        laid = None if drawn is None else lay(Library.load(KAI, region)[codepoint], drawn)
        if laid is None:
            return None
        strokes = list(map(stroke_of, laid.strokes, laid.half_width))
        sample = Sample.of(codepoint, glass_field(strokes), "glass", 0.0)
        return cls(laid.strokes, strokes, sample.field)


def stroke_of(line: Floats, half_width: Floats) -> Stroke:
    """A stroke as the page of a phone keeps it: many points, pressed as hard as it is wide."""
    fine = _fine(np.c_[line, half_width])
    pressed = 1000 * (fine[:, 2] - _LIGHT) / (_HARD - _LIGHT)
    rows = np.zeros((len(fine), 6))
    rows[:, :2], rows[:, 2], rows[:, 3] = UNITS * fine[:, :2], pressed, 8 * np.arange(len(fine))
    return np.rint(rows).clip(0, [128 * UNITS] * 2 + [1000, 9999, 0, 0]).astype(np.int32)


def _fine(line: Floats) -> Floats:
    """Five points for each step of a line (16, N)."""
    return np.stack([np.interp(_FINE, range(16), part) for part in line.T], 1).astype(np.float32)


def gaps(lines: Floats, others: Floats) -> Floats:
    """Distances between points of lines (A, 16, 2) and of others (B, 16, 2): (A, B, 76, 76)."""
    fine, far = (np.stack([_fine(line) for line in each]) for each in (lines, others))
    return np.asarray(np.linalg.norm(fine[:, None, :, None] - far[None, :, None], axis=-1))


def meeting(lines: Floats) -> NDArray[np.bool_]:
    """Which strokes (S, 16, 2) cross or join another one, (S,)."""
    nearest = gaps(lines, lines).min((2, 3))
    np.fill_diagonal(nearest, np.inf)
    return np.asarray(nearest.min(1) < _NEAR)


def off(lines: Mapping[int, Floats], true: Mapping[int, Written]) -> tuple[float, float]:
    """Mean distance between strokes and the written ones, of those that meet others and the rest;
    how far along a stroke its points are does not count."""
    between = [gaps(one[None], wrote[None])[0, 0] for c in lines
               for one, wrote in zip(lines[c], true[c].lines)]
    far = np.array([(one.min(0).mean() + one.min(1).mean()) / 2 for one in between])
    meet = np.concatenate([meeting(true[c].lines) for c in lines])
    return float(far[meet].mean()), float(far[~meet].mean())


def drawn_by(painter: Painter, samples: Mapping[int, Written], codepoints: Sequence[int],
             on_glass: bool) -> dict[int, Inked]:
    """Characters drawn in the hand of samples, with their strokes or from their pictures."""
    fields = {c: one.field for c, one in samples.items()}
    prepared = prepare(painter, fields, 0, False, Silent(), _strokes(samples, on_glass))
    hand = PreparedHand.of(painter, prepared)
    out: dict[int, Inked] = {}
    for own, part in hand.parts(codepoints):
        out |= zip(part, own.inked(own.framed(part), own.seeds_of(part)))
    return out


def _strokes(samples: Mapping[int, Written], on_glass: bool) -> dict[int, Sequence[Stroke]]:
    return {c: one.strokes for c, one in samples.items()} if on_glass else {}


@dataclass(frozen=True)
class Compare:
    """Characters drawn beside what was written (`true`), of which `many` meet most often."""

    samples: Mapping[int, Written]
    true: Mapping[int, Written]
    many: Sequence[int]

    @classmethod
    def of(cls, face: Face, region: str, n: int) -> Compare:
        """The recommended characters of a region as samples, and `n` others."""
        asked = [ord(c) for c in recommended(region) if has_strokes(ord(c), region)]
        pool = [c for c in resolve(_CHARSET[region]).codepoints
                if has_strokes(c, region) and c not in asked]
        others = [pool[i] for i in np.random.default_rng(0).permutation(len(pool))[:n]]
        samples, true = ({c: one for c in part if (one := Written.of(c, face, region)) is not None}
                         for part in (asked, others))
        meets = {c: int(meeting(one.lines).sum()) for c, one in true.items()}
        return cls(samples, true, [c for c in true if meets[c] > np.median([*meets.values()])])

    def figures(self, painter: Painter, on_glass: bool) -> tuple[dict[str, float], Floats]:
        """What a font is like, and nl1 of each of its characters."""
        laid = lay_samples({c: one.field for c, one in self.samples.items()},
                           _strokes(self.samples, on_glass), painter.content.region)
        drawn = drawn_by(painter, self.samples, [*self.true], on_glass)
        truth = {c: reduced(one.field) for c, one in self.true.items()}
        each = {c: compared(drawn[c].field, field, lines_of(field > 0))
                for c, field in truth.items()}
        lines = {c: one.strokes.lines for c, one in drawn.items() if one.strokes is not None}
        learnt = off({c: one.strokes for c, one in laid.items()}, self.samples)
        some = [each[c] for c in self.many]
        named = {"laid": len(laid), "learnt meeting": learnt[0], "learnt apart": learnt[1]}
        if lines:                               # else the hand is drawn by pixels
            named |= zip(("drawn meeting", "drawn apart"), off(lines, self.true))
        for which, those in (("", [*each.values()]), (" joined", some)):
            named |= {f"{key}{which}": float(np.mean([getattr(one, key) for one in those]))
                      for key in ("nl1", "iou", "chamfer")}
        return named, np.array([one.nl1 for one in each.values()], np.float32)


def compare(path: Path, painter: Painter, region: str, n: int) -> dict[str, object]:
    """The figures of one face."""
    compared_on = Compare.of(Face(path), region, n)
    found: dict[str, object] = {"face": path.stem, "samples": len(compared_on.samples),
                                "n": len(compared_on.true)}
    nl1 = []
    for name, on_glass in (("pictures", False), ("glass", True)):
        named, each = compared_on.figures(painter, on_glass)
        found[name] = {key: round(value, 4) for key, value in named.items()}
        nl1.append(each)
    better, many = nl1[0] - nl1[1], np.isin([*compared_on.true], compared_on.many)
    for key, part in (("better", better), ("better joined", better[many])):
        found[key] = [round(float(part.mean()), 4),
                      round(float(part.std(ddof=1) / np.sqrt(len(part))), 4)]
    return found


@click.command(help=__doc__)
@click.option("--face", "faces", required=True, multiple=True,
              type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--region", type=click.Choice(REGIONS), default="cn", show_default=True)
@click.option("--n", default=120, show_default=True, help="Characters to measure.")
def main(faces: Sequence[Path], region: str, n: int) -> None:
    """Run the benchmark."""
    painter = Painter(*load_model(), region, device="cpu")
    for path in faces:
        print(json.dumps(compare(path, painter, region, n)), flush=True)


if __name__ == "__main__":
    main()
