"""Pack trained weights for shipping: `python -m training.release RUN/last.safetensors OUT`."""

from __future__ import annotations

from pathlib import Path

import click
import torch

from glyphgen.checkpoint import CheckpointError, load_model, model_hash, save_model


@click.command()
@click.argument("weights", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
def main(weights: Path, out: Path) -> None:
    """Write WEIGHTS to OUT with its large matrices in int8, half the size of bfloat16."""
    try:
        save_model(out, *load_model(weights), torch.int8)
    except CheckpointError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{out}: {out.stat().st_size / 1e6:.1f} MB, {model_hash(out)[:16]}")


if __name__ == "__main__":
    main()
