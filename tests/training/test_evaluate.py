"""The evaluation on fonts whose figures are known: what it draws, may open and says."""

import json
import random
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from click.testing import CliRunner
from fontTools import subset
from fontTools.ttLib import TTFont
from scipy.ndimage import distance_transform_edt
from skimage.metrics import structural_similarity
from skimage.morphology import skeletonize

from fonts.charset import named, recommended
from fonts.content import FOLDER, Content
from fonts.render import FontError
from glyphgen.config import ModelConfig
from glyphgen.network.checkpoint import save_model
from glyphgen.network.codec import PatchCodec
from glyphgen.network.model import Generator
from training.cache import Shard, build
from training.corpus import read_manifest
from training.evaluate import EvaluateConfig, Evaluation, choose, is_unseen, main
from training.measure import baselines
from training.measure.baselines import (
    DISTRACTORS,
    EvaluationError,
    Fitted,
    Library,
    blank,
    fit_content,
    hei_font,
    kai_font,
)
from training.measure.distance import features, frechet, kernel_distance
from training.measure.metrics import (
    FIGURES,
    SIZE,
    Picture,
    Target,
    Typeset,
    interval,
    ssim,
    style_hits,
    summarise,
)
from training.measure.report import lost_to, summary

REGION = "jp"
VALID = next(r for r in read_manifest(["valid"]) if r.region == REGION)
TRAIN = next(r for r in read_manifest(["train"]) if r.region == REGION)
HAN = "".join(chr(c) for c in named("gb2312").codepoints)
CHARS = "".join(random.Random(3).sample(HAN, 90))
WATER = "江河海湖洋深"             # one left component, so that the hand has a floor


def cut(source: str, text: str, target: Path) -> None:
    """Save the part of a content font that draws `text`."""
    font = TTFont(FOLDER / source)
    options = subset.Options(layout_features=[], notdef_outline=True, drop_tables=["BASE"])
    cutter = subset.Subsetter(options)
    cutter.populate(text=text)
    cutter.subset(font)
    font.save(target)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus whose validation face is the Kai content; every test face in it is a broken file."""
    folder = tmp_path_factory.mktemp("corpus")
    text = recommended(REGION) + CHARS + WATER
    cut("kai.ttf", text, folder / VALID.file_name)
    cut("hei-cn.otf", text, folder / TRAIN.file_name)
    for row in read_manifest(["test"]):
        (folder / row.file_name).write_bytes(b"this is no font")
    return folder


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained network: it draws the Kai content in the frame of the references."""
    config = ModelConfig(latent=48, width=16, inner=32, outer_blocks=1, inner_blocks=1, heads=2)
    torch.manual_seed(0)
    model, codec = Generator(config), PatchCodec(config)
    fields = [f for c in recommended(REGION) for f in Content(REGION).pair(ord(c))]
    codec.fit(torch.from_numpy(np.stack(fields)))
    path = tmp_path_factory.mktemp("weights") / "kai.safetensors"
    save_model(path, model, codec, torch.float32)
    return path


@pytest.fixture
def few_distractors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listing = tmp_path / "distractors.txt"
    listing.write_text(f"# one\nhan {TRAIN.file_name}\n", encoding="utf-8")
    monkeypatch.setattr(baselines, "DISTRACTORS", listing)
    monkeypatch.setattr(baselines, "RIVALS", listing)


@pytest.mark.usefixtures("few_distractors")
def test_the_whole_run_on_a_font_that_the_generator_can_copy(
        corpus: Path, weights: Path, tmp_path: Path) -> None:
    arguments = [corpus, tmp_path, "--weights", weights, "--families", VALID.design,
                 "--n", "12", "--references", "8"]
    done = CliRunner().invoke(main, list(map(str, arguments)))
    assert done.exit_code == 0, done.output
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert report["config"]["seed"] == 1 and len(report["weights"]) == 64
    (face,) = report["faces"]
    own = face["figures"]["glyphgen"]["all"]
    assert own["n"] == 12 and own["iou"] > 0.8 and own["nl1"] < 0.3 and own["chamfer"] < 10
    assert own["style_top1"] == 1 and own["distractors"] == 1
    assert (own["hands"], own["hand1_true"], own["hand8_share"]) == (2, 1, 1)
    assert face["figures"]["kai"]["all"]["hand1_share"] == 1        # the true font is Kai
    assert face["figures"]["nearest"]["all"]["hand1_share"] == 0    # and this one the rival
    assert face["lacking"] == "" and face["content"] == "kai" and face["nearest"]
    assert not set(face["references"]) & set(face["chars"])
    for way in ("blank", "hei", "nearest"):
        assert face["figures"][way]["all"]["nl1"] > own["nl1"]
    assert not [line for line in lost_to(face) if "dilated" in line]
    assert f"| {VALID.design} ({VALID.category}) | glyphgen, all | 12 |" in done.output
    assert done.output.index("| nl1_left |") < done.output.index("| n | nl1 |")
    # so small a font shows no component three times, so it has no floor and no share left
    assert face["floor"] is None and "nl1_left" not in own
    assert 0.5 < own["width"] < 1.5 and own["fragments"] <= 1 and own["clotted"] < 0.2
    assert 0.3 < own["told"] < 0.9      # of a dozen characters; another hand's would be all told
    key = (tmp_path / face["font"].replace(".ttf", ".blind.txt")).read_text(encoding="utf-8")
    assert key.count("genuine") >= key.count("drawn") > 0
    assert cv2.imread(str(tmp_path / face["font"].replace(".ttf", ".blind.png"))).shape[1] == 2560
    assert cv2.imread(str(tmp_path / face["font"].replace(".ttf", ".png"))).shape[1] == 12 * 128
    made = Typeset((tmp_path / face["font"], 0))
    assert made.codepoints.issuperset(map(ord, face["references"] + face["chars"]))


