"""Muon for the matrices of the network, AdamW for the rest.

Muon (Jordan et al. 2024): momentum orthogonalised by five Newton-Schulz iterations; convolutions
are flattened to matrices (outputs, inputs * 9).
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn

_NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)


def orthogonalise(gradient: Tensor, steps: int = 5, dtype: torch.dtype = torch.bfloat16) -> Tensor:
    """An approximately semi-orthogonal matrix with the row and column space of `gradient`."""
    a, b, c = _NEWTON_SCHULZ
    x = gradient.to(dtype)
    tall = x.shape[0] > x.shape[1]
    if tall:
        x = x.T
    x = x / (x.norm() + 1e-7)
    for _ in range(steps):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return (x.T if tall else x).float()


class Muon(torch.optim.Optimizer):
    """Momentum, orthogonalised; for parameters of two or more dimensions."""

    def __init__(self, parameters: Iterable[Tensor], lr: float, momentum: float = 0.95,
                 weight_decay: float = 0.01, dtype: torch.dtype = torch.bfloat16) -> None:
        super().__init__(parameters, {"lr": lr, "momentum": momentum,
                                      "weight_decay": weight_decay})
        self.dtype = dtype

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """One update of every parameter that has a gradient."""
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                state = self.state[p]
                if not state:
                    state["momentum"] = torch.zeros_like(p)
                state["momentum"].lerp_(p.grad, 1 - group["momentum"])
                update = p.grad.lerp(state["momentum"], group["momentum"]).flatten(1)
                update = orthogonalise(update, dtype=self.dtype)
                rows, columns = update.shape
                size = 0.2 * max(rows, columns) ** 0.5      # AdamW's usual update size
                p.mul_(1 - group["lr"] * group["weight_decay"])
                p.add_(update.reshape(p.shape), alpha=-group["lr"] * size)


def make_optimisers(model: nn.Module, lr: float,
                    dtype: torch.dtype = torch.bfloat16) -> list[torch.optim.Optimizer]:
    """Muon over hidden matrices and convolutions, AdamW over vectors, in- and output layers.

    `dtype` is what Muon orthogonalises in.
    """
    edge = ("enter", "leave", "flow", "skip", "place", "time", "modulate")
    hidden: list[nn.Parameter] = []
    rest: list[nn.Parameter] = []
    for name, parameter in model.named_parameters():
        ends = any(part in edge for part in name.split("."))
        (rest if parameter.ndim < 2 or ends else hidden).append(parameter)
    return [Muon(hidden, lr, dtype=dtype),
            torch.optim.AdamW(rest, lr, betas=(0.9, 0.98), weight_decay=0.0)]


def step_all(optimisers: Iterable[torch.optim.Optimizer], lr: float) -> None:
    """One step of each at this learning rate; gradients are gone after it."""
    for optimiser in optimisers:
        for group in optimiser.param_groups:
            group["lr"] = lr
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)


@torch.no_grad()
def follow(average: nn.Module, network: nn.Module, step: int, most: float) -> None:
    """Draw the average of a network's weights on to what they are after `step`: of the average
    the share `most` is kept, less at first."""
    keep = min(most, (step + 1) / (step + 10))
    for mean, current in zip(average.parameters(), network.parameters()):
        mean.lerp_(current, 1 - keep)
