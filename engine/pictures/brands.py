"""What files in the boxes of MP4 say of themselves, where they are pictures: AVIF and HEIC."""

from __future__ import annotations

AVIF = frozenset({b"avif", b"avis"})
MOVING_HEIC = frozenset({b"hevc", b"hevx"})
# The last two say only that there are pictures, or moving ones, and which stands behind them.
PICTURES = AVIF | MOVING_HEIC | {b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1"}


def are_pictures(head: bytes) -> bool:
    """Tell whether a file that begins like this, with 12 bytes at least, says to be AVIF or HEIC."""
    return head[4:8] == b"ftyp" and head[8:12] in PICTURES


def move_as_films(head: bytes) -> bool:
    """Tell whether it says to be moving pictures in HEIC, which is a film in all but its name; ``head`` has its box."""
    named = {head[at : at + 4] for at in (8, *range(16, min(int.from_bytes(head[:4]), len(head)), 4))}
    return are_pictures(head) and bool(named & MOVING_HEIC) and not named & AVIF
