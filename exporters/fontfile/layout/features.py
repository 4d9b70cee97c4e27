"""How CJK typography places glyphs: full-width punctuation in its half of the square, vertical
forms, contextual spacing. Sources: UAX #50, JIS X 4051, clreq; rules per region.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from exporters.fontfile.metrics import Metrics, base_feature, box_of
from exporters.fontfile.spacing import Spacing
from exporters.outlines.outline import Outline
from fonts.drawing import UNITS_PER_EM, is_proportional

_EM = UNITS_PER_EM
_HALF = _EM // 2
_NEAR = 20              # units that count as already in place
_WHITE = 50             # units beside the ink of punctuation that is as wide as it needs

_OPENING = frozenset(map(ord, "‘“〈《「『【〔〖〘〚〝（［｛｟"))
_CLOSING = frozenset(map(ord, "’”〉》」』】〕〗〙〛〞〟）］｝｠"))
_STOPS = frozenset(map(ord, "、。，．"))
_COLONS = frozenset(map(ord, "：；"))
_MARKS = frozenset(map(ord, "！？"))
_MIDDLE = frozenset(map(ord, "·・　"))
_PUNCTUATION = _OPENING | _CLOSING | _STOPS | _COLONS | _MARKS | _MIDDLE
_STROKES = frozenset(map(ord, "‐–—―‥…－＝＜＞＿｜￣"))
_WAVES = frozenset(map(ord, "ー〜～〰"))
_SMALL_KANA = frozenset(map(ord, "ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶ")) | frozenset(
    range(0x31F0, 0x3200))
_ROMAN = frozenset(map(ord, "‐‑–€™"))       # proportional beyond the Latin blocks
_QUOTES = frozenset(map(ord, "‘’“”"))
_HALF_WIDTH = frozenset([*range(0xFF61, 0xFFDD), *range(0xFFE8, 0xFFEF)])
_INTERPUNCT = 0xB7

_LEFT_STOPS = {"cn": _STOPS | _COLONS | _MARKS, "jp": _STOPS, "kr": _STOPS,
               "tw": frozenset[int](), "hk": frozenset[int]()}
_TURNED_COLONS = ("jp", "kr")
_REACH = 8              # glyphs with alternates that may stand between two that take turns
_LANES = 48             # characters that take turns by themselves, whatever the others do
_SCRIPTS = ("DFLT", "hang", "hani", "kana", "latn")


def has_own_width(codepoint: int, region: str) -> bool:
    """Whether the advance comes from the drawing: Latin, and quotes in Korean."""
    if codepoint == _INTERPUNCT:
        return region in ("jp", "kr")
    return (is_proportional(codepoint) or codepoint in _ROMAN
            or (region == "kr" and codepoint in _QUOTES))


def full_advance(codepoint: int) -> int:
    """Advance of a character that is not proportional: one em, half for half-width forms."""
    return _HALF if codepoint in _HALF_WIDTH else _EM


def shift_into_half(codepoint: int, outline: Outline, region: str) -> int:
    """Units to move full-width punctuation sideways, so that its blank half is really blank."""
    left, _, right, _ = box_of(outline)
    if right - left > _HALF:
        return 0
    if codepoint in _OPENING:
        return round(max(0, _HALF - left) or min(0, _EM - right))
    if codepoint in _CLOSING or codepoint in _LEFT_STOPS[region]:
        return round(min(0, _HALF - right) or max(0, -left))
    return 0


def vertical_form(codepoint: int, outline: Outline, metrics: Metrics,
                  region: str) -> Outline | None:
    """The glyph that stands for this one in vertical text; None when it stays as it is."""
    x, y = _EM / 2, metrics.centre
    turned_colon = codepoint in _COLONS and region in _TURNED_COLONS
    if codepoint in _OPENING | _CLOSING | _STROKES or turned_colon:
        return outline.transformed((0, -1, 1, 0, x - y, y + x)).rounded()
    if codepoint in _WAVES:
        return outline.transformed((0, -1, -1, 0, x + y, y + x)).rounded()
    if codepoint in _STOPS | _COLONS | _MARKS | _SMALL_KANA:
        left, bottom, right, top = box_of(outline)
        over, up = (left + right) / 2 - x, (bottom + top) / 2 - y
        if abs(over + up) <= _NEAR:
            return None
        shift = -up - over      # to the mirror image of the middle in the falling diagonal
        across, along = ((_EM - right, metrics.em_top - top) if shift > 0
                         else (-left, metrics.em_bottom - bottom))     # but not out of the square
        closer = min if shift > 0 else max
        return outline.transformed((1, 0, 0, 1, round(closer(shift, across)),
                                    round(closer(shift, along))))
    return None


def languages(special: Iterable[str]) -> str:
    """The language systems of every script: the default one, and those that are `special`."""
    systems = ["dflt", *special]
    return "\n".join(f"languagesystem {script} {system};" for script in _SCRIPTS
                     for system in systems if script != "DFLT" or system == "dflt")


def features(names: dict[int, str], placed: dict[int, Outline], turned: dict[int, Outline],
             upright: Mapping[str, str], spaced: Spacing, metrics: Metrics,
             forms: Mapping[str, Sequence[str]], region: str) -> str:
    """Vertical forms, widths, kerning and BASE in feature-file syntax.

    `names` maps codepoint to glyph name, `placed` to its outline where it has ink, `turned` to
    its vertical form, whose glyph is called NAME.vert; `upright` glyph names to the vertical
    form's, `forms` to their alternates'.
    """
    parts = []
    if upright:
        rows = [f"    sub {name} by {form};" for name, form in upright.items()]
        parts += ["lookup vertical {", *rows, "} vertical;"]
        parts += [f"feature {tag} {{ lookup vertical; }} {tag};" for tag in ("vert", "vrt2")]
    full = {c: outline for c, outline in placed.items() if not has_own_width(c, region)}
    parts += _contextual("chws", "halt", names, full, "", horizontal=True, metrics=metrics)
    standing = {c: turned.get(c, outline) for c, outline in placed.items()}
    vertical = {c: f"{name}.vert" if c in turned else name for c, name in names.items()}
    parts += _contextual("vchw", "vhal", vertical, standing, "v", horizontal=False,
                         metrics=metrics)
    parts += _proportional(names, full, vertical, standing, metrics)
    parts += _kerning(spaced, names, forms)
    parts.append(base_feature(metrics))
    return "\n".join(parts)


def _contextual(contextual: str, explicit: str, names: dict[int, str],
                outlines: dict[int, Outline], prefix: str, *, horizontal: bool,
                metrics: Metrics) -> list[str]:
    """Half-width punctuation beside other punctuation, and the same on demand."""
    def members(candidates: Iterable[int], first_half: bool) -> list[int]:
        return sorted(c for c in candidates if c in outlines
                      and _in_half(outlines[c], first_half, horizontal, metrics))

    opening = members(_OPENING, first_half=False)
    closing = members(_CLOSING | _STOPS | _COLONS, first_half=True)
    if not (opening and closing):
        return []
    middle = sorted(c for c in _MIDDLE if c in names)
    trim_end = f"<0 0 {-_HALF} 0>" if horizontal else f"<0 0 0 {-_HALF}>"
    trim_start = (f"<{-_HALF} 0 {-_HALF} 0>" if horizontal else f"<0 {_HALF} 0 {-_HALF}>")
    classes = {"open": opening, "close": closing, "before": [*opening, *middle],
               "after": [*opening, *closing, *middle]}
    lines = [f"@{prefix}{name} = [{' '.join(names[c] for c in group)}];"
             for name, group in classes.items()]
    return [*lines,
            f"feature {contextual} {{",
            f"    pos @{prefix}close' {trim_end} @{prefix}after;",
            f"    pos @{prefix}before @{prefix}open' {trim_start};",
            f"}} {contextual};",
            f"feature {explicit} {{",
            f"    pos @{prefix}close {trim_end};",
            f"    pos @{prefix}open {trim_start};",
            f"}} {explicit};"]


def _proportional(names: dict[int, str], placed: dict[int, Outline], vertical: dict[int, str],
                  standing: dict[int, Outline], metrics: Metrics) -> list[str]:
    """`palt` and `vpal`: full-width punctuation with as much white as its ink needs."""
    marks = sorted(c for c in _PUNCTUATION if c in standing)
    lines, columns = [], []
    for c in marks:
        _, bottom, _, top = box_of(standing[c])
        height = min(round(top - bottom) + 2 * _WHITE, _EM)
        up = round(metrics.em_top - (height - top + bottom) / 2 - top)
        columns.append(f"    pos {vertical[c]} <0 {up} 0 {height - _EM}>;")
        if c in placed:
            left, _, right, _ = box_of(placed[c])
            width = min(round(right - left) + 2 * _WHITE, _EM)
            over = round((width - right - left) / 2)
            lines.append(f"    pos {names[c]} <{over} 0 {width - _EM} 0>;")
    return [line for tag, rows in (("palt", lines), ("vpal", columns)) if rows
            for line in (f"feature {tag} {{", *rows, f"}} {tag};")]


def _in_half(outline: Outline, first: bool, horizontal: bool, metrics: Metrics) -> bool:
    """Whether all ink is in the first (left, upper) or else the second half of the square."""
    left, bottom, right, top = box_of(outline)
    if horizontal:
        return right <= _HALF if first else left >= _HALF
    return bottom >= metrics.centre if first else top <= metrics.centre


def _kerning(spaced: Spacing, names: dict[int, str],
             forms: Mapping[str, Sequence[str]]) -> list[str]:
    """Class kerning of the proportional glyphs and their alternates."""
    if not spaced.kerning:
        return []
    every = {c: " ".join([name, *forms.get(name, ())]) for c, name in names.items()}
    lines = [f"@kern{side}{index} = [{' '.join(every[c] for c in group)}];"
             for side, groups in (("L", spaced.first), ("R", spaced.second))
             for index, group in enumerate(groups)]
    rows = [f"    pos @kernL{first} @kernR{second} {value};"
            for (first, second), value in sorted(spaced.kerning.items())]
    return [*lines, "feature kern {", *rows, "} kern;"]


def alternation(forms: Mapping[str, Sequence[str]], names: Iterable[str]) -> str:
    """`calt`, in which a character's forms take turns: each occurrence is written as the next.

    `forms` maps a glyph name to its alternates' names, the most frequent first; `names` are all
    other glyphs. Glyphs without alternates are skipped as base glyphs, so that _REACH counts only
    those that have some. The first _LANES characters go by themselves, the others share lanes.
    """
    if not forms:
        return ""
    rounds = 1 + max(len(group) for group in forms.values())
    turning = {name: [name, *group] for name, group in forms.items()}
    every = [form for group in turning.values() for form in group]
    lines = [f"@turning = [{' '.join(every)}];", f"@still = [{' '.join(names)}];",
             "table GDEF { GlyphClassDef @still, @turning, , ; } GDEF;"]
    lanes = [list(turning.values())[lane::_LANES] for lane in range(min(_LANES, len(turning)))]
    lines += [f"lookup turn{turn} {{ " + " ".join(
        f"sub {group[0]} by {group[turn % len(group)]};" for group in turning.values()
        if turn % len(group)) + f" }} turn{turn};" for turn in range(1, rounds)]
    for number, lane in enumerate(lanes):
        lines += [f"lookup lane{number} {{", "    lookupflag IgnoreBaseGlyphs;",
                  *_lane(lane, rounds), f"}} lane{number};"]
    used = [f"    lookup lane{number};" for number in range(len(lanes))]
    return "\n".join([*lines, "feature calt {", *used, "} calt;", ""])


def _lane(lane: Sequence[Sequence[str]], rounds: int) -> list[str]:
    """Rules of characters that share turns: the nearest form before decides which comes next."""
    first = f"[{' '.join(group[0] for group in lane)}]"
    states = [" ".join(group[turn] for group in lane if turn < len(group))
              for turn in range(rounds)]
    rules = []
    for distance in range(_REACH + 1):
        between = "@turning " * distance
        rules += [f"    sub [{state}] {between}{first}' lookup turn{turn + 1};"
                  for turn, state in enumerate(states[:-1])]
        rules.append(f"    ignore sub [{states[-1]}] {between}{first}';")
    return rules
