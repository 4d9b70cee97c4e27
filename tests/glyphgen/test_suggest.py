"""What to write next: what samples show, worked out by hand, and what is asked for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fonts.charset import default_for, named, recommended, resolve
from fonts.components import Part, parts
from fonts.reading.samples import Sample
from fonts.regions import REGIONS, script_of
from glyphgen.coverage import AGAIN, Coverage, alike, path
from glyphgen.project.document import Drawn, Project
from glyphgen.strokes.alike import Shapes
from glyphgen.strokes.library import Library
from glyphgen.suggest import Suggestion, suggest, suggest_for, weighed

WATER = [*map(ord, "江河湖海洋沟汗池泊油")]


def line(x: float, y: float, length: float) -> np.ndarray:
    return np.stack([x + np.linspace(-0.5, 0.5, 16) * length, np.full(16, y)], 1)


def test_likeness_is_of_shape_size_and_place() -> None:
    one = Shapes.of(np.array([line(60, 60, 40)], np.float32))
    others = [line(60, 60, 40), line(60, 60, 40 * np.e), line(124, 60, 40), line(60, 60, -40)]
    likeness = alike(one, Shapes.of(np.array(others, np.float32)))
    # unlike by 0, by 0.3 for e times the size, by 0.15 for half an em, by 2 for the way back
    np.testing.assert_allclose(likeness, [1, np.exp(-1), np.exp(-0.25), 0], atol=1e-3)


def test_a_component_that_was_seen_is_worth_less() -> None:
    coverage = Coverage(dict.fromkeys(WATER, 1.0), WATER)
    before, strokes = coverage.components(), coverage.strokes()
    coverage.see(WATER[0])
    # all have 氵 on the left and nothing else in common with 江: half anywhere, half there
    lost = 0.5 * np.mean([1 / sum(0.3 if " " in p.place else 1 for p in parts(c))
                          for c in WATER]) * (1 - AGAIN)
    np.testing.assert_allclose((before - coverage.components())[1:], lost, rtol=1e-6)
    assert coverage.strokes()[0] == 0 and (coverage.strokes() <= strokes).all()


def test_the_pens_path_is_measured_in_ems() -> None:
    assert 0.6 < path(ord("一")) < 1.0 and path(ord("二")) > path(ord("一"))
    assert path(ord("鑫")) > 3.5 * path(ord("十"))
    unknown = next(c for c in named("big5").codepoints if c not in Library.load())
    assert path(unknown) == 6.0 and path(ord("가")) == 4.0 and path(ord("あ")) == 2.0


def test_weights_are_by_script_and_by_how_common_a_character_is() -> None:
    weights = weighed([*map(ord, "的丕丙A，")], "cn")
    assert set(map(chr, weights)) == set("的丕丙A")         # signs are not written by hand
    assert sum(weights.values()) == pytest.approx(1)
    assert weights[ord("A")] == pytest.approx(0.1)          # nine tenths are hanzi
    # 的 is one of the most frequent, 丙 of the first level of GB 2312, 丕 of the second
    assert weights[ord("的")] / weights[ord("丕")] == pytest.approx(16)
    assert weights[ord("丙")] / weights[ord("丕")] == pytest.approx(4)


def test_the_component_that_is_lacking_is_asked_for_first() -> None:
    first = suggest([ord("林")], "cn", WATER, 1)[0]
    assert (first.reason, first.part, first.count) == ("component", Part("氵", "left"), 10)
    assert first.words == f"{chr(first.codepoint)}  U+{first.codepoint:04X}  " \
                          "component 氵 (left), in 10 characters"
    assert replace(first, count=1).words.endswith(", in 1 character")


@pytest.mark.parametrize("region", REGIONS)
def test_every_region_has_suggestions(region: str) -> None:
    samples = [*map(ord, recommended(region))]
    found = suggest(samples, region, resolve(default_for(region)).codepoints, 12)
    points = [one.codepoint for one in found]
    assert len(set(points)) == 12 and not set(points) & set(samples)
    script = "hangul" if region == "kr" else "han"
    scripts = [script_of(c) for c in points]
    assert scripts.count(script) >= 6 and scripts.count("latin") in (1, 2, 3)


def test_each_fourth_is_a_doubtful_one_while_there_are_any() -> None:
    doubtful = [*map(ord, "鑫永懿")]
    found = suggest([ord("永")], "cn", WATER, 12, doubtful)
    reasons = [one.reason for one in found]
    assert [i for i, reason in enumerate(reasons) if reason == "doubtful"] == [3, 7]
    assert {found[3].codepoint, found[7].codepoint} == {ord("鑫"), ord("懿")}
    assert found[3].words.endswith("its drawing is doubtful")


def test_other_charsets_are_asked_for_their_own_scripts() -> None:
    for text, script in (("kana", "kana"), ("latin", "latin")):
        found = suggest([], "cn", resolve(text).codepoints, 5)
        assert len(found) == 5 and {script_of(one.codepoint) for one in found} == {script}
    assert suggest([], "cn", [*map(ord, "。，！")], 5) == []
    assert suggest(WATER, "cn", WATER[:1], 500)         # ends by itself


def test_a_project_may_have_samples_alone(tmp_path: Path) -> None:
    field = np.zeros((512, 512), np.float32)
    with Project.open(tmp_path / "hand.glyphgen", create=True) as project:
        project.add_samples([Sample.of(c, field, "drawn", 0.0) for c in WATER])
        alone = suggest_for(project, 8)
        assert len(alone) == 8 and alone == suggest(
            WATER, "cn", resolve(default_for("cn")).codepoints, 8)
        project.set_all({"region": "cn", "codepoints": WATER})
        project.put_drawings([Drawn(ord("鑫"), field[:128, :128], state="doubtful")])
        assert suggest_for(project, 4)[3] == Suggestion(ord("鑫"), "doubtful")
