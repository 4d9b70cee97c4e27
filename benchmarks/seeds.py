"""Small real files of every kind that glyphgen reads."""

from __future__ import annotations

import functools
import io
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from fontTools.ttLib import TTCollection, TTFont
from fpdf import FPDF
from PIL import Image

from exporters.fontfile.formats import to_bytes
from exporters.fontfile.glyphs import arrange
from exporters.fontfile.info import FontInfo
from exporters.fontfile.otf import build_otf
from exporters.fontfile.ttf import pack
from exporters.outlines.trace import trace
from fonts.content import Content
from fonts.drawing import Strokes
from fonts.reading.samples import Sample
from fonts.sheet.layout import paginate

TEXT = "永三A，"


def _pictures() -> dict[str, Image.Image]:
    """Small pictures of every mode that is read."""
    field = Content().hei(ord("永"))
    grey = Image.fromarray(np.clip(128 - 128 * field, 0, 255).astype(np.uint8)[::2, ::2])
    deep = Image.fromarray(np.asarray(grey, np.uint16) * 257)
    return {"L": grey, "RGBA": grey.convert("RGBA"), "P": grey.convert("P"), "I;16": deep,
            "1": grey.convert("1"), "RGB": grey.convert("RGB"), "LA": grey.convert("LA")}


def _saved(picture: Image.Image, kind: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()


@functools.cache
def images() -> tuple[bytes, ...]:
    """PNG, JPEG, WebP and TIFF in several modes and packings."""
    of = _pictures()
    turned = Image.Exif()
    turned[274] = 6
    return (
        *(_saved(of[mode], "PNG") for mode in ("L", "RGBA", "P", "I;16", "1", "LA")),
        _saved(of["L"], "JPEG"), _saved(of["RGB"], "JPEG", progressive=True, exif=turned),
        _saved(of["RGB"], "WEBP"), _saved(of["RGBA"], "WEBP", lossless=True),
        *(_saved(of["L"], "TIFF", compression=way) for way in ("raw", "tiff_lzw", "tiff_deflate")),
        _saved(of["1"], "TIFF", compression="group4"), _saved(of["I;16"], "TIFF"),
    )


@functools.cache
def pages() -> tuple[bytes, ...]:
    """PDFs of one and two small pages, a TIFF of two, a PNG."""
    of = _pictures()
    made = []
    for compressed in (True, False):
        pdf = FPDF(format=(30, 20))
        pdf.set_compression(compressed)
        pdf.set_font("helvetica", size=6)
        pdf.add_page()
        pdf.image(of["L"], 2, 2, 10)
        pdf.text(3, 15, "a sheet")
        if compressed:
            pdf.add_page()
            pdf.line(1, 1, 9, 9)
        made.append(bytes(pdf.output()))
    both = _saved(of["L"], "TIFF", save_all=True, append_images=[of["RGB"]])
    return (*made, both, _saved(of["RGB"], "PNG"))


@functools.cache
def fonts() -> tuple[bytes, ...]:
    """A TTF, OTF, WOFF, WOFF2 and TTC of four characters."""
    outlines = {ord(c): trace(Content().hei(ord(c)), ord(c)) for c in TEXT}
    source = arrange(outlines, FontInfo(family="Seed"), outlines)
    plain = to_bytes(pack(outlines, FontInfo(family="Seed"), outlines))
    both = TTCollection()
    both.fonts = [TTFont(io.BytesIO(plain)), TTFont(io.BytesIO(plain))]
    stream = io.BytesIO()
    both.save(stream)
    return (plain, to_bytes(build_otf(source)), to_bytes(TTFont(io.BytesIO(plain)), "woff2"),
            _flavoured(plain, "woff"), stream.getvalue())


def _flavoured(plain: bytes, flavour: str) -> bytes:
    font, stream = TTFont(io.BytesIO(plain)), io.BytesIO()
    font.flavor = flavour
    font.save(stream)
    return stream.getvalue()


def codes() -> tuple[bytes, ...]:
    return tuple(page.text().encode() for page in paginate(TEXT * 30, "cn"))


def texts() -> tuple[bytes, ...]:
    text = f"{TEXT}\n春眠不觉晓 🙂 カタカナ e\u0301\n"
    return text.encode(), text.encode("utf-8-sig"), text.encode("utf-16"), text.encode("gb18030")


@functools.cache
def projects() -> tuple[bytes, ...]:
    """A project with samples, drawings and their strokes, settings and an export."""
    from glyphgen.project.document import Drawn, Project

    content, line = Content(), np.linspace((20, 64), (110, 60), 16, dtype=np.float32)
    strokes = Strokes(line[None], np.full((1, 16), 3, np.float32))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "seed.glyphgen"
        with Project.open(path, create=True) as project:
            project.add_samples(Sample.of(ord(c), content.hei(ord(c)), "a.png", 1.0)
                                for c in TEXT[:2])
            project.put_drawings(Drawn(ord(c), content.hei(ord(c)), 7, "m", project.style(), 0.5,
                                       {"iou": 0.5}, strokes=strokes) for c in TEXT[2:])
            project.lock([ord(TEXT[2])])
            project.set("region", "cn")
            project.set("codepoints", [ord(c) for c in TEXT])
            project.record_exports(["a.ttf"], 4, "0")
        return (path.read_bytes(),)


def small() -> Any:
    """A network and a codec."""
    import torch

    from glyphgen.config import ModelConfig
    from glyphgen.network.codec import PatchCodec
    from glyphgen.network.model import Generator

    torch.manual_seed(0)
    config = ModelConfig(latent=4, width=8, inner=8, outer_blocks=1, inner_blocks=1, heads=2)
    return Generator(config), PatchCodec(config)


@functools.cache
def checkpoints() -> tuple[bytes, ...]:
    """Weights of a small network."""
    from glyphgen.network.checkpoint import save_model

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "seed.safetensors"
        save_model(path, *small())
        return (path.read_bytes(),)


@functools.cache
def hands() -> tuple[bytes, ...]:
    """A project that keeps a prepared hand, with the weights of a small network."""
    from safetensors.torch import save

    from glyphgen.project.document import Project

    about = {"recipe": "kai mixed", "level": 0.1, "drawn": {"mean": 2.0, "deviation": 0.5},
             "wanted": None, "scores": {"nl1": 0.5, "iou": 0.5, "chamfer": 1.0},
             "adapted": {"before": 1.0, "after": 0.5, "steps": 3, "held": [65]}}
    weights = save({name: tensor.bfloat16().contiguous()
                    for name, tensor in small()[0].state_dict().items()})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "seed.glyphgen"
        path.write_bytes(projects()[0])
        with Project.open(path) as project:
            project.put_hand("key", json.dumps(about), weights)
        return (path.read_bytes(),)
