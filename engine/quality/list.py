"""The committed list: what is dreamed to be judged. Chosen before any of it was dreamed; never changed for a score."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

LONGEST_SIDE = 448  # pixels of every photo and dream of the list


@dataclass(frozen=True)
class Kind:
    """One of ImageNet's 1000 classes (ILSVRC 2012), by its number and the first of its names."""

    index: int
    word: str
    rigid: bool = False  # a made thing with straight lines and parts in their places: the hard ones


@dataclass(frozen=True)
class Trial:
    """One dream to be judged: of a kind, on a photo, with a seed."""

    kind: Kind
    photo: str
    seed: int


# In an order of which every beginning is a mixture too, so that a part of the list says something of the whole.
KINDS = (
    Kind(84, "peacock"),
    Kind(483, "castle", rigid=True),
    Kind(937, "broccoli"),
    Kind(817, "sports car", rigid=True),
    Kind(980, "volcano"),
    Kind(291, "lion"),
    Kind(724, "pirate", rigid=True),  # the ship
    Kind(985, "daisy"),
    Kind(820, "steam locomotive", rigid=True),
    Kind(107, "jellyfish"),
    Kind(453, "bookcase", rigid=True),
    Kind(130, "flamingo"),
    Kind(973, "coral reef"),
    Kind(579, "grand piano", rigid=True),
    Kind(76, "tarantula"),
    Kind(949, "strawberry"),
    Kind(437, "beacon", rigid=True),  # a lighthouse
    Kind(323, "monarch"),  # the butterfly
    Kind(992, "agaric"),
    Kind(839, "suspension bridge", rigid=True),
)
PHOTOS = ("coffee", "chelsea", "china", "astronaut", "flower", "rocket")
SEEDS = (0, 1, 2)


def trials(kinds: Iterable[Kind], photos: Iterable[str], seeds: Iterable[int]) -> list[Trial]:
    """Return every kind on every photo with every seed: all of a seed before the next one."""
    kinds, photos = tuple(kinds), tuple(photos)
    return [Trial(kind, photo, seed) for seed in seeds for kind in kinds for photo in photos]
