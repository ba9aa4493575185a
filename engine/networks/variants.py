"""Which form of a network is the fastest on a device: all are the same sums. On a processor timed once, and remembered.

Remembered in ``variants.json`` in the user's cache folder, by network, device, torch, and threads. Where that file
cannot be read or written, the forms are timed each time.
"""

from __future__ import annotations

import contextlib
import copy
import json
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import nn

from engine.errors import EngineError
from engine.machine import cache_folder, model_of
from engine.networks import chains
from engine.networks.chains import Chain
from engine.networks.convolutions import Convolution
from engine.networks.folding import Stages
from engine.networks.links import Link
from engine.networks.winograd import Desk

PLAIN = "folded"  # batch norms folded, channels first
LAST = "folded channels_last"
FUSED = "fused channels_last"  # also: chains and convolutions go a way of ours (engine.networks.chains, .convolutions)
DIRECT = "fused direct channels_last"  # the same but for Winograd's way (engine.networks.winograd)
NATIVE = "folded without cuDNN"  # channels first, by torch's own kernels
FUSED_NATIVE = "fused without cuDNN"  # also: chains go a way of ours (engine.networks.native)

WITHOUT_CUDNN = (NATIVE, FUSED_NATIVE)

# Raised when networks get other forms: what was remembered before says nothing of them.
EDITION = 4

# Pixels of the picture that they are timed on: of an octave that takes time. GoogLeNet's ways are even at 240, and by
# ours a picture of 512 takes 0.86 of the time, one of 160 pixels 1.14 (two threads, a quiet machine).
SIDE = 320
# How much faster than the form expected fastest another has to be, in each of so many rounds: on a busy machine single
# times differ more than forms do, and a choice that noise decides would change bytes for nothing.
BETTER, ROUNDS = 1.05, 7
LONGEST_S = 3.0  # after that it is the form expected fastest


def forms(stages: Mapping[str, nn.Module], device: torch.device) -> tuple[str, ...]:
    """Return the forms that a network has on a device, the one to be expected fastest first."""
    modules = [module for stage in stages.values() for module in stage.modules()]
    ours = any(isinstance(module, Chain | Convolution) for module in modules)
    if device.type == "cuda":
        # Not timed: what counts is how long a size takes that was not there before. For each, cuDNN prepares a
        # depthwise convolution for a third of a second (docs/decisions/0010-dreams-on-a-gpu.md).
        depthwise = any(isinstance(module, nn.Conv2d | Link) and module.groups > 1 for module in modules)
        chained = any(isinstance(module, Chain) for module in modules)
        return ((FUSED_NATIVE,) if chained else ()) + ((NATIVE, PLAIN, LAST) if depthwise else (LAST, PLAIN))
    if not (ours and device.type == "cpu" and torch._C._has_mkldnn):
        return LAST, PLAIN
    if not any(isinstance(module, Convolution) and module.may_go_winograds_way for module in modules):
        return FUSED, LAST, PLAIN
    # With AVX-512 oneDNN multiplies as fast as memory brings numbers, and Winograd's way moves more of them.
    wide = torch.backends.cpu.get_cpu_capability() == "AVX512"
    return (DIRECT, FUSED, LAST, PLAIN) if wide else (FUSED, DIRECT, LAST, PLAIN)


def bring(stages: Mapping[str, nn.Module], variant: str) -> None:
    """Bring the stages into a form."""
    desk = Desk()
    ways = {FUSED: chains.ONEDNN, FUSED_NATIVE: chains.NATIVE}
    for stage in stages.values():
        stage.to(memory_format=layout(variant))
        for module in stage.modules():
            if isinstance(module, Chain):
                module.fuse(ways.get(variant))
            elif isinstance(module, Convolution):
                module.fuse(fused=variant in (FUSED, DIRECT), desk=desk if variant == FUSED else None)


def layout(variant: str) -> torch.memory_format:
    """Return how pictures lie in memory in a form."""
    return torch.contiguous_format if variant in (PLAIN, *WITHOUT_CUDNN) else torch.channels_last


def checked(variant: str, stages: Mapping[str, nn.Module], device: torch.device) -> str:
    """Return a form that is asked for. Raises EngineError where the network does not have it on the device."""
    known = forms(stages, device)
    if variant not in known:
        raise EngineError(f"This network does not run as “{variant}” here, but as {', '.join(known)}.")
    return variant


def fastest(network: str, stages: Stages, device: torch.device, least_side: int = 1) -> str:
    """Return the fastest form of a network on a device; ``stages`` are those up to a layer that is dreamed of.

    ``least_side`` is the least side of a picture that they take, in pixels.
    """
    known = forms(stages, device)
    if device.type != "cpu":
        return known[0]
    key = _key(network, device)
    remembered = _remembered().get(key)
    if remembered in known:
        return str(remembered)
    chosen = _timed(stages, known, max(SIDE, least_side))
    remember(network, device, chosen)
    return chosen


def remember(network: str, device: torch.device, variant: str) -> None:
    """Keep a network's form on a device for the next time, where the folder can be written to."""
    path = _path()
    kept = json.dumps({**_remembered(), _key(network, device): variant}, indent=1, sort_keys=True)
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, encoding="utf-8", delete=False) as file:
            file.write(kept + "\n")
        Path(file.name).replace(path)


def _timed(stages: Stages, known: tuple[str, ...], side: int) -> str:
    """Return the first form, or another that is faster in every round; they take turns."""
    trials = {}
    for variant in known:
        trials[variant] = copy.deepcopy(stages)
        bring(trials[variant], variant)
        _once(trials[variant], layout(variant), side)  # what is prepared at first does not count
    first, *others = known
    faster: dict[str, list[float]] = {variant: [] for variant in others}
    began = time.perf_counter()
    for _ in range(ROUNDS):
        taken = {variant: _once(trials[variant], layout(variant), side) for variant in (first, *faster)}
        faster = {
            variant: [*times, taken[variant]]
            for variant, times in faster.items()
            if taken[first] > BETTER * taken[variant]
        }
        if not faster or time.perf_counter() - began > LONGEST_S:
            return first
    return min(faster, key=lambda variant: sum(faster[variant]))


def _once(stages: Stages, form: torch.memory_format, side: int) -> float:
    picture = torch.full((1, 3, side, side), 0.5).contiguous(memory_format=form).requires_grad_()
    began = time.perf_counter()
    with torch.enable_grad():
        made = picture
        for stage in stages.values():
            made = stage(made)
        torch.autograd.grad(torch.linalg.vector_norm(made), picture)
    return time.perf_counter() - began


def _path() -> Path:
    return cache_folder() / "variants.json"


def _remembered() -> dict[str, object]:
    try:
        kept = json.loads(_path().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}


def _key(network: str, device: torch.device) -> str:
    capability = torch.backends.cpu.get_cpu_capability() if device.type == "cpu" else device.type
    threads = f"{torch.get_num_threads()} threads" if device.type == "cpu" else ""
    parts = [network, model_of(device), capability, f"torch {torch.__version__}", threads, f"forms {EDITION}"]
    return " | ".join(filter(None, parts))
