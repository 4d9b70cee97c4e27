"""The pictures of the README, made by the product itself.

    python docs/pictures.py kouzan-mouhitsu-gyosho.ttf [FOLDER]

The font is Kouzan Brush Gyosho (Debian `fonts-kouzan-mouhitsu`, public domain), of the split
`valid`: no weights were trained on it.
Its 30 recommended characters are the samples, all else is drawn. Writes docs/hand-light.png,
docs/hand-dark.png and docs/studio.png; the font and its project go to FOLDER, from which the next
run goes on, or nowhere.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image, ImageDraw, ImageFont

from fonts.charset import recommended
from fonts.content import FOLDER as CONTENT

DOCS = Path(__file__).parent
POEM = ("国破山河在", "城春草木深", "感時花濺涙", "恨別鳥驚心",
        "烽火連三月", "家書抵万金", "白頭掻更短", "渾欲不勝簪")     # Du Fu, 757
FURTHER = "国破れて山河在り、城春にして草木深し。Spring 2026"      # for the studio's picture
CELL, GAP = 92, 120             # pixels of a character's square, and between the two parts
PEN = 96                        # pixels an em of the poem
COLUMNS = 5
# paper, rules, what was written, what was drawn
LIGHT = ("#ffffff", "#d7dce2", "#b4451f", "#1b1f24")
DARK = ("#0d1117", "#30363d", "#ff9e70", "#e6edf3")


def make_font(source: Path, out: Path, samples: str) -> None:
    """The font and its project beside it, by the command line."""
    wanted = "".join(sorted({*"".join(POEM), *FURTHER, *samples} - {" "}))
    subprocess.run([sys.executable, "-m", "cli", "make", source, "--out", out, "--region", "jp",
                    "--family", "Poem", "--sample-chars", samples, "--charset", wanted],
                   check=True, cwd=DOCS.parent)


def picture(font: Path, samples: str, colours: tuple[str, str, str, str]) -> Image.Image:
    """The samples in squares, beside them the poem in columns from the right."""
    paper, rule, written, drawn = colours
    rows = -(-len(samples) // COLUMNS)
    left, high = CELL * COLUMNS, CELL * rows
    step = high / len(POEM[0])
    size = (2 * CELL // 2 + left + GAP + round(step * len(POEM)), high + CELL)
    image = Image.new("RGB", size, paper)
    draw = ImageDraw.Draw(image)
    at = CELL // 2
    for number, char in enumerate(samples):
        row, column = divmod(number, COLUMNS)
        box = (at + column * CELL, at + row * CELL)
        draw.rectangle((*box, box[0] + CELL, box[1] + CELL), None, rule, 2)
        _set(draw, font, char, box, CELL, round(0.78 * CELL), written)
    x, y = at + left + GAP // 2, at + high // 2
    draw.line((x - 22, y, x + 22, y), rule, 6)
    draw.polygon([(x + 20, y - 14), (x + 20, y + 14), (x + 44, y)], rule)
    for number, line in enumerate(POEM):
        for place, char in enumerate(line):
            box = (round(size[0] - at - step * (number + 1)), round(at + place * step))
            _set(draw, font, char, box, round(step), PEN, written if char in samples else drawn)
    return image


def _set(draw: ImageDraw.ImageDraw, font: Path, char: str, box: tuple[int, int], side: int,
         size: int, colour: str) -> None:
    """One character, its em square in the middle of a square."""
    face = ImageFont.truetype(font, size)
    top = box[1] + (side - size) / 2 + 0.88 * size
    draw.text((box[0] + (side - size) / 2, top), char, colour, face, anchor="ls")


def screenshot(project: Path, out: Path) -> None:
    """The studio's review in Chromium, with a glyph opened."""
    from playwright.sync_api import sync_playwright

    serving = subprocess.Popen([sys.executable, "-m", "cli", "studio", "--no-browser", "--project",
                                project], stdout=subprocess.PIPE, text=True, cwd=DOCS.parent)
    try:
        assert serving.stdout is not None
        found = re.search(r"http://\S+", serving.stdout.readline())
        assert found
        with sync_playwright() as playwright, TemporaryDirectory() as home:
            shutil.copytree(CONTENT, Path(home) / "fonts", ignore=shutil.ignore_patterns("*.py"))
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"),
                                                 args=["--no-sandbox"],
                                                 env={**os.environ, "XDG_DATA_HOME": home})
            page = browser.new_page(viewport={"width": 1240, "height": 720}, locale="en-GB")
            page.goto(found[0])
            page.goto(found[0].split("?")[0] + "review")
            page.wait_for_selector("#grid[data-ready]")
            page.focus("#grid")
            page.keyboard.press("Home")
            page.keyboard.press("Enter")
            page.wait_for_selector("#one-facts:not(:empty)")
            page.wait_for_selector(".chunk img")
            page.wait_for_selector(".chunk:not(:has(img))", state="detached")
            page.evaluate("Promise.all([...document.images].map(i => i.decode().catch(() => 0)))")
            page.evaluate("scrollTo(0, 0)")
            page.screenshot(path=out)
            browser.close()
    finally:
        serving.terminate()
        serving.wait(30)


def main() -> None:
    source, samples = Path(sys.argv[1]).resolve(), recommended("jp")
    with TemporaryDirectory() as folder:
        font = Path(sys.argv[2] if len(sys.argv) > 2 else folder) / "Poem.ttf"
        font.parent.mkdir(parents=True, exist_ok=True)
        make_font(source, font, samples)
        for name, colours in (("light", LIGHT), ("dark", DARK)):
            picture(font, samples, colours).quantize(32).save(DOCS / f"hand-{name}.png",
                                                              optimize=True)
        screenshot(font.with_suffix(".glyphgen"), DOCS / "studio.png")


if __name__ == "__main__":
    main()
