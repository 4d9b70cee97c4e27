"""Which character a drawing is: one embedding for glyphs and for content drawings.

A glyph is read as the character whose content drawing lies nearest, so that every character of the
content font can be told from every other, whether it was a class in training or not.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from fonts.content import Content
from fonts.drawing import SPREAD
from glyphgen.network.checkpoint import packed, read_tensors, unpack, write_tensors
from glyphgen.network.frame import affine_grid, moments

RECOGNISER = Path(__file__).parent.parent / "weights" / "recogniser.safetensors"
FORMS = RECOGNISER.with_name("recogniser-jp.safetensors")
SIDE = 64             # pixels a side of what the network sees
WIDTH = 128           # of an embedding
_SPREAD = 0.42        # of the ink after normalisation, in -1..1 coordinates
_BATCH = 16
_TWIN = 0.95          # cosine of content drawings above which two characters look the same
_THIN = 0.10          # a smaller spread is not stretched further: 一


def upright(fields: Tensor, shake: Tensor | None = None) -> Tensor:
    """Fields (N, 128, 128) as (N, 1, 64, 64), their ink in one place and size.

    `shake` (N, 2, 3) is added to the affines: augmentation.
    """
    mean, spread, _ = moments(fields)
    theta = torch.zeros(len(fields), 2, 3, device=fields.device)
    theta[:, [0, 1], [0, 1]] = spread.clamp_min(_THIN) / _SPREAD
    theta[:, :, 2] = mean
    if shake is not None:
        theta = theta + shake
    seen = F.grid_sample(fields[:, None], affine_grid(theta, SIDE), padding_mode="border",
                         align_corners=False)
    return seen / SPREAD


class _Residual(nn.Module):
    """Two convolutions around a sum."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.GroupNorm(8, width), nn.SiLU(), nn.Conv2d(width, width, 3, padding=1),
            nn.GroupNorm(8, width), nn.SiLU(), nn.Conv2d(width, width, 3, padding=1))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x)


class Embedder(nn.Module):
    """Fields (N, 128, 128) to unit embeddings (N, WIDTH)."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.Conv2d(1, 24, 5, 2, 2)]
        for before, after in ((24, 48), (48, 96), (96, 192)):
            layers += [nn.SiLU(), nn.Conv2d(before, after, 3, 2, 1), _Residual(after)]
        self.body = nn.Sequential(*layers, nn.GroupNorm(8, 192), nn.SiLU(), nn.Flatten(),
                                  nn.Linear(16 * 192, WIDTH))

    def forward(self, fields: Tensor, shake: Tensor | None = None) -> Tensor:
        return F.normalize(self.body(upright(fields, shake)).float(), dim=1)


class Recogniser:
    """Reads drawings: the network, and the embedding of every character that it knows."""

    def __init__(self, embedder: Embedder, codepoints: NDArray[np.int64],
                 gallery: NDArray[np.float32]) -> None:
        self.embedder = embedder.eval()
        self.codepoints = codepoints                                      # (K,) ascending
        self.gallery = torch.from_numpy(gallery)                          # (K, WIDTH) unit

    @classmethod
    def load(cls, path: Path = RECOGNISER, region: str = "cn") -> Recogniser:
        """The shipped one, for a region's forms; CheckpointError where a file cannot be used."""
        tensors, _ = read_tensors(path)
        embedder = Embedder()
        unpack(embedder, "embedder.", tensors, path)
        reader = cls(embedder, *_gallery(tensors))
        own = Content(region).own_kai
        return reader.with_forms(*_gallery(read_tensors(FORMS)[0]), own) if own else reader

    def with_forms(self, codepoints: NDArray[np.int64], gallery: NDArray[np.float32],
                   drawn: Container[int]) -> Recogniser:
        """The same, but that those characters which are `drawn` in another form have the other
        embeddings (M, WIDTH) of these codepoints (M,), all of them known here."""
        chosen = [i for i, codepoint in enumerate(codepoints.tolist()) if codepoint in drawn]
        whole = self.gallery.numpy().copy()
        whole[np.searchsorted(self.codepoints, codepoints[chosen])] = gallery[chosen]
        return Recogniser(self.embedder, self.codepoints, whole)

    def save(self, path: Path) -> None:
        """Write the network as bfloat16 and the embeddings as int8, atomically."""
        tensors = packed(self.embedder, "embedder.", torch.bfloat16)
        write_tensors(path, tensors | self._packed(self.codepoints), {})

    def save_forms(self, path: Path, codepoints: NDArray[np.int64]) -> None:
        """Write the embeddings of these characters alone, as int8, atomically."""
        write_tensors(path, self._packed(codepoints), {})

    def _packed(self, codepoints: NDArray[np.int64]) -> dict[str, Tensor]:
        gallery = self.gallery[np.searchsorted(self.codepoints, codepoints)]
        scale = 127 / gallery.abs().amax(1, keepdim=True)
        return {"gallery": (gallery * scale).round().to(torch.int8),
                "codepoints": torch.from_numpy(codepoints).int()}

    @torch.inference_mode()
    def embed(self, fields: NDArray[np.float32]) -> Tensor:
        """Unit embeddings (N, WIDTH) of fields (N, 128, 128); independent of the batch."""
        batches = torch.from_numpy(fields).split(_BATCH)
        return torch.cat([self.embedder(_filled(part))[: len(part)] for part in batches])

    def confusion_margin(self, fields: NDArray[np.float32], codepoints: Sequence[int]
                 ) -> NDArray[np.float32]:
        """How much nearer each drawing (N, 128, 128) is to another character than to its own.

        Differences of cosines (N,): positive where it would be read as another, 0 for characters
        that are not in the gallery. Those that look the same are not held against each other.
        """
        places = np.searchsorted(self.codepoints, np.array(codepoints))
        own = torch.from_numpy(places.clip(max=len(self.codepoints) - 1))
        seen = self.embed(fields) @ self.gallery.T                        # (N, K)
        near = seen.gather(1, own[:, None])
        twins = self.gallery[own] @ self.gallery.T > _TWIN
        nearer = (seen.masked_fill(twins, -1).amax(1, keepdim=True) - near)[:, 0].numpy()
        return np.where(self.codepoints[own.numpy()] == codepoints, nearer, np.float32(0))

    def likeness(self, fields: NDArray[np.float32], codepoints: Sequence[int]
                 ) -> NDArray[np.float32]:
        """Cosines (N, K) of drawings (N, 128, 128) and K characters, NaN for those it lacks."""
        places = np.searchsorted(self.codepoints, np.array(codepoints)).clip(
            max=len(self.codepoints) - 1)
        seen = (self.embed(fields) @ self.gallery[torch.from_numpy(places)].T).numpy()
        return np.where(self.codepoints[places] == np.array(codepoints), seen, np.float32(np.nan))

    def read(self, fields: NDArray[np.float32]) -> list[int]:
        """The codepoints that drawings (N, 128, 128) are most like."""
        return self.codepoints[(self.embed(fields) @ self.gallery.T).argmax(1).numpy()].tolist()


def _gallery(tensors: Mapping[str, Tensor]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Codepoints (K,) and their unit embeddings (K, WIDTH), of what a file holds."""
    gallery = F.normalize(tensors["gallery"].float(), dim=1)
    return tensors["codepoints"].long().numpy(), gallery.numpy()


def _filled(fields: Tensor) -> Tensor:
    """Fields (at most _BATCH, 128, 128), repeated to one whole batch."""
    return fields[torch.arange(_BATCH).clamp_max(len(fields) - 1)]
