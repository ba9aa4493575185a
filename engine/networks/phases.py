"""The way back through a convolution at stride 2 by one at stride 1: of few channels, and so of pictures.

An even or an odd pixel is made of those positions alone whose kernels reach it: four convolutions, made at once.
"""

from __future__ import annotations

import torch
from torch import Tensor

_PHASES = 4  # of a picture's pixels: even or odd, down and across
_LANES = 8  # channels that oneDNN makes at once: 12 take a third longer than 16


def turned(weight: Tensor) -> Tensor:
    """Return the kernel of the way back of ``weight`` (channels, channels given, side, side)."""
    made, given, side, _ = weight.shape
    reach = -(-side // 2)
    kernels = weight.new_zeros(-(-given * _PHASES // _LANES) * _LANES, made, reach, reach)
    for phase in range(_PHASES):
        taps = weight[:, :, phase // 2 :: 2, phase % 2 :: 2].flip(2, 3).transpose(0, 1)
        kernels[phase * given : (phase + 1) * given, :, reach - taps.shape[2] :, reach - taps.shape[3] :] = taps
    return kernels.contiguous(memory_format=torch.channels_last)


def joined(found: Tensor, size: torch.Size, top: int, left: int) -> Tensor:
    """Return an image of ``size`` of what such a kernel makes of gradients, padded by its side less one.

    ``top`` and ``left`` are how much the image was padded there.
    """
    _, channels, height, width = size
    rows, columns = -(-(top + height) // 2), -(-(left + width) // 2)
    pixels = found[:, : channels * _PHASES, :rows, :columns].permute(0, 2, 3, 1)
    # Colours stay beside each other, a pixel and its right neighbour: six numbers are copied at once.
    whole = (
        pixels.reshape(-1, rows, columns, 2, 2, channels).transpose(2, 3).reshape(-1, 2 * rows, 2 * columns, channels)
    )
    return whole.permute(0, 3, 1, 2)[:, :, top : top + height, left : left + width]
