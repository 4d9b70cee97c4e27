"""docs/charsets.md says what the charsets hold."""

from __future__ import annotations

from pathlib import Path

from benchmarks.charsets import LANGUAGES, of_languages, of_regions, of_sets, orthography

PAGE = Path(__file__).parent.parent.parent / "docs" / "charsets.md"


def test_the_page_is_what_the_code_says() -> None:
    page = PAGE.read_text("utf-8")
    assert of_regions() in page and of_sets() in page
    for region, languages in LANGUAGES.items():
        for language in languages:
            assert f"| `{region}` | `{language.replace('_', '-')}` |" in page


def test_what_fontconfig_wants_is_read(tmp_path: Path) -> None:
    (tmp_path / "zh_cn.orth").write_text("# of hanzi\n0x4E00-0x4E02\n4E11 # and\n02C7\n", "utf-8")
    for names in LANGUAGES.values():
        for name in names:
            if name != "zh_cn":
                (tmp_path / f"{name}.orth").write_text("include zh_cn.orth\n", "utf-8")
    assert list(orthography(tmp_path, "zh_sg")) == [0x4E00, 0x4E01, 0x4E02, 0x4E11, 0x2C7]
    assert "| `cn` | `zh-cn` | 5 | 4 | 1 |" in of_languages(tmp_path)
    assert "| `kr` | `ko` | 5 | 0 | 5 |" in of_languages(tmp_path)
