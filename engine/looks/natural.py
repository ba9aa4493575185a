"""The natural look: whole things grown out of the photo's own shapes and light, the photo left intact.

The detail is laid over the photo in logits, so that nothing can be burnt, and it climbs in decorrelated Fourier space:
a step's low frequencies are larger than its high ones, as they are in photos, and light moves more than hue. (Olah,
Mordvintsev, Schubert, "Feature Visualization", Distill 2017; Mordvintsev et al., "Differentiable Image
Parameterizations", Distill 2018.) Plain ascent on such coefficients is ascent in pixels along a gradient that was
multiplied in Fourier space, and so it is done here. Adam, which those articles use, moves every coefficient alike, also
those that the network does not care for: they showed as lattices on skies. Momentum does not.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, interpolate

from engine.likeness import LUMINANCE
from engine.looks.steps import (
    BRIGHTEST,
    DARKEST,
    PHOTO_COLORS,
    Bounds,
    Gradient,
    Prepared,
    going_on,
    smoother,
    views_of,
)
from engine.octaves import resized
from engine.recipe import Recipe

# All that follows was chosen by eye, on a cat, a cup, a rocket and an astronaut, and by what the judge saw in them.
LIMIT = 1.6  # of the detail, in logits: beyond it outlines turn into black and white ink

# In cycles a pixel. Below LOWEST, shapes are the photo's own; above HIGHEST there is only grain.
LOWEST, HIGHEST = 1 / 32, 0.22
FALL = 0.5  # amplitudes fall with frequency to this power: at 1, as in photos, skies turned into clouds of blotches
# Hue moves less than light, and in larger patches: otherwise there is confetti.
HUE, HIGHEST_HUE = 0.15, 0.05

MOMENTUM = 0.9
FADE = 0.02  # of the detail lost each step: what the network does not insist on goes back to the photo
REACH = 24  # pixels: where the network insists is told in squares of this side
KEEPING = 0.7  # the power to which fading is slowed where it insists
STEADIEST, FICKLEST = 0.25, 4.0  # bounds of how much slower and faster
NOISE = 0.03  # added to each view, so that nothing is dreamed that a little grain would hide
SLOPE = 0.25  # of the squash, where it is steepest: a step size in pixels is this much of one in logits


class Natural:
    """One dream in the natural look."""

    def __init__(
        self, recipe: Recipe, generator: torch.Generator, device: torch.device, prepared: Prepared | None = None
    ) -> None:
        self._recipe = recipe
        self._prepared = prepared
        self._generator = generator
        self._device = device
        self._views = views_of(recipe)
        self._hues = _hues(recipe).to(device)
        self._step_size = recipe.step_size
        self._lengths = going_on((1.0,))
        self._photo = self._detail = self._momentum = torch.empty(0)
        self._base = self._logits = self._filter = torch.empty(0)
        self._bounds = Bounds(self._photo, keep_colors=False)
        self._where: Tensor | None = None

    @property
    def picture(self) -> Tensor:
        """The photo with its dream, at the octave's size."""
        change = (self._logits + _bounded(self._detail)).sigmoid_() - self._base
        if self._where is not None:
            change = change * self._where
        return self._bounds.within(self._photo + change)

    @property
    def detail(self) -> Tensor:
        """What was dreamed so far, in logits."""
        return self._detail

    def start(
        self,
        photo: Tensor,
        where: Tensor | None = None,
        strength: float = 1.0,
        lengths: Sequence[float] = (1.0,),
        detail: Tensor | None = None,
    ) -> None:
        """Begin an octave on ``photo``, the photo at its size, with ``detail``; None: what was dreamed so far."""
        height, width = photo.shape[-2:]
        carried = self._detail.numel() > 0
        photo = photo.contiguous()  # by rows, as its Fourier transforms want it
        self._photo, self._where = photo, where
        self._step_size = self._recipe.step_size * strength / SLOPE
        self._lengths = going_on(lengths)
        self._base = photo.clamp(DARKEST, BRIGHTEST)
        self._bounds = Bounds(photo, keep_colors=self._recipe.keep_colors)
        self._logits = self._base.logit()
        if detail is None:
            detail = resized(self._detail, width, height) if carried else torch.zeros_like(photo)
        self._detail = detail
        self._momentum = resized(self._momentum, width, height) if carried else torch.zeros_like(photo)
        prepared = Prepared() if self._prepared is None else self._prepared
        self._filter = prepared.of(height, width, lambda: _filter(height, width, self._recipe, self._device))

    def step(self, gradient_of: Gradient) -> None:
        """Take one step up; ``gradient_of`` a picture is the objective's gradient by its pixels."""
        picture, view = self.picture, self._views.draw(self._generator)
        gradient = view.gradient(picture, lambda seen: gradient_of(self._noisy(seen)))
        if self._recipe.total_variation:
            gradient = smoother(gradient, picture - self._photo, self._recipe.total_variation)
        if self._recipe.keep_colors:  # what moves hues alone would move nothing
            gradient = gradient.sum(1, keepdim=True) * gradient.new_tensor(LUMINANCE).view(1, 3, 1, 1)
        gradient = gradient * self._slope()
        self._momentum = self._momentum.mul_(MOMENTUM).add_(_unit(gradient), alpha=1 - MOMENTUM)
        urge = _urge(self._momentum)
        fading = FADE * urge.pow(-KEEPING).clamp_(STEADIEST, FICKLEST)
        direction = _unit(self._filtered(self._momentum) * urge)
        self._detail = (self._detail * (1 - fading)).add_(direction, alpha=self._step_size * next(self._lengths))

    def _slope(self) -> Tensor:
        """Return how much a pixel moves with its detail."""
        bounded = _bounded(self._detail)
        bent = (self._logits + bounded).sigmoid_()
        slope: Tensor = bent * (1 - bent) * (1 - (bounded / LIMIT).square())
        return slope

    def _filtered(self, gradient: Tensor) -> Tensor:
        """Return the gradient with its hues and frequencies each in their measure."""
        height, width = gradient.shape[-2:]
        hues = (self._hues.T @ gradient.view(3, -1)).view_as(gradient)
        hues = torch.fft.irfft2(torch.fft.rfft2(hues).mul_(self._filter), s=(height, width))
        back: Tensor = (self._hues @ hues.view(3, -1)).view_as(gradient)
        return back

    def _noisy(self, seen: Tensor) -> Tensor:
        # Drawn where all numbers are drawn, so that a seed means the same on every device.
        return seen + NOISE * torch.randn(seen.shape, generator=self._generator).to(seen.device)


