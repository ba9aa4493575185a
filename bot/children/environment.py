"""What of our environment a child may know: a list of what it needs, not of what is secret."""

from __future__ import annotations

import os
from collections.abc import Mapping

# Where programs, libraries, weights and scratch space are, and how to write text and times.
_NAMES = frozenset(
    {
        "PATH",
        "PYTHONPATH",
        "PYTHONDONTWRITEBYTECODE",
        "VIRTUAL_ENV",
        "LD_LIBRARY_PATH",
        "HOME",
        "USERPROFILE",
        "SYSTEMROOT",
        "TEMP",
        "TMP",
        "TMPDIR",
        "LANG",
        "XDG_CACHE_HOME",
        "TORCH_HOME",
        "HF_HOME",
        "TZ",
    }
)
_PREFIXES = ("LC_", "OMP_", "OPENBLAS_", "MKL_")
_CUDA_PREFIXES = ("CUDA_", "NVIDIA_")


def environment(
    source: Mapping[str, str] | None = None, *, cuda: bool = False, threads: int | None = None
) -> dict[str, str]:
    """Pick what a child may have of ``source`` (by default, our own environment).

    ``cuda`` adds what says which GPUs there are; ``threads`` bounds the threads of its numeric libraries.
    """
    prefixes = (*_PREFIXES, *_CUDA_PREFIXES) if cuda else _PREFIXES
    given = os.environ if source is None else source
    picked = {name: value for name, value in given.items() if name in _NAMES or name.startswith(prefixes)}
    if threads is not None:
        picked |= {f"{library}_NUM_THREADS": str(threads) for library in ("OMP", "OPENBLAS", "MKL")}
        # Threads that wait for each other by spinning starve whom they wait for as soon as anything else wants a
        # core. On two cores a dream took 3.4 s alone, and 12 s beside one busy process; with this, 3.4–4.8 s and 7.4 s;
        # without any spinning, 5.1 s and 5.5 s (libgomp, November 2026).
        picked["GOMP_SPINCOUNT"] = "3000"
    return picked
