"""Further drawings of frequent characters, so that what is repeated differs as it does by hand."""

from __future__ import annotations

from collections.abc import Collection

from fonts.drawing import Drawing, Field
from fonts.regions import frequent
from glyphgen.config import from_settings
from glyphgen.draw.draw import draw_batches
from glyphgen.draw.judge import Judge
from glyphgen.hand.opened import open_hand
from glyphgen.progress import Progress
from glyphgen.project.document import Project
from glyphgen.project.records import Forms, drawing_of

_APART = 0x7A1          # between the redraw numbers of alternates; `redo` counts from one


def further_forms(project: Project, there: Collection[int], most: int, progress: Progress,
                  engine: str = "local") -> dict[int, Forms]:
    """Up to `most` further forms of each character that takes turns: samples, then drawings."""
    current = {s.digest for s in project.samples()}
    written: dict[int, list[Field]] = {}
    for sample in project.samples(every=True):
        forms = written.setdefault(sample.codepoint, [])
        if sample.digest not in current and len(forms) < most:
            forms.append(sample.field)
    have = {c: len(forms) for c, forms in written.items()}
    drawn = draw_alternates(project, there, have, most, progress, engine)
    both = {c: (written.get(c, []), drawn.get(c, [])) for c in dict.fromkeys((*drawn, *written))}
    return {c: forms for c, forms in both.items() if any(forms)}


def draw_alternates(project: Project, drawn: Collection[int], have: dict[int, int], most: int,
                    progress: Progress, engine: str = "local") -> dict[int, list[Drawing]]:
    """Up to `most` drawings (128, 128) of each frequent character among `drawn`, in their order.

    `have` counts further samples, which take the place of as many. What the gate doubts is left
    out. Raises ProjectError for a project without usable samples.
    """
    config = from_settings(project.settings(), engine=engine)
    wanted = [c for c in map(ord, frequent(config.region)) if c in drawn]
    rounds = [[c for c in wanted if have.get(c, 0) < number] for number in range(most, 0, -1)]
    forms: dict[int, list[Drawing]] = {c: [] for c in wanted}
    if not any(rounds):
        return forms
    hand, samples = open_hand(project, config, progress)
    judge = Judge(hand, samples)
    with progress.stage("alternates", sum(map(len, rounds))) as tick:
        for number, points in enumerate(rounds, 1):
            for batch in draw_batches(hand, judge, points, number * _APART, engine):
                for one in batch:
                    if one.state == "drawn":
                        forms[one.codepoint].append(drawing_of(one))
                tick(len(batch))
    return forms
