"""How much memory there is, so that a dream too large for it is refused and not begun."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import torch

from engine.catalogue import LayerFacts
from engine.tiles import Tiling

MARGIN = 1.15  # the allocator's own waste
LOOK_BYTES_PER_PIXEL = 500  # the photo, the picture, their bounds, the scales' bands and spectra

# Of a picture dreamed in tiles: its photo in bytes, itself, a gradient, where to dream, and the dream in bytes.
PHOTO_BYTES_PER_PIXEL = 4
LARGE_BYTES_PER_PIXEL = 12 + 12 + PHOTO_BYTES_PER_PIXEL + 1 + 3
TILE_BYTES_PER_PIXEL = 100  # beside what the network keeps: what is seen of a tile, normalised, its gradients
STRIPS_BYTES = 250_000_000  # filters and steps in strips; where to dream and how alike it is are found in no more


def needed_bytes(layer: LayerFacts, width: int, height: int, zoom: float = 0.0) -> int:
    """Return the bytes that a dream of ``width`` × ``height`` pixels with ``layer`` takes, the network apart.

    ``zoom`` is how much larger than the picture the views of it may be.
    """
    seen = layer.bytes_per_pixel * (1 + zoom) ** 2
    return round(MARGIN * width * height * (seen + LOOK_BYTES_PER_PIXEL))


def needed_in_tiles(layers: Sequence[LayerFacts], tiling: Tiling, width: int, height: int, zoom: float = 0.0) -> int:
    """Return the bytes that a dream of ``width`` × ``height`` pixels takes in tiles, the networks apart."""
    # A zoomed view is larger, its tiles are not.
    tile = tiling.largest(round(height * (1 + zoom)), round(width * (1 + zoom)))
    kept = max(layer.bytes_per_pixel for layer in layers)
    return round(MARGIN * tile * (kept + TILE_BYTES_PER_PIXEL) + LARGE_BYTES_PER_PIXEL * width * height + STRIPS_BYTES)


def free_bytes(device: torch.device, most_bytes: int | None = None) -> int | None:
    """Return the bytes a dream may take on ``device``; None where the system does not say.

    ``most_bytes`` is what this process may have resident in all, the network and torch with it; on a GPU it says
    nothing.
    """
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    limits = (_available(), _cgroup_left(), _address_space_left(), _allowance_left(most_bytes))
    return min((limit for limit in limits if limit is not None), default=None)


def _available() -> int | None:
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return None
    fields = dict(line.split(":", 1) for line in lines)
    return int(fields["MemAvailable"].split()[0]) * 1024 if "MemAvailable" in fields else None


def _cgroup_left() -> int | None:
    try:
        root = Path("/sys/fs/cgroup")
        limit, used = (root / "memory.max").read_text().strip(), (root / "memory.current").read_text().strip()
    except OSError:
        return None
    return None if limit == "max" else max(0, int(limit) - int(used))


def _allowance_left(most_bytes: int | None) -> int | None:
    if most_bytes is None:
        return None
    try:
        resident = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return None
    return max(0, most_bytes - resident * os.sysconf("SC_PAGE_SIZE"))


def _address_space_left() -> int | None:
    try:
        import resource

        soft, _ = resource.getrlimit(resource.RLIMIT_AS)
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except (ImportError, OSError):
        return None
    return None if soft == resource.RLIM_INFINITY else max(0, soft - pages * os.sysconf("SC_PAGE_SIZE"))
