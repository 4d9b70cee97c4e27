"""Weights as safetensors, with the configuration and a digest inside; never pickle."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from glyphgen.codec import PatchCodec
from glyphgen.config import ModelConfig
from glyphgen.model import Generator

WEIGHTS = Path(__file__).parent / "weights" / "glyphgen.safetensors"


class CheckpointError(ValueError):
    """Weights that cannot be used; one line says which file and why."""


def digest(tensors: dict[str, Tensor]) -> str:
    """SHA-256 over names, shapes and bytes, in name order."""
    total = hashlib.sha256()
    for name in sorted(tensors):
        tensor = tensors[name].contiguous().cpu()
        total.update(f"{name}{tuple(tensor.shape)}{tensor.dtype}".encode())
        total.update(tensor.view(torch.uint8).numpy().tobytes() if tensor.ndim else
                     tensor.reshape(1).view(torch.uint8).numpy().tobytes())
    return total.hexdigest()


def save_model(path: Path, model: Generator, codec: PatchCodec,
               dtype: torch.dtype = torch.bfloat16) -> None:
    """Write network (as `dtype`) and codec (float32) to `path`, atomically."""
    tensors = {f"model.{k}": v.detach().to("cpu", dtype).contiguous()
               for k, v in model.state_dict().items()}
    tensors |= {f"codec.{k}": v.detach().cpu().float().contiguous()
                for k, v in codec.state_dict().items()}
    metadata = {"config": json.dumps(asdict(model.config)), "sha256": digest(tensors)}
    temporary = path.with_name(path.name + ".new")
    save_file(tensors, temporary, metadata)
    os.replace(temporary, path)


def load_model(path: Path = WEIGHTS) -> tuple[Generator, PatchCodec]:
    """Network and codec of a checkpoint, float32 on the CPU; CheckpointError where unusable."""
    try:
        with safe_open(path, "pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}
        config = ModelConfig(**json.loads(metadata["config"]))
    except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
        raise CheckpointError(f"{path}: not a glyphgen checkpoint ({error})") from None
    if digest(tensors) != metadata.get("sha256"):
        raise CheckpointError(f"{path}: the weights are damaged (digest differs), install again")
    model, codec = Generator(config), PatchCodec(config)
    try:
        for module, prefix in ((model, "model."), (codec, "codec.")):
            module.load_state_dict({k.removeprefix(prefix): v.float()
                                    for k, v in tensors.items() if k.startswith(prefix)})
    except RuntimeError as error:
        raise CheckpointError(f"{path}: weights and configuration disagree ({error})") from None
    return model.eval(), codec


def model_hash(path: Path = WEIGHTS) -> str:
    """The digest stored in a checkpoint, which names it in project files."""
    with safe_open(path, "pt") as file:
        return (file.metadata() or {}).get("sha256", "")
