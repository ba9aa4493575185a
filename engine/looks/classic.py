"""The classic look: gradient ascent in pixels, the gradient balanced over scales and colours. Wild, as in 2015."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from engine.looks.steps import PHOTO_COLORS, Bounds, Gradient, Prepared, going_on, smoother, views_of
from engine.octaves import resized
from engine.recipe import Recipe

# Bands of detail by size, the finest first: band k holds what a blur of BLURS[k] pixels keeps and one of BLURS[k + 1]
# takes away. Finer than the first is grain; coarser than the last burns colours: both are left out. The weights were
# found by eye on four photos: more of the fine gives lattices, more of the coarse gives blotches.
BLURS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
WEIGHTS = (0.4, 0.8, 1.0, 0.8, 0.2)

FAINTEST_BAND = 1e-12  # of the energy of the strongest: fainter ones are rounding

CROWDED = 128  # rows: a column of so many complex numbers, or of a multiple, is 1 KiB, and falls into few cache lines
TURNED_AT_ONCE = 16  # rows: two cache lines

# Of the detail lost each step, by the recipe's stepping: what the network does not insist on goes back to the photo.
# Falling steps are fewer, and lose as much in all.
FADES = {"even": 0.007, "falling": 0.0095}


class Classic:
    """One dream in the classic look."""

    def __init__(
        self, recipe: Recipe, generator: torch.Generator, device: torch.device, prepared: Prepared | None = None
    ) -> None:
        self._recipe = recipe
        self._prepared = prepared
        self._generator = generator
        self._device = device
        self._views = views_of(recipe)
        self._colors = tuple(tuple(row) for row in colors_of(recipe).tolist())
        self._step_size = recipe.step_size
        self._fade = FADES[recipe.stepping]
        self._lengths = going_on((1.0,))
        self._photo = self._picture = torch.empty(0)
        self._bounds = Bounds(self._photo, keep_colors=False)
        self._where: Tensor | None = None
        self._scales = Scales(1, 1, device, recipe.balance)

    @property
    def picture(self) -> Tensor:
        """The photo with its dream, at the octave's size."""
        return self._picture

    @property
    def detail(self) -> Tensor:
        """What was dreamed so far, in 0–1 pixel units."""
        return self._picture - self._photo

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
        if detail is None and self._photo.numel():
            detail = resized(self.detail, width, height)
        photo = photo.contiguous(memory_format=torch.channels_last)  # as gradients come: what is rolled is not turned
        self._photo, self._where = photo, where
        self._step_size = self._recipe.step_size * strength
        self._lengths = going_on(lengths)
        self._bounds = Bounds(photo, keep_colors=self._recipe.keep_colors)
        self._picture = photo if detail is None else self._bounds.within(photo + detail)
        # A dream alone keeps nothing beyond its octave: memory is foreseen without it.
        prepared = Prepared() if self._prepared is None else self._prepared
        self._scales = prepared.of(height, width, lambda: Scales(height, width, self._device, self._recipe.balance))

    def step(self, gradient_of: Gradient) -> None:
        """Take one step up; ``gradient_of`` a picture is the objective's gradient by its pixels."""
        length = next(self._lengths)
        view = self._views.draw(self._generator)
        gradient = view.gradient_rolled(self._picture, lambda seen: gradient_of(seen, self._colors))
        # Rolled back only here, where it has to be laid out anew: scales do not care where edges are.
        direction = view.back(self._scales.balanced(gradient), torch.channels_last)
        if self._recipe.total_variation:
            direction = smoother(direction, self._picture - self._photo, self._recipe.total_variation)
        magnitude = direction.abs().mean().clamp_(min=torch.finfo(direction.dtype).tiny)
        if self._where is not None:
            direction = direction * self._where
        kept = self._picture.lerp(self._photo, self._fade * length)
        self._picture = self._bounds.within(kept.addcdiv_(direction, magnitude, value=self._step_size * length))


