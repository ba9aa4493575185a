"""Where to dream: everywhere, on the photo's subject or around it, or where a mask picture says."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, interpolate, pad

from engine.errors import RecipeError
from engine.likeness import luminance
from engine.networks import Network
from engine.octaves import dream_size, pixels_of, resized
from engine.pictures import Picture
from engine.recipe import NO_MASK, Recipe

SIDES = (448, 672)  # pixels, longest side: the network looks for the subject at both sizes
OUTLIERS = 0.02  # of the positions at either end count as wholly background, wholly subject
STEEPNESS = 10.0  # of the border between the two, before it is feathered
FLAT = 1e-3  # variance of light below which the photo has no edge that the border could follow


def place(recipe: Recipe, photo: Tensor, network: Network, mask: Picture | None) -> Tensor | None:
    """Return how much each place dreams, (1, 1, height, width) in 0–1; None: everywhere alike.

    ``photo`` is (1, 3, height, width) in 0–1. Raises RecipeError where it takes a mask and there is none.
    """
    if recipe.where == "everywhere":
        return None
    radius = round(recipe.feather * max(photo.shape[-2:]))
    if recipe.where == "mask":
        if mask is None:
            raise RecipeError(NO_MASK)
        return _blurred(_white(mask, photo), radius)
    found = _following(luminance(photo), _subject(photo, network), max(1, radius)).clamp(0, 1)
    return 1 - found if recipe.where == "background" else found


def _white(mask: Picture, photo: Tensor) -> Tensor:
    """Return a mask picture's light, (1, 1, height, width) of the photo; what is transparent is black."""
    white = luminance(pixels_of(mask, photo.device))
    if mask.alpha is not None:
        white = white * (torch.from_numpy(np.ascontiguousarray(mask.alpha))[None, None].to(photo.device) / 255)
    return resized(white, photo.shape[-1], photo.shape[-2]).clamp(0, 1)


def _subject(photo: Tensor, network: Network) -> Tensor:
    """Return where the network's deepest features fire: what it takes for things lights up, plain ground does not."""
    layer = [name for name in network.facts.layers if name != "logits"][-1]
    trunk = network.trunk([layer])
    height, width = photo.shape[-2:]
    total = torch.zeros(1, 1, height, width, device=photo.device)
    for side in SIDES:
        small = interpolate(photo, dream_size(height, width, side), mode="bilinear", antialias=True)
        with torch.no_grad():
            strength = trunk(small)[layer].square().sum(1, keepdim=True).sqrt()
        total += _spread(interpolate(strength, (height, width), mode="bicubic"))
    total = _spread(total)
    return torch.sigmoid(STEEPNESS * (total - _divide(total)))


def _spread(found: Tensor) -> Tensor:
    """Return ``found`` between 0 and 1, few outliers left out."""
    values = found.flatten().sort().values
    low, high = values[int(OUTLIERS * len(values))], values[-1 - int(OUTLIERS * len(values))]
    return ((found - low) / (high - low).clamp(min=1e-6)).clamp(0, 1)


def _divide(found: Tensor) -> float:
    """Return the value that parts ``found`` into two groups as far apart as can be (Otsu, 1979)."""
    values = found.flatten().sort().values
    if len(values) < 2:
        return float(values[0])
    below = torch.arange(1, len(values), device=found.device)
    above = len(values) - below
    sums = values.double().cumsum(0)
    apart = sums[:-1] / below - (sums[-1] - sums[:-1]) / above
    return float(values[int((below.double() * above * apart.square()).argmax())])


def _following(guide: Tensor, found: Tensor, radius: int) -> Tensor:
    """Let the border of ``found`` follow the edges of ``guide``, both (1, 1, height, width), within ``radius`` pixels.

    The guided filter of He, Sun, Tang, 2013.
    """
    mean_guide, mean_found = _blurred(guide, radius), _blurred(found, radius)
    variance = _blurred(guide * guide, radius) - mean_guide.square()
    covariance = _blurred(guide * found, radius) - mean_guide * mean_found
    slope = covariance / (variance + FLAT)
    return _blurred(slope, radius) * guide + _blurred(mean_found - slope * mean_guide, radius)


def _blurred(plane: Tensor, radius: int) -> Tensor:
    """Return the mean over a square of ``radius`` pixels to each side; the edges go on as they are."""
    if radius < 1:
        return plane
    return avg_pool2d(pad(plane, (radius, radius, radius, radius), mode="replicate"), 2 * radius + 1, stride=1)
