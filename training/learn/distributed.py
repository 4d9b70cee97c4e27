"""Training on the processes that `torchrun` started: who takes what, and sums over all of them.

Every process weighs its part of the batch so that the parts' losses and gradients add up to those
of the whole batch. One all-reduce a step carries gradients and loss; DistributedDataParallel
would average parts of unequal weight.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, distributed

from training.learn.batches import Share


@dataclass(frozen=True)
class Processes:
    """This process among `count`; number 0 speaks and writes."""

    device: str
    number: int = 0
    count: int = 1

    def share(self, groups: int) -> Share:
        """The groups of a batch that this process takes; ValueError with too few for all."""
        if groups < self.count:
            raise ValueError(f"{groups} groups a batch are too few for {self.count} processes: "
                             f"start fewer, or give --groups {self.count} or more")
        return Share(groups * self.number // self.count,
                     groups * (self.number + 1) // self.count, groups)

    def agree(self, state: Any) -> Any:
        """What process 0 has."""
        if self.count == 1:
            return state
        box = [state if self.number == 0 else None]
        distributed.broadcast_object_list(box)
        return box[0]

    def add_up(self, parameters: Sequence[Tensor], loss: Tensor) -> float:
        """Sum the gradients, in place, and the loss, returned, over all processes.

        A gradient that no process has stays None.
        """
        if self.count == 1:
            return loss.item()
        there = loss.new_tensor([p.grad is not None for p in parameters])
        parts = [torch.zeros_like(p) if p.grad is None else p.grad for p in parameters]
        flat = torch.cat([loss.detach()[None], there, *(part.flatten() for part in parts)])
        distributed.all_reduce(flat)
        total, there, summed = flat.split([1, len(parts), len(flat) - 1 - len(parts)])
        pieces = summed.split([part.numel() for part in parts])
        for parameter, has, piece in zip(parameters, there.tolist(), pieces):
            parameter.grad = piece.view_as(parameter) if has else None
        return total.item()


@contextmanager
def processes(device: str) -> Iterator[Processes]:
    """The processes that torchrun started, or this one alone."""
    if "TORCHELASTIC_RUN_ID" not in os.environ:
        yield Processes(device)
        return
    on_gpu = torch.device(device).type == "cuda"
    if on_gpu:
        device = f"cuda:{os.environ['LOCAL_RANK']}"
        torch.cuda.set_device(device)
    distributed.init_process_group("nccl" if on_gpu else "gloo")
    try:
        yield Processes(device, distributed.get_rank(), distributed.get_world_size())
    finally:
        distributed.destroy_process_group()
