"""Measure the product on whole unseen fonts, from the references to the exported font file.

`python -m training.evaluate FONTS OUT --weights FILE --split valid` takes each family's
recommended characters as references, draws its other characters, exports a TTF through `exporters`,
and measures that file against the true one. See docs/evaluation.md.
"""

from __future__ import annotations

import copy
import json
import random
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np

from exporters.fontfile.formats import export
from exporters.fontfile.info import FontInfo
from exporters.outlines.trace import trace
from fonts.charset import named, recommended
from fonts.content import Content
from fonts.drawing import Drawing, Field, reduced
from fonts.files import write_atomic
from fonts.reading.samples import SIZE
from fonts.render import Face
from glyphgen.config import Recipe
from glyphgen.export.outlines import outlined
from glyphgen.hand.adapt import Adapted
from glyphgen.hand.painter import Painter
from glyphgen.hand.prepare import prepare
from glyphgen.hand.prepared import PreparedHand
from glyphgen.network.checkpoint import WEIGHTS, load_model, model_hash
from glyphgen.progress import Silent
from training.corpus import SPLITS, FaceRow, commit, is_held_out, read_manifest
from training.measure.baselines import (
    EvaluationError,
    Fitted,
    Library,
    Pictures,
    blank,
    content_font,
    dilated,
    fit_content,
    hei_font,
    is_hangul,
    script_of,
)
from training.measure.blind import blind_sheet
from training.measure.distance import features, frechet, kernel_distance
from training.measure.floor import GROUPS, floor
from training.measure.hand import add_hand_left, add_shares, stroke_figures, told_from
from training.measure.lineup import Hands, taken_for
from training.measure.metrics import Reader, Target, Typeset, interval, style_hits, summarise
from training.measure.report import markdown, sheet, summary
from training.measure.style import StyleReader

CELL = 3            # the cells of unseen and of dense characters hold n / CELL at least


@dataclass(frozen=True)
class EvaluateConfig:
    """What is measured, and how it is drawn."""

    split: str = "valid"
    families: tuple[str, ...] = ()      # all of the split
    references: int = 30
    n: int = 300
    adapt: bool = False
    ocr: bool = False
    seed: int = 1                       # of the characters and of the drawings


@dataclass(frozen=True)
class Chosen:
    """The characters of one face, in the order measured, and which cell holds which.

    `all` is a fixed random draw from the hanzi of GB 2312 (else Hangul) that the true font has,
    without the references; `unseen` characters were never a training target in any font.
    """

    references: str
    chars: str
    cells: dict[str, list[int]]         # cell to positions in `chars`


def is_unseen(char: str) -> bool:
    """Whether no training face showed the character; all Hangul syllables were shown."""
    return not is_hangul(ord(char)) and is_held_out(ord(char))


