"""What this machine is and how fast it draws, for `glyphgen doctor`."""

from __future__ import annotations

import platform
import time
from collections.abc import Iterator
from importlib.metadata import version

import numba

from fonts.charset import resolve
from fonts.content import Content
from glyphgen import __version__
from glyphgen.engine import cores
from glyphgen.network.checkpoint import WEIGHTS, load_model, model_hash
from glyphgen.progress import counted

_PACKAGES = ("torch", "fonttools", "freetype-py", "uharfbuzz", "opencv-python-headless", "numpy")
_TRIAL = "的一是不了人我在有他这为之大来以个中上们到说时要就出会可也你"
_ROUNDS = 2                 # batches a core that are timed
_CHARSETS = (6763, 20992)
_WHOLE = 1.5                # a font's time over that of drawing alone: tracing is half as long
_PREPARING = 25.0           # seconds of one core before the first glyph
_PRECISION = {True: "bfloat16, which is fast here",
              False: "float32: no fast bfloat16 here, so right but about half as fast"}
_TRACING = {False: "compiled by numba, which needs no compiler of yours",
            True: "not compiled, as NUMBA_DISABLE_JIT says: right but a hundred times slower"}


def report() -> Iterator[tuple[str, str]]:
    """(name, value) lines; the last draws a few batches to estimate speed."""
    yield "glyphgen", f"{__version__} on Python {platform.python_version()}, {platform.platform()}"
    yield "packages", ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    from glyphgen.hand.painter import has_bfloat16, pick_device

    device = pick_device()
    yield "device", f"{device.type}, {cores()} core{'s' * (cores() > 1)}"
    yield "precision", _PRECISION[has_bfloat16(device)]
    yield "tracing", _TRACING[bool(numba.config.DISABLE_JIT)]
    yield "weights", f"{WEIGHTS.name}, {WEIGHTS.stat().st_size / 1e6:.1f} MB, {model_hash()[:16]}"
    yield "content", f"{len(Content().codepoints)} characters"
    rate = speed()
    minutes = (f"{count:,} hanzi in about {_minutes(count, rate):.0f}" for count in _CHARSETS)
    yield "speed", (f"{counted(round(rate), 'glyph')} drawn a second: "
                    f"a font of {', '.join(minutes)} minutes")


def _minutes(count: int, rate: float) -> float:
    return (count / rate * _WHOLE + _PREPARING / cores()) / 60


def speed() -> float:
    """Glyphs a second that this machine draws and judges, by two batches a core."""
    from glyphgen.draw.draw import draw_batches
    from glyphgen.draw.judge import Judge
    from glyphgen.hand.painter import Painter, use_threads
    from glyphgen.hand.prepare import Finish
    from glyphgen.hand.prepared import PreparedHand

    use_threads()
    painter = Painter(*load_model())
    samples = {ord(c): painter.content.hei(ord(c)) for c in _TRIAL}
    hand = PreparedHand(painter, painter.learn(samples), Finish())
    judge, some = Judge(hand, samples), resolve("gb2312").codepoints
    for rounds in (1, _ROUNDS):             # the first warms up
        began = time.perf_counter()
        drawn = list(draw_batches(hand, judge, some[: hand.batch * cores() * rounds]))
    return sum(map(len, drawn)) / (time.perf_counter() - began)
