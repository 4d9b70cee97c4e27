"""The content source has ink for everything it says it has."""

from __future__ import annotations

import unicodedata

import numpy as np
import pytest

from fonts.charset import NAMES, default_for, resolve
from fonts.content import Content, MissingContent
from fonts.content.build import overlap
from fonts.drawing import is_proportional, to_em
from fonts.regions import REGIONS


@pytest.mark.parametrize("region", REGIONS)
def test_whatever_is_not_a_hanzi_or_hangul_has_ink(region: str) -> None:
    content = Content(region)
    signs = [c for c in content.codepoints if c < 0x3400 or c >= 0xF900]
    assert len(signs) > 500
    assert all(content.has(c) for c in signs)


@pytest.mark.parametrize("region", REGIONS)
def test_default_charsets_can_be_drawn(region: str) -> None:
    wanted = set(resolve(default_for(region)).codepoints)
    lacking = wanted - Content(region).codepoints
    assert lacking == {0x20, 0xA0, 0x3000}, "".join(map(chr, sorted(lacking)))


@pytest.mark.parametrize("region", REGIONS)
def test_no_sign_is_cut_at_the_edge_of_the_canvas(region: str) -> None:
    """But letters under accents, of which exports take the letter alone."""
    content = Content(region)
    signs = [c for c in resolve(default_for(region)).codepoints
             if (c < 0x3400 or c >= 0xF900) and c in content.codepoints
             and not (is_proportional(c) and unicodedata.decomposition(chr(c))[:1].isalnum())]
    edges = {chr(c): max(f[edge].max() for f in content.pair(c)
                         for edge in (0, -1, (slice(None), 0), (slice(None), -1))) for c in signs}
    bars = set("|¦")            # end 2 units within it, where its last pixels are
    assert len(signs) > 500 and {char for char, most in edges.items() if most > 0} <= bars


@pytest.mark.parametrize("char, bottom", [("ｇ", -250), ("ｙ", -234), ("㎏", -242), ("ｈ", 0),
                                          ("g", -241), ("²", 441)])
def test_descenders_reach_as_deep_as_the_source_has_them(char: str, bottom: int) -> None:
    rows = np.nonzero((Content().hei(ord(char)) > 0).any(1))[0]
    _, low = to_em(np.array([[0.0, rows[-1] + 1]]), ord(char))[0]
    assert low == pytest.approx(bottom, abs=9)          # a pixel of the canvas


@pytest.mark.parametrize("charset", NAMES)
def test_named_charsets_can_be_drawn(charset: str) -> None:
    region = "hk" if charset == "hkscs-common" else "cn"
    lacking = set(resolve(charset).codepoints) - Content(region).codepoints
    younger = range(0x9FF0, 0xA000)         # than the sources, of the whole block alone
    assert lacking <= {0x20, 0xA0, 0x3000, *younger}, "".join(map(chr, sorted(lacking)))


def test_kai_stands_in_for_signs_that_hei_lacks() -> None:
    hei, kai = Content("cn").pair(ord("≒"))
    assert (hei > 0).any() and np.array_equal(hei, kai)


def test_regions_differ_where_forms_do() -> None:
    cn, jp = (Content(region).hei(ord("直")) for region in ("cn", "jp"))
    assert np.abs(cn - jp).mean() > 0.05
    assert np.array_equal(Content("cn").hei(ord("一")), Content("jp").hei(ord("一")))


def test_kai_has_a_form_for_each_region_too() -> None:
    cn, jp, tw, kr = (Content(region).pair(ord("直"))[1] for region in ("cn", "jp", "tw", "kr"))
    assert overlap(cn, jp) < 0.9 and np.array_equal(jp, kr) and np.array_equal(cn, tw)
    assert np.array_equal(*(Content(region).pair(ord("一"))[1] for region in ("cn", "jp")))
    own = {region: Content(region).own_kai for region in REGIONS}
    assert not own["cn"] and own["tw"] and own["hk"]
    assert set(map(ord, "直骨海空所")) <= own["jp"] and not set(map(ord, "一国永")) & own["jp"]


@pytest.mark.parametrize("region", ["tw", "hk", "jp", "kr"])
def test_what_a_region_has_of_its_own_is_drawn_otherwise(region: str) -> None:
    own, content = sorted(Content(region).own_kai), Content(region)
    for codepoint in own[::len(own) // 40]:
        assert overlap(content.pair(codepoint)[1], Content("cn").pair(codepoint)[1]) < 0.99


def test_kai_and_hei_are_two_drawings_of_one_character() -> None:
    hei, kai = Content("cn").pair(ord("永"))
    assert ((hei > 0) & (kai > 0)).sum() > 0.2 * (hei > 0).sum()
    assert np.abs(hei - kai).mean() > 0.05
    hei, kai = Content("kr").pair(ord("한"))
    assert np.array_equal(hei, kai)


def test_what_is_missing_says_so() -> None:
    with pytest.raises(MissingContent, match="U\\+1F600"):
        Content().hei(0x1F600)
    with pytest.raises(ValueError, match="choose one of"):
        Content("fr")
