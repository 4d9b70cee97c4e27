"""The open project: read in one thread, changed by whoever may write it just now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from glyphgen.project.document import Project
from glyphgen.studio.work.jobs import Jobs
from glyphgen.studio.work.worker import Edit, apply

T = TypeVar("T")
_UNDOS = 200            # changes that can be taken back


class Mark(NamedTuple):
    """What the review knows of a drawing without its picture."""

    codepoint: int
    state: str
    score: float
    seed: int


class ProjectView(Project):
    """A project with what the review lists."""

    def marks(self) -> list[Mark]:
        """Every drawing, the worst first."""
        return [Mark(*row) for row in self._rows(
            "SELECT codepoint, state, score, seed FROM drawings "
            "ORDER BY state != 'doubtful', score, codepoint")]

    def scores_of(self, codepoint: int) -> dict[str, Any] | None:
        """One drawing's verdict in parts."""
        drawn = next(self.drawings([codepoint]), None)
        if drawn is None:
            return None
        return {"state": drawn.state, "score": drawn.score, "seed": drawn.seed,
                "scores": dict(drawn.scores), "recipe": drawn.recipe_tag}


class Store:
    """One project file for all threads of the server."""

    def __init__(self, path: Path, jobs: Jobs) -> None:
        self.path, self._jobs = path, jobs
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="project")
        self._before: list[tuple[Sequence[int], Sequence[Edit]]] = []
        self._project: ProjectView = self._thread.submit(self._open).result()

    def _open(self) -> ProjectView:
        with Project.open(self.path, create=True) as project:    # made, and seen to be writable
            project.settings()
        return ProjectView.open(self.path, read_only=True)             # type: ignore[return-value]

    def read(self, look: Callable[[ProjectView], T]) -> T:
        """What `look` finds in the project."""
        return self._thread.submit(lambda: look(self._project)).result()

    def change(self, *edits: Edit) -> None:
        """Make changes, through the worker where one has the project."""
        while not self._jobs.edit(edits):
            if not self._jobs.running:
                self._thread.submit(self._apply, edits).result()
                return

    def _apply(self, edits: Sequence[Edit]) -> None:
        with Project.open(self.path) as project:
            apply(project, edits)

    def remember(self, codepoints: Sequence[int]) -> None:
        """Keep these drawings as they are, for `undo`."""
        found = self.read(lambda p: list(p.drawings(codepoints)))
        self.way_back(codepoints, ("put_back", (codepoints, found)))

    def way_back(self, codepoints: Sequence[int], *edits: Edit) -> None:
        """What `undo` is to do about these glyphs."""
        self._before.append((codepoints, edits))
        del self._before[:-_UNDOS]

    def undo(self) -> list[int]:
        """Take the last remembered change back; the codepoints that it changed."""
        if not self._before:
            return []
        points, edits = self._before.pop()
        self.change(*edits)
        return list(points)

    def close(self) -> None:
        self._thread.submit(self._project.close).result()
        self._thread.shutdown()
