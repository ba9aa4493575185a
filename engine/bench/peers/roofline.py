"""The most that this machine computes at all, for a share of it to be told."""

from __future__ import annotations

import time

import torch

SIDE = 2048  # of the matrices: large enough that longer ones are hardly faster
FLOP = 2 * SIDE**3


class Gemm:
    """Multiplies two square matrices in fp32, the work that convolutions are made of at best."""

    def __init__(self) -> None:
        generator = torch.Generator().manual_seed(0)
        self._left, self._right = (torch.rand(SIDE, SIDE, generator=generator) for _ in range(2))
        self._made = torch.empty(SIDE, SIDE)

    def gflop_per_s(self) -> float:
        """Multiply once, on the threads that torch takes by itself."""
        began = time.perf_counter()
        torch.mm(self._left, self._right, out=self._made)
        return FLOP / (time.perf_counter() - began) / 1e9
