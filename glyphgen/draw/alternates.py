"""Further drawings of frequent characters, so that what is repeated differs as it does by hand."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from fonts.drawing import Field
from fonts.regions import frequent
from glyphgen.draw.draw import ready
from glyphgen.progress import Progress
from glyphgen.project.document import Project
from glyphgen.review import config_of

_APART = 0x7A1          # between the turns, which `redo` counts from one


def draw_alternates(project: Project, drawn: Collection[int], have: dict[int, int], most: int,
                    progress: Progress) -> dict[int, list[Field]]:
    """Up to `most` fields (128, 128) of each frequent character among `drawn`, in their order.

    `have` counts further samples, which take the place of as many. What the gate doubts is left
    out. Raises ProjectError for a project without usable samples.
    """
    config = config_of(project)
    wanted = [c for c in map(ord, frequent(config.region)) if c in drawn]
    rounds = [[c for c in wanted if have.get(c, 0) < turn] for turn in range(most, 0, -1)]
    fields: dict[int, list[Field]] = {c: [] for c in wanted}
    if not any(rounds):
        return fields
    keeper = ready(project, config, progress)
    size = keeper.painter.config.batch
    with progress.stage("alternates", sum(map(len, rounds))) as tick:
        for turn, points in enumerate(rounds, 1):
            keeper.turn = turn * _APART
            for batch in _batches(points, size):
                for made in keeper.batch(batch):
                    if made.doubt <= 1:
                        fields[made.codepoint].append(made.field)
                tick(len(batch))
    return fields


def _batches(points: Sequence[int], size: int) -> list[Sequence[int]]:
    return [points[start:start + size] for start in range(0, len(points), size)]
