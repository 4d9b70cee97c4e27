"""Pack trained weights for shipping: `python -m training.release RUN/last.safetensors ... OUT`.

Of several runs that parted from one checkpoint the mean is packed (Wortsman et al. 2022, "Model
soups", uniform soup).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
import torch

from glyphgen.network.checkpoint import CheckpointError, load_model, model_hash, save_model
from glyphgen.network.codec import PatchCodec
from glyphgen.network.model import Generator


def mean_of(paths: Sequence[Path]) -> tuple[Generator, PatchCodec]:
    """The mean network of checkpoints of one shape and codec, else CheckpointError."""
    first, *others = (load_model(path) for path in paths)
    model, codec = first
    wanted = codec.state_dict()
    for number, ((other, its_codec), path) in enumerate(zip(others, paths[1:]), 2):
        same = its_codec.state_dict()
        if other.config != model.config or any(not torch.equal(same[k], wanted[k]) for k in wanted):
            raise CheckpointError(f"{path}: of another shape or codec than {paths[0]}, so there is "
                                  "no mean of them")
        with torch.no_grad():
            for mean, parameter in zip(model.parameters(), other.parameters()):
                mean.lerp_(parameter, 1 / number)
    return model, codec


@click.command()
@click.argument("weights", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
def main(weights: tuple[Path, ...], out: Path) -> None:
    """Write the mean of WEIGHTS to OUT with its large matrices in int8, half of bfloat16's size."""
    try:
        save_model(out, *mean_of(weights), torch.int8)
    except CheckpointError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{out}: {out.stat().st_size / 1e6:.1f} MB, {model_hash(out)[:16]}")


if __name__ == "__main__":
    main()
