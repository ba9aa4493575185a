"""Blocks of whole numbers, whose sums are exact."""

import torch
from torch import Tensor, nn

from engine.networks.chains import Chain, Way
from engine.networks.links import Link

GIVEN, WIDE = 8, 24  # channels


def whole_numbers(seed: int, *shape: int) -> Tensor:
    """Return small whole numbers: sums of them are exact, in whatever order."""
    return torch.randint(-2, 3, shape, generator=torch.Generator().manual_seed(seed)).float()


def a_block(side: int, stride: int, way: Way, *, skips: bool) -> Chain:
    """Return a block of random numbers that goes this way."""

    def link(*shape: int, stride: int = 1, groups: int = 1, bends: bool) -> Link:
        weight, bias = (nn.Parameter(whole_numbers(sum(shape), *one)) for one in (shape, shape[:1]))
        return Link(weight, bias, stride, groups, bends=bends)

    links = [
        link(WIDE, GIVEN, 1, 1, bends=True),
        link(WIDE, 1, side, side, stride=stride, groups=WIDE, bends=True),
        link(GIVEN, WIDE, 1, 1, bends=False),
    ]
    block = Chain(links, skips=skips).requires_grad_(False).to(memory_format=way.layout)
    block.fuse(way)
    return block


def fuse(module: nn.Module, way: Way | None) -> None:
    """Let every chain in it go this way."""
    for one in module.modules():
        if isinstance(one, Chain):
            one.fuse(way)


def made_and_gradient(block: Chain, image: Tensor) -> tuple[Tensor, Tensor]:
    """Return what a block makes of images, and the gradient of a random sum of it by them."""
    leaf = image.clone().requires_grad_()
    made = block(leaf)
    (gradient,) = torch.autograd.grad((made * whole_numbers(2, *made.shape)).sum(), leaf)
    return made.detach(), gradient