class Scales:
    """Balances a gradient over scales: each band of ``BLURS`` divided by its own strength, times its weight.

    A Gaussian cascade, as blurs of ever larger size, done by one multiplication in Fourier space. Each band's strength
    comes from the same transform by Parseval's theorem. Edges wrap around, as the rolls do.
    """

    def __init__(self, height: int, width: int, device: torch.device, balance: float = 1.0) -> None:
        """Prepare for gradients of a size; ``balance`` is 1 for equally strong bands, 0 for bands as they are."""
        self._balance, self._size = balance, (height, width)
        bands = Bands(height, width, device)
        # Of real and imaginary parts: numbers beside each other, which are faster than complex ones.
        self._across, self._squares_across = (
            one.repeat_interleave(2, 1).float() for one in (bands.across, bands.squares_across)
        )
        self._down, self._squares_down = bands.down.float(), bands.squares_down.float()
        self._weights = torch.tensor(WEIGHTS, device=device)

    def balanced(self, gradient: Tensor) -> Tensor:
        """Return ``gradient`` (1, 3, height, width) with its scales balanced; zero where it has none of them."""
        spectrum = torch.fft.rfft2(gradient)
        colors = torch.view_as_real(spectrum)[0].flatten(-2)
        red, green, blue = colors
        power = red.square().addcmul_(green, green).addcmul_(blue, blue)
        energy = (self._squares_across @ power.T).mul_(self._squares_down).view(3, len(WEIGHTS), -1).sum((0, 2))
        gains = gains_of(energy, self._weights, self._balance)
        colors.mul_((self._down * gains).flatten(1) @ self._across)
        return untransformed(spectrum, *self._size)


class Bands:
    """What the bands of ``BLURS`` multiply the spectrum of a real picture by, as torch.fft.rfft2 makes it; in doubles.

    What a blur keeps is a factor down times one across, t·w. A band is the finer blur without the coarser one,
    t·w − t'·w', and that is t·(w − w') + (t − t')·w': sums alone, so that nothing cancels, nor in its square.
    ``(down * gains).flatten(1) @ across`` is the sum of all bands, each times its gain: ``down`` is (height, 2, bands),
    ``across`` (2 · bands, columns). ``squares_down`` (3 · bands, height) times ``squares_across`` (3 · bands, columns),
    the three summed, is a band's square, twice where a column stands for its mirror image as well.
    """

    def __init__(self, height: int, width: int, device: torch.device) -> None:
        """Make the factors of a picture's size."""
        blurs = torch.tensor(BLURS, dtype=torch.float64, device=device)[:, None]
        rows = torch.fft.fftfreq(height, dtype=torch.float64, device=device)
        columns = torch.fft.rfftfreq(width, dtype=torch.float64, device=device)
        tall, wide = (torch.exp(-2 * (math.pi * blurs * places) ** 2) for places in (rows, columns))
        fine, below = tall[:-1], tall[:-1] - tall[1:]
        beside, coarse = wide[:-1] - wide[1:], wide[1:]
        twice = torch.full((width // 2 + 1,), 2.0, dtype=torch.float64, device=device)
        twice[0] = 1.0
        if width % 2 == 0:
            twice[-1] = 1.0
        self.down = torch.stack([fine, below]).permute(2, 0, 1).contiguous()
        self.across = torch.cat([beside, coarse])
        self.squares_down = torch.cat([fine.square(), 2 * fine * below, below.square()])
        self.squares_across = torch.cat([beside.square(), beside * coarse, coarse.square()]) * twice


def untransformed(spectrum: Tensor, height: int, width: int) -> Tensor:
    """Return what torch.fft.irfft2 makes of ``spectrum`` (…, height, width / 2 + 1).

    On a processor torch does so down and then across, and turns what lies between in one copy. Where a height has a
    large power of two in it, the numbers that it reads one after the other get into each other's way in the cache.
    Turned in blocks of rows, they do not: 512 × 512 pixels take 0.63 ms instead of 1.05 (two threads), to the same bit.
    """
    if spectrum.device.type != "cpu" or height % CROWDED:
        whole: Tensor = torch.fft.irfft2(spectrum, s=(height, width))
        return whole
    columns = torch.fft.ifft(spectrum, dim=-2).transpose(-1, -2)  # lie one after the other
    blocks = columns.unflatten(-1, (-1, TURNED_AT_ONCE)).transpose(-3, -2).contiguous()
    made: Tensor = torch.fft.irfft(blocks.transpose(-1, -2), n=width).flatten(-3, -2)
    return made


def gains_of(energy: Tensor, weights: Tensor, balance: float) -> Tensor:
    """Return what each band is multiplied by, of its energy and its weight; ``balance`` is the recipe's."""
    heard = energy > energy.max() * FAINTEST_BAND  # what a small or flat picture does not have is not blown up
    return torch.where(heard, energy.pow(-balance / 2) * weights, 0.0)


def colors_of(recipe: Recipe) -> Tensor:
    """Return what the gradient's colours are multiplied by, (3, 3), symmetric: its largest eigenvalue is 1."""
    if recipe.keep_colors:  # as much for red as for green and blue: the light changes, and no hue
        return torch.full((3, 3), 1 / 3)
    if not recipe.photo_colors:
        return torch.eye(3)
    spread = torch.tensor(PHOTO_COLORS)
    covariance = spread @ spread.T
    widest: Tensor = torch.linalg.matrix_norm(covariance, 2)
    return covariance / widest
