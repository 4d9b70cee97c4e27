"""Calibrate the legibility gate on genuine glyphs, and measure what it catches.

`python -m training.calibrate_gate fit FONTS` writes `glyphgen/draw/gate.json` from the valid
families and twelve of the training ones (the gate learns no shapes, so they are as new to it as
any);
`python -m training.calibrate_gate measure FONTS --split test` only measures. FONTS is the folder
that `training.corpus fetch` filled.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click
import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from fonts.charset import resolve
from fonts.content import Content
from fonts.drawing import Field, coverage
from fonts.render import Face
from glyphgen.draw.gate import (
    CALIBRATION,
    COLUMNS,
    KINDS,
    NAMES,
    Criteria,
    Gate,
    GateScores,
    features,
    kind_of,
    score,
)
from glyphgen.network.frame import frame_of
from glyphgen.network.recogniser import Recogniser
from training.corpus import SPLITS, FaceRow, read_manifest
from training.measure.damage import DAMAGES

REFERENCES = 30
PASS = 0.95               # share of genuine glyphs that must pass
TAIL = 0.98               # quantile at which each criterion alone counts 1
POWER, PRIOR = 4.0, 20.0  # chosen on valid; 2 to 20 and 10 to 90 differ by a hundredth
CHARACTER = KINDS[0]
ENOUGH, LEAST = 5, 0.25   # glyphs of a kind that make a family count; least spread of a criterion
POOL = 600                # characters among which the most similar one is looked for
GENUINE, WRONG, SIMILAR = "genuine", "wrong character", "similar character"
FURTHER = ("Dela Gothic One", "Hachi Maru Pop", "Huninn", "Kosugi Maru", "LXGW Marker Gothic",
           "Ma Shan Zheng", "Nanum Pen Script", "SetoFont", "WDXL Lubrifont TC", "Zen Antique",
           "ZCOOL XiaoWei", "kiloji")       # of the train split: valid has five families only
SMALL = ("kana", "latin", "punctuation")      # character sets that hold the other kinds
Pair = tuple[Field, NDArray[np.float32]]      # a glyph, its Hei and Kai drawings (2, ...)
FAILURES = (WRONG, SIMILAR, *DAMAGES)


@dataclass(frozen=True)
class Family:
    """The scores of one family: its samples, and every sort of drawing by (kind, sort)."""

    name: str
    category: str
    samples: list[GateScores]
    drawn: dict[tuple[str, str], list[GateScores]]


@dataclass(frozen=True)
class _Drawing:
    """A drawing of some sort in the place of a character with its contents (2, 128, 128)."""

    sort: str
    field: Field
    codepoint: int
    contents: NDArray[np.float32]


@dataclass(frozen=True)
class _Source:
    """A face beside its content; glyphs that either lacks are none."""

    face: Face
    content: Content

    def pair(self, codepoint: int) -> Pair | None:
        """The glyph (128, 128) and its content drawings (2, 128, 128)."""
        field = self.face.field(codepoint, oversample=2)
        if field is None or not self.content.has(codepoint):
            return None
        return field, np.stack(self.content.pair(codepoint))

    def pairs(self, codepoints: Sequence[int], count: int) -> dict[int, Pair]:
        """The first `count` codepoints that are there."""
        found: dict[int, Pair] = {}
        for codepoint in codepoints:
            if len(found) == count:
                break
            if (pair := self.pair(codepoint)) is not None:
                found[codepoint] = pair
        return found


def most_similar(fields: Sequence[Field]) -> NDArray[np.intp]:
    """Of each field the index of the other one that looks most like it, from afar."""
    rows = np.stack([cv2.resize(cv2.GaussianBlur(coverage(f), (0, 0), 2.5), (16, 16),
                                interpolation=cv2.INTER_AREA).ravel() for f in fields])
    rows -= rows.mean(0)
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)
    likeness = rows @ rows.T
    np.fill_diagonal(likeness, -np.inf)
    return likeness.argmax(1)


def score_family(row: FaceRow, fonts: Path, count: int) -> Family:
    """Scores of 30 samples, `count` characters, a third as many of each other kind, failures."""
    rng, reader = np.random.default_rng(0), Recogniser.load(region=row.region)
    source = _Source(Face(fonts / row.file_name, row.face_index), Content(row.region))
    shuffled = rng.permutation(sorted(source.face.cmap)).tolist()
    small = {c for name in SMALL for c in resolve(name).codepoints}
    by_kind = {kind: [c for c in shuffled if kind_of(c) == kind
                      and (kind == CHARACTER or c in small)] for kind in KINDS}
    pool = source.pairs(by_kind[CHARACTER], max(POOL, REFERENCES + count))
    if len(pool) < REFERENCES + count:
        raise ValueError(f"{row.design} has only {len(pool)} characters, ask for fewer")
    samples = list(pool)[:REFERENCES]
    frame = frame_of(*(torch.from_numpy(np.stack([pool[c][i] for c in samples])) for i in (0, 1)))

    def framed(contents: NDArray[np.float32]) -> list[Field]:
        return list(frame.apply(torch.from_numpy(contents)[None])[0].numpy())

    drawn: dict[tuple[str, str], list[GateScores]] = {}
    for kind in KINDS:
        main = kind == CHARACTER
        pairs = dict(list(pool.items())[REFERENCES:]) if main else source.pairs(by_kind[kind], POOL)
        made = list(_drawings(pairs, count if main else count // 3, rng))
        for one, scores in zip(made, _scored(reader, made, framed)):
            drawn.setdefault((kind, one.sort), []).append(scores)
    own = [_Drawing(GENUINE, pool[c][0], c, pool[c][1]) for c in samples]
    return Family(row.design, row.category, _scored(reader, own, framed), drawn)


def _scored(reader: Recogniser, drawings: Sequence[_Drawing],
            framed: Callable[[NDArray[np.float32]], list[Field]]) -> list[GateScores]:
    """What the gate measures of each drawing, its reading included."""
    if not drawings:
        return []
    mistaken = reader.confusion_margin(np.stack([d.field for d in drawings]),
                               [d.codepoint for d in drawings])
    return [score(d.field, framed(d.contents), float(m)) for d, m in zip(drawings, mistaken)]


def _drawings(pairs: Mapping[int, Pair], count: int,
              rng: np.random.Generator) -> Iterator[_Drawing]:
    """Genuine drawings, other characters in their place, and spoilt ones."""
    codepoints, values = list(pairs), list(pairs.values())
    if len(values) < 2:
        return
    similar = most_similar([pair[1][-1] for pair in values])
    for i in range(min(len(values), count)):
        genuine, contents = values[i]
        other = values[int((i + rng.integers(1, len(values))) % len(values))][0]
        sorts = {GENUINE: genuine, WRONG: other, SIMILAR: values[similar[i]][0]}
        sorts |= {name: damage(genuine, other, rng) for name, damage in DAMAGES.items()}
        for sort, field in sorts.items():
            if field is not None:
                yield _Drawing(sort, field, codepoints[i], contents)


def calibrate(families: Sequence[Family]) -> Gate:
    """The gate under which 95 % of the genuine glyphs of the families pass, kind by kind."""
    gate = Gate({kind: _usual(families, kind) for kind in KINDS}, POWER, PRIOR)
    for kind in KINDS:
        surplus = [gate.surplus(s, gate.hand(f.samples), kind) for f in families
                   for s in f.drawn.get((kind, GENUINE), ())]
        tail = np.maximum(np.quantile(surplus, TAIL, axis=0), 1.0)
        gate = _with(gate, kind, replace(gate.kinds[kind], tail=tail))
        combined = np.concatenate([_combined(gate, f, kind, GENUINE) for f in families])
        limit = float(np.quantile(combined, PASS))
        gate = _with(gate, kind, replace(gate.kinds[kind], limit=limit))
    return gate


def _usual(families: Sequence[Family], kind: str) -> Criteria:
    """Means and spreads over the families' genuine glyphs; tails and limit still 1."""
    rows = [np.array([features(s) for s in f.drawn[kind, GENUINE]]) for f in families
            if len(f.drawn.get((kind, GENUINE), ())) >= ENOUGH]
    means = np.array([r.mean(0) for r in rows])
    within = np.sqrt(np.mean([r.var(0) for r in rows], 0))
    return Criteria(means.mean(0), np.maximum(within, LEAST), means.std(0, ddof=1),
                    np.ones(len(NAMES)), 1.0)


