"""The writing sheet in print: a PDF, or PNG pictures for a tablet, as `layout` places it."""

from __future__ import annotations

import string
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np
import pypdfium2
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fpdf import FPDF
from numpy.typing import NDArray
from PIL import Image

from fonts.charset import composed
from fonts.content import FOLDER
from fonts.errors import UserError
from fonts.files import write_atomic
from fonts.regions import REGIONS
from fonts.sheet.layout import LAYOUTS, PAPERS, VERSION, Identity, Layout, paginate

MOST_CHARACTERS = 36 * 200
TABLET_DPI = 300

_POINTS = 72 / 25.4               # points in a millimetre
_INK, _GREY, _PAPER = (0, 0, 0), (100, 100, 100), (255, 255, 255)
_GUIDE = (212, 236, 247)          # light cyan: gone at half of any pen's darkness
_DICTIONARY = cv2.aruco.DICT_4X4_50
_SHOWN_BY_CODE = 0x2E80           # below it a printed character may be mistaken for another
_ADVICE = {
    "en": ("Write each character in its square",
           "1  Use a dark pen, 0.7 to 1.2 mm: felt-tip or gel pen, no pencil.",
           "2  Copy the small character into the blue square, in your usual hand.",
           "3  Stay inside the square. Spoilt one? Print the page again, fill only that one.",
           "4  Scan it, or photograph it from above: no flash, all four black corners visible."),
    "cn": ("请在每个方格内书写对应的字",
           "1  用深色笔，笔画粗 0.7 至 1.2 毫米：签字笔或中性笔，不要用铅笔。",
           "2  照着左上角的小字，按平时的写法写在蓝色方格里。",
           "3  不要写出方格。写坏了？再打印一张，只补写那一格。",
           "4  扫描，或从正上方拍照：不开闪光灯，四角黑色标记都要拍到。"),
    "tw": ("請在每個方格內書寫對應的字",
           "1  用深色筆，筆畫粗 0.7 至 1.2 公釐：簽字筆或中性筆，不要用鉛筆。",
           "2  照著左上角的小字，按平時的寫法寫在藍色方格裡。",
           "3  不要寫出方格。寫壞了？再列印一張，只補寫那一格。",
           "4  掃描，或從正上方拍照：不開閃光燈，四角黑色標記都要拍到。"),
    "jp": ("それぞれの枠に文字を書いてください",
           "1  濃い色のペン（太さ 0.7 から 1.2 mm のサインペンなど）を使い、鉛筆は避けます。",
           "2  左上の小さな文字を、いつもの字で青い枠の中に書きます。",
           "3  枠からはみ出さないように。失敗したら、もう一枚印刷してその枠だけ書きます。",
           "4  スキャンするか、真上から撮影します。フラッシュなし、四隅の黒い印を全部入れて。"),
    "kr": ("각 칸에 글자를 써 주세요",
           "1  진한 펜(굵기 0.7~1.2 mm, 사인펜이나 젤펜)을 쓰고 연필은 피하세요.",
           "2  왼쪽 위의 작은 글자를 평소 글씨로 파란 칸 안에 쓰세요.",
           "3  칸 밖으로 나가지 않게. 잘못 썼으면 다시 인쇄해 그 칸만 쓰세요.",
           "4  스캔하거나 바로 위에서 찍으세요. 플래시 없이, 네 모서리 표시가 다 보이게."),
}
_ADVICE["hk"] = _ADVICE["tw"]
_FOOTER = "glyphgen sheet {0.sheet}   version {0.version}   {0.region}   page {0.page} of {0.pages}"


class TemplateError(UserError):
    """A sheet that cannot be printed; one line says why."""


def make_sheet(chars: str | Sequence[int], out_path: str | Path, *, paper: str = "a4",
               region: str = "cn", prompt_fonts: Sequence[Path] = (),
               copies: int = 1) -> list[Path]:
    """Write the sheet for `chars` (text or codepoints) and give the files written.

    A name that ends in .pdf gives one file; .png one picture a page, numbered from the second
    page on. Every character is asked for `copies` times. Prompts are printed in the first of
    `prompt_fonts` (TrueType or OpenType files) that has them; by default in the region's content
    font. Raises TemplateError.
    """
    out = Path(out_path)
    if out.suffix.lower() not in (".pdf", ".png"):
        raise TemplateError(f"{out}: a sheet is written as .pdf or .png; choose one of these")
    data = sheet_pdf(chars, paper=paper, region=region, prompt_fonts=prompt_fonts,
                     copies=copies)
    if out.suffix.lower() == ".pdf":
        write_atomic(out, data)
        return [out]
    written = []
    for number, picture in enumerate(_pictures(data, TABLET_DPI), 1):
        path = out if number == 1 else out.with_name(f"{out.stem}-{number}{out.suffix}")
        write_atomic(path, picture)
        written.append(path)
    return written


