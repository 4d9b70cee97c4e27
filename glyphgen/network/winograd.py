"""3 x 3 convolutions in float32 with a quarter of the products: Winograd's F(4 x 4, 3 x 3).

A tile of 4 x 4 outputs takes 36 products a channel instead of 144 (Lavin and Gray 2016, "Fast
algorithms for convolutional neural networks"). To draw with, where there is no faster type: results
differ from the plain sum's by some 1e-5 of their size.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

_TILE, _SEEN = 4, 6     # positions a side of a tile of outputs, and of the inputs that it sees

# of the interpolation points 0, 1, -1, 2, -2 and infinity: inputs, kernels and back
_INPUT = torch.tensor([[4, 0, -5, 0, 1, 0], [0, -4, -4, 1, 1, 0], [0, 4, -4, -1, 1, 0],
                       [0, -2, -1, 2, 1, 0], [0, 2, -1, -2, 1, 0], [0, 4, 0, -5, 0, 1.0]])
_KERNEL = torch.tensor([[6, 0, 0], [-4, -4, -4], [-4, 4, -4], [1, 2, 4], [1, -2, 4],
                        [0, 0, 24.0]]).double() / 24
_BACK = torch.tensor([[1, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0], [0, 1, 1, 4, 4, 0],
                      [0, 1, -1, 8, -8, 1.0]])


class WinogradConv(nn.Module):
    """What a 3 x 3 convolution of stride 1 and padding 1 gives, on channels-last tensors.

    (N, H, W, C) to (N, H, W, D), H and W multiples of 4.
    """

    kernels: Tensor         # (36, C, D)
    bias: Tensor            # (D,)
    input: Tensor           # (36, 36)
    back: Tensor            # (16, 36)

    def __init__(self, conv: nn.Conv2d) -> None:
        super().__init__()
        assert conv.kernel_size == (3, 3) and conv.stride == (1, 1) and conv.bias is not None
        kernels = torch.einsum("ia,dcab,jb->ijcd", _KERNEL, conv.weight.detach().double(), _KERNEL)
        self.register_buffer("kernels", kernels.flatten(0, 1).float().contiguous())
        self.register_buffer("bias", conv.bias.detach().float())
        self.register_buffer("input", torch.kron(_INPUT, _INPUT))
        self.register_buffer("back", torch.kron(_BACK, _BACK))

    def forward(self, x: Tensor) -> Tensor:
        count, rows, columns, channels = x.shape
        padded = x.new_zeros(count, rows + 2, columns + 2, channels)
        padded[:, 1:-1, 1:-1] = x
        tiles = padded.unfold(1, _SEEN, _TILE).unfold(2, _SEEN, _TILE)      # (N, h, w, C, 6, 6)
        seen = tiles.permute(4, 5, 0, 1, 2, 3).reshape(_SEEN**2, -1)
        parts = (self.input @ seen).view(_SEEN**2, -1, channels)            # (36, N h w, C)
        made = self.back @ torch.bmm(parts, self.kernels).view(_SEEN**2, -1)
        made = made.view(_TILE, _TILE, count, rows // _TILE, columns // _TILE, -1)
        return made.permute(2, 3, 0, 4, 1, 5).reshape(count, rows, columns, -1) + self.bias


def quicken(network: nn.Module) -> None:
    """Replace the 3 x 3 convolutions of stride 1 in a network, however deep they are in it."""
    for name, part in network.named_children():
        if isinstance(part, nn.Conv2d) and part.stride == (1, 1):
            setattr(network, name, WinogradConv(part))
        else:
            quicken(part)
