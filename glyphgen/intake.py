"""Which reader a source goes to: named images and fonts, or sheets, scans and photographs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fonts.content import Content
from fonts.drawing import Field
from fonts.samples import Samples, read_samples
from glyphgen.progress import Progress


@dataclass(frozen=True)
class Intake:
    """How sources are read."""

    region: str = "cn"
    fit: bool = False
    sample_chars: str | None = None


def read_sources(sources: Sequence[Path], intake: Intake, progress: Progress) -> Samples:
    """Samples of any mix of sources; raises a ValueError of one line where there are none."""
    content = Content(intake.region)

    def content_field(codepoint: int) -> Field | None:
        return content.hei(codepoint) if content.has(codepoint) else None

    with progress.stage("samples", 1) as tick:
        read = read_samples(sources, fit=intake.fit, sample_chars=intake.sample_chars,
                            region=intake.region, content_field=content_field)
        tick(1)
    return read
