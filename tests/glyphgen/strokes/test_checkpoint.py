"""The file of the network of strokes."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest
import torch

from glyphgen.network.checkpoint import CheckpointError, packed, write_tensors
from glyphgen.strokes.checkpoint import load_strokes, save_strokes
from glyphgen.strokes.network import StrokeConfig, StrokeNetwork


def test_a_network_comes_back_as_it_was_kept(tmp_path: Path) -> None:
    network = StrokeNetwork(StrokeConfig())
    save_strokes(tmp_path / "s.safetensors", network)
    again = load_strokes(tmp_path / "s.safetensors")
    assert again.config == network.config and not again.training
    for name, tensor in network.state_dict().items():
        assert torch.equal(again.state_dict()[name], tensor)


@pytest.mark.parametrize("change", [{"width": 0}, {"width": True}, {"width": 10**6},
                                    {"nothing": 1}])
def test_another_configuration_is_refused(tmp_path: Path, change: dict[str, object]) -> None:
    config, path = StrokeConfig(), tmp_path / "s.safetensors"
    write_tensors(path, packed(StrokeNetwork(config), "", torch.float32),
                  {"config": json.dumps(asdict(config) | change)})
    with pytest.raises(CheckpointError, match="not a glyphgen checkpoint"):
        load_strokes(path)
