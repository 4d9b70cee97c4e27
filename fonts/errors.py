"""What a person may read: lines whose parts stay apart, to be said in any language."""

from __future__ import annotations

from collections.abc import Mapping


class Line(str):
    """One line for a person, as a str in English: where, what is wrong, what to do.

    `text` is the sentence with {names}, which also is the key of its translations; `values` what
    stands for the names, lines in their turn or anything; `at` is the file, page or character that
    it is about.
    """

    text: str
    at: str
    values: Mapping[str, object]

    def __new__(cls, text: str, at: object = "", **values: object) -> Line:
        where, said = str(at), text.format(**values) if values else text
        line = super().__new__(cls, f"{where}: {said}" if where else said)
        line.text, line.at, line.values = text, where, values
        return line

    def under(self, at: object) -> Line:
        """The same line about something else, which names what it was about, if anything."""
        return Line(self.text, f"{at}: {self.at}" if self.at else at, **self.values)


class UserError(ValueError):
    """The base of all that a person may read: their input, their files, their machine.

    Whatever else is raised is a fault of this program. `key` is the sentence of a `Line`, or a line
    that another error had.
    """

    def __init__(self, key: str, at: object = "", **values: object) -> None:
        if not isinstance(key, Line):
            key = Line(key, at, **values)
        elif at:
            key = key.under(at)
        super().__init__(key)
        self.line = key
