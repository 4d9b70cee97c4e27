"""What each region's default charset holds, as the tables of docs/charsets.md.

    python -m benchmarks.charsets [--orth FOLDER]

FOLDER is `fc-lang` of fontconfig's source (`apt-get source fontconfig`): which characters Linux
wants of a font before it takes it for a language.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import click

from fonts.charset import all_charsets, default_for, resolve
from fonts.content import Content
from fonts.regions import REGIONS, script_of

LANGUAGES = {"cn": ("zh_cn", "zh_sg"), "tw": ("zh_tw",), "hk": ("zh_hk", "zh_mo"), "jp": ("ja",),
             "kr": ("ko",)}
Row = Sequence[object]


def table(head: Row, rows: Iterator[Row]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def of_regions() -> str:
    """Default charset, its size, and what it is made of, a line a region."""
    kinds: dict[str, Callable[[int], bool]] = {
        "hanzi": lambda c: script_of(c) == "han", "Hangul": lambda c: script_of(c) == "hangul",
        "kana": lambda c: script_of(c) == "kana", "letters and signs": lambda c: False}

    def rows() -> Iterator[Row]:
        for region in REGIONS:
            points = resolve(default_for(region)).codepoints
            counts = [sum(map(kind, points)) for kind in kinds.values()]
            counts[-1] = len(points) - sum(counts)
            yield (f"`{region}`", f"`{default_for(region)}`", f"{len(points):,}",
                   *(f"{count:,}" for count in counts))

    return table(["region", "default charset", "characters", *kinds], rows())


def of_sets() -> str:
    """Every named charset, its size, and what of it has no picture to be drawn from."""
    def rows() -> Iterator[Row]:
        drawn = {region: Content(region).codepoints for region in REGIONS}
        for charset in all_charsets():
            lacking = [c for c in charset.codepoints if not chr(c).isspace()
                       and not any(c in there for there in drawn.values())]
            yield (f"`{charset.name}`", f"{len(charset.codepoints):,}", charset.description,
                   f"{len(lacking)}: U+{lacking[0]:04X} to U+{lacking[-1]:04X}" if lacking else "")

    return table(["name", "characters", "what it is", "cannot be drawn"], rows())


def of_languages(folder: Path) -> str:
    """How much of what fontconfig wants for its languages each region's default holds."""
    def rows() -> Iterator[Row]:
        for region, languages in LANGUAGES.items():
            held = set(resolve(default_for(region)).codepoints)
            for language in languages:
                wanted = set(orthography(folder, language))
                yield (f"`{region}`", f"`{language.replace('_', '-')}`", f"{len(wanted):,}",
                       f"{len(wanted & held):,}", len(wanted - held))

    return table(["region", "fontconfig's language", "characters it wants", "held", "lacking"],
                 rows())


def orthography(folder: Path, language: str) -> Iterator[int]:
    """The characters of an .orth file and of those that it includes."""
    for line in (folder / f"{language}.orth").read_text("utf-8", "replace").splitlines():
        words = line.split("#")[0].split()
        if words and words[0] == "include":
            yield from orthography(folder, words[1].removesuffix(".orth"))
        elif words and not words[0].startswith("-"):
            first, _, last = words[0].replace("..", "-").partition("-")
            end = last or (words[1] if len(words) > 1 else first)
            yield from range(int(first, 16), int(end, 16) + 1)


@click.command()
@click.option("--orth", type=click.Path(path_type=Path, exists=True))
def main(orth: Path | None) -> None:
    """Print the tables."""
    print(of_regions(), of_sets(), *([of_languages(orth)] if orth else []), sep="\n\n")


if __name__ == "__main__":
    main()