def sheet_pdf(chars: str | Sequence[int], *, paper: str = "a4", region: str = "cn",
              prompt_fonts: Sequence[Path] = (), copies: int = 1) -> bytes:
    """The sheet as a PDF. The same arguments give the same bytes. Raises TemplateError."""
    if paper not in PAPERS:
        raise TemplateError(f"no paper {paper!r}; choose one of {', '.join(PAPERS)}")
    if region not in REGIONS:
        raise TemplateError(f"no region {region!r}; choose one of {', '.join(REGIONS)}")
    text = _asked_for(chars, copies)
    printed = {ord(char) for char in text + string.printable + "".join(_ADVICE[region])}
    printer = _Printer(paper, prompt_fonts or _content_fonts(region), printed, LAYOUTS[VERSION])
    for identity in paginate(text, region):
        printer.page(identity)
    return bytes(printer.pdf.output())


def code_modules(identity: Identity) -> NDArray[np.uint8]:
    """The page's QR code, one pixel a module, 0 black, without its quiet zone."""
    layout = identity.layout
    params = cv2.QRCodeEncoder.Params()
    params.version = layout.code_version
    params.mode = cv2.QRCODE_ENCODER_MODE_BYTE
    for level in (cv2.QRCODE_ENCODER_CORRECT_LEVEL_Q, cv2.QRCODE_ENCODER_CORRECT_LEVEL_M,
                  cv2.QRCODE_ENCODER_CORRECT_LEVEL_L):
        params.correction_level = level
        try:
            code = cv2.QRCodeEncoder.create(params).encode(identity.text())
        except cv2.error:       # too long for this level
            continue
        border = (code.shape[0] - layout.modules) // 2
        return np.asarray(code[border:-border, border:-border], np.uint8)
    raise TemplateError("the characters of one page do not fit into its code; ask for fewer")


def marker_modules(index: int) -> NDArray[np.uint8]:
    """Marker `index`, one pixel a module, 0 black."""
    dictionary = cv2.aruco.getPredefinedDictionary(_DICTIONARY)
    return np.asarray(cv2.aruco.generateImageMarker(dictionary, index, 6), np.uint8)


def _cut_font(path: Path, codepoints: set[int], out: Path) -> set[int]:
    """Write the part of a font that `codepoints` need; those that it has. Raises TemplateError."""
    try:
        with TTFont(BytesIO(path.read_bytes()), lazy=True) as font:
            covered = codepoints & (font.getBestCmap() or {}).keys()
            if not covered:
                return covered
            options = Options(notdef_outline=True, layout_features=[], drop_tables=["BASE"])
            cutter = Subsetter(options)
            cutter.populate(unicodes=covered)
            cutter.subset(font)
            for name, text in ((1, "Prompt"), (2, "Regular"), (4, "Prompt"), (6, "Prompt")):
                font["name"].setName(text, name, 3, 1, 0x409)
            font.save(out)
    except OSError as error:
        where = error.filename or out.parent
        raise TemplateError(f"{where}: {error.strerror or error}") from None
    except Exception as error:      # fontTools raises of every kind on a hostile file
        raise TemplateError(f"{path}: not a font to print prompts in ({error})") from None
    return covered


def _content_fonts(region: str) -> list[Path]:
    return [FOLDER / f"hei-{name}.otf" for name in dict.fromkeys((region, "cn"))]


def _asked_for(chars: str | Sequence[int], copies: int) -> str:
    text = chars if isinstance(chars, str) else "".join(map(chr, chars))
    kept = [char for char in dict.fromkeys(composed(text))
            if not char.isspace()]
    for char in kept:
        if unicodedata.category(char)[0] in "CM" and not 0xE000 <= ord(char) <= 0xF8FF:
            raise TemplateError("U+{code} has no shape of its own to write; leave it out",
                                code=f"{ord(char):04X}")
    if not kept:
        raise TemplateError("there is no character to ask for; give at least one")
    if not 1 <= copies <= 9 or len(kept) * copies > MOST_CHARACTERS:
        raise TemplateError(f"{len(kept)} characters {copies} times; a sheet asks for at most "
                            f"{MOST_CHARACTERS} in all, 1 to 9 times each")
    return "".join(char * copies for char in kept)


