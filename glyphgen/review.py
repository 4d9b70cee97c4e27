"""The drawings that the gate likes least: listed, shown on a page, drawn again."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from string import Template

import numpy as np
from PIL import Image

from fonts.charset import composed
from fonts.content import Content
from fonts.drawing import Field, coverage
from fonts.errors import Line
from fonts.files import write_atomic
from glyphgen.config import from_settings
from glyphgen.export.seen import as_in_font
from glyphgen.progress import Progress, Silent
from glyphgen.project.document import Project, ProjectError

_SIDE = 128
_NAMED = 3          # scores that a line names
_PAGE = Template("""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Review of $project</title>
<style>
body { margin: 2rem; font: 15px/1.4 system-ui, sans-serif; color: #111; background: #fff; }
main { display: grid; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); gap: 1rem; }
figure { margin: 0; padding: .75rem; border: 1px solid #ccc; border-radius: 4px; }
figure.doubtful { border-color: #b00; }
img { width: 7.5rem; height: 7.5rem; image-rendering: auto; }
figcaption { overflow-wrap: anywhere; }
small { color: #555; display: block; }
</style>
</head>
<body>
<h1>Review of $project</h1>
<p>$count drawings, worst first: the drawing on the left, the character in print on the right.
Draw some again with <code>glyphgen review $project --redo CHARACTERS</code>, or edit them with
<code>glyphgen glyphs pull</code>.</p>
<main>
$figures
</main>
</body>
</html>
""")


@dataclass(frozen=True)
class Row:
    """One drawing under review: fields (S, S); `content` is None where there is no print of it."""

    codepoint: int
    state: str
    score: float
    scores: tuple[tuple[str, float], ...]
    field: Field
    content: Field | None

    @property
    def words(self) -> str:
        """One line: character, state, score and the scores that say most."""
        parts = "".join(f"  {name} {value:.2f}" for name, value in self.scores)
        return f"{chr(self.codepoint)}  U+{self.codepoint:04X}  {self.state:8}  " \
               f"{self.score:.2f}{parts}"


def worst_rows(project: Project, n: int = 50) -> list[Row]:
    """The `n` drawings that the gate likes least, worst first."""
    content = Content(str(project.get("region", "cn")))
    worst = project.worst(n)
    seen = as_in_font(project, {drawn.codepoint: drawn.field for drawn in worst})
    return [Row(drawn.codepoint, drawn.state, drawn.score,
                tuple(sorted(drawn.scores.items())[:_NAMED]), seen[drawn.codepoint],
                content.hei(drawn.codepoint) if content.has(drawn.codepoint) else None)
            for drawn in worst]


def lines(rows: Iterable[Row]) -> list[str]:
    """The rows as text."""
    return [row.words for row in rows]


def write_html(rows: Sequence[Row], path: Path, project: str = "PROJECT") -> None:
    """The rows as one page that carries its pictures. Raises ExportError."""
    page = _PAGE.substitute(project=escape(project), count=len(rows),
                            figures="\n".join(map(_figure, rows)))
    write_atomic(path, page.encode())


def redo(project: Project, chars: str, progress: Progress | None = None) -> int:
    """Draw characters again from seeds that were not tried yet; returns how many.

    What is locked or was edited by hand stays. Raises ProjectError for characters that the
    project has not drawn.
    """
    from glyphgen.draw.draw import draw_batches  # torch only when something is drawn
    from glyphgen.draw.judge import Judge
    from glyphgen.hand.opened import open_hand

    progress = progress or Silent()
    asked = {ord(c) for c in composed(chars) if not c.isspace()}
    states = project.states()
    if unknown := asked - states.keys():
        raise ProjectError(f"{project.path}: has not drawn {_text(unknown)}; "
                           "`glyphgen generate` draws what the charset lacks")
    kept = {c for c in asked if states[c] in ("locked", "replaced")}
    kept |= asked & {sample.codepoint for sample in project.samples()}
    if kept:
        progress.note(Line("locked or made by hand, left as they are: {chars}", chars=_text(kept)))
    # under the tag of the others, so that going on does not draw them once more
    tags = {drawn.codepoint: drawn.recipe_tag for drawn in project.drawings(asked - kept)}
    if not tags:
        return 0
    redraw, style = project.next_redraw(), project.style()
    hand, samples = open_hand(project, from_settings(project.settings()), progress)
    with progress.stage("glyphs", len(tags)) as tick:
        for drawn in draw_batches(hand, Judge(hand, samples), [*tags], redraw):
            project.put_drawings(replace(one, recipe_tag=tags[one.codepoint], style=style)
                                 for one in drawn)
            tick(len(drawn))
    return len(tags)


def _text(codepoints: Iterable[int]) -> str:
    return "".join(map(chr, sorted(codepoints)))


def _figure(row: Row) -> str:
    shown = "".join(f'<img alt="{what}" src="{_picture(field)}">'
                    for what, field in (("drawn", row.field), ("printed", row.content))
                    if field is not None)
    scores = ", ".join(f"{name} {value:.2f}" for name, value in row.scores)
    return (f'<figure class="{escape(row.state)}">{shown}<figcaption>{escape(chr(row.codepoint))} '
            f"U+{row.codepoint:04X} {escape(row.state)} {row.score:.2f}"
            f"<small>{escape(scores)}</small></figcaption></figure>")


def _picture(field: Field) -> str:
    grey = np.rint(255 - 255 * coverage(field, _SIDE)).astype(np.uint8)
    stream = io.BytesIO()
    Image.fromarray(grey).save(stream, "PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(stream.getvalue()).decode()}"
