"""Train the network of style: `python -m training.measure.style_reader FILE --shard CACHE ...`.

The convolutions are the recogniser's. What is learnt is the head: Fisher's linear discriminants,
the directions in which faces differ most for how much one face's characters differ. That has one
solution, so nothing is drawn at random but the glyphs. A face whose weight, slant or proportions
were changed counts as another face.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import click
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fonts.drawing import SPREAD
from fonts.regions import script_of
from glyphgen.network.recogniser import Recogniser
from training.cache import Shard, open_shards
from training.corpus import commit
from training.learn.augment import AugmentConfig, augment
from training.measure.lineup import KNOWN, TOGETHER, LineUp
from training.measure.style import WIDTH, StyleNet, StyleReader

_LEAST = 2 * TOGETHER       # glyphs of a script that a face needs
_PART = 50                  # glyphs that are seen at once


@dataclass(frozen=True)
class StyleConfig:
    """Settings of one run."""

    glyphs: int = 100           # of a face, at most
    changed: int = 1            # how many changed faces are made of each
    glyphs_changed: int = 24
    ridge: float = 0.003        # how much of the variation within a face counts as even
    seed: int = 0


@dataclass(frozen=True)
class Known:
    """The glyphs of one face and script; `synthetic` ones are no one's rivals."""

    shard: Shard
    rows: NDArray[np.int64]
    design: str
    synthetic: bool

    def fields(self, rng: np.random.Generator, most: int) -> Tensor:
        """Fields (N, 128, 128) of different characters in random order, at most so many."""
        rows = rng.permutation(self.rows)[:most]
        return torch.from_numpy(self.shard.glyphs[rows]).float() * (SPREAD / 127)


def known_faces(shards: Sequence[Shard]) -> dict[str, list[Known]]:
    """Faces by script, `han` and `hangul`, those with enough glyphs of it."""
    out: dict[str, list[Known]] = {"han": [], "hangul": []}
    for shard in shards:
        scripts = np.array([script_of(int(c)) for c in shard.index["codepoint"]])
        for number, record in enumerate(shard.faces):
            own = shard.index["face"] == number
            for script, faces in out.items():
                rows = np.flatnonzero(own & (scripts == script))
                if len(rows) >= _LEAST:
                    faces.append(Known(shard, rows, record["design"],
                                       record["category"] == "synthetic"))
    return out


def discriminants(features: NDArray[np.float64], faces: NDArray[np.int64], ridge: float
                  ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Fisher's discriminants (F, WIDTH) of features (N, F) of faces 0, 1 ... (N,), and the mean.

    Within a face, variation is even in all of the directions; those in which the faces' means
    differ most come first. ValueError where there are no more faces than directions.
    """
    means = np.stack([features[faces == face].mean(0) for face in range(faces.max() + 1)])
    if len(means) <= WIDTH:
        raise ValueError(f"{len(means)} faces, changed ones included, are too few to tell hands "
                         f"apart by; give caches that hold more than {WIDTH}")
    within = np.cov((features - means[faces]).T)
    size = np.sqrt(np.diag(within)).clip(1e-9)
    within = (1 - ridge) * within / np.outer(size, size) + ridge * np.eye(len(size))
    values, vectors = np.linalg.eigh(within)
    even = vectors / np.sqrt(values) / size[:, None]
    apart = np.linalg.svd((means - means.mean(0)) @ even, full_matrices=False)[2]
    return even @ apart[:WIDTH].T, features.mean(0)


@torch.inference_mode()
def seen(network: StyleNet, faces: Mapping[str, Sequence[Known]], config: StyleConfig
         ) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Features (N, FEATURES) of glyphs and their faces' numbers (N,)."""
    features, numbers, number = [], [], 0
    known = [face for of_script in faces.values() for face in of_script]
    with click.progressbar(known, label="faces") as bar:
        for face in bar:
            rng = np.random.default_rng((config.seed, number))
            own = torch.Generator().manual_seed(config.seed + number)
            kinds = [face.fields(rng, config.glyphs)]
            for _ in range(config.changed):
                glyphs = face.fields(rng, config.glyphs_changed)
                kinds += [augment(glyphs[None], replace(AugmentConfig(), share=1.0), own)[0]]
            for fields in kinds:
                features += [network.features(part) for part in fields.split(_PART)]
                numbers += [number] * len(fields)
                number += 1
    return torch.cat(features).double().numpy(), np.array(numbers)


def train(shards: Sequence[Path], config: StyleConfig) -> tuple[StyleReader, int]:
    """The network, and how many faces it has learnt from. ValueError for faces not of `train`."""
    network = StyleNet()
    taught = Recogniser.load().embedder.body.state_dict()
    network.body.load_state_dict({name: taught[name] for name in network.body.state_dict()})
    faces = known_faces([*open_shards(shards, ("train",))])
    directions, mean = discriminants(*seen(network, faces, config), config.ridge)
    with torch.no_grad():
        network.head.weight.copy_(torch.from_numpy(directions.T))
        network.head.bias.copy_(torch.from_numpy(-mean @ directions))
    return StyleReader(network), sum(map(len, faces.values()))


def found(reader: StyleReader, shards: Sequence[Path], valid: Path) -> dict[str, list[float]]:
    """Per face of `valid`: how often single glyphs and means of eight find it among all faces.

    Glyphs are genuine ones, of other characters than a face is known by; the other faces are those
    of `shards`.
    """
    rivals, shares = known_faces([*open_shards(shards, ("train",))]), {}
    rng = np.random.default_rng(1)
    for script, unseen in known_faces([*open_shards([valid], ("valid",))]).items():
        hands = [reader.vectors([*face.fields(rng, KNOWN).numpy()])
                 for face in rivals[script] if unseen and not face.synthetic]
        for face in unseen:
            glyphs = reader.vectors([*face.fields(rng, len(face.rows)).numpy()])
            line_up = LineUp.of(glyphs[:KNOWN], hands)
            shares[face.design] = [round(float(line_up.hits(glyphs[KNOWN:], k).mean()), 3)
                                   for k in (1, TOGETHER)]
    return shares


@click.command()
@click.argument("target", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--shard", "shards", multiple=True, required=True,
              type=click.Path(path_type=Path, exists=True), help="A cache of faces of train.")
@click.option("--valid", type=click.Path(path_type=Path, exists=True),
              help="A cache of faces to try the network on.")
@click.option("--changed", default=StyleConfig.changed, show_default=True,
              help="Changed faces that are made of each.")
@click.option("--ridge", default=StyleConfig.ridge, show_default=True)
@click.option("--seed", default=StyleConfig.seed, show_default=True)
def main(target: Path, shards: tuple[Path, ...], valid: Path | None, changed: int, ridge: float,
         seed: int) -> None:
    """Train on caches of `train` faces and write FILE, a safetensors file."""
    torch.set_num_threads(1)
    config = StyleConfig(changed=changed, ridge=ridge, seed=seed)
    try:
        reader, faces = train(shards, config)
        reader.save(target, {"config": json.dumps(asdict(config)), "commit": commit(),
                             "faces": str(faces)})
        if valid is not None:
            click.echo(json.dumps(found(reader, shards, valid), ensure_ascii=False))
    except ValueError as error:
        raise click.ClickException(str(error)) from None


if __name__ == "__main__":
    main()
