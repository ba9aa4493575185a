"""The engine without a service: ``python -m bot.bench.alone`` dreams one picture for each line that it reads.

It does what a worker does while it dreams, previews too, and nothing else: no database, no Discord, no PNG.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bot.children.parent import lower_priority
from bot.pool.worker import NICENESS, PREVIEW_SIDE
from engine.recipe import Recipe

if TYPE_CHECKING:
    from engine import Progress


def main() -> None:
    """Say when the network is loaded, then a line when a dream is done."""
    options = argparse.ArgumentParser(prog="bot.bench.alone")
    options.add_argument("--device", required=True)
    options.add_argument("--threads", type=int, required=True)
    options.add_argument("--size", type=int, required=True)
    options.add_argument("--photo", type=Path, required=True)
    given = options.parse_args()
    lower_priority(NICENESS)

    import torch

    from engine import Dreamer, pictures

    torch.set_num_threads(given.threads)
    torch.set_num_interop_threads(1)
    photo, recipe = pictures.decode(given.photo.read_bytes()), Recipe(size=given.size)
    dreamer = Dreamer(recipe.network, given.device)
    _tell("ready")
    for _ in sys.stdin:
        dreamer.dream(photo, recipe, on_step=_preview)
        _tell("dreamed")


def _tell(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def _preview(step: Progress) -> None:
    from engine.pictures import encode_jpeg

    if step.is_worth_showing:
        encode_jpeg(step.preview(), max_side=PREVIEW_SIDE)


if __name__ == "__main__":
    main()
