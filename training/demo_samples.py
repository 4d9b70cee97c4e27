"""The shipped demo samples: `python -m training.demo_samples FONT tests/samples`.

FONT is Yomogi (npm `@expo-google-fonts/yomogi` 0.4.1, OFL-1.1), a family of the `test` split that
no weights have seen. Each character becomes an image as a flatbed scanner might give it: warm
paper, uneven light, grain, a slight turn, grey ink.
"""

from __future__ import annotations

from pathlib import Path

import click
import cv2
import numpy as np
from PIL import Image

from fonts.drawing import CANVAS, EM_PIXELS
from fonts.render import Face

CHARACTERS = "永国酬郁袋我清打猫霜箭荷病庭区凶心九水女明意都福原鼻道歌数的"
SIDE = 320                    # pixels of an image; a square image is the em square


def scan(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A grey scan (SIDE, SIDE) uint8 of ink coverage (SIDE, SIDE) in 0..1."""
    turn = cv2.getRotationMatrix2D((SIDE / 2, SIDE / 2), float(rng.normal(0, 0.5)), 1)
    ink = cv2.warpAffine(ink, turn, (SIDE, SIDE), flags=cv2.INTER_CUBIC)
    across = np.linspace(-1, 1, SIDE)
    slope = rng.normal(0, 6, 2)
    light = 236 + slope[0] * across[None, :] + slope[1] * across[:, None]
    grain = cv2.GaussianBlur(rng.normal(0, 1, (SIDE, SIDE)), (0, 0), 1.2) * 6
    tone = 52 + cv2.GaussianBlur(rng.normal(0, 1, (SIDE, SIDE)), (0, 0), 3) * 40
    page = light + grain + np.clip(ink, 0, 1) * (tone - light)
    page = cv2.GaussianBlur(page, (0, 0), 0.8) + rng.normal(0, 2, (SIDE, SIDE))
    return np.clip(np.rint(page), 0, 255).astype(np.uint8)


@click.command()
@click.argument("font", type=click.Path(path_type=Path, exists=True))
@click.argument("out", type=click.Path(path_type=Path))
def main(font: Path, out: Path) -> None:
    """Write one PNG a character of FONT into OUT."""
    face = Face(font)
    out.mkdir(parents=True, exist_ok=True)
    canvas = SIDE * CANVAS // EM_PIXELS // 8 * 8
    for i, char in enumerate(CHARACTERS):
        ink = face.coverage(ord(char), canvas)
        if ink is None:
            raise click.ClickException(f"{font}: has no {char}")
        edge = canvas * (CANVAS - EM_PIXELS) // CANVAS // 2
        em = cv2.resize(ink[edge : canvas - edge, edge : canvas - edge], (SIDE, SIDE),
                        interpolation=cv2.INTER_AREA)
        image = Image.fromarray(scan(em, np.random.default_rng(i)))
        image.save(out / f"{char}.png", optimize=True)


if __name__ == "__main__":
    main()
