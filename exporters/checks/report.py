"""What is in a font and how good it is, as JSON and in words."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from exporters.fontfile.glyphs import GlyphSet
from fonts.charset import all_charsets
from fonts.files import write_atomic

_LISTED = 40            # characters that the words name


@dataclass(frozen=True)
class Coverage:
    """How much of a charset the font has."""

    charset: str
    size: int
    covered: int


@dataclass(frozen=True)
class Report:
    """Facts about one exported font; `doubtful` is worst first, scores in 0..1."""

    family: str
    style: str
    version: str
    region: str
    glyphs: int
    characters: int
    asked: int
    missing: tuple[int, ...]
    doubtful: tuple[tuple[int, float], ...]
    coverage: tuple[Coverage, ...]
    em_box: tuple[int, int]
    mean_points: float
    files: Mapping[str, int]

    def to_json(self) -> str:
        """All fields, codepoints as U+XXXX."""
        fields = asdict(self)
        fields["missing"] = [f"U+{c:04X}" for c in self.missing]
        fields["doubtful"] = [{"codepoint": f"U+{c:04X}", "score": round(score, 4)}
                              for c, score in self.doubtful]
        fields["mean_points"] = round(self.mean_points, 1)
        return json.dumps(fields, ensure_ascii=False, indent=2) + "\n"

    def in_words(self) -> str:
        """The same for a reader."""
        there = self.asked - len(self.missing)
        lines = [
            f"{self.family} {self.style}, version {self.version}",
            f"{self.glyphs:,} glyphs for {self.characters:,} characters; "
            f"{there:,} of the {self.asked:,} asked for.",
            _named("Missing", self.missing) if self.missing else "Nothing is missing.",
            (_named("To be looked at, worst first", [c for c, _ in self.doubtful])
             if self.doubtful else "No drawing is doubtful."),
            "Coverage: " + ", ".join(f"{row.charset} {row.covered:,}/{row.size:,}"
                                     for row in self.coverage) + ".",
            f"Em box {self.em_box[0]} to {self.em_box[1]}; "
            f"{self.mean_points:.0f} curve points a glyph.",
        ]
        lines += [f"{name}: {size / 1e6:.2f} MB" for name, size in self.files.items()]
        return "\n".join(lines) + "\n"


def report_on(source: GlyphSet, doubtful: Mapping[int, float] | None = None,
              files: Iterable[str | Path] = ()) -> Report:
    """Report on arranged glyphs. `doubtful`: score of each drawing that did not pass the gate."""
    mapped = {c for glyph in source.glyphs for c in glyph.codepoints}
    inked = [glyph for glyph in source.glyphs if not glyph.outline.is_empty]
    points = sum(len(contour.points) for glyph in inked for contour in glyph.outline.contours)
    info, metrics = source.info, source.metrics
    ranked = sorted((doubtful or {}).items(), key=lambda item: (item[1], item[0]))
    return Report(
        info.family, info.style, info.revision, info.region, len(source.glyphs), len(mapped),
        len(source.charset), tuple(source.missing),
        tuple((c, score) for c, score in ranked if c in mapped), coverage_of(mapped),
        (metrics.em_bottom, metrics.em_top), points / max(len(inked), 1),
        {Path(path).name: Path(path).stat().st_size for path in files if Path(path).is_file()})


def coverage_of(codepoints: Iterable[int]) -> tuple[Coverage, ...]:
    """Coverage of each named charset that the codepoints touch, fullest first."""
    there = set(codepoints)
    rows = [Coverage(charset.name, len(charset.codepoints),
                     len(there.intersection(charset.codepoints)))
            for charset in all_charsets()]
    return tuple(sorted((row for row in rows if row.covered),
                        key=lambda row: (-row.covered / row.size, row.charset)))


def write_report(report: Report, path: str | Path) -> None:
    """Write `path` as JSON (.json) or words (any other suffix). Raises ExportError."""
    text = report.to_json() if Path(path).suffix.lower() == ".json" else report.in_words()
    write_atomic(path, text.encode())


def _named(what: str, codepoints: Sequence[int]) -> str:
    shown = " ".join(map(chr, codepoints[:_LISTED]))
    more = len(codepoints) - _LISTED
    return f"{what} ({len(codepoints):,}): {shown}" + (f" and {more:,} more" if more > 0 else "")
