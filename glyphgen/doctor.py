"""What this machine is and how fast it draws, for `glyphgen doctor`."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Iterator
from importlib.metadata import version

import numpy as np

from fonts.content import Content
from glyphgen import __version__
from glyphgen.checkpoint import WEIGHTS, load_model, model_hash

_PACKAGES = ("torch", "fonttools", "freetype-py", "uharfbuzz", "opencv-python-headless", "numpy")
_TRIAL = "的一是不了人我在有他这为之大来以个中上们到说时要就出会可也你"
_ROUNDS = 2


def report() -> Iterator[tuple[str, str]]:
    """(name, value) lines; the last draws a few batches to estimate speed."""
    yield "glyphgen", f"{__version__} on Python {platform.python_version()}, {platform.platform()}"
    yield "packages", ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    import torch

    from glyphgen.generate import has_bfloat16, pick_device, use_threads

    use_threads()
    device = pick_device()
    kind = "bfloat16" if has_bfloat16(device) else "float32 (no bfloat16 here: right but slower)"
    threads = torch.get_num_threads()
    yield "device", f"{device.type}, {kind}, {os.cpu_count()} cores, {threads} threads"
    yield "weights", f"{WEIGHTS.name}, {WEIGHTS.stat().st_size / 1e6:.1f} MB, {model_hash()[:16]}"
    yield "content", f"{len(Content().codepoints)} characters"
    rate = speed()
    yield "speed", f"{rate:.0f} glyphs a second: 6,763 hanzi in {6763 / rate / 60:.1f} minutes"


def speed() -> float:
    """Glyphs a second that this machine draws, by a few batches."""
    from glyphgen.generate import Painter

    model, codec = load_model()
    painter = Painter(model, codec)
    codepoints = [ord(c) for c in _TRIAL]
    hand = painter.learn({c: painter.content.hei(c) for c in codepoints})
    painter.draw(hand, painter.framed(hand, codepoints), codepoints)
    began = time.perf_counter()
    for _ in range(_ROUNDS):
        fields = painter.draw(hand, painter.framed(hand, codepoints), codepoints)[0]
    assert np.isfinite(fields).all()
    return _ROUNDS * len(codepoints) / (time.perf_counter() - began)
