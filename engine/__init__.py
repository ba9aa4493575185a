"""Dreaming: pictures in, pictures out. Importing this loads no torch."""

import os
from typing import TYPE_CHECKING, Any

from engine.errors import DreamStopped, EngineError, PictureError, RecipeError
from engine.pictures import Picture
from engine.recipe import Recipe

if TYPE_CHECKING:
    from engine.dreamer import Dream, Dreamer, Progress

# Threads that have done their part of an operation wait for the next by spinning, and hold a core for 10 ms after each
# that whatever comes between steps then lacks. A tenth of that costs the steps nothing. libgomp asks once, as torch
# loads it.
os.environ.setdefault("GOMP_SPINCOUNT", "30000")
# An operation's result, of up to hundreds of megabytes, is new memory, which Linux fills page by page: of 4 KiB, that
# takes longer than the arithmetic (decision 0014). torch asks once for pages of 2 MiB.
os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")

__all__ = [
    "Dream",
    "DreamStopped",
    "Dreamer",
    "EngineError",
    "Picture",
    "PictureError",
    "Progress",
    "Recipe",
    "RecipeError",
]


def __getattr__(name: str) -> Any:
    # Dreamer brings torch (seconds, and 0.7 GB): only for those who ask for it.
    if name in {"Dream", "Dreamer", "Progress"}:
        from engine import dreamer

        return getattr(dreamer, name)
    raise AttributeError(f"module 'engine' has no attribute {name!r}")
