"""A step recorded once on a GPU and replayed: its kernels start faster than Python can ask for them."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor


class Replay:
    """Records a function of one picture as a CUDA graph once a size comes a second time, and replays it.

    The first time, the function is called: what a library prepares for a size is prepared then, and sizes that never
    come again, as views that are scaled have them, are not recorded. On other devices it is always called. It is to be
    the same function each time, may look at nothing on the host that changes, and may not wait for the device.
    """

    def __init__(self) -> None:
        self._shape: torch.Size | None = None
        self._graph: torch.cuda.CUDAGraph | None = None
        self._given = self._made = torch.empty(0)

    def of(self, function: Callable[[Tensor], Tensor], image: Tensor) -> Tensor:
        """Return what ``function`` makes of ``image``; on a GPU it holds until the next call."""
        if image.device.type != "cuda":
            return function(image)
        if image.shape != self._shape:
            self._shape, self._graph = image.shape, None
            return function(image)
        if self._graph is None:
            self._given = image.clone()
            self._graph = torch.cuda.CUDAGraph()
            with recording(self._graph, image.device):
                self._made = function(self._given)
        self._given.copy_(image)
        self._graph.replay()
        return self._made


@contextmanager
def recording(graph: torch.cuda.CUDAGraph, device: torch.device) -> Iterator[None]:
    """Record into ``graph`` what is asked of a GPU meanwhile."""
    # Garbage may hold an earlier graph or its memory: to give that back spoils a recording.
    was = gc.isenabled()
    gc.disable()
    try:
        with torch.cuda.device(device), torch.cuda.graph(graph):
            yield
    finally:
        if was:
            gc.enable()
