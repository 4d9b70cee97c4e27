"""Samples in, font out, by the real command: what was asked for, what was written, what stays."""

from __future__ import annotations

import os
import shutil
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from conftest import FEW, LACKING, SAMPLES, TEXT, Made, Run
from fontTools.ttLib import TTFont
from skimage.feature import hog
from skimage.filters import gaussian
from skimage.transform import resize

from fonts.charset import named
from fonts.content import FOLDER, Content
from fonts.drawing import coverage, from_coverage
from fonts.reading.samples import read_samples
from fonts.render import Face
from glyphgen import pipeline
from glyphgen.config import GenerateConfig
from glyphgen.project.document import Project
from glyphgen.project.intake import Intake

HANZI = "和平书写天地人间山川草木春夏秋冬东西南北花鸟风月日星云雨金土火石田车马牛羊"


@pytest.fixture(scope="module")
def whole(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A font of all shipped samples, by the command as a person gives it."""
    font = tmp_path_factory.mktemp("whole") / "Hand.ttf"
    said = run("make", SAMPLES, "--out", font, "--charset", TEXT).output
    return Made(font, font.with_suffix(".glyphgen"), said)


def iou(one: np.ndarray, other: np.ndarray) -> float:
    return float((one & other).sum() / max((one | other).sum(), 1))


def directions(inked: np.ndarray) -> np.ndarray:
    """Histograms of oriented gradients of the ink's box: where it stands doesn't matter."""
    rows, columns = np.flatnonzero(inked.any(1)), np.flatnonzero(inked.any(0))
    box = inked[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].astype(np.float32)
    blurred = gaussian(resize(box, (64, 64)), 2)        # strokes of any pen are alike
    return np.asarray(hog(blurred, pixels_per_cell=(8, 8), cells_per_block=(2, 2)))


def ink(face: Face, codepoint: int) -> np.ndarray:
    field = face.field(codepoint, 128)
    assert field is not None
    return coverage(field, 128) >= 0.5


def test_the_cmap_covers_what_was_asked_and_the_rest_is_listed(made: Made) -> None:
    there = set(TTFont(made.font).getBestCmap())
    assert {ord(c) for c in TEXT} - there == {ord(LACKING)}
    assert f"missing: {LACKING}" in made.said and str(made.font) in made.said
    assert f"{len(TEXT) - 1} of {len(TEXT)} characters" in made.said


def test_samples_are_in_the_font_as_written(whole: Made) -> None:
    face, read = Face(whole.font), read_samples([SAMPLES])
    alike = [iou(ink(face, s.codepoint), coverage(s.drawing.field, 128) >= 0.5)
             for s in read.samples]
    assert len(alike) == 30 and min(alike) > 0.93 and np.mean(alike) > 0.96


def test_a_drawing_is_the_character_it_should_be(whole: Made) -> None:
    """Each is nearer to its own printed form than to that of any other character drawn."""
    face, content = Face(whole.font), Content("cn")
    printed = np.stack([directions(coverage(content.pair(ord(c))[1], 128) >= 0.5) for c in HANZI])
    drawn = np.stack([directions(ink(face, ord(c))) for c in HANZI])
    nearest = ((drawn[:, None] - printed) ** 2).sum(-1).argmin(1)
    assert (nearest == np.arange(len(HANZI))).mean() > 0.9


def test_a_field_is_the_same_bits_wherever_its_memory_lies() -> None:
    ink_of_it = coverage(Content("cn").hei(ord("鹰")), 512)
    apart, fields = [], set()
    for i in range(40):
        fields.add(from_coverage(ink_of_it).tobytes())
        apart.append(np.random.default_rng(i).random(1000 + 137 * i))
    assert len(fields) == 1


class Interrupting:
    """Progress that is interrupted as by Ctrl-C once the first batch is kept."""

    @contextmanager
    def stage(self, name: str, total: int) -> Iterator[Callable[[int], None]]:
        def tick(steps: int) -> None:
            if name == "glyphs":
                raise KeyboardInterrupt
        yield tick

    def note(self, line: str) -> None:
        pass


def test_a_resumed_run_gives_the_same_bytes(made: Made, run: Run, tmp_path: Path) -> None:
    font = tmp_path / "Hand.ttf"
    config = GenerateConfig(TEXT, adapt=False)
    with pytest.raises(KeyboardInterrupt), pipeline.opened(tmp_path / "Hand.glyphgen") as project:
        pipeline.ingest(project, FEW, Intake())
        pipeline.generate(project, config, Interrupting())
    with Project.open(tmp_path / "Hand.glyphgen") as project:
        assert 0 < len(project.states()) < len(TEXT) - 1
    run("make", *FEW, "--out", font, "--charset", TEXT, "--no-adapt", "--family", "Test Hand")
    assert font.read_bytes() == made.font.read_bytes()


def test_locked_glyphs_stay_when_samples_are_added(made: Made, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "hand.glyphgen"
    shutil.copy(made.project, path)
    with Project.open(path) as project:
        project.lock([ord("山")])
        before = {d.codepoint: d.field for d in project.drawings(map(ord, "山川"))}
    shutil.copy(SAMPLES / "永.png", tmp_path / "天.png")
    assert "9 now" in run("ingest", path, tmp_path / "天.png").output
    run("generate", path, "--charset", "山川天", "--no-adapt")
    with Project.open(path) as project:
        after = {d.codepoint: d.field for d in project.drawings(map(ord, "山川"))}
        np.testing.assert_array_equal(after[ord("山")], before[ord("山")])
        assert not np.array_equal(after[ord("川")], before[ord("川")])
        assert ord("天") in {s.codepoint for s in project.samples()}


def test_the_newest_of_two_images_counts_and_the_other_is_kept(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "hand"
    folder.mkdir()
    shutil.copy(SAMPLES / "永.png", folder / "永.png")
    shutil.copyfile(SAMPLES / "水.png", folder / "永_2.png")
    os.utime(folder / "永.png", (1, 1))
    result = run("ingest", tmp_path / "p.glyphgen", folder)
    assert "several samples of 永" in result.output
    with Project.open(tmp_path / "p.glyphgen") as project:
        assert [s.source for s in project.samples()] == [str(folder / "永_2.png")]
        assert len(project.samples(every=True)) == 2


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_names_are_composed(run: Run, tmp_path: Path, form: str) -> None:
    shutil.copy(SAMPLES / "永.png", tmp_path / f"{unicodedata.normalize(form, 'が')}.png")
    run("ingest", tmp_path / "p.glyphgen", tmp_path)
    with Project.open(tmp_path / "p.glyphgen") as project:
        assert [s.text for s in project.samples()] == ["が"]


def test_one_sample_makes_a_font_with_a_warning(run: Run, tmp_path: Path) -> None:
    result = run("make", SAMPLES / "永.png", "--out", tmp_path / "One.ttf", "--charset", "一二三")
    assert "only 1 sample: the hand will be a guess" in result.output
    assert {ord(c) for c in "一二三永"} <= set(TTFont(tmp_path / "One.ttf").getBestCmap())


def test_of_many_samples_all_are_kept_and_64_are_references(run: Run, tmp_path: Path) -> None:
    from glyphgen.hand.painter import Painter
    from glyphgen.network.checkpoint import load_model

    chars = "".join(map(chr, named("gb2312-1").codepoints[:100]))
    path = tmp_path / "p.glyphgen"
    result = run("ingest", path, FOLDER / "kai.ttf", "--sample-chars", chars)
    assert f"{len(chars)} samples" in result.output
    with Project.open(path) as project:
        fields = {s.codepoint: s.drawing.field for s in project.samples()}
    assert len(fields) == len(chars)
    painter = Painter(*load_model())
    some = painter.learn(dict(list(fields.items())[:16])).tokens.shape[1]
    assert painter.learn(fields).tokens.shape[1] == 64 / 16 * some
