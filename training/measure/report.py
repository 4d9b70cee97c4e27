"""What an evaluation shows: rows over families, a table, and a sheet of pictures a family."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import numpy as np
from PIL import Image

from training.measure.metrics import SIZE, Picture, interval

BASELINES = ("blank", "hei", "kai", "fitted", "nearest")
HIGHER = ("iou", "ssim", "skill")             # of the figures, those that are better when higher
LEADING = ("nl1_left", "chamfer_left", "width", "ripples", "fragments", "fragments_true",
           "clotted", "told", "hand8_share", "hand_left")
_PIXELS = ("nl1", "iou", "skill", "ssim", "l1", "rmse", "chamfer", "ink", "breaks",
             "style_top1", "ocr", "kernel", "frechet")
_AVERAGED = (*LEADING, "hand1_share", "hand1", "hand1_true", "hand8", "hand8_true", "hand_near",
             "hand_near_true", "pieces", "points", *_PIXELS)
_ACROSS = 12


class Cells(Protocol):
    """The characters of one face and their cells."""

    @property
    def chars(self) -> str: ...
    @property
    def cells(self) -> dict[str, list[int]]: ...


def better(name: str, value: float, other: float) -> bool:
    """Whether `value` of the figure `name` is better than `other`."""
    return value > other if name in HIGHER else value < other


def lost_to(face: dict) -> list[str]:
    """Where a baseline is as good as the generated font, or dilation did no harm: `figure way`."""
    figures = face["figures"]
    own = figures["glyphgen"]["all"]
    lost = [f"{name} {way}" for way in BASELINES if way in figures
            for name in ("nl1", "iou", "chamfer")
            if not better(name, own[name], figures[way]["all"][name])]
    wide = figures["dilated"]["all"]
    return lost + [f"{name} dilated" for name in ("nl1", "iou", "skill")
                   if not better(name, own[name], wide[name])]


def summary(faces: Sequence[dict]) -> dict[str, dict]:
    """Means over families, for all and for each category, by cell; with 95 % intervals."""
    groups: dict[str, list[dict]] = defaultdict(list)
    for face in faces:
        groups["all families"].append(face)
        groups[face["category"]].append(face)
    return {group: {cell: _means([face["figures"]["glyphgen"][cell] for face in members
                                  if cell in face["figures"]["glyphgen"]])
                    for cell in ("all", "seen", "unseen", "dense")}
            for group, members in groups.items()}


def _means(rows: Sequence[dict]) -> dict[str, object]:
    """Means over families of the figures that any of them has, and their bootstrap intervals."""
    out: dict[str, object] = {"families": len(rows)}
    for name in _AVERAGED:
        values = np.array([row[name] for row in rows if name in row], float)
        if len(values):
            out[name] = round(float(values.mean()), 4)
            out[f"{name}_ci"] = interval(values)
    return out


def markdown(report: dict) -> str:
    """The report as tables: what tells a hand from its imitation, then all figures of pixels."""
    config = report["config"]
    head = (f"{config['split']} split, {config['references']} references, n = {config['n']}, "
            f"adapt {'on' if config['adapt'] else 'off'}, "
            f"seed {config['seed']}, weights {report['weights'][:12]}, commit {report['commit']}")
    rows = list(_rows(report))
    leading = [row for row in rows if "told" in row[2] or "width" in row[2]]
    return "\n".join([head, "", *_table((*LEADING, "ocr"), leading), "",
                      *_table(("n", *_PIXELS), rows), "", *_notes(report["faces"])])


def _rows(report: dict) -> Iterator[tuple[str, str, dict]]:
    """Font, way of drawing with its cell, and figures: every face, then the means."""
    for face in report["faces"]:
        ways = face["figures"]
        name = f"{face['design']} ({face['category']})"
        for cell, figures in ways["glyphgen"].items():
            yield name, f"glyphgen, {cell}", figures
        for way in ("dilated", *BASELINES):
            if way in ways:
                yield name, way, ways[way]["all"]
    for group, cells in report["summary"].items():
        for cell, figures in cells.items():
            if figures["families"]:
                yield f"mean of {group}", f"glyphgen, {cell}", figures | {"n": figures["families"]}


def _table(columns: Sequence[str], rows: Sequence[tuple[str, str, dict]]) -> list[str]:
    """Lines of Markdown."""
    return [f"| font | drawn by | {' | '.join(columns)} |", "|---|---|" + "---:|" * len(columns),
            *(f"| {font} | {way} | {' | '.join(map(_cell, (f.get(c) for c in columns)))} |"
              for font, way, f in rows)]


def _cell(value: object) -> str:
    if value is None:
        return ""
    return str(value) if isinstance(value, int) else f"{value:.3f}"


def _notes(faces: Sequence[dict]) -> list[str]:
    """What a reader of the table must know besides."""
    notes = []
    for face in faces:
        own = face["figures"]["glyphgen"]["all"]
        if least := face["floor"]:
            notes.append(f"- {face['design']}: floor nl1 {least['nl1']:.3f}, "
                         f"iou {least['iou']:.3f}, chamfer {least['chamfer']:.1f} "
                         f"({least['pairs']} pairs)")
        if lost := lost_to(face):
            notes.append(f"- {face['design']}: no better than a baseline in {', '.join(lost)}")
        if face["lacking"]:
            notes.append(f"- {face['design']}: counted as blank, not in the font: "
                         f"{face['lacking']} (no content for: {face['lacking_content'] or 'none'})")
        if "ocr_ci" in own:
            low, high = own["ocr_ci"]
            notes.append(f"- {face['design']}: ocr {own['ocr']:.3f} [{low:.3f}, {high:.3f}] of "
                         f"{own['ocr_counted']} characters that count")
    return notes


def sheet(true: Callable[[str], Picture], drawn: Callable[[str], Picture],
          chosen: Cells) -> bytes:
    """PNG, the true characters above the drawn ones: 12 of all, 12 unseen, 12 dense ones."""
    rows: list[str] = []
    for cell in ("all", "unseen", "dense"):
        chars = (chosen.chars[i] for i in chosen.cells[cell])
        fresh = [c for c in chars if c not in "".join(rows)]
        rows += ["".join(fresh[:_ACROSS])] if fresh else []
    page = np.zeros((2 * len(rows) * SIZE, _ACROSS * SIZE), np.float32)
    for i, row in enumerate(rows):
        for k, source in enumerate((true, drawn)):
            top = (2 * i + k) * SIZE
            for j, char in enumerate(row):
                page[top : top + SIZE, j * SIZE : (j + 1) * SIZE] = source(char)
    grey = np.rint(255 - page * 255).astype(np.uint8)
    grey[2 * SIZE :: 2 * SIZE] = 128
    stream = io.BytesIO()
    Image.fromarray(grey).save(stream, "PNG")
    return stream.getvalue()
