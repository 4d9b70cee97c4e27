"""The prepared hand in the project: it draws as a fresh one does, and is not taken on trust."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import FEW, SOME, written
from safetensors.torch import load, save

from fonts.drawing import Field
from fonts.packed import to_bytes
from fonts.reading.samples import read_samples
from glyphgen.config import RECIPES, GenerateConfig
from glyphgen.draw.candidates import candidates, read_mask
from glyphgen.hand import opened
from glyphgen.hand.adapt import AdaptConfig, Adapted, adapt
from glyphgen.hand.opened import recipe_tag
from glyphgen.hand.painter import Painter
from glyphgen.hand.pen import Pen
from glyphgen.hand.prepare import Finish, Prepared
from glyphgen.hand.saved import key_of, load_hand, save_hand
from glyphgen.hand.strokes import lay_samples
from glyphgen.network.checkpoint import WEIGHTS, load_model
from glyphgen.pipeline import generate
from glyphgen.progress import Silent
from glyphgen.project.document import Project, ProjectError
from glyphgen.project.schema import MIGRATIONS
from glyphgen.review import redo

KEY = key_of("model-cn-s0-a", "style")


@pytest.fixture(scope="module")
def samples() -> dict[int, Field]:
    return written(SOME)


def fresh() -> Painter:
    if not WEIGHTS.exists():
        pytest.skip("the network is missing")
    return Painter(*load_model(), device="cpu")


@pytest.fixture(scope="module")
def taught(samples: dict[int, Field]) -> tuple[Painter, Prepared]:
    """A painter whose network is not the shipped one any more, and what was found out."""
    painter = fresh()
    with torch.no_grad():
        for parameter in painter.model.parameters():
            parameter.copy_((parameter * 1.01 + 1e-3).bfloat16())
    hand = replace(painter.learn(samples), recipe=RECIPES["hei"])
    finish = Finish(0.1, Pen(2.1, 0.123456789, 0.5), Pen(1 / 3, 0.2, 0.0))
    return painter, Prepared(hand, finish, Adapted(2.0, 1.7, 8, (27704, 26408)),
                             {"nl1": 0.9, "iou": 0.4, "chamfer": 2.5})


@pytest.fixture
def project(tmp_path: Path, taught: tuple[Painter, Prepared]) -> Project:
    with Project.open(tmp_path / "a.glyphgen", create=True) as made:
        save_hand(made, KEY, *taught)
        yield made


def test_what_was_kept_draws_the_same(project: Project, taught: tuple[Painter, Prepared],
                                      samples: dict[int, Field]) -> None:
    drawn = []
    painter = fresh()
    again = load_hand(project, KEY, painter, samples)
    assert again is not None
    for one, prepared in (taught, (painter, again)):
        framed = one.framed(prepared.hand, [ord("国")])
        drawn.append(prepared.finish(one.draw(prepared.hand, framed, [3])[0][0]))
    assert np.array_equal(*drawn)
    assert (again.finish, again.adapted, again.scores) == (
        taught[1].finish, taught[1].adapted, taught[1].scores)
    assert again.hand.recipe == RECIPES["hei"]


def test_a_recipe_is_kept_with_its_strokes(project: Project, taught: tuple[Painter, Prepared],
                                           samples: dict[int, Field]) -> None:
    painter, prepared = taught
    recipe = replace(RECIPES["kai mixed"], inked=("kana", "sign"))
    save_hand(project, KEY, painter, replace(prepared, hand=prepared.hand.with_recipe(recipe)))
    again = load_hand(project, KEY, fresh(), samples)
    assert again is not None and again.hand.recipe == recipe


def test_adapted_weights_can_be_kept_exactly(samples: dict[int, Field]) -> None:
    """Whatever adapting ends with fits into bfloat16."""
    painter = fresh()
    with torch.no_grad():
        for parameter in painter.model.parameters():
            parameter.mul_(1.0001)
    assert adapt(painter, samples, config=AdaptConfig(steps=1)) is not None
    for tensor in painter.model.state_dict().values():
        assert torch.equal(tensor, tensor.bfloat16().float())


def test_other_samples_or_weights_are_another_hand(project: Project,
                                                   samples: dict[int, Field]) -> None:
    keys = {key_of("model-cn-s0-a", "style"), key_of("other-cn-s0-a", "style"),
            key_of("model-cn-s0-a", "other")}
    assert len(keys) == 3
    assert [project.hand(key) is not None for key in sorted(keys)].count(True) == 1
    project.put_hand("other", "{}", None)
    assert project.hand(KEY) is None            # the old one takes no more room


PEN = {"mean": 2.0, "deviation": 0.1, "between": 0.1}
GOOD = {"recipe": "hei", "strokes": False, "inked": ["kana"], "level": 0.1,
        "drawn": PEN, "wanted": None, "adapted": None,
        "scores": {"nl1": 0.9, "iou": 0.4, "chamfer": 2.5}}


def test_what_fits_is_there(project: Project, samples: dict[int, Field]) -> None:
    project.put_hand(KEY, json.dumps(GOOD), None)
    assert load_hand(project, KEY, fresh(), samples) is not None


@pytest.mark.parametrize("change", [
    {"recipe": "none"}, {"recipe": []}, {"strokes": 1},
    {"inked": ["han"]}, {"inked": "kana"}, {"inked": None}, {"inked": [["kana"]]},
    {"level": 1e9}, {"level": float("nan")}, {"level": "0"},
    {"drawn": {}}, {"drawn": 3}, {"drawn": PEN | {"mean": -1.0}}, {"scores": {}},
    {"scores": {"nl1": True, "iou": 0.4, "chamfer": 1.0}},
    {"adapted": {"before": 1.0, "after": 0.5, "steps": 8, "held": [1]}},       # without weights
    {"adapted": {"before": 1.0, "after": 0.5, "steps": 10**9, "held": []}},
    {"adapted": {"before": 0.0, "after": 0.5, "steps": 0, "held": []}},
])
def test_what_does_not_fit_is_not_there(project: Project, samples: dict[int, Field],
                                        change: dict) -> None:
    painter = fresh()
    for text in (json.dumps(GOOD | change), "{", "[]", "[" * 10_000):
        project.put_hand(KEY, text, None)
        assert load_hand(project, KEY, painter, samples) is None


def test_foreign_weights_are_not_taken(project: Project, samples: dict[int, Field]) -> None:
    text, data = project.hand(KEY) or ("", b"")
    tensors = load(data)
    name = next(iter(tensors))
    painter = fresh()
    before = {key: tensor.clone() for key, tensor in painter.model.state_dict().items()}
    for odd in (save({**tensors, "more": torch.zeros(1)}), save({name: tensors[name]}),
                save({**tensors, name: tensors[name].float()}),
                save({**tensors, name: tensors[name][..., :1].contiguous()}),
                save({**tensors, name: tensors[name] * float("nan")}),
                data[:-7], b"", b"\x80\x04K*.", b"\xff" * 64):
        project.put_hand(KEY, text, odd)
        assert load_hand(project, KEY, painter, samples) is None
    for key, tensor in painter.model.state_dict().items():
        assert torch.equal(tensor, before[key])


def test_a_project_of_the_first_version_opens(tmp_path: Path) -> None:
    path = tmp_path / "old.glyphgen"
    Project.open(path, create=True).close()
    with sqlite3.connect(path) as db:
        for table in ("hands", "held", "strokes"):
            db.execute(f"DROP TABLE {table}")
        db.execute("ALTER TABLE drawings DROP COLUMN strokes")
        db.execute("PRAGMA user_version = 1")
    db.close()
    assert len(MIGRATIONS) > 1
    with Project.open(path) as project:
        project.put_hand("key", "{}", b"x")
        assert project.hand("key") == ("{}", b"x")


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Project:
    path = tmp_path_factory.mktemp("drawn") / "a.glyphgen"
    with Project.open(path, create=True) as made:
        made.add_samples(read_samples(FEW).samples)
        generate(made, GenerateConfig("天地玄黄", adapt=False))
        yield made


def test_samples_drawn_from_the_others_are_kept_with_the_hand(drawn: Project) -> None:
    """They are those that the score is of."""
    held, scores = drawn.held(), drawn.get("held_out")
    samples = {s.codepoint: s.drawing.field for s in drawn.samples()}
    assert held.keys() == samples.keys() and len(held) == 8
    inside = [(held[c] > 0, samples[c] > 0) for c in held]
    iou = np.mean([(a & b).sum() / (a | b).sum() for a, b in inside])
    assert abs(iou - scores["iou"]) < 0.01 and 0.2 < iou < 0.95
    assert drawn.get("learnt") == [{"samples": 8, **scores}]


def test_drawings_kept_with_a_hand_go_with_it(tmp_path: Path) -> None:
    path, field = tmp_path / "a.glyphgen", np.full((128, 128), -4, np.float32)
    with Project.open(path, create=True) as made:
        made.put_hand("key", "{}", None, {ord("永"): field, ord("三"): field})
        assert [*made.held()] == [ord("三"), ord("永")] and np.array_equal(
            made.held()[ord("永")], field)
        made.put_hand("other", "{}", None)
        assert made.held() == {}
    for point, packed in ((ord("永"), b"x"), (0x110000, to_bytes(field)), (-1, to_bytes(field))):
        with sqlite3.connect(path) as db:
            db.execute("DELETE FROM held")
            db.execute("INSERT INTO held VALUES (?, ?)", (point, packed))
        db.close()
        with Project.open(path) as made, pytest.raises(ProjectError, match="is damaged"):
            made.held()


def fields(project: Project, chars: str = "天地玄黄") -> list[bytes]:
    return [d.field.tobytes() for d in project.drawings([*map(ord, chars)])]


def test_a_recalled_hand_makes_the_same_project(drawn: Project) -> None:
    """The hand that was kept, and one prepared anew."""
    before, kept = fields(drawn), []
    for forget in (False, True):
        drawn.put_back([*map(ord, "天地玄黄")], ())
        if forget:
            drawn.put_hand("", "", None)
        seen: list[str] = []
        generate(drawn, GenerateConfig("天地玄黄", adapt=False), Told(seen))
        kept.append("checking" not in seen)
        assert fields(drawn) == before
    assert kept == [True, False]


class Told(Silent):
    """Notes which stages there were."""

    def __init__(self, seen: list[str]) -> None:
        super().__init__()
        self.seen = seen

    def stage(self, name: str, total: int):     # type: ignore[no-untyped-def]
        self.seen.append(name)
        return super().stage(name, total)


def test_redoing_prepares_nothing_and_differs(drawn: Project) -> None:
    before, seen = fields(drawn, "天"), []
    models = {d.recipe_tag for d in drawn.drawings()}
    assert redo(drawn, "天", Told(seen)) == 1
    assert seen == ["glyphs"]
    assert fields(drawn, "天") != before
    assert {d.recipe_tag for d in drawn.drawings()} == models


def test_redoing_lays_no_samples_again_unless_what_was_kept_is_damaged(
        drawn: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    key = key_of(recipe_tag(GenerateConfig("", adapt=False)), drawn.style())
    text, data = drawn.hand(key) or ("", b"")
    assert text and data
    laid: list[int] = []
    monkeypatch.setattr("glyphgen.hand.saved.lay_samples",
                        lambda samples, *_: laid.append(len(samples)) or lay_samples(samples))
    assert redo(drawn, "天", Silent()) == 1 and not laid
    drawn.put_hand(key, text, data[:-1])
    seen: list[str] = []
    assert redo(drawn, "天", Told(seen)) == 1 and "checking" in seen


def test_another_way_of_drawing_draws_all_anew(drawn: Project,
                                               monkeypatch: pytest.MonkeyPatch) -> None:
    config = GenerateConfig("天地", adapt=False)
    generate(drawn, config, Silent())
    for way, expected in ((opened.WAY, False), (opened.WAY + 1, True)):
        monkeypatch.setattr(opened, "WAY", way)
        seen: list[str] = []
        generate(drawn, config, Told(seen))
        assert ("checking" in seen) == ("glyphs" in seen) == expected


def test_candidates_are_other_drawings(drawn: Project) -> None:
    found = candidates(drawn, ord("地"))
    assert len(found) == 8
    assert len({d.field.tobytes() for d in found} | {*fields(drawn, "地")}) == 9
    assert [d.score for d in found] == sorted((d.score for d in found), reverse=True)
    assert {(d.codepoint, d.state in ("drawn", "doubtful")) for d in found} == {(ord("地"), True)}
    assert candidates(drawn, ord("地"))[0].seed not in {d.seed for d in found}      # new each time


def test_candidates_of_a_part_keep_the_rest(drawn: Project) -> None:
    mask = np.zeros((128, 128), bool)
    mask[20:70, 20:64] = True
    before = next(drawn.drawings([ord("黄")]))
    for one in candidates(drawn, ord("黄"), mask):
        assert np.array_equal(one.field[75:], before.field[75:])
        assert not np.array_equal(one.field, before.field)
    mine = np.full((512, 512), -4, np.float32)
    mine[100:400, 240:270] = 2
    drawn.replace(ord("玄"), mine)
    by_hand = candidates(drawn, ord("玄"), mask)
    assert {d.state for d in by_hand} == {"replaced"} and by_hand[0].field.shape == (512, 512)
    with pytest.raises(ProjectError, match="made by hand"):
        candidates(drawn, ord("玄"))
    drawn.lock([ord("黄")])
    with pytest.raises(ProjectError, match="locked"):
        candidates(drawn, ord("黄"), mask)
    with pytest.raises(ProjectError, match="not drawn by the model"):
        candidates(drawn, ord("龘"))


def test_masks_are_pictures(tmp_path: Path) -> None:
    from PIL import Image

    grey = np.full((512, 512), 255, np.uint8)
    grey[100:200, 40:80] = 0
    Image.fromarray(grey).save(tmp_path / "mask.png")
    mask = read_mask(tmp_path / "mask.png")
    assert mask.shape == (128, 128) and mask.sum() == 250 and mask[30, 15]
    Image.fromarray(grey[:300]).save(tmp_path / "flat.png")
    with pytest.raises(ProjectError, match="square"):
        read_mask(tmp_path / "flat.png")
