"""Convolutions with fewer products: the same numbers, in the network that draws and no other."""

from __future__ import annotations

import torch

from glyphgen.config import ModelConfig
from glyphgen.network.model import Conv, Denoiser
from glyphgen.network.winograd import WinogradConv

SMALL = ModelConfig(latent=12, width=16, inner=32, outer_blocks=1, inner_blocks=1, heads=2)


@torch.inference_mode()
def test_it_is_a_convolution() -> None:
    torch.manual_seed(0)
    conv, x = Conv(5, 7), torch.randn(2, 8, 12, 5)
    assert torch.allclose(WinogradConv(conv)(x), conv(x), atol=2e-5)


@torch.inference_mode()
def test_a_float32_copy_draws_as_the_network_does() -> None:
    torch.manual_seed(0)
    network = Denoiser(SMALL)
    for parameter in network.parameters():          # where layers begin at zero, nothing shows
        parameter.add_(0.05 * torch.randn_like(parameter))
    copy = network.drawing(torch.float32)
    given = (torch.randn(2, 16, 16, 12), torch.zeros(1), torch.randn(2, 16, 16, 24),
             torch.randn(1, 6, 32), torch.randn(1, 32))
    for one, other in zip(copy(*given), network(*given)):
        assert torch.allclose(one, other, atol=1e-3, rtol=1e-4)
    quick = [name for name, part in copy.named_modules() if isinstance(part, WinogradConv)]
    assert sorted(quick) == ["after.0.conv1", "after.0.conv2", "before.0.conv1", "before.0.conv2",
                             "enter", "middle.0.conv1", "middle.0.conv2"]
    assert not any(isinstance(part, WinogradConv)
                   for part in network.drawing(torch.bfloat16).modules())
