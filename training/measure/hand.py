"""What tells a hand from its imitation, for one face: figures beyond those of pixels, by cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from training.measure.apart import told_apart
from training.measure.clean import clean, clotted, inked
from training.measure.floor import Floor, share_left
from training.measure.metrics import Typeset

_MOST = 120                     # characters of a cell whose strokes are measured
_CELLS = ("all", "dense")
_OVER = ("width", "ripples", "pieces", "points")


class Cells(Protocol):
    """The characters of one face and their cells."""

    @property
    def chars(self) -> str: ...
    @property
    def cells(self) -> dict[str, list[int]]: ...


def add_shares(figures: Mapping[str, Mapping[str, dict]], least: Floor | None) -> None:
    """Beside every nl1 and chamfer, the share of the reducible error that is left.

    `figures` is by way of drawing and cell; `fitted` is the content font that counts as 1. A share
    is left out where there is no floor, or where the content font is not above it.
    """
    if least is None:
        return
    for cells in figures.values():
        for cell, row in cells.items():
            for name in ("nl1", "chamfer"):
                content = figures["fitted"][cell][name]
                share = share_left(row[name], getattr(least, name), content)
                if share is not None:
                    row[f"{name}_left"] = round(share, 4)


def add_hand_left(figures: Mapping[str, Mapping[str, dict]]) -> None:
    """Beside every `hand_near`, the share that is left of the way from the fitted content font (1)
    to the hand's own glyphs (0); none where that font is as near as they are."""
    content = figures["fitted"]["all"].get("hand_near", 1)
    for cells in figures.values():
        row = cells["all"]
        if "hand_near" in row:
            share = share_left(-row["hand_near"], -row["hand_near_true"], -content)
            if share is not None:
                row["hand_left"] = round(share, 4)


def stroke_figures(drawn: Typeset, true: Typeset, chosen: Cells) -> dict[str, dict[str, object]]:
    """Cleanliness of a font by cell (`all` and `dense`), and how well it is told from the truth.

    `width`, `ripples`, `pieces` and `points` are over the true hand's, `fragments` and `clotted`
    are shares of the glyphs, `fragments_true` is the true hand's. A cell that the font has no glyph
    of is left out.
    """
    out: dict[str, dict[str, object]] = {}
    for cell, chars in _cells(chosen).items():
        made, genuine = inked(drawn, chars), inked(true, chars)
        if made and genuine:
            mine, theirs = clean(drawn, made), clean(true, genuine)
            over = mine.over(theirs)
            out[cell] = {name: round(over[name], 4) for name in _OVER if name in over}
            out[cell] |= {"fragments": round(mine.fragments, 4),
                          "fragments_true": round(theirs.fragments, 4),
                          "clotted": round(clotted(made, genuine), 4)}
            if cell == "all":
                out[cell] |= told_apart(made, genuine)
    return out


def told_from(drawn: Typeset, true: Typeset, chosen: Cells) -> dict[str, object]:
    """How well another font is told from the true one, on the same characters."""
    chars = _cells(chosen)["all"]
    return told_apart(inked(drawn, chars), inked(true, chars))


def _cells(chosen: Cells) -> dict[str, Sequence[str]]:
    """The characters whose strokes are measured, by cell."""
    return {cell: [chosen.chars[i] for i in chosen.cells[cell][:_MOST]] for cell in _CELLS}
