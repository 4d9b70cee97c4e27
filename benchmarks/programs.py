"""One text set in one font by five programs, as the table of docs/programs.md.

    apt-get install --no-install-recommends pango1.0-tools libreoffice-writer-nogui chromium
    python -m benchmarks.programs FONT.ttf OUT

FONT holds the characters of ROW and COLUMN. Widths and heights are per 1,000 of the size; `apart`
is how far the middle of any character's ink in a column is from where HarfBuzz and FreeType set it,
and of which character. OUT gets the pictures, to be looked at. No two signs of punctuation meet in
the text, since some programs halve them then and others don't.
"""

from __future__ import annotations

import base64
import ctypes
import html
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import click
import freetype
import numpy as np
import pypdfium2
import pypdfium2.raw as pdf
import uharfbuzz
from fontTools.ttLib import TTFont
from numpy.typing import NDArray
from PIL import Image

from exporters.preview.render import render

ROW, COLUMN = "国「永」国、国。ラーー——……don’t", "国「永」国、国。ラーー——……国"
SIZE = 100
_DARK = 128
_PAGE = 2400            # points a side, of LibreOffice's page
_MARGIN = 100


class Setting(NamedTuple):
    """Row's width, line's height and column's length per 1,000; the column as dark on white."""

    width: float
    height: float
    length: float
    column: Image.Image | None


def harfbuzz(font: Path, out: Path) -> Setting:
    face = uharfbuzz.Font(uharfbuzz.Face(font.read_bytes()))

    def extent(text: str, direction: str) -> float:
        buffer = uharfbuzz.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        buffer.direction = direction
        uharfbuzz.shape(face, buffer)
        return float(sum(p.x_advance or -p.y_advance for p in buffer.glyph_positions))

    lines = face.get_font_extents("ltr")
    column = render(font, COLUMN, vertical=True, size=SIZE, width=(len(COLUMN) + 4) * SIZE)
    top = round(0.6 * SIZE)         # the preview's margin
    return Setting(extent(ROW, "ltr"), lines.ascender - lines.descender + lines.line_gap,
                   extent(COLUMN, "ttb"), column.crop((0, top, column.width, column.height)))


def freetype_alone(font: Path, out: Path) -> Setting:
    """Without layout: what a program shows that knows no features."""
    face = freetype.Face(str(font))
    face.set_pixel_sizes(1000, 1000)
    widths, lengths = ([], [])
    for text, extents in ((ROW, widths), (COLUMN, lengths)):
        for char in text:
            face.load_char(char, freetype.FT_LOAD_NO_HINTING | freetype.FT_LOAD_NO_BITMAP)
            slot = face.glyph
            extents.append(slot.linearVertAdvance if extents is lengths else slot.linearHoriAdvance)
    return Setting(sum(widths) / 65536, face.size.height / 64, sum(lengths) / 65536, None)


def pango(font: Path, out: Path) -> Setting:
    def drawn(text: str, name: str, *options: str) -> Image.Image:
        path = out / f"pango-{name}.png"
        subprocess.run(["pango-view", "--no-display", "--margin=0", "--dpi=72", f"--text={text}",
                        f"--font={_family(font)} {SIZE}", f"--output={path}", *options],
                       check=True, env=_home(font))
        return Image.open(path).convert("L")

    row, lines = drawn(ROW, "row"), drawn("国\n国\n国\n国\n国", "lines")
    column = drawn(COLUMN, "column", "--rotate=-90", "--gravity=auto", "--gravity-hint=strong")
    return Setting(row.width * 1000 / SIZE, lines.height / 5 * 1000 / SIZE,
                   column.height * 1000 / SIZE, column)


_FODT = """<?xml version="1.0" encoding="UTF-8"?>
<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" office:version="1.2"
 office:mimetype="application/vnd.oasis.opendocument.text"><office:automatic-styles>
<style:page-layout style:name="p"><style:page-layout-properties fo:page-width="{page}pt"
 fo:page-height="{page}pt" fo:margin="{margin}pt" style:writing-mode="{mode}"/></style:page-layout>
<style:style style:name="t" style:family="paragraph">
<style:paragraph-properties fo:margin-top="0pt" fo:margin-bottom="0pt"
 style:text-autospace="none"/>
<style:text-properties fo:font-family="{family}" style:font-family-asian="{family}"
 fo:font-size="{size}pt" style:font-size-asian="{size}pt" style:language-asian="zh"
 style:country-asian="CN"/></style:style></office:automatic-styles><office:master-styles>
<style:master-page style:name="Standard" style:page-layout-name="p"/></office:master-styles>
<office:body><office:text><text:p text:style-name="t">{text}</text:p>
<text:p text:style-name="t">{text}</text:p></office:text></office:body></office:document>
"""


