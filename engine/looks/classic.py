"""The classic look: gradient ascent in pixels, the gradient balanced over scales and colours. Wild, as in 2015."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import torch
from torch import Tensor

from engine.octaves import resized
from engine.transforms import jitter

# Bands of detail by size, the finest first: band k holds what a blur of BLURS[k] pixels keeps and one of BLURS[k + 1]
# takes away. Finer than the first is grain; coarser than the last burns colours: both are left out. The weights were
# found by eye on four photos: more of the fine gives lattices, more of the coarse gives blotches.
BLURS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
WEIGHTS = (0.4, 0.8, 1.0, 0.8, 0.2)

# How colours vary together in photos (square root of ImageNet's colour covariance; Olah et al., "Feature
# Visualization", Distill 2017). Steps along it change light more than hue, as light does in a photo.
PHOTO_COLOURS = ((0.26, 0.09, 0.02), (0.27, 0.00, -0.05), (0.27, -0.09, 0.03))

FADE = 0.007  # of the detail lost each step: what the network does not insist on goes back to the photo
BLACK, WHITE = 0.02, 0.98  # dreaming goes no further, so that nothing is burnt; a photo's own black and white stay


class Classic:
    """One dream in the classic look. Pictures are (1, 3, height, width) in 0–1, on one device."""

    def __init__(self, *, step_size: float, largest_jitter: int, generator: torch.Generator, device: torch.device):
        self._step_size = step_size
        self._jitter = largest_jitter
        self._generator = generator
        self._device = device
        self._colours = _colours().to(device)
        self._photo = self._picture = torch.empty(0)
        self._darkest = self._brightest = torch.empty(0)
        self._scales = Scales(1, 1, device)

    @property
    def picture(self) -> Tensor:
        """The photo with its dream, at the octave's size."""
        return self._picture

    def start(self, photo: Tensor) -> None:
        """Begin an octave on ``photo``, the photo at its size; the detail dreamed so far is carried over."""
        height, width = photo.shape[-2:]
        detail = resized(self._picture - self._photo, width, height) if self._photo.numel() else None
        self._photo = photo
        self._darkest, self._brightest = photo.clamp(max=BLACK), photo.clamp(min=WHITE)
        self._picture = photo if detail is None else self._bounded(photo + detail)
        self._scales = Scales(height, width, self._device)

    def step(self, gradient_of: Callable[[Tensor], Tensor]) -> None:
        """Take one step up; ``gradient_of`` a picture is the objective's gradient by its pixels."""
        down, right = jitter(self._jitter, self._generator)
        gradient = gradient_of(self._picture.roll((down, right), (2, 3))).contiguous()
        height, width = gradient.shape[-2:]
        coloured = (self._colours @ gradient.view(3, -1)).view(1, 3, height, width)
        direction = self._scales.balanced(coloured).roll((-down, -right), (2, 3))
        magnitude = direction.abs().mean().clamp_(min=torch.finfo(direction.dtype).tiny)
        moved = self._picture.lerp(self._photo, FADE).add_(direction.mul_(self._step_size / magnitude))
        self._picture = self._bounded(moved)

    def _bounded(self, picture: Tensor) -> Tensor:
        return torch.clamp(picture, self._darkest, self._brightest)


class Scales:
    """Balances a gradient over scales: each band of ``BLURS`` divided by its own strength, times its weight.

    A Gaussian cascade, as blurs of ever larger size, done by one multiplication in Fourier space. Each band's strength
    comes from the same transform by Parseval's theorem. Edges wrap around, as the rolls do.
    """

    def __init__(self, height: int, width: int, device: torch.device) -> None:
        self._size = (height, width)
        rows = torch.fft.fftfreq(height, dtype=torch.float64).square()[:, None]
        columns = torch.fft.rfftfreq(width, dtype=torch.float64).square()[None, :]
        kept = [torch.exp(-2 * (math.pi * blur) ** 2 * (rows + columns)) for blur in BLURS]
        bands = torch.stack([fine - coarse for fine, coarse in pairwise(kept)])
        # rfft2 leaves out the mirrored half of its columns: those count twice.
        twice = torch.full((width // 2 + 1,), 2.0, dtype=torch.float64)
        twice[0] = 1.0
        if width % 2 == 0:
            twice[-1] = 1.0
        energy = bands.square() * twice
        self._bands = bands.flatten(1).to(device, torch.float32)
        self._energy = energy.flatten(1).to(device, torch.float32)
        self._weights = torch.tensor(WEIGHTS, device=device)

    def balanced(self, gradient: Tensor) -> Tensor:
        """Return ``gradient`` (1, 3, height, width) with its scales balanced; zero where it has none of them."""
        spectrum = torch.fft.rfft2(gradient)
        parts = torch.view_as_real(spectrum)
        power = torch.linalg.vecdot(parts, parts).sum((0, 1)).flatten()
        strength = torch.mv(self._energy, power).sqrt_()
        faint = strength.max() * 1e-6  # a scale that a small or flat picture does not have is not blown up
        gains = torch.where(strength > faint, self._weights / strength.clamp(min=torch.finfo(torch.float32).tiny), 0.0)
        multiplier = (gains @ self._bands).view(spectrum.shape[-2:])
        balanced: Tensor = torch.fft.irfft2(spectrum.mul_(multiplier), s=self._size)
        return balanced


def _colours() -> Tensor:
    spread = torch.tensor(PHOTO_COLOURS)
    covariance = spread @ spread.T
    widest: Tensor = torch.linalg.matrix_norm(covariance, 2)
    return covariance / widest
