"""Cut the content fonts out of the packages that carry them.

`python -m fonts.content.build FOLDER`, FOLDER being where Debian's `fonts-noto-cjk`
(1:20220127+repack1-1) and `fonts-lxgw-wenkai` (1.250+repack-1) are unpacked (`dpkg -x`, or `/`
where they are installed). Writes `hei-REGION.otf` and `kai.ttf` beside this file.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

from fonts.charset import NAMES, resolve

HEI = Path("usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
KAI = Path("usr/share/fonts/truetype/lxgw-wenkai/LXGWWenKai-Regular.ttf")
FACES = {"cn": 2, "jp": 0, "kr": 1, "tw": 3, "hk": 4}      # faces of the collection, cn first
_BLOCKS = ((0x20, 0x180), (0x2010, 0x2070), (0x3000, 0x3100), (0xFF00, 0xFFF0))
_KAI_SETS = ("gb2312", "big5", "jis0208", "tongyong-8105", "kana", "punctuation", "bopomofo",
             "hanzi-signs", "hkscs-common")
_KAI_ALONE = "ŠšŽžŸ≒"       # Hei lacks them
_HONG_KONG = "hkscs-common"     # drawn for that region alone
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


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(__file__).parent)
