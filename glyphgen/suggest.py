"""Which characters would help a hand most: those that show what its samples don't show yet.

Characters are taken one by one that add most for the length of the pen's path: components and
strokes (`glyphgen.coverage`), a dense one, a script that has few samples, a frequent character.
"""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fonts.charset import default_for, named, resolve
from fonts.components import Part, parts
from fonts.content import Content
from fonts.regions import frequent, script_of
from glyphgen.coverage import Coverage, Gains, path, strokes
from glyphgen.progress import counted
from glyphgen.project.document import Project

Reason = Literal["component", "stroke", "dense", "frequent", "script", "doubtful"]

EASE = 0.8                  # power of the pen's path that a character costs

_CROWDED = 0.8              # quantile of the number of strokes that is dense
_DENSE, _SCRIPT = 0.004, 0.005      # what the first dense one is worth, the first of a script
_FEWER = 0.5                # of that, that is left for each next one
_OWN = 0.3                  # what a character is worth by itself, of its weight
_EVERY = 4                  # each so many-th is a doubtful one, where there are any
_WORST = 200                # doubtful drawings that are looked at
_COMMON, _FREQUENT = 4.0, 16.0      # weight of characters that people know, and of the top ones
_SETS = {"cn": ("gb2312-1",), "tw": ("tw4808",), "hk": ("tw4808",), "jp": ("joyo", "kana"),
         "kr": ("ksx1001",)}
# how much of what a person of the region sets is of which script
_SCRIPTS = {"cn": {"han": 0.9, "latin": 0.1}, "jp": {"han": 0.5, "kana": 0.4, "latin": 0.1},
            "kr": {"hangul": 0.9, "latin": 0.1}}
_SCRIPTS_OF_ALL = ("han", "hangul", "kana", "latin")
_WORDS = {"stroke": "strokes unlike the samples'", "dense": "a dense one",
          "frequent": "a frequent one", "script": "few of its script yet",
          "doubtful": "its drawing is doubtful"}


@dataclass(frozen=True)
class Suggestion:
    """A character to write, and why: for a component, how many of the charset have it there."""

    codepoint: int
    reason: Reason
    part: Part | None = None
    count: int = 0

    @property
    def words(self) -> str:
        """One line: character, codepoint, why."""
        why = _WORDS.get(self.reason, "")
        if self.part is not None:
            place = f" ({self.part.place})" if self.part.place else ""
            why = f"component {self.part.name}{place}, in {counted(self.count, 'character')}"
        return f"{chr(self.codepoint)}  U+{self.codepoint:04X}  {why}"


class Wants(NamedTuple):
    """What suggestions depend on: the arguments of `suggest`."""

    samples: tuple[int, ...]
    region: str
    charset: tuple[int, ...]
    doubtful: tuple[int, ...]

    @classmethod
    def of(cls, project: Project) -> Wants:
        """Those of a project, which may have samples alone."""
        region = str(project.get("region", "cn"))
        charset = project.get("codepoints") or resolve(default_for(region)).codepoints
        content = Content(region)
        doubtful = (drawn.codepoint for drawn in project.worst(_WORST)
                    if drawn.state == "doubtful" and content.has(drawn.codepoint))
        return cls(tuple(sample.codepoint for sample in project.samples()), region,
                   tuple(charset), tuple(doubtful))

    def suggest(self, count: int = 20) -> list[Suggestion]:
        """Up to `count` suggestions."""
        return suggest(self.samples, self.region, self.charset, count, self.doubtful)


def suggest(samples: Collection[int], region: str, charset: Sequence[int], count: int = 20,
            doubtful: Sequence[int] = ()) -> list[Suggestion]:
    """Up to `count` characters that a hand with these samples wants most, the first one first.

    charset: what is to be drawn; doubtful: drawings that the gate doubts. Each fourth suggestion
    is one of those, as long as there are any.
    """
    known, weights = familiar(region, charset), weighed(charset, region)
    asked = [c for c in dict.fromkeys(doubtful) if c not in samples]
    if not known:
        return []
    needs = _Needs(charset, weights, [*dict.fromkeys([*known, *asked, *samples])])
    for codepoint in samples:
        needs.see(codepoint)
    found: list[Suggestion] = []
    while len(found) < count:
        turn = len(found) % _EVERY == _EVERY - 1
        best = (needs.best(asked) if turn else None) or needs.best(known)
        if best is None:
            break
        found.append(Suggestion(best, "doubtful") if best in asked else needs.explained(best))
        needs.see(best)
    return found


