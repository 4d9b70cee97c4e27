"""How well virtual photographs and scans of filled-in sheets are read back.

    python -m benchmarks.bench_sheet --face HAND.ttf --photographs 200 --scans 20

Prints one line of JSON a group, and one line a picture that was not read as it should be.
"""

from __future__ import annotations

import json
import sys
import time
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache
from io import BytesIO
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import click
import numpy as np
from PIL import Image

from fonts.drawing import coverage
from fonts.reading.pages import Page as Picture
from fonts.regions import SAMPLES
from fonts.render import Face
from fonts.sheet.layout import paginate
from fonts.sheet.reader import SheetError, read_page
from fonts.sheet.template import sheet_pdf
from fonts.sheet.verdict import EMPTY
from training.camera.photograph import (
    PENS,
    TRUTH,
    Photograph,
    fill_page,
    print_page,
    scan_page,
    take_photograph,
)

DPI = 300
_SCANS = (150, 200, 300, 600)


@dataclass(frozen=True)
class Score:
    """Of one picture; lists have one entry a cell."""

    group: str
    megapixels: float
    read: bool = False
    wrong: bool = False                # another page's identity, without a word
    right: list[bool] = field(default_factory=list)
    corner: list[float] = field(default_factory=list)      # pixels at 300 dpi
    iou: list[float] = field(default_factory=list)
    warned: int = 0
    seconds: float = 0.0
    problem: str = ""


def score(shot: Photograph, group: str) -> Score:
    """Read one picture and hold it against the truth."""
    start = time.process_time()
    with Image.open(BytesIO(shot.data)) as image:
        picture = np.asarray(image.convert("RGB"))
    try:
        reading = read_page(Picture(group, picture, 0.0))
    except SheetError as error:
        return Score(group, shot.megapixels, problem=str(error))
    seconds = time.process_time() - start
    page = shot.page
    if reading.identity != page.identity:
        return Score(group, shot.megapixels, wrong=True, seconds=seconds)
    centres = shot.corners.mean(1)
    right, corner, iou, warned = [], [], [], 0
    for cell in reading.cells:
        nearest = int(np.argmin(np.linalg.norm(centres - cell.corners.mean(0), axis=1)))
        truth = page.ink.get(nearest)
        right.append(ord(page.identity.chars[nearest]) == cell.codepoint
                     and (truth is None) == (cell.sample is None))
        off = np.linalg.norm(cell.corners - shot.corners[cell.index], axis=1)
        density = np.sqrt(_area(shot.corners[cell.index])) / page.identity.layout.canvas
        corner += list(off / density * DPI / 25.4)
        warned += bool(set(cell.verdicts) - {EMPTY})
        if truth is not None and cell.sample is not None:
            inked = coverage(cell.sample.field, TRUTH) >= 0.5
            iou.append(float((inked & (truth >= 0.5)).sum() / (inked | (truth >= 0.5)).sum()))
    return Score(group, shot.megapixels, True, False, right, corner, iou, warned, seconds)


def _area(corners: np.ndarray) -> float:
    x, y = corners.T
    return float(abs(x @ np.roll(y, 1) - y @ np.roll(x, 1)) / 2)


def summary(scores: list[Score]) -> dict[str, Any]:
    """The figures of one group."""
    corner = np.array([value for one in scores for value in one.corner] or [np.nan])
    iou = np.array([value for one in scores for value in one.iou] or [np.nan])
    right = [value for one in scores for value in one.right]
    return {
        "pages": len(scores),
        "read": round(float(np.mean([one.read for one in scores])), 4),
        "wrong_in_silence": sum(one.wrong for one in scores),
        "cells_right": round(float(np.mean(right or [np.nan])), 5),
        "corner_px_mean_p99_max": [round(float(v), 3) for v in (
            corner.mean(), np.percentile(corner, 99), corner.max())],
        "iou_mean_p1_min": [round(float(v), 4) for v in (
            iou.mean(), np.percentile(iou, 1), iou.min())],
        "cells_warned": round(sum(one.warned for one in scores) / max(len(right), 1), 4),
        "cpu_seconds": round(float(np.mean([one.seconds for one in scores])), 2),
        "megapixels": round(float(np.mean([one.megapixels for one in scores])), 1),
    }


def one_picture(number: int, faces: list[Path], scan: bool, seed: int) -> Score:
    """Make picture `number` and score it; the same arguments give the same picture."""
    rng = np.random.default_rng((seed, number, scan))
    region = ("jp", "cn", "tw")[number % 3] if len(faces) > 1 else "jp"
    face = Face(faces[number % len(faces)])
    paper = ("a4", "letter")[number // 2 % 2]
    identity = paginate(SAMPLES[region], region)[0]
    scale = 24 if scan else 16
    printed = _printed(region, paper, scale)
    skip = tuple(rng.choice(len(identity.chars), int(rng.integers(0, 4)), replace=False).tolist())
    page = fill_page(printed, identity, face, paper=paper, scale=scale, skip=skip,
                     pen=list(PENS)[number % len(PENS)], mono=number % 4 == 3)
    if scan:
        dpi = _SCANS[number % len(_SCANS)]
        return score(scan_page(page, rng, dpi, rng.normal(0, 3) + 90 * rng.integers(4)),
                     f"scan {dpi} dpi")
    return score(take_photograph(page, rng), f"photograph {face.path.stem}")


@lru_cache(maxsize=6)
def _printed(region: str, paper: str, scale: int) -> np.ndarray:
    return print_page(sheet_pdf(SAMPLES[region], region=region, paper=paper), 1, scale)


@click.command(help=__doc__)
@click.option("--face", "faces", multiple=True, required=True,
              type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--photographs", default=200, show_default=True)
@click.option("--scans", default=20, show_default=True)
@click.option("--seed", default=0, show_default=True)
@click.option("--workers", default=1, show_default=True)
def main(faces: tuple[Path, ...], photographs: int, scans: int, seed: int, workers: int) -> None:
    """Run the benchmark."""
    jobs = [(number, list(faces), scan, seed) for scan, count in ((False, photographs),
                                                                  (True, scans))
            for number in range(count)]
    scores = []
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        for job, one in zip(jobs, pool.map(one_picture, *zip(*jobs))):
            scores.append(one)
            if not one.read or one.wrong or not all(one.right) or max(one.corner) > 1.5:
                print(f"{job[0]} {one.group} {one.megapixels:.0f} MP: {one.problem or one.wrong} "
                      f"{sum(not v for v in one.right)} wrong, corner "
                      f"{max(one.corner or [0]):.2f}", file=sys.stderr, flush=True)
            if len(scores) % 25 == 0:
                print(f"{len(scores)} of {len(jobs)}: {json.dumps(summary(scores))}",
                      file=sys.stderr, flush=True)
    groups = defaultdict(list)
    for one in scores:
        groups[one.group].append(one)
        groups["all " + one.group.split()[0] + "s"].append(one)
    for name in sorted(groups):
        print(json.dumps({"group": name, **summary(groups[name])}))


if __name__ == "__main__":
    main()