def _with(gate: Gate, kind: str, criteria: Criteria) -> Gate:
    return replace(gate, kinds={**gate.kinds, kind: criteria})


def _combined(gate: Gate, family: Family, kind: str, sort: str) -> NDArray[np.float64]:
    hand = gate.hand(family.samples)
    return np.array([gate.combined(s, hand, kind) for s in family.drawn.get((kind, sort), ())])


def caught(gate: Gate, families: Sequence[Family], kind: str) -> dict[str, float]:
    """Share of genuine drawings passed and of each failure caught, mean over the families."""
    shares = {}
    for sort in (GENUINE, *FAILURES):
        values = [_combined(gate, f, kind, sort) > gate.kinds[kind].limit for f in families]
        if means := [v.mean() for v in values if len(v)]:
            share = float(np.mean(means))
            shares[sort] = round(1 - share if sort == GENUINE else share, 3)
    return shares


def write(gate: Gate, families: Sequence[Family], path: Path = CALIBRATION) -> None:
    """Write the calibration with its origin, in one piece."""
    kinds = {kind: {
        "genuine": sum(len(f.drawn.get((kind, GENUINE), ())) for f in families),
        "caught": caught(gate, families, kind),
        "limit": round(usual.limit, 4),
        "criteria": {name: {key: round(float(getattr(usual, key)[i]), 4) for key in COLUMNS}
                     for i, name in enumerate(NAMES)},
    } for kind, usual in gate.kinds.items()}
    data = {"made_by": "python -m training.calibrate_gate fit FONTS",
            "families": [f.name for f in families], "pass": PASS, "power": gate.power,
            "prior": gate.prior, "kinds": kinds}
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8",
                                     newline="\n", suffix=".part") as stream:
        stream.write(json.dumps(data, indent=1) + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    os.chmod(stream.name, 0o644)
    os.replace(stream.name, path)


def table(gate: Gate, families: Sequence[Family]) -> str:
    """Rows of shares: all families together, then one by one."""
    groups = [("all", families), *[(f"{f.name} ({f.category})", [f]) for f in families]]
    lines = []
    for kind in KINDS:
        lines += [f"| {kind} | " + " | ".join((GENUINE + " pass", *FAILURES)) + " |",
                  "|---" * (len(FAILURES) + 2) + "|"]
        for name, group in groups:
            group = [f for f in group if (kind, GENUINE) in f.drawn]
            if group:
                shares = caught(gate, group, kind)
                cells = (f"{shares[sort]:.2f}" if sort in shares else "-"
                         for sort in (GENUINE, *FAILURES))
                lines.append(f"| {name} | " + " | ".join(cells) + " |")
        lines.append("")
    return "\n".join(lines)


def score_split(fonts: Path, split: str, count: int,
                designs: Sequence[str] = ()) -> list[Family]:
    """One face of every design of the split, or of the named ones."""
    rows: dict[str, FaceRow] = {}
    for row in read_manifest((split,)):
        if (fonts / row.file_name).exists() and (not designs or row.design in designs):
            rows.setdefault(row.design, row)
    if not rows:
        raise click.ClickException(f"{fonts} holds no font of the {split} split, "
                                   "run training.corpus fetch")
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    with click.progressbar(list(rows.values()), label=split) as bar:
        return [score_family(row, fonts, count) for row in bar]


@click.group()
def main() -> None:
    """The calibration of the legibility gate."""


@main.command("fit")
@click.argument("fonts", type=click.Path(path_type=Path, exists=True))
@click.option("--count", default=60, show_default=True, help="Characters a family.")
def fit_command(fonts: Path, count: int) -> None:
    """Calibrate on the families in FONTS and write glyphgen/draw/gate.json."""
    families = [*score_split(fonts, "valid", count), *score_split(fonts, "train", count, FURTHER)]
    gate = calibrate(families)
    write(gate, families)
    click.echo(table(gate, families))


@main.command("measure")
@click.argument("fonts", type=click.Path(path_type=Path, exists=True))
@click.option("--split", default="test", type=click.Choice(SPLITS), show_default=True)
@click.option("--count", default=60, show_default=True, help="Characters a family.")
def measure_command(fonts: Path, split: str, count: int) -> None:
    """What the calibrated gate passes and catches on the families in FONTS; chooses nothing."""
    click.echo(table(Gate.load(), score_split(fonts, split, count)))


if __name__ == "__main__":
    main()
