"""3 × 3 convolutions with a quarter of the multiplications, there and back.

Winograd's F(4 × 4, 3 × 3): Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks" (2016). A tile of 4 × 4
positions sees 6 × 6 pixels. Both are brought to 36 places, where a convolution is one product for each pair of
channels: 36 multiplications a tile, not 144. What brings them there are matrices, too. The way back is the same sums
turned round, so that one kernel serves both. docs/decisions/0013-googlenet-by-winograd.md has what it saves, and how
exact it is.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

SIDE = 4  # positions of a tile, down and across
_SEEN = 6  # pixels that they see
_PLACES, _POSITIONS = _SEEN**2, SIDE**2
GROWTH = _PLACES // 9  # of a kernel's bytes
_ALIKE = 7  # the place that has the same share in all positions
# Of what is worked on at once: so that memory is bounded. With 16 MB products of matrices are too small to run at the
# processor's peak: GoogLeNet's gradient takes 360 ms at 512 pixels with 64, 369 with 16 (two threads, a quiet machine).
STRIP_BYTES = 2**26

_IN = (
    (4, 0, -5, 0, 1, 0),
    (0, -4, -4, 1, 1, 0),
    (0, 4, -4, -1, 1, 0),
    (0, -2, -1, 2, 1, 0),
    (0, 2, -1, -2, 1, 0),
    (0, 4, 0, -5, 0, 1),
)
_KERNEL = (
    (1 / 4, 0, 0),
    (-1 / 6, -1 / 6, -1 / 6),
    (-1 / 6, 1 / 6, -1 / 6),
    (1 / 24, 1 / 12, 1 / 6),
    (1 / 24, -1 / 12, 1 / 6),
    (0, 0, 1),
)
_OUT = ((1, 1, 1, 1, 1, 0), (0, 1, -1, 2, -2, 0), (0, 1, 1, 4, 4, 0), (0, 1, -1, 8, -8, 1))


class Desk:
    """Memory that a network's convolutions work on, one after the other.

    Had anew by each, its pages cost up to a quarter of the time: of 64 channels to 192 at 66 × 66 positions, 4000.
    """

    def __init__(self) -> None:
        self._sheet = torch.empty(0)

    def sheets(self, like: Tensor, *sizes: int) -> tuple[Tensor, ...]:
        """Return pieces of so many numbers, with anything in them; they hold until the next are asked for."""
        if self._sheet.numel() < sum(sizes) or self._sheet.dtype != like.dtype:
            self._sheet = like.new_empty(sum(sizes))
        return torch.split(self._sheet[: sum(sizes)], list(sizes))


class Winograd:
    """A 3 × 3 convolution at stride 1, padded by 1, and its way back. Pictures lie channels last."""

    def __init__(self, weight: Tensor, desk: Desk) -> None:
        """Take ``weight`` (channels, channels given, 3, 3); what is made of it takes four times its bytes."""
        self._desk = desk
        made, given = weight.shape[:2]
        exact = weight.double().permute(2, 3, 1, 0).reshape(9, -1)  # rounded once, at the end
        kernel = exact.new_tensor(_KERNEL)
        self._kernel = (torch.kron(kernel, kernel) @ exact).to(weight.dtype).view(_PLACES, given, made)
        self._in, self._out = weight.new_tensor(_IN), weight.new_tensor(_OUT)

    def forward(self, image: Tensor, bias: Tensor | None, *, bends: bool) -> Tensor:
        """Return what is made of ``image`` (batch, channels given, height, width); ``bends``: a ReLU follows."""
        batch, given, height, width = image.shape
        made = self._kernel.shape[2]
        whole = image.new_empty(batch, _up(height), _up(width), made)
        for one, into in zip(image.permute(0, 2, 3, 1), whole, strict=True):
            for start, stop in self._strips(into):
                # From one pixel before the strip to one after it, and zeros where there is no picture.
                framed = one.new_empty(stop - start + 2, into.shape[1] + 2, given)
                top, bottom = max(start - 1, 0), min(stop + 1, height)
                first, last = top - start + 1, bottom - start + 1
                framed[:first] = framed[last:] = framed[:, :1] = framed[:, width + 1 :] = 0
                framed[first:last, 1 : width + 1] = one[top:bottom]
                self._strip(framed, bias, into[start:stop], bends=bends)
        return _cropped(whole, height, width)

    def back(self, gradient: Tensor, bent: Tensor | None) -> Tensor:
        """Return the gradient by an image, of that by what was made of it: ``bent``, where a ReLU followed."""
        batch, made, height, width = gradient.shape
        whole = gradient.new_empty(batch, _up(height), _up(width), self._kernel.shape[1])
        for number, into in enumerate(whole):
            below: Tensor | None = None
            for start, stop in self._strips(into):
                framed = gradient.new_empty(stop - start, into.shape[1], made)
                bottom = min(stop, height)
                framed[bottom - start :] = 0
                framed[:, width:] = 0
                shown = framed[: bottom - start, :width]
                given = gradient[number, :, start:bottom].permute(1, 2, 0)
                if bent is None:
                    shown.copy_(given)
                else:
                    by = bent[number, :, start:bottom].permute(1, 2, 0)
                    torch.ops.aten.threshold_backward.grad_input(given, by, 0, grad_input=shown)
                above, below = self._strip_back(framed, into[start:stop], below)
                if start:
                    into[start - 1].view(-1, SIDE, above.shape[-1]).add_(above)
        return _cropped(whole, height, width)

    def _strip(self, framed: Tensor, bias: Tensor | None, into: Tensor, *, bends: bool) -> None:
        """Make ``into`` (rows, columns, channels) of pixels with a frame of one around them."""
        _, given, made = self._kernel.shape
        rows, across = into.shape[0] // SIDE, into.shape[1] // SIDE
        row, column, _ = framed.stride()
        pixels = framed.as_strided((_SEEN, _SEEN, rows, across, given), (row, column, SIDE * row, SIDE * column, 1))
        tiles = rows * across
        within, out = tiles * given, tiles * made
        pieces, halfway, places, found = self._desk.sheets(
            framed, _PLACES * within, _halfway(within, out), _PLACES * out, _POSITIONS * out
        )
        pieces.view(pixels.shape).copy_(pixels)
        brought = _both_ways(self._in, pieces, halfway, pieces).view(_PLACES, tiles, given)
        places = places.view(_PLACES, tiles, made)
        torch.bmm(brought, self._kernel, out=places)
        if bias is not None:
            places[_ALIKE] += bias
        _both_ways(self._out, places.flatten(), halfway, found)
        found = found.view(SIDE, SIDE, rows, across, made).permute(2, 0, 3, 1, 4)
        laid = into.view(rows, SIDE, across, SIDE, made)
        if bends:
            torch.clamp_min(found, 0, out=laid)
        else:
            laid.copy_(found)

    def _strip_back(self, framed: Tensor, into: Tensor, above: Tensor | None) -> tuple[Tensor, Tensor]:
        """Make ``into`` of a strip of gradients; return what belongs to the row above it, and to the one below."""
        _, given, made = self._kernel.shape
        rows, across = into.shape[0] // SIDE, into.shape[1] // SIDE
        tiles = rows * across
        gradients = framed.view(rows, SIDE, across, SIDE, made).permute(1, 3, 0, 2, 4)
        within, out = tiles * given, tiles * made
        pieces, halfway, brought, places = self._desk.sheets(
            framed,
            _POSITIONS * out,
            _halfway(within, out),
            _PLACES * max(within, out),
            _PLACES * within,
        )
        pieces.view(gradients.shape).copy_(gradients)
        _both_ways(self._out.T, pieces, halfway, brought)
        gathered = brought[: _PLACES * out].view(_PLACES, tiles, made)
        torch.bmm(gathered, self._kernel.transpose(1, 2), out=places.view(_PLACES, tiles, given))
        found = _both_ways(self._in.T, places, halfway, brought).view(_SEEN, _SEEN, rows, across, given)
        # A tile saw one pixel more on each side: its neighbours' own.
        found[:, SIDE, :, :-1] += found[:, 0, :, 1:]
        found[:, 1, :, 1:] += found[:, SIDE + 1, :, :-1]
        found = found[:, 1 : SIDE + 1]
        found[SIDE, :, :-1] += found[0, :, 1:]
        found[1, :, 1:] += found[SIDE + 1, :, :-1]
        if above is not None:
            found[1, :, 0] += above
        into.view(rows, SIDE, across, SIDE, given).copy_(found[1 : SIDE + 1].permute(2, 0, 3, 1, 4))
        return found[0, :, 0].transpose(0, 1), found[SIDE + 1, :, -1].clone()

    def _strips(self, into: Tensor) -> Iterator[tuple[int, int]]:
        """Yield the rows to work on at once, from start to stop."""
        height, width, _ = into.shape
        _, given, made = self._kernel.shape
        numbers = _PLACES * (given + max(given, made)) + _POSITIONS * made + _halfway(given, made)
        rows = height // SIDE
        strips = max(1, round(rows * (width // SIDE) * numbers * into.element_size() / STRIP_BYTES))
        step = SIDE * -(-rows // strips)  # alike, as far as may be: a last one of a row would be small
        for start in range(0, height, step):
            yield start, min(start + step, height)


def _both_ways(matrix: Tensor, numbers: Tensor, halfway: Tensor, into: Tensor) -> Tensor:
    """Do ``matrix`` to the columns and rows of squares: ``numbers`` has their places one after the other, ``into`` too.

    One way after the other takes half the multiplications of both at once, by a matrix of 36 × 36. ``into`` may be
    ``numbers``. Return what of ``into`` is made.
    """
    after, before = matrix.shape
    size = numbers.numel() // before**2
    halfway, made = halfway[: before * after * size], into[: after**2 * size]
    rows = matrix.expand(before, after, before)
    torch.bmm(rows, numbers.view(before, before, size), out=halfway.view(before, after, size))
    torch.mm(matrix, halfway.view(before, after * size), out=made.view(after, after * size))
    return made


def _halfway(given: int, made: int) -> int:
    """Return how many numbers there are after the first of both ways."""
    return max(_PLACES * given, SIDE * _SEEN * made)


def _up(length: int) -> int:
    return -(-length // SIDE) * SIDE


def _cropped(whole: Tensor, height: int, width: int) -> Tensor:
    """Return (batch, channels, height, width) of tiles that may reach beyond it."""
    return whole[:, :height, :width].permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last)
