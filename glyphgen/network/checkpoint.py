"""Weights as safetensors, with the configuration and a digest inside; never pickle."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from fonts.errors import UserError
from glyphgen.config import ModelConfig
from glyphgen.network.codec import PatchCodec
from glyphgen.network.model import Generator

Config = TypeVar("Config", bound=Any)
Network = TypeVar("Network", bound=torch.nn.Module)

WEIGHTS = Path(__file__).parent.parent / "weights" / "glyphgen.safetensors"

_MOST = {"outer_blocks": 64, "inner_blocks": 64, "sources": 2, "reach": 2.0, "patch": 64}
_SMALL = 4096               # numbers up to which a matrix is not worth rounding to bytes
_SCALE = ":scale"
_LARGEST = 1024             # number in the configuration of a small network
_KINDS: dict[str, Any] = {"reach": float, "preset": str}       # the others are int


class CheckpointError(UserError):
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
    except (OSError, SafetensorError, RuntimeError, TypeError, ValueError) as error:
        raise _no_checkpoint(path, error) from None
    if digest(tensors) != metadata.get("sha256"):
        raise CheckpointError("the weights are damaged (digest differs), install again", path)
    if not all(bool(tensor.isfinite().all()) for tensor in tensors.values()):
        raise CheckpointError(f"{path}: its weights are not all numbers; install again")
    return tensors, metadata


def _no_checkpoint(path: Path, error: Exception) -> CheckpointError:
    return CheckpointError(f"{path}: not a glyphgen checkpoint ({_line(error)})")


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]


def packed(module: torch.nn.Module, prefix: str, dtype: torch.dtype) -> dict[str, Tensor]:
    """The tensors of a module, named with `prefix`, as `dtype` on the CPU."""
    return {prefix + name: value.detach().to("cpu", dtype).contiguous()
            for name, value in module.state_dict().items()}


def rounded(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Large matrices as int8 with a float32 scale a row, named `:scale`; the rest as they are.

    Half the size of bfloat16; nl1 of drawings moves by .0014 at most.
    """
    out = dict(tensors)
    for name, value in tensors.items():
        if value.ndim > 1 and value.numel() > _SMALL:
            rows = value.float().flatten(1)                               # (O, I)
            scale = (rows.abs().amax(1, keepdim=True) / 127).clamp_min(1e-12)
            out[name] = (rows / scale).round().to(torch.int8).reshape(value.shape)
            out[name + _SCALE] = scale
    return out


def _exact(name: str, tensors: dict[str, Tensor]) -> Tensor:
    """A tensor as float32, where `rounded` made it int8 too."""
    value, scale = tensors[name].float(), tensors.get(name + _SCALE)
    if scale is None:
        return value
    if scale.shape != (len(value), 1):
        raise RuntimeError(f"{name} has another number of scales than rows")
    return (value.flatten(1) * scale).reshape(value.shape)


def unpack(module: torch.nn.Module, prefix: str, tensors: dict[str, Tensor], path: Path) -> None:
    """Load what `packed` or `rounded` made, as float32; CheckpointError where shapes disagree."""
    try:
        module.load_state_dict({
            name.removeprefix(prefix): _exact(name, tensors) for name in tensors
            if name.startswith(prefix) and not name.endswith(_SCALE)})
    except RuntimeError as error:
        raise CheckpointError(f"{path}: weights and configuration disagree "
                              f"({_line(error)})") from None


def built(path: Path, metadata: Mapping[str, str], kind: Callable[..., Config],
          build: Callable[[Config], Network]) -> Network:
    """The network that is built by the configuration in a checkpoint's metadata.

    CheckpointError where that is none, or a number of it is not from 1 to 1024.
    """
    try:
        config = kind(**json.loads(metadata["config"]))
        numbers = [value for value in asdict(config).values() if not isinstance(value, str)]
        if not all(type(value) is int and 0 < value <= _LARGEST for value in numbers):
            raise ValueError("its configuration is out of range")
        return build(config)
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise _no_checkpoint(path, error) from None


def save_model(path: Path, model: Generator, codec: PatchCodec,
               dtype: torch.dtype = torch.bfloat16) -> None:
    """Write network (as `dtype`; int8: `rounded`) and codec (float32) to `path`, atomically."""
    kind = torch.bfloat16 if dtype is torch.int8 else dtype
    tensors = packed(model, "model.", kind)
    tensors = rounded(tensors) if dtype is torch.int8 else tensors
    tensors |= packed(codec, "codec.", torch.float32)
    write_tensors(path, tensors, {"config": json.dumps(asdict(model.config))})


def read_checkpoint(path: Path) -> tuple[ModelConfig, dict[str, Tensor]]:
    """Configuration and tensors of a checkpoint; CheckpointError where unusable."""
    tensors, metadata = read_tensors(path)
    try:
        return _checked(ModelConfig(**json.loads(metadata["config"]))), tensors
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise _no_checkpoint(path, error) from None


def load_model(path: Path = WEIGHTS) -> tuple[Generator, PatchCodec]:
    """Network and codec of a checkpoint, float32 on the CPU; CheckpointError where unusable."""
    config, tensors = read_checkpoint(path)
    if config.preset != ModelConfig.preset:
        raise CheckpointError(f"{path}: trained with --preset {config.preset[:20]!r}, to be "
                              "measured with training.ablations; glyphs are drawn by \"flow\"")
    with torch.device("meta"):          # so that a file asks for no more memory than it fills
        asked = {f"model.{name}": value.shape
                 for name, value in Generator(config).state_dict().items()}
    if any(name not in tensors or tensors[name].shape != shape for name, shape in asked.items()):
        raise CheckpointError(f"{path}: weights and configuration disagree")
    model, codec = Generator(config, model_hash(path)), PatchCodec(config)
    unpack(model, "model.", tensors, path)
    unpack(codec, "codec.", tensors, path)
    return model.eval(), codec


def _checked(config: ModelConfig) -> ModelConfig:
    """The configuration; ValueError where no network can be made by it."""
    for name, value in asdict(config).items():
        kind = _KINDS.get(name, int)
        if type(value) is not kind or kind is not str and not 0 < value <= _MOST.get(name, 4096):
            raise ValueError(f"its {name} is {str(value)[:20]}")
    if 128 % config.patch or config.flow % config.grid or config.inner % config.heads:
        raise ValueError("the parts of its configuration do not fit")
    return config


def model_hash(path: Path = WEIGHTS) -> str:
    """The digest stored in a checkpoint, which names it in project files."""
    try:
        with safe_open(path, "pt") as file:
            return str((file.metadata() or {}).get("sha256", ""))
    except (OSError, SafetensorError) as error:
        raise _no_checkpoint(path, error) from None
