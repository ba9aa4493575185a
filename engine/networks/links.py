"""One convolution of a chain, some with a ReLU6 after it: forward and back, in torch's way and in oneDNN's."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.networks import phases
from engine.networks.onednn import MOST, Bend, convolved


class Link(nn.Module):
    """A convolution padded as TensorFlow's SAME, its batch norm folded in; ``bends``: a ReLU6 follows.

    SAME at stride 2 pads an even side by one more at its end than at its start, an odd side alike. Padding by hand
    copies the whole input; a kernel one wider where a side is even, its first row or column zero, under even padding is
    the same sum and took 4 % off a step of lite0.
    """

    def __init__(self, weight: nn.Parameter, bias: nn.Parameter, stride: int, groups: int, *, bends: bool) -> None:
        """Take ``weight`` (channels, channels given / groups, side, side); ``groups`` is 1, or one a channel."""
        super().__init__()
        self.weight, self.bias = weight, bias
        self.stride, self.groups, self.bends = stride, groups, bends
        self.side = weight.shape[-1]
        self.widened = nn.Parameter(functional.pad(weight, (1, 0, 1, 0))) if stride == 2 else None

    def forward(self, image: Tensor) -> Tensor:
        """Return what torch makes of ``image``."""
        padded, weight, padding = self.padded(image)
        made = functional.conv2d(padded, weight, self.bias, self.stride, padding, groups=self.groups)
        bent: Tensor = _Bent.apply(made) if self.bends else made
        return bent

    def fused(self, image: Tensor) -> Tensor:
        """Return what oneDNN makes of ``image``, bent on the way; nothing is kept for a gradient."""
        padded, weight, padding = self.padded(image)
        return self._fused(padded, weight, [padding] * 2)

    def turned(self, mixed: Tensor | None = None) -> Tensor | None:
        """Return the kernel of a convolution that is the way back of this one; None where torch's own is as fast.

        ``mixed`` (channels given, channels given): with the gradient's channels multiplied by it.
        """
        if self.groups > 1:
            return None
        weight = self.weight if mixed is None else self.mixed(mixed)
        if self.side == 1:
            return weight.transpose(0, 1).contiguous(memory_format=torch.channels_last)
        return phases.turned(weight)

    def mixed(self, mixed: Tensor) -> Tensor:
        """Return the kernel whose way back is this one's, the gradient's channels multiplied by ``mixed``."""
        return torch.einsum("mgyx,gc->mcyx", self.weight, mixed)

    def padding(self, size: torch.Size) -> tuple[tuple[int, int], tuple[int, int]]:
        """Return how many rows and how many columns pad an image of ``size``, before it and after."""
        if self.stride == 1:
            half = self.side // 2
            return (half, half), (half, half)
        rows, columns = (_same_padding(length, self.side) for length in size[-2:])
        return rows, columns

    def back(self, gradient: Tensor, turned: Tensor | None, given: Tensor | torch.Size) -> Tensor:
        """Return the gradient by an image, of that by what was made of it before it was bent.

        ``given`` is the image where there is no kernel ``turned``: torch looks at its shape. Else it is that shape.
        """
        if isinstance(given, Tensor):
            _, weight, padding = self.padded(given)
            return self.torchs_back(gradient, given, weight, [padding] * 2)
        if turned is None:
            raise ValueError("either a kernel or the image")
        if self.side == 1:
            return convolved(gradient, turned)
        found = convolved(gradient, turned, padding=[turned.shape[2] - 1] * 2)
        (top, _), (left, _) = self.padding(given)
        return phases.joined(found, given, top, left)

    def reached(self, first: int, end: int, height: int) -> tuple[int, int]:
        """Return which rows of an image the rows ``first`` to ``end`` of what is made of it are made of.

        The first, and the one after the last; the image has ``height``, and beyond it there are rows of zeros.
        """
        (top, _), _ = self.padding(torch.Size((height, 1)))
        begin = self.stride * first - top
        return begin, begin + self.stride * (end - first - 1) + self.side

    def fused_rows(self, rows: Tensor) -> Tensor:
        """Return what ``fused`` makes of some rows, all that is made of them alone."""
        weight, padding = self._for_rows(rows.shape[-1])
        return self._fused(rows, weight, [0, padding])

    def back_rows(self, gradient: Tensor, rows: Tensor) -> Tensor:
        """Return the gradient by such rows, of which torch looks at the shape."""
        weight, padding = self._for_rows(rows.shape[-1])
        return self.torchs_back(gradient, rows, weight, [0, padding])

    def torchs_back(self, gradient: Tensor, image: Tensor, weight: Tensor, padding: list[int]) -> Tensor:
        """Return what torch gives back through ``weight`` by a padded image, of which it looks at the shape."""
        gradients = torch.ops.aten.convolution_backward(
            *(gradient, image, weight, None, [self.stride] * 2, padding, [1, 1], False, [0, 0], self.groups),
            [True, False, False],
        )
        made: Tensor = gradients[0]
        return made

    def padded(self, image: Tensor) -> tuple[Tensor, Tensor, int]:
        """Return what to convolve with which kernel, and how much of padding is left to the convolution."""
        if self.stride == 1:
            return image, self.weight, self.side // 2
        odd = [length % 2 for length in image.shape[-2:]]
        if self.widened is not None and image.device.type != "cuda":  # a GPU has kernels for 3 × 3 and 5 × 5 alone
            return image, self.widened[:, :, odd[0] :, odd[1] :], self.side // 2
        rows, columns = self.padding(image.shape)
        return functional.pad(image, columns + rows), self.weight, 0

    def _fused(self, image: Tensor, weight: Tensor, padding: list[int]) -> Tensor:
        bend: Bend = "hardtanh" if self.bends else "none"
        return convolved(image, weight, self.bias, [self.stride] * 2, padding, groups=self.groups, bend=bend)

    def _for_rows(self, width: int) -> tuple[Tensor, int]:
        """Return the kernel for rows, and how many columns of padding are left to the convolution."""
        kernel = self.weight if self.widened is None else self.widened[:, :, 1:, width % 2 :]
        return kernel, self.side // 2


class _Bent(torch.autograd.Function):
    # torch's own ReLU6 in place keeps, for the backward pass, a copy of what it overwrites. The result says as much:
    # half the memory of a trunk, and 7 % off a step of lite2, for the same bytes.

    @staticmethod
    def forward(ctx: Any, image: Tensor) -> Tensor:
        functional.relu6(image, inplace=True)
        ctx.mark_dirty(image)
        ctx.save_for_backward(image)
        return image

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        (bent,) = ctx.saved_tensors
        passed: Tensor = torch.ops.aten.hardtanh_backward(gradient, bent, 0.0, MOST)
        return passed


def unbent(gradient: Tensor, bent: Tensor, into: Tensor) -> Tensor:
    """Return ``gradient`` where a ReLU6, which made ``bent``, let it through; ``into`` may be either of them."""
    made: Tensor = torch.ops.aten.hardtanh_backward.grad_input(gradient, bent, 0.0, MOST, grad_input=into)
    return made


def _same_padding(side: int, kernel: int) -> tuple[int, int]:
    """Return how much TensorFlow's SAME pads a side before and after, at stride 2."""
    total = max((-(-side // 2) - 1) * 2 + kernel - side, 0)
    return total // 2, total - total // 2
