"""Cut the content fonts out of the packages that carry them.

`python -m fonts.content.build FOLDER`, FOLDER being where Debian's `fonts-noto-cjk`
(1:20220127+repack1-1) and `fonts-lxgw-wenkai` (1.250+repack-1) are unpacked (`dpkg -x`, or `/`
where they are installed) and npm's `@expo-google-fonts/klee-one` (0.4.1) in its folder `package`.
Writes `hei-REGION.otf`, `kai.ttf` and `kai-REGION.ttf` beside this file.

LXGW WenKai Regular is Klee One SemiBold with Chinese forms; where a region's Hei has Japan's form
rather than China's, its Kai is Klee One's.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

from fonts.charset import NAMES, resolve
from fonts.content import Content
from fonts.drawing import Field
from fonts.regions import script_of
from fonts.render import Face

HEI = Path("usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
KAI = Path("usr/share/fonts/truetype/lxgw-wenkai/LXGWWenKai-Regular.ttf")
KLEE = Path("package/600SemiBold/KleeOne_600SemiBold.ttf")
FACES = {"cn": 2, "jp": 0, "kr": 1, "tw": 3, "hk": 4}      # faces of the collection, cn first
_BLOCKS = ((0x20, 0x180), (0x2010, 0x2070), (0x3000, 0x3100), (0xFF00, 0xFFF0))
_KAI_SETS = ("gb2312", "big5", "jis0208", "tongyong-8105", "kana", "punctuation", "bopomofo",
             "hanzi-signs", "hkscs-common")
_KAI_ALONE = "ŠšŽžŸ≒"       # Hei lacks them
_HONG_KONG = "hkscs-common"     # drawn for that region alone
_SAME, _NEARER = 0.98, 0.02     # overlap of one form, and what a nearer form has more
_DROP = ["vhea", "vmtx", "VORG", "GSUB", "GPOS", "GDEF", "DSIG", "STAT", "meta", "gasp",
         "FFTM", "cvt ", "fpgm", "prep"]


def cut(font: TTFont, codepoints: Iterable[int], target: Path) -> None:
    """Subset `font` to `codepoints`, outlines and metrics only, and save it."""
    options = subset.Options(hinting=False, layout_features=[], name_IDs=[0, 13, 14],
                             notdef_outline=True, desubroutinize=False)
    options.drop_tables += _DROP
    font.recalcTimestamp = False
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=codepoints)
    cutter.subset(font)
    font.save(target)


def main(folder: Path, out: Path) -> None:
    """Build all content fonts from the packages unpacked in `folder`."""
    wanted = {c for name in NAMES if name != _HONG_KONG for c in resolve(name).codepoints}
    wanted.update(*(range(*block) for block in _BLOCKS))
    first: dict[int, str] = {}
    for region, face in FACES.items():
        font = TTFont(folder / HEI, fontNumber=face, lazy=True)
        asked = wanted | set(resolve(_HONG_KONG).codepoints) if region == "hk" else wanted
        cmap = {c: g for c, g in font.getBestCmap().items() if c in asked}
        first = first or cmap
        own = [c for c, glyph in cmap.items() if region == "cn" or first.get(c) != glyph]
        cut(font, own, out / f"hei-{region}.otf")
    kai = {c for name in _KAI_SETS for c in resolve(name).codepoints} | set(map(ord, _KAI_ALONE))
    cut(TTFont(folder / KAI, lazy=True), kai, out / "kai.ttf")
    cut_regional_kai(folder / KLEE, out)


def cut_regional_kai(klee: Path, out: Path) -> None:
    """Cut what regions write as Klee One does and not as `kai.ttf`, which is in `out`."""
    changed = [*differing(Face(klee), Face(out / "kai.ttf"))]
    contents = {region: Content(region) for region in FACES}
    china, japan = contents.pop("cn"), contents["jp"]
    for region, content in contents.items():
        own = [c for c in changed if _is_japanese(content, japan, china, c)]
        cut(TTFont(klee, lazy=True), own, out / f"kai-{region}.ttf")


def differing(one: Face, other: Face) -> Iterator[int]:
    """Hanzi of a face that another face draws otherwise, or not at all."""
    for codepoint in sorted(c for c in one.cmap if script_of(c) == "han"):
        field, known = one.field(codepoint), other.field(codepoint)
        if field is not None and (known is None or overlap(field, known) < _SAME):
            yield codepoint


def _is_japanese(region: Content, japan: Content, china: Content, codepoint: int) -> bool:
    """Whether a region's Hei is nearer to Japan's than to China's, or Japan's own."""
    if any(codepoint not in one.codepoints for one in (region, japan, china)):
        return False
    own, theirs, other = (one.hei(codepoint) for one in (region, japan, china))
    return region is japan or overlap(own, theirs) > overlap(own, other) + _NEARER


def overlap(one: Field, other: Field) -> float:
    """Intersection over union of two drawings."""
    return float(((one > 0) & (other > 0)).sum() / max(1, ((one > 0) | (other > 0)).sum()))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(__file__).parent)
