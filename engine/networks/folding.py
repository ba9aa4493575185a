"""What all families share: batch norms folded, classifiers asked everywhere, stages made ready to run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval
from torch.overrides import TorchFunctionMode

Stages = dict[str, nn.Module]
TRIAL_SIDE = 96  # pixels: enough for every network to have something left at its end


def fold(network: nn.Module, run: Callable[[Tensor], object]) -> None:
    """Fold each batch norm into the convolution before it, if nobody else looks at what that convolution makes.

    ``run`` sends a picture (1, 3, height, width) through the network; which norm follows which convolution is seen on
    the way, not guessed from names. Where a norm was, nothing is left but the activation that some of timm's include.
    """
    network.eval()
    device = next(network.parameters()).device
    with torch.no_grad(), _Followers() as followers:
        run(torch.zeros(1, 3, TRIAL_SIDE, TRIAL_SIDE, device=device))
    norms = {
        id(norm.running_mean): norm
        for norm in network.modules()
        if isinstance(norm, nn.BatchNorm2d) and norm.running_mean is not None
    }
    replaced: dict[nn.Module, nn.Module] = {}
    for module in network.modules():
        if isinstance(module, nn.Conv2d) and (norm := norms.get(followers.of(module.weight))):
            replaced[module] = fuse_conv_bn_eval(module, norm)
            rest = [part for part in (getattr(norm, "drop", None), getattr(norm, "act", None)) if part is not None]
            replaced[norm] = nn.Sequential(*rest) if rest else nn.Identity()
    for module in list(network.modules()):
        for name, child in list(module.named_children()):
            if child in replaced:
                setattr(module, name, replaced[child])


class _Followers(TorchFunctionMode):
    """Sees which batch norm is the only one to take what a convolution makes."""

    def __init__(self) -> None:
        super().__init__()
        self._made: dict[int, tuple[Tensor, int]] = {}  # by identity, with the tensor: so that it stays the only one
        self._takers: Counter[int] = Counter()
        self._norms: dict[int, int] = {}
        self._uses: Counter[int] = Counter()

    def of(self, weight: Tensor) -> int:
        """Return the identity of the running mean of the norm that follows the convolution with ``weight``, or 0."""
        made = [key for key, (_, used) in self._made.items() if used == id(weight)]
        if len(made) != 1 or self._takers[made[0]] != 1 or made[0] not in self._norms:
            return 0
        norm = self._norms[made[0]]
        return norm if self._uses[norm] == 1 else 0

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        made = func(*args, **(kwargs or {}))
        name = getattr(func, "__name__", "")
        given = args[0] if args else None
        if name == "conv2d":
            self._made[id(made)] = (made, id(args[1]))
        elif name == "batch_norm" and id(given) in self._made:
            self._norms[id(given)] = id(args[1])
            self._uses[id(args[1])] += 1
        if isinstance(made, Tensor | list | tuple):  # not those who only ask for a shape or a type
            self._takers.update(id(part) for part in _parts((args, kwargs)) if id(part) in self._made)
        return made


def _parts(value: Any) -> list[Tensor]:
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, dict):
        return _parts(list(value.values()))
    return [tensor for part in value for tensor in _parts(part)] if isinstance(value, list | tuple) else []


def everywhere(classifier: nn.Linear) -> nn.Conv2d:
    """Ask a classifier at each position: the mean over positions is what it says of the pooled features."""
    convolution = nn.Conv2d(classifier.in_features, classifier.out_features, 1, device="meta")
    convolution.weight = nn.Parameter(classifier.weight[:, :, None, None])
    convolution.bias = classifier.bias
    return convolution


def ready(stages: Stages) -> Stages:
    """Freeze the stages, in the layout that runs fastest."""
    for stage in stages.values():
        stage.eval().requires_grad_(False).to(memory_format=torch.channels_last)
    return stages
