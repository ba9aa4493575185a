"""oneDNN's convolution, which bends what it makes before it is written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor

Bend = Literal["none", "relu", "hardtanh"]

MOST = 6.0  # that a ReLU6 lets through: hardtanh from 0 to there


def convolved(
    image: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Sequence[int] = (1, 1),
    padding: Sequence[int] = (0, 0),
    dilation: Sequence[int] = (1, 1),
    groups: int = 1,
    bend: Bend = "none",
) -> Tensor:
    """Return what ``weight`` makes of ``image``, on a processor; nothing is kept for a gradient."""
    limits = [0.0, MOST] if bend == "hardtanh" else []
    made: Tensor = torch.ops.mkldnn._convolution_pointwise(
        image, weight, bias, list(padding), list(stride), list(dilation), groups, bend, limits, ""
    )
    return made