def suggest_for(project: Project, count: int = 20) -> list[Suggestion]:
    """Suggestions for a project."""
    return Wants.of(project).suggest(count)


def familiar(region: str, charset: Collection[int] = ()) -> list[int]:
    """Characters that a person of the region knows how to write, of the charset's scripts.

    Of the charset itself where the region has none of these scripts.
    """
    points = [*dict.fromkeys(c for name in _SETS[region] for c in named(name).codepoints),
              *filter(_is_plain, named("latin").codepoints)]
    wanted = set(map(script_of, charset)) if charset else set(_SCRIPTS_OF_ALL)
    own = [c for c in points if script_of(c) in wanted and _is_letter(c)]
    return own or [c for c in charset if script_of(c) in _SCRIPTS_OF_ALL and _is_letter(c)]


def _is_letter(codepoint: int) -> bool:
    """Whether it is a letter or digit, no mark among kana such as ・."""
    return unicodedata.category(chr(codepoint)) in ("Lo", "Lu", "Ll", "Nd")


def _is_plain(codepoint: int) -> bool:
    return codepoint < 0x80 and chr(codepoint).isalnum()


def weighed(charset: Collection[int], region: str) -> dict[int, float]:
    """How much each character of the charset weighs, 1 in all: by script, by how common it is."""
    shares = _SCRIPTS.get(region, _SCRIPTS["cn"])
    own = [c for c in charset if script_of(c) in shares] or [*charset]
    common, top = set(familiar(region)), set(map(ord, frequent(region)))
    each = {c: _FREQUENT if c in top else _COMMON if c in common else 1.0 for c in own}
    sums: defaultdict[str, float] = defaultdict(float)
    for c, weight in each.items():
        sums[script_of(c)] += weight
    total = sum(shares.get(script, 1.0) for script in sums)
    return {c: weight / sums[script_of(c)] * shares.get(script_of(c), 1.0) / total
            for c, weight in each.items()}


class _Needs:
    """What each candidate adds to the samples seen so far, for the length of its strokes."""

    def __init__(self, charset: Collection[int], weights: Mapping[int, float],
                 candidates: Sequence[int]) -> None:
        self._counts = Counter(part for c in charset for part in parts(c))
        self._candidates = np.array(candidates, np.int64)
        self._row = {c: i for i, c in enumerate(candidates)}
        self._coverage = Coverage(weights, candidates)
        self._own = np.array([_OWN * weights.get(c, 0.0) for c in candidates])
        self._scripts = [script_of(c) for c in candidates]
        counts = np.array([len(strokes(c)) for c in candidates])
        self._dense = counts >= max(2, np.quantile(counts[counts > 0], _CROWDED)
                                    if counts.any() else np.inf)
        self._cost = np.array([path(c) for c in candidates]) ** EASE
        self._left = {script: _SCRIPT for script in set(map(script_of, weights))}
        self._dense_left = _DENSE
        self._free: NDArray[np.bool_] = np.ones(len(candidates), np.bool_)

    def _gains(self) -> dict[Reason, Gains]:
        """By reason, what each candidate adds (N,)."""
        return {"component": self._coverage.components(), "stroke": self._coverage.strokes(),
                "dense": np.where(self._dense, self._dense_left, 0.0), "frequent": self._own,
                "script": np.array([self._left.get(s, 0.0) for s in self._scripts])}

    def best(self, among: Collection[int]) -> int | None:
        """The one of these that adds most; None where none adds anything."""
        total = np.sum([*self._gains().values()], axis=0) / self._cost
        total[~(self._free & np.isin(self._candidates, [*among]))] = 0
        row = int(total.argmax())
        return int(self._candidates[row]) if total[row] > 0 else None

    def explained(self, codepoint: int) -> Suggestion:
        """What the character adds most by: of its components, its best."""
        row = self._row[codepoint]
        worth = {reason: float(gains[row]) for reason, gains in self._gains().items()}
        reason = max(worth, key=lambda one: worth[one])
        part = self._coverage.part(codepoint)
        if reason != "component" or part is None:
            return Suggestion(codepoint, reason)
        return Suggestion(codepoint, reason, part, self._counts[part])

    def see(self, codepoint: int) -> None:
        """Count a candidate as written."""
        row = self._row[codepoint]
        self._coverage.see(codepoint)
        self._free[row] = False
        if self._scripts[row] in self._left:
            self._left[self._scripts[row]] *= _FEWER
        if self._dense[row]:
            self._dense_left *= _FEWER