def libreoffice(font: Path, out: Path) -> Setting:
    for name, text, mode in (("row", ROW + "国", "lr-tb"), ("column", COLUMN, "tb-rl")):
        source = out / f"libreoffice-{name}.fodt"
        source.write_text(_FODT.format(page=_PAGE, margin=_MARGIN, mode=mode, size=SIZE,
                                       family=_family(font), text=html.escape(text)), "utf-8")
        subprocess.run(["soffice", "--headless", "--convert-to", "pdf", "--outdir", str(out),
                        str(source)], check=True, env=_home(font), capture_output=True)
    row, column = (_origins(out / f"libreoffice-{name}.pdf") for name in ("row", "column"))
    length = abs(column[len(COLUMN) - 1][1] - column[0][1]) + SIZE
    document = pypdfium2.PdfDocument(out / "libreoffice-column.pdf")
    picture = document[0].render(scale=1).to_pil().convert("L")
    x = column[0][0]
    return Setting((row[len(ROW)][0] - row[0][0]) * 1000 / SIZE,
                   (row[0][1] - row[len(ROW) + 1][1]) * 1000 / SIZE, length * 1000 / SIZE,
                   picture.crop((round(x - 5), _MARGIN, round(x + SIZE + 5), _PAGE)))


def _origins(path: Path) -> list[tuple[float, float]]:
    """Where each character of a PDF's first page begins, points."""
    text = pypdfium2.PdfDocument(path)[0].get_textpage()
    found = []
    for index in range(text.count_chars()):
        if chr(pdf.FPDFText_GetUnicode(text, index)).isspace():
            continue
        x, y = ctypes.c_double(), ctypes.c_double()
        pdf.FPDFText_GetCharOrigin(text, index, x, y)
        found.append((x.value, y.value))
    return found


def chromium(font: Path, out: Path) -> Setting:
    from playwright.sync_api import sync_playwright

    data = base64.b64encode(font.read_bytes()).decode()
    page = (f"<style>@font-face {{ font-family: hand; src: url(data:font/ttf;base64,{data}) }}"
            f"body {{ margin: 0; font: {SIZE}px hand; line-height: normal }}"
            "p { margin: 0; white-space: nowrap; width: max-content }"
            "#column { writing-mode: vertical-rl; height: max-content }</style>"
            f"<p id=row>{ROW}</p><p id=lines>{'国<br>' * 4}国</p><p id=column>{COLUMN}</p>")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"),
                                       args=["--no-sandbox"])
        tab = browser.new_page(viewport={"width": 2200, "height": 2600})
        tab.set_content(page)
        tab.evaluate("document.fonts.load('100px hand', '国').then(() => document.fonts.ready)")
        boxes = {name: tab.locator(f"#{name}").bounding_box()
                 for name in ("row", "lines", "column")}
        tab.locator("#row").screenshot(path=str(out / "chromium-row.png"))
        tab.locator("#column").screenshot(path=str(out / "chromium-column.png"))
        browser.close()
    sizes = {name: box for name, box in boxes.items() if box is not None}
    return Setting(sizes["row"]["width"] * 1000 / SIZE, sizes["lines"]["height"] / 5 * 1000 / SIZE,
                   sizes["column"]["height"] * 1000 / SIZE,
                   Image.open(out / "chromium-column.png").convert("L"))


def middles(column: Image.Image) -> NDArray[np.float64]:
    """Middle of each character's ink (N, 2), pixels from its square and the first's middle."""
    ink = np.asarray(column) < _DARK
    found = []
    for index in range(len(COLUMN)):
        y, x = np.nonzero(ink[index * SIZE:(index + 1) * SIZE])
        found.append((x.mean(), y.mean()) if len(x) else (np.nan, np.nan))
    made = np.array(found)
    made[:, 0] -= made[0, 0]
    return made


def _family(font: Path) -> str:
    return str(TTFont(font, lazy=True)["name"].getBestFamilyName())


def _home(font: Path) -> dict[str, str]:
    """A home in which this font alone is installed."""
    home = Path(tempfile.gettempdir()) / "glyphgen-programs"
    (home / "fonts").mkdir(parents=True, exist_ok=True)
    shutil.copy(font, home / "fonts" / "hand.ttf")
    return {**os.environ, "HOME": str(home), "XDG_DATA_HOME": str(home),
            "XDG_CACHE_HOME": str(home)}


PROGRAMS: dict[str, Callable[[Path, Path], Setting]] = {
    "HarfBuzz": harfbuzz, "FreeType alone": freetype_alone, "Pango": pango,
    "LibreOffice": libreoffice, "Chromium": chromium}


@click.command()
@click.argument("font", type=click.Path(path_type=Path, exists=True))
@click.argument("out", type=click.Path(path_type=Path))
def main(font: Path, out: Path) -> None:
    """Set the text in every program and print the table."""
    out.mkdir(parents=True, exist_ok=True)
    settings = {name: program(font, out) for name, program in PROGRAMS.items()}
    first = settings["HarfBuzz"].column
    assert first is not None
    wanted = middles(first)
    print("| program | row | line | column | apart |", "|---|---|---|---|---|", sep="\n")
    for name, made in settings.items():
        apart = ""
        if made.column is not None:
            made.column.save(out / f"column-{name.lower()}.png")
            far = np.nan_to_num(np.abs(middles(made.column) - wanted).max(1)) * 1000 / SIZE
            apart = f"{far.max():.0f}" + (f" ({COLUMN[int(far.argmax())]})" if far.max() else "")
        print(f"| {name} | {made.width:,.0f} | {made.height:,.0f} | {made.length:,.0f} | {apart} |")


if __name__ == "__main__":
    main()
