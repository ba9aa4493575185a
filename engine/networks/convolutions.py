"""Convolutions, most with a ReLU: what networks by torchvision are made of, in torch's way and in one of our own.

Ours is the same sums, faster on a processor: 3 × 3 by Winograd's way, ReLUs bent before they are written, and ways back
that are convolutions themselves. docs/decisions/0013-googlenet-by-winograd.md has what that saves.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.networks import phases
from engine.networks.onednn import Bend, convolved
from engine.networks.winograd import GROWTH, Desk, Winograd

# Channels that go in times channels that come out, from which Winograd's way is faster. On one thread it takes 27 ms of
# 49 for 128 to 192 (64 × 64 positions), 18 of 24 for 96 to 128, as long as oneDNN for 64 to 64; more for 32 to 96.
_LEAST_PAIRS = 2**13
_COLORS = 3
# Multiplications of a convolution below which torch's way there and back is as fast: ours has more parts. GoogLeNet's
# gradient takes 75, 128, 228 and 401 ms at 187, 261, 366 and 512 pixels by that; all in our way 84, 135, 232 and 414,
# and in torch's 76, 136, 251 and 488 (two threads, a quiet machine).
LEAST_WORK = 30_000_000


class _Way(Enum):
    """How the gradient goes back."""

    WINOGRAD = auto()
    TURNED = auto()  # by a convolution whose kernel is turned round
    PHASED = auto()  # likewise, for the four phases of a picture's pixels
    TORCH = auto()


class Convolution(nn.Module):
    """A convolution with its batch norm folded in; ``bends``: a ReLU follows."""

    def __init__(self, convolution: nn.Conv2d, *, bends: bool) -> None:
        super().__init__()
        self.convolution, self.bends = convolution, bends
        self._way = _way_of(convolution)
        self._fused = False  # whether our way is gone
        self._desk: Desk | None = None  # of Winograd's
        self._kernel: Winograd | Tensor | None = None  # made once it is asked for: not every stage is run

    @property
    def may_go_winograds_way(self) -> bool:
        """Whether Winograd's way is one of a convolution like this."""
        return _way_of(self.convolution, winograd=True) is _Way.WINOGRAD

    def fuse(self, *, fused: bool, desk: Desk | None = None) -> None:
        """Go our way from now on, on a processor, or torch's; Winograd's too at a ``desk``, that others may share.

        What takes fewer than ``LEAST_WORK`` multiplications goes torch's way all the same.
        """
        self._fused, self._desk, self._kernel = fused, desk, None
        self._way = _way_of(self.convolution, winograd=desk is not None)

    @property
    def bytes_to_come(self) -> int:
        """The bytes of what the first picture will have made and kept."""
        if not self._fused or self._kernel is not None or self._way is _Way.TORCH:
            return 0
        return self.convolution.weight.nbytes * (GROWTH if self._way is _Way.WINOGRAD else 1)

    def forward(self, image: Tensor) -> Tensor:
        """Return what is made of ``image`` (batch, channels, height, width)."""
        if self._fused and image.device.type == "cpu" and self._work(image) >= LEAST_WORK:
            ours: Tensor = _Convolved.apply(image, self)
            return ours
        made: Tensor = self.convolution(image)
        return functional.relu(made, inplace=True) if self.bends else made

    def fused(self, image: Tensor) -> Tensor:
        """Return the same in our way; nothing is kept for a gradient."""
        at = self.convolution
        kernel = self._back_kernel()
        if isinstance(kernel, Winograd):
            return kernel.forward(image, at.bias, bends=self.bends)
        bend: Bend = "relu" if self.bends else "none"
        return convolved(image, at.weight, at.bias, at.stride, _padding(at), at.dilation, at.groups, bend)

    def _work(self, image: Tensor) -> int:
        """Return about how many multiplications an image takes."""
        down, across = self.convolution.stride
        positions = len(image) * (image.shape[2] // down) * (image.shape[3] // across)
        return positions * self.convolution.weight.numel()

    @property
    def needs_image(self) -> bool:
        """Whether the way back looks at the image, and not only at its size."""
        return self._way is _Way.TORCH

    def back(self, given: Tensor, bent: Tensor | None, image: Tensor | None, size: torch.Size) -> Tensor:
        """Return the gradient by an image of ``size``, of ``given`` by what was made of it (``bent``, if it bends)."""
        at, kernel = self.convolution, self._back_kernel()
        if isinstance(kernel, Winograd):
            return kernel.back(given, bent)
        gradient = given.contiguous(memory_format=torch.channels_last) if bent is None else _unbent(given, bent)
        if kernel is None:
            gradients = torch.ops.aten.convolution_backward(
                *(gradient, image, at.weight, None, at.stride, _padding(at), at.dilation, False, [0, 0], at.groups),
                [True, False, False],
            )
            made: Tensor = gradients[0]
            return made
        if self._way is _Way.PHASED:
            found = convolved(gradient, kernel, padding=[side - 1 for side in kernel.shape[2:]])
            return phases.joined(found, size, *_padding(at))
        padding = [side - 1 - pad for side, pad in zip(at.kernel_size, _padding(at), strict=True)]
        return convolved(gradient, kernel, padding=padding)

    def _back_kernel(self) -> Winograd | Tensor | None:
        if self._kernel is None and self._way is not _Way.TORCH:
            weight = self.convolution.weight
            match self._way:
                case _Way.WINOGRAD:
                    self._kernel = Winograd(weight, self._desk or Desk())
                case _Way.PHASED:
                    self._kernel = phases.turned(weight)
                case _Way.TURNED:
                    turned = weight.flip(2, 3).transpose(0, 1)
                    self._kernel = turned.contiguous(memory_format=torch.channels_last)
        return self._kernel


class _Convolved(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, image: Tensor, ours: Convolution) -> Tensor:
        made = ours.fused(image)
        ctx.ours, ctx.size = ours, image.shape
        ctx.save_for_backward(made if ours.bends else None, image if ours.needs_image else None)
        return made

    @staticmethod
    def backward(ctx: Any, given: Tensor) -> tuple[Tensor, None]:
        return ctx.ours.back(given, *ctx.saved_tensors, ctx.size), None


def _way_of(at: nn.Conv2d, *, winograd: bool = False) -> _Way:
    if at.groups > 1 or set(at.dilation) != {1}:
        return _Way.TORCH
    padding = _padding(at)
    if at.stride == (1, 1):
        pairs = at.in_channels * at.out_channels
        if winograd and at.kernel_size == (3, 3) and padding == (1, 1) and pairs >= _LEAST_PAIRS:
            return _Way.WINOGRAD
        return _Way.TURNED if all(pad < side for side, pad in zip(at.kernel_size, padding, strict=True)) else _Way.TORCH
    square = at.kernel_size[0] == at.kernel_size[1] and at.kernel_size[0] % 2 == 1
    return _Way.PHASED if at.stride == (2, 2) and square and at.in_channels <= _COLORS else _Way.TORCH


def _padding(at: nn.Conv2d) -> tuple[int, int]:
    if isinstance(at.padding, str):
        raise TypeError(f"a padding in numbers, not “{at.padding}”")
    return at.padding[0], at.padding[1]


def _unbent(given: Tensor, bent: Tensor) -> Tensor:
    into = torch.empty_like(bent)
    return torch.ops.aten.threshold_backward.grad_input(given, bent, 0, grad_input=into)  # type: ignore[no-any-return]
