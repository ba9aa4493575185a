"""The natural look: whole things grown out of the photo's own shapes and light, the photo left intact.

The detail is laid over the photo in logits, so that nothing can be burnt, and it climbs in decorrelated Fourier space:
a step's low frequencies are as much larger than its high ones as they are in photos, and its colours vary together as
they do there. (Olah, Mordvintsev, Schubert, "Feature Visualization", Distill 2017; Mordvintsev et al., "Differentiable
Image Parameterizations", Distill 2018.) Plain ascent on such coefficients is ascent in pixels along a gradient that was
multiplied in Fourier space, and so it is done here. Adam, which those articles use, moves every coefficient alike, also
those that the network does not care for: they showed as lattices on skies. Momentum does not.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, interpolate

from engine.likeness import luminance
from engine.looks.steps import PHOTO_COLORS, colors, smoother
from engine.octaves import resized
from engine.recipe import Recipe
from engine.transforms import Views

DARKEST, BRIGHTEST = 0.02, 0.98  # the photo is taken as within these: a logit of 0 or 1 would be without end

# In cycles a pixel. Below LOWEST, shapes are the photo's own; above HIGHEST there is only grain.
LOWEST, HIGHEST = 1 / 32, 0.22
FALL = 0.5  # amplitudes fall with frequency to this power: at 1, as in photos, skies turned into clouds of blotches

MOMENTUM = 0.9
FADE = 0.012  # of the detail lost each step: what the network does not insist on goes back to the photo
NOISE = 0.03  # added to each view, so that nothing is dreamed that a little grain would hide
LIMIT = 1.6
HUEHIGH, HUEGAIN = 0.08, 0.3
LOCALFADE = 0.0
GATHER = 0.7
REACH = 24  # pixels
SLOPE = 0.25  # of the squash, where it is steepest: a step size in pixels is this much of one in logits


class Natural:
    """One dream in the natural look."""

    def __init__(self, recipe: Recipe, generator: torch.Generator, device: torch.device) -> None:
        self._recipe = recipe
        self._generator = generator
        self._device = device
        self._views = Views(recipe.jitter, recipe.zoom, recipe.rotation)
        spread = torch.tensor(PHOTO_COLORS)
        self._hues = torch.linalg.eigh(spread @ spread.T)[1].to(device)
        self._step_size = recipe.step_size
        self._photo = self._detail = self._momentum = torch.empty(0)
        self._base = self._logits = self._filter = torch.empty(0)
        self._darkest = self._brightest = torch.empty(0)
        self._where: Tensor | None = None

    @property
    def picture(self) -> Tensor:
        """The photo with its dream, at the octave's size."""
        return torch.clamp(self._squashed(self._detail), self._darkest, self._brightest)

    def start(self, photo: Tensor, where: Tensor | None = None, strength: float = 1.0) -> None:
        """Begin an octave on ``photo``, the photo at its size; the detail dreamed so far is carried over."""
        height, width = photo.shape[-2:]
        carried = self._detail.numel() > 0
        self._photo, self._where = photo, where
        self._step_size = self._recipe.step_size * strength / SLOPE
        self._base = photo.clamp(DARKEST, BRIGHTEST)
        self._darkest, self._brightest = photo.clamp(max=DARKEST), photo.clamp(min=BRIGHTEST)
        self._logits = self._base.logit()
        self._detail = resized(self._detail, width, height) if carried else torch.zeros_like(photo)
        self._momentum = resized(self._momentum, width, height) if carried else torch.zeros_like(photo)
        self._filter = torch.stack([_filter(height, width, self._recipe.balance, high) * gain for high, gain in zip((HUEHIGH, HUEHIGH, HIGHEST), (HUEGAIN, HUEGAIN, 1.0))]).to(self._device)

    def step(self, gradient_of: Callable[[Tensor], Tensor]) -> None:
        """Take one step up; ``gradient_of`` a picture is the objective's gradient by its pixels."""
        view = self._views.draw(self._generator)
        gradient = view.gradient(self.picture, lambda seen: gradient_of(self._noisy(seen)))
        if self._recipe.total_variation:
            gradient = smoother(gradient, self.picture - self._photo, self._recipe.total_variation)
        bent = (self._logits + _bounded(self._detail)).sigmoid_()
        gradient = gradient * bent.mul_(1 - bent) * (1 - (_bounded(self._detail) / LIMIT).square())
        self._momentum = self._momentum.mul_(MOMENTUM).add_(_unit(gradient), alpha=1 - MOMENTUM)
        height, width = gradient.shape[-2:]
        hues = (self._hues.T @ self._momentum.view(3, -1)).view_as(gradient)
        hues = torch.fft.irfft2(torch.fft.rfft2(hues).mul_(self._filter), s=(height, width))
        direction = (self._hues @ hues.view(3, -1)).view_as(gradient)
        urge = _urge(self._momentum, GATHER)
        self._detail = self._detail * (1 - FADE / urge.pow(LOCALFADE).clamp(.25,4)) + _unit(direction * urge) * self._step_size

    def _squashed(self, detail: Tensor) -> Tensor:
        change = (self._logits + _bounded(detail)).sigmoid_() - self._base
        if self._recipe.keep_colors:
            change = luminance(change).expand_as(change)
        if self._where is not None:
            change = change * self._where
        return self._photo + change

    def _noisy(self, seen: Tensor) -> Tensor:
        # Drawn where all numbers are drawn, so that a seed means the same on every device.
        return seen + NOISE * torch.randn(seen.shape, generator=self._generator).to(seen.device)


def _filter(height: int, width: int, balance: float, highest: float) -> Tensor:
    """Return what a gradient's spectrum (height, width // 2 + 1) is multiplied by; ``balance`` 0: 1 everywhere."""
    rows = torch.fft.fftfreq(height)[:, None]
    columns = torch.fft.rfftfreq(width)[None, :]
    frequency = (rows.square() + columns.square()).sqrt()
    amplitude = frequency.clamp(min=LOWEST) ** -FALL
    amplitude *= (frequency / LOWEST).clamp(max=1) * torch.exp(-((frequency / highest) ** 4))
    # Squared: once from the coefficient to the picture, once from the picture's gradient to the coefficient.
    weight: Tensor = amplitude.square() ** balance
    return weight


def _bounded(detail: Tensor) -> Tensor:
    return torch.tanh(detail / LIMIT) * LIMIT


def _urge(momentum: Tensor, power: float) -> Tensor:
    """Return how strongly the network calls for a change around each place, (1, 1, height, width), 1 in the mean."""
    height, width = momentum.shape[-2:]
    side = max(1, min(REACH, height, width))
    strength = avg_pool2d(momentum.abs().mean(1, keepdim=True), side, ceil_mode=True)
    strength = interpolate(strength, (height, width), mode="bicubic", align_corners=False).clamp_(min=1e-12)
    return (strength / strength.mean()).pow(power)


def _unit(direction: Tensor) -> Tensor:
    """Return ``direction`` with a mean magnitude of 1; zero where it is zero."""
    return direction / direction.abs().mean().clamp_(min=torch.finfo(direction.dtype).tiny)
