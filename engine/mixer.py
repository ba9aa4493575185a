"""The colours of a picture or a gradient multiplied by a small matrix."""

from __future__ import annotations

import torch
from torch import Tensor

Colors = tuple[tuple[float, ...], ...]  # a row for each colour given, a column for each made

AT_ONCE = 8  # pixels multiplied as one row: alone, three numbers times a matrix take libraries thrice as long


class Mixer:
    """A matrix (3, 3) that each pixel's colours are multiplied by."""

    def __init__(self, colors: Tensor) -> None:
        """Take the matrix: its rows are for the colours given, its columns for those made."""
        self._one = colors.contiguous()
        self._several = torch.kron(torch.eye(AT_ONCE, device=colors.device), self._one)

    def of(self, image: Tensor) -> Tensor:
        """Return what it makes of ``image`` (1, 3, height, width), laid out by pixels."""
        _, _, height, width = image.shape
        pixels = image.permute(0, 2, 3, 1).reshape(-1, 3)
        whole = len(pixels) // AT_ONCE
        mixed = (pixels[: whole * AT_ONCE].reshape(whole, 3 * AT_ONCE) @ self._several).view(-1, 3)
        if len(mixed) < len(pixels):
            mixed = torch.cat([mixed, pixels[len(mixed) :] @ self._one])
        return mixed.view(1, height, width, 3).permute(0, 3, 1, 2)
