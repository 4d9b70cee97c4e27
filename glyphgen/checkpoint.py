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


def write_tensors(path: Path, tensors: dict[str, Tensor], metadata: dict[str, str]) -> None:
    """Write tensors with their metadata and digest to `path`, atomically."""
    temporary = path.with_name(path.name + ".new")
    save_file(tensors, temporary, metadata | {"sha256": digest(tensors)})
    os.replace(temporary, path)


def read_tensors(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Tensors and metadata of a safetensors file; CheckpointError for another or a damaged one."""
    try:
        with safe_open(path, "pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}
    except (OSError, SafetensorError, ValueError) as error:
        raise CheckpointError(f"{path}: not a glyphgen checkpoint ({error})") from None
    if digest(tensors) != metadata.get("sha256"):
        raise CheckpointError(f"{path}: the weights are damaged (digest differs), install again")
    return tensors, metadata


def packed(module: torch.nn.Module, prefix: str, dtype: torch.dtype) -> dict[str, Tensor]:
    """The tensors of a module, named with `prefix`, as `dtype` on the CPU."""
    return {prefix + name: value.detach().to("cpu", dtype).contiguous()
            for name, value in module.state_dict().items()}


def unpack(module: torch.nn.Module, prefix: str, tensors: dict[str, Tensor], path: Path) -> None:
    """Load what `packed` made, as float32; CheckpointError where the shapes disagree."""
    try:
        module.load_state_dict({name.removeprefix(prefix): value.float()
                                for name, value in tensors.items() if name.startswith(prefix)})
    except RuntimeError as error:
        raise CheckpointError(f"{path}: weights and configuration disagree ({error})") from None


def save_model(path: Path, model: Generator, codec: PatchCodec,
               dtype: torch.dtype = torch.bfloat16) -> None:
    """Write network (as `dtype`) and codec (float32) to `path`, atomically."""
    tensors = packed(model, "model.", dtype) | packed(codec, "codec.", torch.float32)
    write_tensors(path, tensors, {"config": json.dumps(asdict(model.config))})


def load_model(path: Path = WEIGHTS) -> tuple[Generator, PatchCodec]:
    """Network and codec of a checkpoint, float32 on the CPU; CheckpointError where unusable."""
    tensors, metadata = read_tensors(path)
    try:
        config = ModelConfig(**json.loads(metadata["config"]))
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(f"{path}: not a glyphgen checkpoint ({error})") from None
    model, codec = Generator(config), PatchCodec(config)
    unpack(model, "model.", tensors, path)
    unpack(codec, "codec.", tensors, path)
    return model.eval(), codec


def model_hash(path: Path = WEIGHTS) -> str:
    """The digest stored in a checkpoint, which names it in project files."""
    with safe_open(path, "pt") as file:
        return (file.metadata() or {}).get("sha256", "")
