"""Keep what preparing a hand found out in the project, so that the next work begins at once.

The file may come from anyone: what does not fit in every respect counts as not there.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from fonts.drawing import SPREAD, Field, reduced
from glyphgen import __version__
from glyphgen.config import RECIPES
from glyphgen.hand.adapt import AdaptConfig, Adapted
from glyphgen.hand.kept import packed, unpacked
from glyphgen.hand.painter import Painter
from glyphgen.hand.pen import Pen
from glyphgen.hand.prepare import INKED, Finish, Prepared
from glyphgen.hand.strokes import lay_samples, with_inking, with_strokes
from glyphgen.project.document import Project

_LEVEL = 1.0            # canvas pixels that a finish shifts by at most
_MUCH = 1e9
_NAMES = {recipe: name for name, recipe in RECIPES.items()}


def key_of(tag: str, style: str) -> str:
    """What a preparation depends on: the drawings' tag and style, and how hands are prepared."""
    parts = (tag, style, __version__, asdict(AdaptConfig()),
             {name: asdict(recipe) for name, recipe in RECIPES.items()})
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def save_hand(project: Project, key: str, painter: Painter, prepared: Prepared) -> None:
    """Put a preparation into the project, in place of any other."""
    finish, adapted = prepared.finish, prepared.adapted
    recipe = prepared.hand.recipe
    about = {"recipe": _NAMES[recipe.by_pixels], "strokes": recipe.strokes,
             "inked": recipe.inked, "level": finish.level,
             "drawn": finish.drawn and asdict(finish.drawn),
             "wanted": finish.wanted and asdict(finish.wanted),
             "adapted": adapted and asdict(adapted), "scores": prepared.scores}
    data = packed(prepared.laid) if prepared.laid and (recipe.strokes or recipe.inked) else None
    if adapted and adapted.steps:
        data = save({name: tensor.to("cpu", torch.bfloat16).contiguous()
                     for name, tensor in painter.model.state_dict().items()})
    project.put_hand(key, json.dumps(about, sort_keys=True), data, prepared.held)


def load_hand(project: Project, key: str, painter: Painter,
              samples: Mapping[int, Field]) -> Prepared | None:
    """The preparation kept under this key, the painter adapted to it; None where there is none.

    Its held-out drawings stay in the project (`Project.held`): nothing is drawn from them.
    """
    kept = project.hand(key)
    if kept is None:
        return None
    try:
        about = json.loads(kept[0])
        recipe, finish = RECIPES[about["recipe"]], _finish(about)
        strokes, inked = about["strokes"], tuple(about["inked"])
        if type(strokes) is not bool or not set(inked) <= set(INKED):
            return None
        adapted, scores = _adapted(about["adapted"]), _scores(about["scores"])
        inks, learnt = strokes or bool(inked), adapted is not None and adapted.steps > 0
        if learnt:
            painter.model.load_state_dict(_weights(kept[1], painter.model.state_dict()))
        laid = unpacked(kept[1], samples, painter.content.region) if (
            inks and kept[1] and not learnt) else {}
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError, SafetensorError):
        return None
    hand = painter.learn({c: reduced(field) for c, field in samples.items()})
    if inks:
        laid = laid or lay_samples(samples, project.strokes(), painter.content.region)
        hand = with_inking(hand, laid)
    if strokes:
        hand = with_strokes(painter, hand, laid)
    recipe = replace(recipe, strokes=strokes, inked=inked)
    return Prepared(hand.with_recipe(recipe), finish, adapted, scores, laid=laid)


def _number(value: Any, least: float, most: float) -> float:
    if type(value) is not float or not least <= value <= most:
        raise ValueError
    return value


def _finish(about: Mapping[str, Any]) -> Finish:
    return Finish(_number(about["level"], -_LEVEL, _LEVEL), _pen(about["drawn"]),
                  _pen(about["wanted"]))


def _pen(about: Mapping[str, Any] | None) -> Pen | None:
    if about is None:
        return None
    return Pen(*(_number(about[name], 0, SPREAD) for name in ("mean", "deviation", "between")))


def _adapted(about: Mapping[str, Any] | None) -> Adapted | None:
    if about is None:
        return None
    if about["steps"] not in range(AdaptConfig.steps + 1) \
            or not all(type(c) is int for c in about["held"]):
        raise ValueError
    before, after = (_number(about[key], 1e-9, _MUCH) for key in ("before", "after"))
    return Adapted(before, after, about["steps"], tuple(about["held"]))


def _scores(about: Mapping[str, Any] | None) -> dict[str, float] | None:
    if about is None:
        return None
    return {key: _number(about[key], 0, _MUCH) for key in ("nl1", "iou", "chamfer")}


def _weights(data: bytes | None, wanted: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors of `data`, which must be as those wanted, and finite."""
    tensors = load(data or b"")
    if tensors.keys() != wanted.keys():
        raise ValueError
    for name, tensor in tensors.items():
        if tensor.shape != wanted[name].shape or tensor.dtype != torch.bfloat16 \
                or not tensor.isfinite().all():
            raise ValueError
    return tensors
