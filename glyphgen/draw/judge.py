"""The judge: is a drawing legible, and read as the character that it should be?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

import numpy as np

from fonts.drawing import Field
from glyphgen.draw.gate import Gate, GateScores, kind_of, score
from glyphgen.hand.prepared import Contents, PreparedHand
from glyphgen.network.recogniser import Recogniser
from glyphgen.project.document import Drawn


class Judge:
    """Rates drawings of one hand, by what is usual in the person's own samples."""

    def __init__(self, hand: PreparedHand, samples: Mapping[int, Field]) -> None:
        self.gate = Gate.load()
        self.reader = Recogniser.load(region=hand.painter.content.region)
        own = [c for c in samples if kind_of(c) == "character"]
        scores = [self._scores(one.framed(part), [samples[c] for c in part])
                  for one, part in hand.parts(own[: hand.painter.config.max_references])]
        self.usual = self.gate.hand([one for part in scores for one in part])

    def rate(self, contents: Contents, fields: Sequence[Field],
             seeds: Sequence[int]) -> list[Drawn]:
        """The drawings (128, 128) of these contents and seeds with the doubt about each."""
        rows = zip(contents.codepoints, fields, seeds, self._scores(contents, fields))
        return [Drawn.from_doubt(codepoint, field, seed, asdict(scores),
                                 self.gate.doubt(scores, self.usual, kind_of(codepoint)))
                for codepoint, field, seed, scores in rows]

    def _scores(self, contents: Contents, fields: Sequence[Field]) -> list[GateScores]:
        if not fields:
            return []
        confused = self.reader.confusion_margin(np.stack(fields), contents.codepoints)
        return [score(field, [*pair], float(read))
                for field, pair, read in zip(fields, contents.pictures.cpu().numpy(), confused)]
