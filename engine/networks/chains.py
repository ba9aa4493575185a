"""Convolutions in a chain, some with a ReLU6: what EfficientNet-Lite is made of, in torch's way and in one of our own.

Ours is the same sums in fewer passes over memory: oneDNN bends what it makes before it is written, and the way back,
written out here, bends in place. docs/decisions/0008-networks-at-their-floor.md has what that saves.
"""

from __future__ import annotations

from collections.abc import Sequence
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
        padded, weight, padding = self._padded(image)
        made = functional.conv2d(padded, weight, self.bias, self.stride, padding, groups=self.groups)
        bent: Tensor = _Bent.apply(made) if self.bends else made
        return bent

    def fused(self, image: Tensor) -> Tensor:
        """Return what oneDNN makes of ``image``, bent on the way; nothing is kept for a gradient."""
        padded, weight, padding = self._padded(image)
        bend: Bend = "hardtanh" if self.bends else "none"
        return convolved(padded, weight, self.bias, [self.stride] * 2, [padding] * 2, groups=self.groups, bend=bend)

    def turned(self) -> Tensor | None:
        """Return the kernel of a convolution that is the way back of this one; None where torch's own is as fast."""
        if self.side == 1:
            return self.weight.transpose(0, 1).contiguous(memory_format=torch.channels_last)
        return None if self.groups > 1 else phases.turned(self.weight)

    def back(self, gradient: Tensor, turned: Tensor | None, given: Tensor | torch.Size) -> Tensor:
        """Return the gradient by an image, of that by what was made of it before it was bent.

        ``given`` is the image where there is no kernel ``turned``: torch looks at its shape. Else it is that shape.
        """
        if isinstance(given, Tensor):
            _, weight, padding = self._padded(given)
            gradients = torch.ops.aten.convolution_backward(
                *(gradient, given, weight, None, [self.stride] * 2, [padding] * 2, [1, 1], False, [0, 0], self.groups),
                [True, False, False],
            )
            made: Tensor = gradients[0]
            return made
        if turned is None:
            raise ValueError("either a kernel or the image")
        if self.side == 1:
            return convolved(gradient, turned)
        found = convolved(gradient, turned, padding=[turned.shape[2] - 1] * 2)
        top, left = (_same_padding(length, self.side)[0] for length in given[2:])
        return phases.joined(found, given, top, left)

    def _padded(self, image: Tensor) -> tuple[Tensor, Tensor, int]:
        """Return what to convolve with which kernel, and how much of padding is left to the convolution."""
        if self.stride == 1:
            return image, self.weight, self.side // 2
        odd = [length % 2 for length in image.shape[-2:]]
        if self.widened is not None and image.device.type != "cuda":  # a GPU has kernels for 3 × 3 and 5 × 5 alone
            return image, self.widened[:, :, odd[0] :, odd[1] :], self.side // 2
        rows, columns = (_same_padding(length, self.side) for length in image.shape[-2:])
        return functional.pad(image, columns + rows), self.weight, 0


class Chain(nn.Module):
    """Links one after the other; ``skips``: what went in is added to what came out."""

    def __init__(self, links: Sequence[Link], *, skips: bool = False) -> None:
        super().__init__()
        self.links = nn.ModuleList(links)
        self.skips = skips
        self._turned: list[Tensor | None] = []

    def fuse(self, *, fused: bool) -> None:
        """Go our way from now on, on a processor, or torch's."""
        self._turned = [link.turned() for link in self._links] if fused else []

    def forward(self, image: Tensor) -> Tensor:
        """Return what is made of ``image`` (1, channels, height, width)."""
        if self._turned and image.device.type == "cpu":
            made: Tensor = _Chained.apply(image, self._links, self._turned, self.skips)
            return made
        made = image
        for link in self._links:
            made = link(made)
        return made.add_(image) if self.skips else made

    @property
    def _links(self) -> list[Link]:
        return list(self.links)  # type: ignore[arg-type]


class _Chained(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, image: Tensor, links: list[Link], turned: list[Tensor | None], skips: bool) -> Tensor:
        steps = [image]
        for link in links:
            steps.append(link.fused(steps[-1]))
        ctx.links, ctx.turned, ctx.skips = links, turned, skips
        ctx.sizes = [step.shape for step in steps]
        kept = [
            (place > 0 and links[place - 1].bends) or (place < len(links) and turned[place] is None)
            for place in range(len(steps))
        ]
        ctx.kept = kept
        ctx.save_for_backward(*(step for step, keep in zip(steps, kept, strict=True) if keep))
        return steps[-1].add_(image) if skips else steps[-1]

    @staticmethod
    def backward(ctx: Any, given: Tensor) -> tuple[Tensor | None, ...]:
        saved = iter(ctx.saved_tensors)
        steps = [next(saved) if keep else size for keep, size in zip(ctx.kept, ctx.sizes, strict=True)]
        gradient = given.contiguous(memory_format=torch.channels_last)
        for place in reversed(range(len(ctx.links))):
            link = ctx.links[place]
            if link.bends:
                # In place where the gradient is our own: half the traffic, and no pages to be had anew.
                own = gradient if place < len(ctx.links) - 1 else torch.empty_like(gradient)
                gradient = _unbent(gradient, steps[place + 1], own)
            gradient = link.back(gradient, ctx.turned[place], steps[place])
        return (gradient.add_(given) if ctx.skips else gradient), None, None, None


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


def _unbent(gradient: Tensor, bent: Tensor, into: Tensor) -> Tensor:
    made: Tensor = torch.ops.aten.hardtanh_backward.grad_input(gradient, bent, 0.0, MOST, grad_input=into)
    return made


def _same_padding(side: int, kernel: int) -> tuple[int, int]:
    """Return how much TensorFlow's SAME pads a side before and after, at stride 2."""
    total = max((-(-side // 2) - 1) * 2 + kernel - side, 0)
    return total // 2, total - total // 2