class _Printer:
    """Draws pages; millimetres from the frame's top left come in, paper millimetres go out."""

    def __init__(self, paper: str, fonts: Sequence[Path], needed: set[int],
                 layout: Layout) -> None:
        self.layout = layout
        width, height = PAPERS[paper]
        self.left = (width - layout.frame[0]) / 2
        self.top = (height - layout.frame[1]) / 2
        self.pdf = FPDF(unit="mm", format=(width, height))
        self.pdf.set_auto_page_break(False)
        self.pdf.set_margin(0)
        self.pdf.set_creator("glyphgen")
        self.pdf.set_creation_date(datetime(2000, 1, 1, tzinfo=UTC))
        self.fonts: dict[int, str] = {}          # name of the font that a codepoint is set in
        for number, path in enumerate(fonts):
            needed -= self.fonts.keys()
            with TemporaryDirectory() as folder:
                part = Path(folder, "prompt.otf")
                covered = _cut_font(path, needed, part)
                if covered:
                    self.pdf.add_font(f"prompt{number}", fname=part)
            self.fonts.update(dict.fromkeys(covered, f"prompt{number}"))

    def page(self, identity: Identity) -> None:
        """Add one page."""
        self.pdf.add_page()
        self.pdf.set_title(f"glyphgen sheet {identity.sheet}")
        for index, corners in enumerate(self.layout.markers()):
            self._modules(marker_modules(index), (corners[0, 0], corners[0, 1]), self.layout.marker)
        self._modules(code_modules(identity), self.layout.code[:2], self.layout.code[2])
        self._advice(identity)
        for index, char in enumerate(identity.chars):
            self._guides(index, ord(char))
        self._dots(len(identity.chars))
        for index, char in enumerate(identity.chars):
            self._prompt(index, char)

    def _modules(self, modules: NDArray[np.uint8], place: tuple[float, float],
                 side: float) -> None:
        """A black square with its white modules on top, one bar a run."""
        x, y = place
        self.pdf.set_fill_color(*_INK)
        self.pdf.rect(self.left + x, self.top + y, side, side, style="F")
        self.pdf.set_fill_color(*_PAPER)
        size = side / len(modules)
        for row, line in enumerate(modules >= 128):
            edges = np.flatnonzero(np.diff(np.concatenate([[0], line, [0]])))
            for start, stop in edges.reshape(-1, 2):
                self.pdf.rect(self.left + x + start * size, self.top + y + row * size,
                              (stop - start) * size, size, style="F")

    def _text(self, x: float, y: float, height: float, text: str,
              colour: tuple[int, int, int]) -> None:
        self.pdf.set_text_color(*colour)
        size = height * _POINTS
        x += self.left
        for name, run in groupby(text, self._font_of):
            part = "".join(run)
            if part.isspace():          # a space needs no font, and not every font has one
                x += 0.27 * height * len(part)
                continue
            self.pdf.set_font(name, size=size)
            self.pdf.text(x, self.top + y, part)
            x += self.pdf.get_string_width(part)

    def _font_of(self, char: str) -> str:
        return " " if char == " " else self.fonts.get(ord(char), "helvetica")

    def _advice(self, identity: Identity) -> None:
        own = _ADVICE[identity.region]
        readable = all(ord(char) in self.fonts for char in "".join(own) if char != " ")
        y = 3.2
        for (title, *lines), size in ((own, 2.6), (_ADVICE["en"], 2.2)) if readable else (
                (_ADVICE["en"], 2.6),):
            self._text(17, y, size * 1.4, title, _INK)
            for line in lines:
                y += size * 1.27
                self._text(17, y + 0.6, size, line, _GREY)
            y += size * 1.9
        footer = _FOOTER.format(identity)
        self._text(17, self.layout.frame[1] - 1, 2.6, footer, _GREY)

    def _guides(self, index: int, codepoint: int) -> None:
        layout, pdf = self.layout, self.pdf
        x, y = layout.em_square(index)
        x, y = x + self.left, y + self.top
        pdf.set_draw_color(*_GUIDE)
        pdf.set_line_width(0.2)
        pdf.rect(x, y, layout.em, layout.em)
        lines = layout.guides(codepoint)
        for drop in lines:
            pdf.line(x, y + drop, x + layout.em, y + drop)
        if lines:
            return
        half = layout.em / 2
        pdf.set_dash_pattern(dash=0.8, gap=1.0)
        pdf.line(x + half, y, x + half, y + layout.em)
        pdf.line(x, y + half, x + layout.em, y + half)
        pdf.set_dash_pattern()

    def _dots(self, cells: int) -> None:
        self.pdf.set_fill_color(*_INK)
        radius = self.layout.dot / 2
        for x, y in self.layout.dots(cells).reshape(-1, 2):
            self.pdf.circle(self.left + x, self.top + y, radius, style="F")

    def _prompt(self, index: int, char: str) -> None:
        x, y = self.layout.corner(index)
        x, y = x + self.layout.em_at[0], y + 6.0
        code = f"U+{ord(char):04X}"
        if ord(char) not in self.fonts:
            self._text(x, y, 2.8, code, _INK)
            return
        self._text(x, y, self.layout.prompt, char, _INK)
        if ord(char) < _SHOWN_BY_CODE or unicodedata.category(char)[0] != "L":
            self._text(x + self.layout.em - 8, y, 2.0, code, _GREY)


def _pictures(data: bytes, dpi: float) -> list[bytes]:
    """PNG files of the pages, drawn twice as fine: pdfium widens bars to whole pixels."""
    pdf = pypdfium2.PdfDocument(data)
    pictures = []
    for page in pdf:
        fine = page.render(scale=2 * dpi / 72).to_numpy()
        height, width = fine.shape[0] // 2, fine.shape[1] // 2
        small = cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA)
        out = BytesIO()
        Image.fromarray(small[..., ::-1]).save(out, "PNG", dpi=(dpi, dpi))
        pictures.append(out.getvalue())
    pdf.close()
    return pictures
