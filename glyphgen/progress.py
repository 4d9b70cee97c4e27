"""How long work tells whoever asked for it how far it is."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

import click

Tick = Callable[[int], None]


def counted(count: int, what: str) -> str:
    """How many of something, as a person says it: `1 glyph`, `2 glyphs`."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


class Progress(Protocol):
    """Opens one bar after another; the bar is called with how many steps were done."""

    def stage(self, name: str, total: int) -> AbstractContextManager[Tick]:
        """A bar named `name` over `total` steps."""
        ...

    def note(self, line: str) -> None:
        """A line for the person."""
        ...


class Silent:
    """Progress that nobody watches; notes are kept."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    @contextmanager
    def stage(self, name: str, total: int) -> Iterator[Tick]:
        """A bar that draws nothing."""
        yield lambda steps: None

    def note(self, line: str) -> None:
        """Keep the line."""
        self.notes.append(line)


class Bars:
    """Progress as click's bars, on standard error."""

    @contextmanager
    def stage(self, name: str, total: int) -> Iterator[Tick]:
        """One bar with rate and remaining time."""
        with click.progressbar(length=total, label=f"{name:10}", file=sys.stderr,
                               show_pos=total > 1) as bar:
            yield bar.update

    def note(self, line: str) -> None:
        """A line beside the bars."""
        click.echo(line, err=True)
