"""What the steps of every look are made of."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.recipe import Recipe

# How colours vary together in photos (square root of ImageNet's colour covariance; Olah et al., "Feature
# Visualization", Distill 2017). Steps along it change light more than hue, as light does in a photo.
PHOTO_COLORS = ((0.26, 0.09, 0.02), (0.27, 0.00, -0.05), (0.27, -0.09, 0.03))

EDGE = 0.02  # in 0–1 pixel units: differences below it are smoothed like waves, above it like edges


def colors(recipe: Recipe, device: torch.device) -> Tensor:
    """Return what the gradient's colours are multiplied by, (3, 3): its largest eigenvalue is 1."""
    if recipe.keep_colors:  # as much for red as for green and blue: the light changes, and no hue
        return torch.full((3, 3), 1 / 3, device=device)
    if not recipe.photo_colors:
        return torch.eye(3, device=device)
    spread = torch.tensor(PHOTO_COLORS, device=device)
    covariance = spread @ spread.T
    widest: Tensor = torch.linalg.matrix_norm(covariance, 2)
    return covariance / widest


def smoother(direction: Tensor, detail: Tensor, part: float) -> Tensor:
    """Return ``direction`` with a pull towards a smooth detail in it, ``part`` of it as strong as itself.

    The gradient of the total variation (Rudin, Osher, Fatemi, 1992), rounded off below ``EDGE``.
    """
    pull = torch.zeros_like(detail)
    for dimension in (2, 3):
        length = detail.shape[dimension] - 1
        if length < 1:
            continue
        rise = detail.diff(dim=dimension)
        rise = rise / (rise.square() + EDGE**2).sqrt()
        pull.narrow(dimension, 0, length).add_(rise)
        pull.narrow(dimension, 1, length).sub_(rise)
    size = pull.abs().mean().clamp_(min=torch.finfo(pull.dtype).tiny)
    return direction + pull * (part * direction.abs().mean() / size)
