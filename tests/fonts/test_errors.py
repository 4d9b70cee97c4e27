"""Lines for people, and the errors that carry them."""

from __future__ import annotations

import pickle

from fonts.errors import Line, UserError


def test_a_line_says_where_and_what() -> None:
    line = Line("{n} pages; {most} are the most", "a.pdf", n=200, most=100)
    assert line == "a.pdf: 200 pages; 100 are the most"
    assert line.under("folder") == "folder: a.pdf: 200 pages; 100 are the most"
    assert Line("a brace } is one") == "a brace } is one"


def test_an_error_keeps_the_parts_of_its_line() -> None:
    first = UserError("{n} pages", "a.pdf", n=3)
    other = pickle.loads(pickle.dumps(UserError(first.line, "folder")))
    assert str(other) == "folder: a.pdf: 3 pages"
    assert (other.line.text, other.line.at, other.line.values) == ("{n} pages", "folder: a.pdf",
                                                                   {"n": 3})