def test_broken_test_faces_would_have_been_noticed(corpus: Path) -> None:
    row = read_manifest(["test"])[0]
    with pytest.raises(FontError):
        Library(corpus, ("test",)).typeset(row)


def test_a_run_on_valid_may_open_nothing_of_test(corpus: Path, weights: Path) -> None:
    evaluation = Evaluation(corpus, corpus, weights, EvaluateConfig(split="valid"))
    assert {row.split for row in evaluation.faces()} == {"valid"}
    for row in read_manifest(["test"]):
        with pytest.raises(EvaluationError, match="test split"):
            evaluation.library.path(row)
    name = read_manifest(["test"])[0].design
    with pytest.raises(EvaluationError, match="no family of the valid split"):
        Evaluation(corpus, corpus, weights, EvaluateConfig(families=(name,))).faces()


def test_distractors_are_twenty_training_faces_a_script(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = Library(tmp_path, ("valid", "train"))
    for script in ("han", "hangul"):
        rows = library.distractors(script)
        assert len(set(rows)) == 20 and {row.split for row in rows} == {"train"}
        assert Counter(r.category for r in rows)["handwriting"] >= 4
    listing = tmp_path / DISTRACTORS.name
    listing.write_text(f"han {VALID.file_name}\n", encoding="utf-8")
    monkeypatch.setattr(baselines, "DISTRACTORS", listing)
    with pytest.raises(EvaluationError, match="train split"):
        library.distractors("han")


def test_characters_are_a_fixed_draw_in_cells(corpus: Path) -> None:
    true = Typeset((corpus / VALID.file_name, 0))
    chosen = choose(true, REGION, EvaluateConfig(n=60, references=20))
    assert chosen == choose(true, REGION, EvaluateConfig(n=60, references=20))
    assert chosen.references == recommended(REGION)[:20]
    held = [c for c in HAN if ord(c) in true.codepoints and c not in chosen.references]
    pool = sorted(held)
    random.Random(1).shuffle(pool)
    cells = {k: "".join(chosen.chars[i] for i in at) for k, at in chosen.cells.items()}
    assert cells["all"] == "".join(pool[:60])
    assert all(map(is_unseen, cells["unseen"])) and not any(map(is_unseen, cells["seen"]))
    assert not is_unseen("한") and len(cells["dense"]) >= len(pool) // 10
    more = choose(true, REGION, EvaluateConfig(n=5, references=40))
    assert len(set(more.references)) == 40 and more.references.startswith(recommended(REGION))
    with pytest.raises(EvaluationError, match="neither"):
        choose(Typeset((corpus / VALID.file_name, 0)), REGION, EvaluateConfig(references=500))


def test_figures_agree_with_their_definitions() -> None:
    a, b = hei_font(REGION).picture("国"), kai_font(REGION).picture("国")
    got = dict(zip(FIGURES, Target(b).figures(a)))
    assert ssim(a, b) == pytest.approx(structural_similarity(a, b, data_range=1.0), abs=1e-5)
    assert got["nl1"] == pytest.approx(np.abs(a - b).sum() / b.sum(), rel=1e-5)
    assert got["iou"] == pytest.approx(((a > .5) & (b > .5)).sum() / ((a > .5) | (b > .5)).sum())
    x, y = skeletonize(a > .5), skeletonize(b > .5)
    both = distance_transform_edt(~x)[y].mean() + distance_transform_edt(~y)[x].mean()
    assert got["chamfer"] == pytest.approx(both / 2 * 1000 / 110, rel=1e-4)
    empty = dict(zip(FIGURES, Target(b).figures(blank("国"))))
    assert (empty["nl1"], empty["iou"], empty["chamfer"]) == (pytest.approx(1), 0, 500)
    assert empty["skill"] == pytest.approx(0, abs=1e-9)


def test_wider_strokes_and_broken_strokes_score_worse() -> None:
    target = Target(kai_font(REGION).picture("永"))
    same = dict(zip(FIGURES, target.figures(target.picture)))
    wide = dict(zip(FIGURES, target.figures(cv2.dilate(target.picture, np.ones((3, 3))))))
    assert same["nl1"] == 0 and same["skill"] == 1 and same["breaks"] == 0
    assert wide["nl1"] > 0.2 and wide["iou"] < 0.9 and wide["skill"] < 0.9
    assert wide["chamfer"] < 5            # why chamfer is never quoted alone
    broken = target.picture.copy()
    broken[60:66] = 0
    assert dict(zip(FIGURES, target.figures(broken)))["breaks"] >= 1
    assert summarise(np.stack([target.figures(target.picture)]))["ink"] == 1


def test_style_retrieval_tells_fonts_apart(corpus: Path) -> None:
    hei, kai = hei_font(REGION), kai_font(REGION)
    assert style_hits(kai, kai, [hei], CHARS[:5]).all()
    assert not style_hits(hei, kai, [hei], CHARS[:5]).any()
    lacking = Typeset((corpus / VALID.file_name, 0))
    absent = next(c for c in HAN if ord(c) not in lacking.codepoints)
    assert not style_hits(lacking, kai, [hei], absent).any()
    assert style_hits(kai, kai, [lacking], absent).all()


def test_fitting_undoes_an_affine_and_a_weight() -> None:
    content = Content(REGION)
    refs = {ord(c): content.pair(ord(c))[1] for c in recommended(REGION)[:10]}
    moved = {c: cv2.warpAffine(f, np.array([[0.9, 0, 9], [0, 0.9, 3]]), (128, 128),
                               borderValue=-4.0) - np.float32(0.4) for c, f in refs.items()}
    fitted = fit_content(content, moved)
    assert isinstance(fitted, Fitted) and fitted.source == 1
    assert 1 / fitted.theta[0, 0].item() == pytest.approx(0.9, abs=0.02)
    assert fitted.level == pytest.approx(0.4, abs=0.15)
    plain = fit_content(content, refs)
    assert Target(kai_font(REGION).picture("国")).figures(plain("国"))[4] > 0.8
    assert not plain("\ue000").any()


def test_sets_of_glyphs_have_a_distance() -> None:
    def half(char: str) -> Picture:
        picture = hei_font("jp").picture(char).copy()
        picture[:, SIZE // 2 :] = 0
        return picture

    text = "永和九年歳在癸丑暮春之初会于山陰蘭亭修事也群賢畢至少長咸集"
    one, other = (features(hei_font("jp").picture, part) for part in (text[::2], text[1::2]))
    spoilt = features(half, text[1::2])
    assert abs(frechet(one, one)) < 1e-3
    assert frechet(one, other) < frechet(one, spoilt)
    assert kernel_distance(one, other) < kernel_distance(one, spoilt)
    assert len(features(blank, text)) == 0


def test_means_are_over_families_and_categories() -> None:
    faces = [{"category": kind, "figures": {"glyphgen": {"all": {"nl1": value, "n": 3}}}}
             for kind, value in (("brush", 0.2), ("sans", 0.4), ("sans", 0.6))]
    rows = summary(faces)
    assert rows["all families"]["all"]["nl1"] == 0.4 and rows["sans"]["all"]["nl1"] == 0.5
    assert rows["all families"]["all"]["nl1_ci"] == interval(np.array([0.2, 0.4, 0.6]))
    assert rows["brush"]["unseen"] == {"families": 0}


def test_reading_counts_what_both_fonts_are_read_in() -> None:
    pytest.importorskip("rapidocr_onnxruntime")
    from training.evaluate import Chosen, read_rates
    from training.measure.metrics import Reader

    hei, kai = hei_font(REGION), kai_font(REGION)
    nothing = Typeset((FOLDER / "hei-tw.otf", 0))
    text = "国語書"
    lacking = "".join(c for c in text if ord(c) not in nothing.codepoints)
    chosen = Chosen("", text, {"all": [0, 1, 2], "unseen": []})
    rates = read_rates(Reader(), kai, kai, hei, chosen)
    assert rates["all"]["ocr"] == 1 and rates["all"]["ocr_counted"] >= 2
    assert rates["all"]["ocr_ci"] == [1, 1] and rates["unseen"] == {"ocr_counted": 0}
    worse = read_rates(Reader(), nothing, kai, hei, chosen)
    assert worse["all"]["ocr"] < 1 and lacking


def test_a_face_that_was_not_fetched_is_named(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="training.corpus fetch"):
        Library(tmp_path, ("valid", "train")).path(VALID)




def test_a_cache_can_be_small_and_without_content(corpus: Path, tmp_path: Path) -> None:
    build(corpus, tmp_path, "valid", workers=1, most=5, content=False)
    shard = Shard(tmp_path)
    assert shard.glyphs.shape == (5, 128, 128) and (shard.glyphs > 0).any((1, 2)).all()
    assert shard.index["content"].tolist() == [-1] * 5 and len(set(shard.index["codepoint"])) == 5
    assert [face["design"] for face in shard.faces] == [VALID.design]
