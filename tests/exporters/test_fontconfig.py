"""On Linux each region's default font is taken for the languages of its region."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from conftest import need

from exporters.fontfile.info import FontInfo
from exporters.fontfile.ttf import pack
from exporters.outlines.outline import LINE, Contour, Outline
from fonts.charset import default_for, resolve
from fonts.content import Content
from fonts.regions import REGIONS

LANGUAGES = {"cn": {"zh-cn", "zh-sg"}, "tw": {"zh-tw"}, "hk": {"zh-hk", "zh-mo"}, "jp": {"ja"},
             "kr": {"ko"}}
EVERYWHERE = {"en", "de", "fr", "es", "pt", "it", "nl"}
CJK = set().union(*LANGUAGES.values())
INK = Outline((Contour(np.array([(60, 0), (60, 700), (440, 700), (440, 0)], float), (LINE,) * 4),))


@pytest.mark.parametrize("region", REGIONS)
def test_default_fonts_have_their_languages(region: str, tmp_path: Path) -> None:
    need(shutil.which("fc-scan"), "fc-scan of fontconfig")
    wanted = resolve(default_for(region)).codepoints
    drawn = Content(region).codepoints
    path = tmp_path / "hand.ttf"
    pack({c: INK for c in wanted if c in drawn}, FontInfo(region=region), wanted).save(path)
    said = subprocess.run(["fc-scan", "--format", "%{lang}", path], capture_output=True, text=True,
                          check=True).stdout
    languages = set(said.split("|"))
    assert languages & CJK == LANGUAGES[region]
    assert languages >= EVERYWHERE