def _hues(recipe: Recipe) -> Tensor:
    """Return the axes along which colours vary independently in photos, (3, 3): a column each, light the last one."""
    if not recipe.photo_colors:
        return torch.eye(3)
    spread = torch.tensor(PHOTO_COLORS)
    axes: Tensor = torch.linalg.eigh(spread @ spread.T).eigenvectors
    return axes


def _filter(height: int, width: int, recipe: Recipe, device: torch.device) -> Tensor:
    """Return what the spectrum of each hue is multiplied by, (3, height, width // 2 + 1); balance 0: 1 everywhere."""
    rows = torch.fft.fftfreq(height, device=device)[:, None]
    columns = torch.fft.rfftfreq(width, device=device)[None, :]
    frequency = (rows.square() + columns.square()).sqrt()
    rising = frequency.clamp(min=LOWEST) ** -FALL * (frequency / LOWEST).clamp(max=1)
    measures = [(HUE, HIGHEST_HUE)] * 2 + [(1.0, HIGHEST)] if recipe.photo_colors else [(1.0, HIGHEST)] * 3
    # Squared: once from the coefficient to the picture, once from the picture's gradient to the coefficient.
    kept = [gain * (rising * torch.exp(-((frequency / highest) ** 4))).square() for gain, highest in measures]
    return torch.stack(kept).pow_(recipe.balance)


def _urge(momentum: Tensor) -> Tensor:
    """Return how strongly the network calls for change around each place, (1, 1, height, width), 1 in the mean."""
    height, width = momentum.shape[-2:]
    strength = avg_pool2d(momentum.abs().mean(1, keepdim=True), min(REACH, height, width), ceil_mode=True)
    strength = interpolate(strength, (height, width), mode="bicubic", align_corners=False)
    strength.clamp_(min=torch.finfo(strength.dtype).tiny)
    return strength / strength.mean()


def _bounded(detail: Tensor) -> Tensor:
    return (detail / LIMIT).tanh_().mul_(LIMIT)


def _unit(direction: Tensor) -> Tensor:
    """Return ``direction`` with a mean magnitude of 1; zero where it is zero."""
    return direction / direction.abs().mean().clamp_(min=torch.finfo(direction.dtype).tiny)
