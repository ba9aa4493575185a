"""Random views of a picture, drawn from a torch.Generator: what is dreamed must be seen in every one of them.

Transform robustness: Olah, Mordvintsev, Schubert, "Feature Visualization", Distill 2017. The roll alone is the jitter
of google/deepdream's notebook.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample, interpolate

GradientOf = Callable[[Tensor], Tensor]  # a picture → the objective's gradient by its pixels

SMALLEST_VIEW = 32  # pixels: a view is not made smaller than that
GOLDEN = (0.7548776662466927, 0.5698402909980532)  # parts of the whole way from one spread roll to the next
MIRRORS = "reflection"  # what a view shows beyond the picture's edge


@dataclass(frozen=True)
class View:
    """How one look at a picture is taken: rolled, then scaled and turned about its middle."""

    down: int  # pixels
    right: int
    scale: float = 1.0  # of the view to the picture
    turn: float = 0.0  # radians

    def gradient(self, picture: Tensor, gradient_of: GradientOf) -> Tensor:
        """Return by the pixels of ``picture`` (1, 3, height, width) the gradient taken of its view. It lies by rows."""
        return self.back(self.gradient_rolled(picture, gradient_of), torch.contiguous_format)

    def gradient_rolled(self, picture: Tensor, gradient_of: GradientOf) -> Tensor:
        """Return that gradient by the pixels of the rolled picture: ``back`` brings it, or what is made of it, back."""
        leaf = rolled(picture, self.down, self.right)
        if self.plain:
            return gradient_of(leaf)
        with torch.enable_grad():
            seen = self._turned(leaf.requires_grad_())
        (gradient,) = torch.autograd.grad(seen, leaf, gradient_of(seen.detach()))
        return gradient

    def back(self, picture: Tensor, layout: torch.memory_format) -> Tensor:
        """Return ``picture`` (1, 3, height, width), of the rolled picture's pixels, where it is without the roll."""
        return rolled(picture, -self.down, -self.right, layout)

    @property
    def plain(self) -> bool:
        """Whether the picture is only rolled."""
        return self.scale == 1.0 and self.turn == 0.0

    def size(self, height: int, width: int) -> tuple[int, int]:
        """Return the (height, width) of the view of a picture."""
        if self.plain:
            return height, width
        high, wide = (max(min(side, SMALLEST_VIEW), round(side * self.scale)) for side in (height, width))
        return high, wide

    def _turned(self, picture: Tensor) -> Tensor:
        height, width = picture.shape[-2:]
        size = list(self.size(height, width))
        if self.scale < 1:
            picture = interpolate(picture, size, mode="bilinear", antialias=True, align_corners=False)
        cosine, sine = math.cos(self.turn), math.sin(self.turn)
        shape = height / width
        turned = picture.new_tensor([[[cosine, -sine * shape, 0.0], [sine / shape, cosine, 0.0]]])
        grid = affine_grid(turned, [1, 3, *size], align_corners=False)
        return grid_sample(picture, grid, padding_mode=MIRRORS, align_corners=False)


def rolled(picture: Tensor, down: int, right: int, layout: torch.memory_format = torch.preserve_format) -> Tensor:
    """Return ``picture`` (…, height, width) rolled by so many pixels: as ``Tensor.roll`` does, in one pass, not two."""
    height, width = picture.shape[-2:]
    down, right = down % height, right % width
    made = torch.empty_like(picture, memory_format=layout)
    for to_rows, rows in ((slice(down, None), slice(0, height - down)), (slice(0, down), slice(height - down, None))):
        for to, columns in (
            (slice(right, None), slice(0, width - right)),
            (slice(0, right), slice(width - right, None)),
        ):
            made[..., to_rows, to] = picture[..., rows, columns]
    return made


@dataclass
class Views:
    """How far views go: a roll of up to ``jitter`` pixels, a change of scale of up to ``zoom``, a turn in degrees.

    Rolls that are ``spread`` keep apart from those before them: a few see as much of the network's grid as many that
    are drawn each by itself. They are Roberts' sequence R2 ("The unreasonable effectiveness of quasirandom sequences",
    2018) from a random start.
    """

    jitter: int
    zoom: float = 0.0
    rotation: float = 0.0
    spread: bool = False
    _place: list[float] = field(default_factory=list)  # of the last spread roll, 0–1 across and down

    def draw(self, generator: torch.Generator) -> View:
        """Draw a view. Rolling moves the picture against the network's strides: their grid does not show then."""
        down, right = self._spread(generator) if self.spread else self._drawn(generator)
        if self.zoom == 0 and self.rotation == 0:
            return View(down, right)
        larger, turn = (2 * torch.rand(2, generator=generator) - 1).tolist()
        # Up as often as down: the scale is drawn on a logarithmic ruler.
        return View(down, right, (1 + self.zoom) ** larger, math.radians(self.rotation * turn))

    def _drawn(self, generator: torch.Generator) -> list[int]:
        rolls: list[int] = torch.randint(-self.jitter, self.jitter + 1, (2,), generator=generator).tolist()
        return rolls

    def _spread(self, generator: torch.Generator) -> list[int]:
        if self._place:
            self._place = [(place + part) % 1 for place, part in zip(self._place, GOLDEN, strict=True)]
        else:
            self._place = torch.rand(2, generator=generator).tolist()
        return [math.floor(place * (2 * self.jitter + 1)) - self.jitter for place in self._place]
