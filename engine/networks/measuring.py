"""What a network's layers see, and what dreaming with them costs: worked out on the ``meta`` device, without numbers.

A picture is sent through the stages, and every operation on the way is looked at.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.graph import saved_tensors_hooks
from torch.overrides import TorchFunctionMode
from torch.utils.flop_counter import FlopCounterMode

from engine.networks.folding import Stages
from engine.networks.links import Link

SIDE = 4096  # pixels: what convolutions without padding lose at the borders is less than half a percent
ODD_SIZES = ((96, 131), (97, 128))  # what a network must take besides
LARGEST_LEAST_SIDE = 256
LINEAR = 1.1  # how much a pixel may cost more in a picture four times as large: attention costs 16 times as much
# Beside what is kept, the backward pass has at its widest moment the gradients by what goes into an operation and by
# what comes out of it. Measured peaks of 14 trunks of five networks were 0.70–0.98 of what follows.
WIDEST_TIMES = 1.5

_CONVOLUTION = ("input", "weight", "bias", "stride", "padding", "dilation", "groups")
_MAX_POOL = ("input", "kernel_size", "stride", "padding", "dilation", "ceil_mode", "return_indices")
_AVERAGE_POOL = ("input", "kernel_size", "stride", "padding", "ceil_mode", "count_include_pad", "divisor_override")
_LOCAL = {"conv2d": _CONVOLUTION, "max_pool2d": _MAX_POOL, "avg_pool2d": _AVERAGE_POOL}
# After these, a position knows of every other.
_GLOBAL = {
    *("adaptive_avg_pool2d", "adaptive_max_pool2d", "softmax", "scaled_dot_product_attention", "matmul", "bmm"),
    *("group_norm", "instance_norm"),
}

# Nothing is allocated on ``meta``: these are a network's own ways to say that a size does not suit it.
UNSUITED = (RuntimeError, AssertionError, ValueError, TypeError, IndexError)


class Unmeasurable(Exception):  # noqa: N818 - it says what a network is, not what went wrong
    """A network that does not run on pictures of any size, or whose layers are not maps of features."""


class TooSmall(Exception):  # noqa: N818 - likewise
    """A picture of which a layer would have no position."""


def facts_of_layers(stages: Mapping[str, nn.Module]) -> dict[str, dict[str, Any]]:
    """Return by stage the numbers of ``LayerFacts``. The stages are on the ``meta`` device. Raises Unmeasurable."""
    plain = _plain(stages)
    try:
        _check_sizes(stages)
        layers, memory = _sights(plain, SIDE), _memory(stages)
        smaller = _sights(plain, SIDE // 4)
    except (TooSmall, *UNSUITED) as error:
        raise Unmeasurable(str(error)) from error
    for name, layer in layers.items():
        if layer["flop_per_pixel"] > LINEAR * smaller[name]["flop_per_pixel"]:
            raise Unmeasurable(f"{name} costs more a pixel the larger the picture")
    least = _least_sides(plain)
    return {
        name: {**layer, "least_side": least[name], "bytes_per_pixel": memory[name]} for name, layer in layers.items()
    }


def _check_sizes(stages: Mapping[str, nn.Module]) -> None:
    """Send pictures of odd sizes through. Raises Unmeasurable where a layer has other channels for each."""
    channels = [[made.shape[1] for _, made in _through(stages, _picture(height, width))] for height, width in ODD_SIZES]
    if any(some != channels[0] for some in channels):
        raise Unmeasurable("what should be channels are positions")


def _through(stages: Mapping[str, nn.Module], picture: Tensor) -> Iterator[tuple[str, Tensor]]:
    for name, stage in stages.items():
        picture = stage(picture)
        if not isinstance(picture, Tensor) or picture.ndim != 4:
            raise Unmeasurable(f"{name} is no map of features")
        yield name, picture


def _sights(stages: Stages, side: int) -> dict[str, dict[str, Any]]:
    """Return by stage its channels, what a position sees, and the arithmetic up to it."""
    layers: dict[str, dict[str, Any]] = {}
    picture = _picture(side, side)
    with torch.no_grad(), FlopCounterMode(display=False) as counter, _Watch(picture) as watch:
        for name, made in _through(stages, picture):
            sight = watch.sight(made)
            seen = max(sight.height, sight.width)
            layers[name] = {
                "channels": made.shape[1],
                "stride": round(sight.stride),
                "receptive_field": None if math.isinf(seen) else round(seen),
                "flop_per_pixel": round(counter.get_total_flops() / side**2, 3),
            }
    return layers


def _memory(stages: Mapping[str, nn.Module]) -> dict[str, int]:
    """Return by stage the bytes per pixel of what is kept for the backward pass, and of its widest moment."""
    tensors = [tensor for stage in stages.values() for tensor in stage.state_dict(keep_vars=True).values()]
    own = {id(tensor.untyped_storage()) for tensor in tensors}  # a storage is the same object as long as its tensor is
    kept: dict[int, torch.UntypedStorage] = {}
    memory: dict[str, int] = {}
    picture = _picture(SIDE, SIDE).requires_grad_()

    def keep(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if id(storage) not in own:
            kept[id(storage)] = storage
        return tensor

    with torch.enable_grad(), saved_tensors_hooks(keep, lambda tensor: tensor), _Watch(picture) as watch:
        for name, _ in _through(stages, picture):
            total = sum(storage.nbytes() for storage in kept.values())
            memory[name] = round((total + WIDEST_TIMES * watch.widest_bytes) / SIDE**2)
    return memory


def _least_sides(stages: Stages) -> dict[str, int]:
    """Return by stage the least side of a picture, in pixels, of which something is left there."""
    least: dict[str, int] = {}
    for side in range(1, LARGEST_LEAST_SIDE + 1):
        picture = _picture(side, side)
        try:
            with torch.no_grad(), _Watch(picture):
                for name, _ in _through(stages, picture):
                    least.setdefault(name, side)
        except (TooSmall, *UNSUITED):
            continue
        return least
    raise Unmeasurable(f"no picture below {LARGEST_LEAST_SIDE} pixels")


def _picture(height: int, width: int) -> Tensor:
    return torch.empty(1, 3, height, width, device="meta").contiguous(memory_format=torch.channels_last)


def _plain(stages: Mapping[str, nn.Module]) -> Stages:
    """Return the stages with kernels as they were trained: a row of zeros adds nothing to see or to pay for."""
    plain = {name: copy.deepcopy(stage) for name, stage in stages.items()}
    for stage in plain.values():
        for module in stage.modules():
            if isinstance(module, Link):
                module.widened = None
    return plain


@dataclass(frozen=True)
class _Sight:
    """What one position of a map sees of the picture, in pixels; the next position lies ``stride`` pixels on."""

    height: float
    width: float
    stride: float


class _Watch(TorchFunctionMode):
    """Follows what each map sees of the picture. Raises TooSmall where a map would be empty."""

    def __init__(self, picture: Tensor) -> None:
        super().__init__()
        # With each tensor itself: an identity is a tensor's only as long as it lives.
        self._sights = {id(picture): (picture, _Sight(1, 1, 1))}
        self.widest_bytes = 0

    def sight(self, made: Tensor) -> _Sight:
        return self._sights[id(made)][1]

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        options = kwargs or {}
        given = [tensor for tensor in _tensors((args, options)) if id(tensor) in self._sights]
        name = getattr(func, "__name__", "")
        window = _Window.of(name, args, options) if given and name in _LOCAL else None
        made = func(*args, **options)
        if given:
            for tensor in _tensors(made):
                self._note(name, given, tensor, window)
        return made

    def _note(self, name: str, given: list[Tensor], made: Tensor, window: _Window | None) -> None:
        sights = [self.sight(tensor) for tensor in given]
        height, width = max(sight.height for sight in sights), max(sight.width for sight in sights)
        stride = max(sight.stride for sight in sights)
        if window is not None:
            height, width = height + window.spans[0] * stride, width + window.spans[1] * stride
            stride *= window.stride
        elif name in _GLOBAL or _pools_all(given[0], made):
            height = width = math.inf
        self._sights[id(made)] = (made, _Sight(height, width, stride))
        moment = sum(tensor.numel() * tensor.element_size() for tensor in {id(t): t for t in (*given, made)}.values())
        self.widest_bytes = max(self.widest_bytes, moment)


@dataclass(frozen=True)
class _Window:
    """A convolution's or a pooling's window: how far it reaches beyond one position (down, across), and its stride."""

    spans: tuple[int, int]
    stride: int

    @classmethod
    def of(cls, name: str, args: tuple[Any, ...], options: dict[str, Any]) -> _Window:
        given = {**dict(zip(_LOCAL[name], args, strict=False)), **options}
        kernel = given["weight"].shape[-2:] if name == "conv2d" else _pair(given["kernel_size"])
        strides = _pair(given.get("stride") or (1 if name == "conv2d" else kernel))
        dilations, padding = _pair(given.get("dilation", 1)), given.get("padding", 0)
        spans = tuple(dilation * (side - 1) for dilation, side in zip(dilations, kernel, strict=True))
        paddings = [span / 2 for span in spans] if padding == "same" else _pair(0 if padding == "valid" else padding)
        for side, span, stride, pad in zip(given["input"].shape[-2:], spans, strides, paddings, strict=True):
            room = (side + 2 * pad - span - 1) / stride
            if (math.ceil(room) if given.get("ceil_mode") else math.floor(room)) < 0:
                raise TooSmall
        return cls((spans[0], spans[1]), max(strides))


def _pools_all(given: Tensor, made: Tensor) -> bool:
    """Tell whether many positions became one: before the channels or, as in a global response norm, after them."""
    if made.ndim == given.ndim == 4 and made.shape[1:3] == (1, 1) and min(given.shape[1:3]) > 1:
        return True
    return made.ndim in {2, 4} and given.ndim == 4 and given.shape[-1] > 1 and (made.ndim == 2 or made.shape[-1] == 1)


def _pair(value: Any) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else (value[0], value[-1])


def _tensors(value: Any) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _tensors(part)
    elif isinstance(value, dict):
        yield from _tensors(tuple(value.values()))