def choose(true: Typeset, region: str, config: EvaluateConfig) -> Chosen:
    """References and characters to measure. EvaluationError where the font has too few."""
    held = [chr(c) for c in named("gb2312").codepoints if c in true.codepoints]
    pool = held or [chr(c) for c in true.codepoints if is_hangul(c)]
    wanted = [c for c in recommended(region) if true.has(c)]
    more = sorted(set(pool) - set(wanted))
    random.Random(config.seed + 1).shuffle(more)
    references = "".join([*wanted, *more][: config.references])
    pool = sorted(set(pool) - set(references))
    random.Random(config.seed).shuffle(pool)
    pool = [c for c in pool if true.has(c)]
    if not references or not pool:
        raise EvaluationError("the true font has neither hanzi of GB 2312 nor Hangul to measure")
    least = -(-config.n // CELL)
    hei = hei_font(region)
    density = {c: _runs(hei, c) for c in pool}
    dense = np.quantile(list(density.values()), 0.9)
    rows = {"all": pool[: config.n],
            "seen": [c for c in pool[: config.n] if not is_unseen(c)],
            "unseen": [c for c in pool if is_unseen(c)][:least],
            "dense": [c for c in pool if density[c] >= dense][:least]}
    chars = list(dict.fromkeys(c for row in rows.values() for c in row))
    place = {c: i for i, c in enumerate(chars)}
    return Chosen(references, "".join(chars), {k: [place[c] for c in v] for k, v in rows.items()})


def _runs(font: Typeset, char: str) -> int:
    """Stroke density: how often the rows and columns of a drawing enter ink."""
    ink = font.picture(char) > 0.5
    return sum(int((np.diff(ink.astype(np.int8), axis=axis) > 0).sum()) for axis in (0, 1))


@dataclass(frozen=True)
class Made:
    """How one font was made."""

    path: Path
    recipe: Recipe
    adapted: Adapted | None
    lacking_content: str
    seconds: float


def make_font(painter: Painter, samples: dict[int, Field], chars: str, config: EvaluateConfig,
              path: Path, tick: Callable[[int], None]) -> Made:
    """Draw `chars` in the hand of `samples` and export them with the samples as they are."""
    began = time.perf_counter()
    prepared = prepare(painter, samples, config.seed, config.adapt, Silent())
    wanted = [ord(c) for c in chars if painter.content.has(ord(c))]
    outlines = {c: trace(f, c) for c, f in samples.items()}
    for hand, batch in PreparedHand.of(painter, prepared, config.seed).parts(wanted):
        drawn = hand.inked(hand.framed(batch), hand.seeds_of(batch))
        outlines |= {c: outlined(Drawing(c, *one)) for c, one in zip(batch, drawn)}
        tick(len(batch))
    info = FontInfo(family="Evaluation", region=painter.content.region)
    export(outlines, info, outlines, path)
    lacking = "".join(c for c in chars if ord(c) not in set(wanted))
    return Made(path, prepared.hand.recipe, prepared.adapted, lacking, time.perf_counter() - began)


def measure(drawn: Pictures, true: Sequence[Target], chosen: Chosen) -> dict[str, dict]:
    """Figures of one way of drawing, by cell."""
    rows = np.stack([t.figures(drawn(c)) for c, t in zip(chosen.chars, true)])
    return {cell: {"n": len(at), **summarise(rows[at])} for cell, at in chosen.cells.items() if at}


def read_rates(reader: Reader, made: Typeset, true: Typeset, plain: Typeset,
               chosen: Chosen) -> dict[str, dict]:
    """By cell, the share read among the characters that both the true and a plain font are read in.

    `ocr_ci` is its 95 % bootstrap interval.
    """
    counts = {c for c in chosen.chars if reader.reads(true, c) and reader.reads(plain, c)}
    read = {c: float(reader.reads(made, c)) for c in chosen.chars if c in counts}
    out: dict[str, dict] = {}
    for cell, at in chosen.cells.items():
        values = np.array([read[chosen.chars[i]] for i in at if chosen.chars[i] in counts])
        out[cell] = {"ocr_counted": len(values)}
        if len(values):
            out[cell] |= {"ocr": round(float(values.mean()), 4), "ocr_ci": interval(values)}
    return out


class Evaluation:
    """One run: the weights, the fonts it may open and what they all share."""

    def __init__(self, fonts: Path, out: Path, weights: Path, config: EvaluateConfig) -> None:
        self.library = Library(fonts, tuple(dict.fromkeys((config.split, "train"))))
        self.out, self.weights, self.config = out, weights, config
        self.model, self.codec = load_model(weights)
        self.reader = Reader() if config.ocr else None
        self.hands = Hands(self.library, StyleReader.load())

    def faces(self) -> list[FaceRow]:
        """One face for each family: the Regular, or what is nearest to it."""
        families: dict[str, list[FaceRow]] = {}
        for row in read_manifest([self.config.split]):
            families.setdefault(row.design, []).append(row)
        unknown = [name for name in self.config.families if name not in families]
        if unknown:
            raise EvaluationError(f"no family of the {self.config.split} split is named "
                                  f"{unknown[0]!r}; there are {', '.join(sorted(families))}")
        chosen = self.config.families or tuple(families)
        return [min(families[name], key=lambda row: abs(row.weight - 400)) for name in chosen]

    def painter(self, region: str) -> Painter:
        """A painter with weights of its own, which adaptation may change."""
        return Painter(copy.deepcopy(self.model), self.codec, region)

    def evaluate(self, row: FaceRow) -> dict:
        """Everything about one face; writes its TTF and its picture sheet."""
        path = self.library.path(row)
        true = self.library.typeset(row)
        chosen = choose(true, row.region, self.config)
        face, content = Face(path, row.face_index), Content(row.region)
        fields = ((ord(c), face.field(ord(c), SIZE, oversample=2)) for c in chosen.references
                  if content.has(ord(c)))
        samples = {c: f for c, f in fields if f is not None}
        name = re.sub(r"[^A-Za-z0-9]+", "-", row.design).strip("-").lower()
        with click.progressbar(length=len(chosen.chars), label=f"{row.design:24.24}") as bar:
            made = make_font(self.painter(row.region), samples, chosen.chars, self.config,
                             self.out / f"{name}.ttf", bar.update)
        font = Typeset((made.path, 0))
        fitted = fit_content(content, {c: reduced(field) for c, field in samples.items()})
        near = self.library.nearest(true, chosen.references, chosen.chars, row.design)
        figures = self._figures(row, font, true, fitted, near, chosen)
        least = floor(true, GROUPS[script_of(chosen.chars)])
        add_shares(figures, least)
        write_atomic(self.out / f"{name}.png", sheet(true.picture, font.picture, chosen))
        page, key = blind_sheet(true, font, chosen.chars, self.config.seed)
        write_atomic(self.out / f"{name}.blind.png", page)
        write_atomic(self.out / f"{name}.blind.txt", key.encode())
        write_atomic(self.out / f"{name}.dense.txt",
                     "".join(chosen.chars[i] for i in chosen.cells["dense"]).encode())
        return {
            **{key: getattr(row, key) for key in ("design", "style", "category", "region")},
            "file": row.file_name, "font": made.path.name, "seconds": round(made.seconds, 1),
            "recipe": asdict(made.recipe),
            "adapted": asdict(made.adapted) if made.adapted else None,
            "nearest": f"{near.design} {near.style}" if near else None,
            "content": ("hei", "kai")[fitted.source], "references": chosen.references,
            "chars": chosen.chars, "lacking_content": made.lacking_content,
            "lacking": "".join(c for c in chosen.chars if not font.has(c)),
            "floor": asdict(least) if least else None, "figures": figures}

    def _figures(self, row: FaceRow, font: Typeset, true: Typeset, fitted: Fitted,
                 near: FaceRow | None, chosen: Chosen) -> dict[str, dict[str, dict]]:
        """Figures by way of drawing and cell; style and reading for the generated font only."""
        ways: dict[str, Pictures] = {
            "glyphgen": font.picture, "dilated": dilated(font.picture), "blank": blank,
            **{name: content_font(name, row.region).picture for name in ("hei", "kai")},
            "fitted": fitted}
        if near is not None:
            ways["nearest"] = self.library.typeset(near).picture
        targets = [Target(true.picture(c)) for c in chosen.chars]
        figures = {way: measure(drawn, targets, chosen) for way, drawn in ways.items()}
        seen = features(true.picture, chosen.chars[::2])
        for way, drawn in ways.items():             # of other characters than those seen
            if len(made := features(drawn, chosen.chars[1::2])) > 1:
                figures[way]["all"] |= {"frechet": round(frechet(made, seen), 3),
                                        "kernel": round(kernel_distance(made, seen), 3)}
        own = figures["glyphgen"]
        for cell, values in stroke_figures(font, true, chosen).items():
            own[cell] |= values
        plain = ("hei", "kai")[fitted.source]
        figures[plain]["all"] |= told_from(content_font(plain, row.region), true, chosen)
        fonts: dict[str, Typeset | Fitted] = {
            "glyphgen": font, plain: content_font(plain, row.region), "fitted": fitted}
        if near is not None:
            fonts["nearest"] = self.library.typeset(near)
        self._take(row, fonts, chosen, figures)
        script = script_of(chosen.chars)
        rivals = [self.library.typeset(r) for r in self.library.distractors(script)
                  if r.design != row.design]
        hits = style_hits(font, true, rivals, chosen.chars)
        rates = (read_rates(self.reader, font, true, hei_font("cn"), chosen)
                 if self.reader is not None and script == "han" else {})
        for cell, at in chosen.cells.items():
            if at:
                own[cell] |= {"style_top1": round(float(hits[at].mean()), 4),
                              "distractors": len(rivals), **rates.get(cell, {})}
        return figures

    def _take(self, row: FaceRow, fonts: dict[str, Typeset | Fitted], chosen: Chosen,
              figures: dict[str, dict[str, dict]]) -> None:
        """Add how often fonts are taken for the row's hand, on the characters of `all`.

        The hand is known by the references and, where kana were among them, further characters.
        """
        chars = [chosen.chars[i] for i in chosen.cells["all"]]
        known = dict.fromkeys([*chosen.references, *chosen.chars])
        line_up = self.hands.line_up(row, [c for c in known if c not in chars])
        genuine = self.hands.vectors(self.library.typeset(row), chars)
        for way, font in fonts.items():
            figures[way]["all"] |= taken_for(line_up, self.hands.vectors(font, chars), genuine)
        add_hand_left(figures)

    def run(self) -> dict:
        """Evaluate every face; writes and returns the report."""
        self.out.mkdir(parents=True, exist_ok=True)
        faces = [self.evaluate(row) for row in self.faces()]
        report = {"config": asdict(self.config), "weights": model_hash(self.weights),
                  "commit": commit(), "summary": summary(faces), "faces": faces}
        write_atomic(self.out / "report.json",
                     json.dumps(report, ensure_ascii=False, indent=1).encode())
        return report


@click.command()
@click.argument("fonts", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.argument("out", type=click.Path(path_type=Path, file_okay=False))
@click.option("--weights", type=click.Path(path_type=Path, exists=True), default=WEIGHTS)
@click.option("--split", type=click.Choice(SPLITS), default="valid", show_default=True)
@click.option("--families", multiple=True, help="Only these, by name; give it once for each.")
@click.option("--references", type=click.IntRange(1), default=30, show_default=True)
@click.option("--n", type=click.IntRange(1), default=300, show_default=True,
              help="Characters a face, besides those that fill the small cells.")
@click.option("--adapt/--no-adapt", default=False, show_default=True)
@click.option("--ocr/--no-ocr", default=False, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
def main(fonts: Path, out: Path, weights: Path, **settings: Any) -> None:
    """Measure WEIGHTS on the corpus FONTS; writes fonts, sheets and report.json into OUT."""
    try:
        report = Evaluation(fonts, out, weights, EvaluateConfig(**settings)).run()
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    click.echo(markdown(report))


if __name__ == "__main__":
    main()
