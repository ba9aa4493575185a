"""What is climbed on: numbers from which a picture is made, in which a step looks natural.

Fourier: Olah, Mordvintsev, Schubert, "Feature Visualization", Distill 2017: the spectrum of decorrelated colours,
divided by its frequency. Maco: Fel et al., "Unlocking Feature Visualization for Deeper Networks with MAgnitude
Constrained Optimization", 2023: the magnitudes of photos, and nothing but phases to choose.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Protocol

import torch
from torch import Tensor

from engine import pictures
from engine.looks.steps import PHOTO_COLORS
from engine.octaves import pixels_of, resized

FAINTEST = 1e-6  # of the largest magnitude: what is fainter cannot be told from nothing
FIRST_SPREAD = 0.0025  # of the noise that a spectrum begins with
CROPS_A_SIDE = 4  # of each sample photo, so many across and down: an average of one photo alone has that photo's edges
CROP = 0.6  # of a photo's shorter side
SPREAD = 1.0  # of a Maco picture's values before they are squashed: as the paper has it, standardised


class Canvas(Protocol):
    """Numbers, and the picture that they make."""

    def begin(self, generator: torch.Generator) -> Tensor:
        """Draw the numbers of a picture of noise, with a first dimension of 1."""

    def picture(self, numbers: Tensor) -> Tensor:
        """Return the pictures (count, 3, size, size) in 0–1 that ``numbers`` (count, …) make."""

    def way(self, gradient: Tensor) -> Tensor:
        """Return which way to go, given the gradient by the numbers."""

    def length(self, way: Tensor) -> Tensor:
        """Return how far each picture goes on its way, (count,)."""


class Fourier:
    """The spectrum of a picture in decorrelated colours, each frequency divided by how high it is."""

    def __init__(self, size: int, device: torch.device) -> None:
        self._size = size
        self._colors = _colors(device)
        frequency = _frequencies(size, device).clamp(min=1 / size)
        # ``size``: a spectrum's inverse divides by all of its pixels.
        self._scale = (size / frequency)[:, :, None]
        self._device = device

    def begin(self, generator: torch.Generator) -> Tensor:
        """Draw a spectrum (1, 3, size, size // 2 + 1, 2)."""
        shape = (1, 3, self._size, self._size // 2 + 1, 2)
        return (FIRST_SPREAD * torch.randn(shape, generator=generator)).to(self._device)

    def picture(self, numbers: Tensor) -> Tensor:
        """Return the pictures of spectra."""
        spectrum = torch.view_as_complex(numbers * self._scale)
        return _squashed(torch.fft.irfft2(spectrum, s=(self._size, self._size)), self._colors)

    def way(self, gradient: Tensor) -> Tensor:
        """Return the gradient: what stands for natural pictures is in the numbers already."""
        return gradient

    def length(self, way: Tensor) -> Tensor:
        """Return by how much the values of each picture change, before they are squashed: their root mean square.

        In red, green and blue: decorrelated hues are short, and a flat colour would come later than black and white.
        Parseval: the mean square of a picture is the sum of its spectrum's squares, of which half are stored.
        """
        mixed = self._colors @ (way * self._scale).flatten(2)
        change: Tensor = torch.sqrt(mixed.square().flatten(1).mean(1) * 2) / self._size
        return change


class Maco:
    """The phases of a picture whose magnitudes are those of photos, and stay so."""

    def __init__(self, size: int, device: torch.device) -> None:
        self._size = size
        self._colors = _colors(device)
        self.magnitude = photo_magnitude(size).to(device)
        self._bounded = torch.maximum(self.magnitude, self.magnitude.max() * FAINTEST)
        self._device = device

    def begin(self, generator: torch.Generator) -> Tensor:
        """Draw phases (1, 3, size, size // 2 + 1) in radians."""
        shape = (1, 3, self._size, self._size // 2 + 1)
        return (torch.pi * (2 * torch.rand(shape, generator=generator) - 1)).to(self._device)

    def spectrum(self, numbers: Tensor) -> Tensor:
        """Return the spectra that phases make."""
        return torch.complex(self.magnitude * numbers.cos(), self.magnitude * numbers.sin())

    def picture(self, numbers: Tensor) -> Tensor:
        """Return the pictures of phases."""
        values = torch.fft.irfft2(self.spectrum(numbers), s=(self._size, self._size))
        return _squashed(values, self._colors)

    def way(self, gradient: Tensor) -> Tensor:
        """Return the gradient as if all magnitudes were alike: else the lowest frequencies alone would turn."""
        return gradient / self._bounded

    def length(self, way: Tensor) -> Tensor:
        """Return by how much the phases of each picture turn, in radians: their root mean square."""
        turned: Tensor = torch.sqrt(way.square().flatten(1).mean(1))
        return turned


def photo_magnitude(size: int) -> Tensor:
    """Return the mean magnitude of the sample photos' spectra, (3, size, size // 2 + 1), in decorrelated colours.

    Scaled so that a picture of these magnitudes has values that spread by ``SPREAD`` before they are squashed. The mean
    brightness, which is no structure, is left out.
    """
    return _photo_magnitude(size)


@cache
def _photo_magnitude(size: int) -> Tensor:
    back = torch.linalg.inv(_colors(torch.device("cpu")))
    taper = torch.hann_window(size, periodic=False)
    taper = taper[:, None] * taper[None, :]
    total = torch.zeros(3, size, size // 2 + 1)
    for photo in _sample_photos():
        height, width = photo.shape[-2:]
        side = int(CROP * min(height, width))
        for down in range(CROPS_A_SIDE):
            for across in range(CROPS_A_SIDE):
                top, left = (length - side for length in (height, width))
                top, left = top * down // (CROPS_A_SIDE - 1), left * across // (CROPS_A_SIDE - 1)
                crop = resized(photo[..., top : top + side, left : left + side], size, size).clamp(0.02, 0.98)
                hues = (back @ crop.logit().view(3, -1)).view(3, size, size)
                hues = (hues - hues.mean((1, 2), keepdim=True)) * taper
                total += torch.fft.rfft2(hues).abs() + torch.fft.rfft2(hues.flip(-1)).abs()
    total[:, 0, 0] = 0
    spread = torch.fft.irfft2(total * torch.exp(2j * torch.pi * _even_phases(size)), s=(size, size)).std()
    magnitude: Tensor = total * (SPREAD / spread)
    return magnitude


def _even_phases(size: int) -> Tensor:
    return torch.rand((3, size, size // 2 + 1), generator=torch.Generator().manual_seed(0))


def _sample_photos() -> list[Tensor]:
    data = files("engine").joinpath("data")
    names = sorted(entry.name for entry in data.iterdir() if entry.name.endswith(".jpg"))
    return [pixels_of(pictures.decode(data.joinpath(name).read_bytes())) for name in names]


def _frequencies(size: int, device: torch.device) -> Tensor:
    """Return the frequency of each coefficient, (size, size // 2 + 1), in cycles a pixel."""
    rows, columns = torch.fft.fftfreq(size, device=device), torch.fft.rfftfreq(size, device=device)
    return torch.hypot(rows[:, None], columns[None, :])


def _colors(device: torch.device) -> Tensor:
    """Return the colours that vary independently in photos, (3, 3), a column each, the largest of length 1."""
    spread = torch.tensor(PHOTO_COLORS, device=device)
    colors: Tensor = spread / spread.norm(dim=0).max()
    return colors


def _squashed(hues: Tensor, colors: Tensor) -> Tensor:
    mixed = (colors @ hues.flatten(2)).view_as(hues)
    squashed: Tensor = torch.sigmoid(mixed)
    return squashed
