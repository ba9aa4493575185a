"""Visualizer: a network on a device, and the loop that makes features visible."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.devices import device_of
from engine.errors import DreamStopped, EngineError
from engine.graphs import recording
from engine.networks import Network, offer, variants
from engine.networks.chains import Chain
from engine.networks.links import Link
from engine.pictures import Picture
from engine.trunk import Trunk
from engine.visualize.canvas import Canvas, Fourier, Maco
from engine.visualize.measures import Measure, Subject, alike, measure_of
from engine.visualize.settings import Settings
from engine.visualize.views import Views, brought_back, seen
from engine.vocabulary import Neuron

# Chosen by eye, and by what the judge saw.
TRAVEL = 3.0  # of a picture's values before they are squashed, in all steps together: more is ink, less is mist
PHASE_TRAVEL = 20.0  # radians
MOMENTUM = 0.9
LAST_STEP = 0.1  # of the first one: what the last steps add is settled, not noise
VIEWS = Views(jitter=0.05, rotation=8, nearest=0.95, farthest=1.1)
MACO_VIEWS = Views(jitter=0.05, rotation=0, nearest=0.4, farthest=1.0)


@dataclass(frozen=True)
class Progress:
    """Where a batch stands after a step, counted from 1."""

    step: int
    steps: int
    _shown: Callable[[], list[Picture]]

    def preview(self) -> list[Picture]:
        """Return the pictures as they stand. To be asked for within ``on_step``."""
        return self._shown()


@dataclass(frozen=True)
class Seen:
    """A picture of what a network responds to, and how strongly it does."""

    picture: Picture
    response: float  # the subject's measure of the picture: of a channel the mean, of a class its logit


class Visualizer:
    """A network kept loaded on a device; makes a batch of pictures at a time."""

    def __init__(self, network: str = "lite2", device: str | torch.device = "cpu") -> None:
        """Load ``network`` onto ``device`` (``auto``: a GPU if any). Raises EngineError."""
        self.device = device_of(device) if isinstance(device, str) else device
        offer(network)
        # In channels last, cuDNN prepares each size of each depthwise convolution for a third of a second.
        self.network = Network(network, self.device, variant=variants.PLAIN if self.device.type == "cuda" else None)

    def visualize(
        self,
        subjects: Sequence[Subject],
        settings: Settings,
        *,
        on_step: Callable[[Progress], object] | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> list[Seen]:
        """Make a picture of each of the subjects, which are ``alike``, all at once.

        Each starts from the same noise and is seen in the same views, so that it does not depend on the others, but for
        the last digits of sums. ``on_step`` is called after every step; ``should_stop`` before every step, and raises
        DreamStopped once it is true. Raises EngineError where the numbers leave their range.
        """
        if not all(alike(subjects[0], other) for other in subjects):
            raise ValueError("a batch is of one kind and of one layer")
        making = Making(self.network, subjects, settings, self.device)
        step = _recorded(making.step, self.device)
        for number in range(settings.steps):
            if should_stop is not None and should_stop():
                raise DreamStopped
            making.ready(number)
            step()
            if on_step is not None:
                on_step(Progress(number + 1, settings.steps, making.pictures))
        if not making.is_finite():
            raise EngineError("The picture broke down: its numbers left their range. Choose another network.")
        return list(map(Seen, making.pictures(), making.responses()))

    def answers(self, pictures: Sequence[Picture]) -> Tensor:
        """Return the network's logits for pictures of one size, (count, classes), on the CPU."""
        trunk = self.network.trunk(["logits"])
        with torch.no_grad():
            logits: Tensor = trunk(_pixels(pictures, self.device))["logits"]
        return logits.mean((2, 3)).cpu()

    def responses(self, subjects: Sequence[Subject], picture: Picture) -> list[float]:
        """Return how strongly the network responds to one picture as each of the subjects, which are ``alike``."""
        layer = subjects[0].layer
        measure = measure_of(subjects, self.network.facts.layer(layer).channels, self.device)
        with torch.no_grad():
            found = self.network.trunk([layer])(_pixels([picture], self.device))[layer]
            values: list[float] = measure(found.expand(len(subjects), -1, -1, -1)).tolist()
        return values


class Making:
    """A batch in the making. A step touches nothing on the host: a CUDA graph holds it."""

    def __init__(self, network: Network, subjects: Sequence[Subject], settings: Settings, device: torch.device) -> None:
        # Numbers are drawn on the CPU, so that a seed means the same on every device.
        generator = torch.Generator().manual_seed(settings.seed)
        self._layer = subjects[0].layer
        self._trunk = _unbent(network.trunk([self._layer]))
        channels = network.facts.layer(self._layer).channels
        self._measure: Measure = measure_of(subjects, channels, device)
        kind = Maco if settings.maco else Fourier
        self._canvas: Canvas = kind(settings.size, device)
        first = self._canvas.begin(generator)
        self._numbers = first.repeat(len(subjects), *[1] * (first.dim() - 1))
        self._moved = torch.zeros_like(self._numbers)
        # All at once, so that none is waited for.
        # Not of parts where one place counts: it would be anywhere.
        views = MACO_VIEWS if settings.maco and not isinstance(subjects[0], Neuron) else VIEWS
        self._forth, self._back = (maps.to(device) for maps in views.draw(settings.steps, generator))
        self._lengths = _lengths(settings.steps, PHASE_TRAVEL if settings.maco else TRAVEL).to(device)
        self._view, self._unview, self._length = (kept[0].clone() for kept in (self._forth, self._back, self._lengths))

    def ready(self, number: int) -> None:
        """Bring what differs from step to step to where the step reads it."""
        self._view.copy_(self._forth[number])
        self._unview.copy_(self._back[number])
        self._length.copy_(self._lengths[number])

    def step(self) -> None:
        """Take one step up, as long for every picture, whatever the size of its subject's numbers.

        Momentum, not Adam: docs/decisions/0012-features-without-adam.md.
        """
        leaf = self._numbers.detach().requires_grad_()
        with torch.enable_grad():
            pictures = self._canvas.picture(leaf)
        view = seen(pictures.detach(), self._view)
        gradient = self._trunk.gradient(view, lambda found: self._measure(found[self._layer]).sum())
        gradient = brought_back(gradient.contiguous(), self._unview)
        (gradient,) = torch.autograd.grad(pictures, leaf, gradient)
        self._moved.lerp_(self._canvas.way(gradient), 1 - MOMENTUM)
        length = self._canvas.length(self._moved).clamp_(min=torch.finfo(torch.float32).tiny)
        self._numbers.addcmul_(self._moved / length.view(-1, *[1] * (self._moved.dim() - 1)), self._length)

    def pictures(self) -> list[Picture]:
        """Return the pictures as they stand."""
        with torch.no_grad():
            made = self._canvas.picture(self._numbers).mul(255).round_().to(torch.uint8)
        return [Picture(one) for one in made.permute(0, 2, 3, 1).contiguous().cpu().numpy()]

    def responses(self) -> list[float]:
        """Return how strongly the network responds to each picture."""
        with torch.no_grad():
            found = self._trunk(self._canvas.picture(self._numbers))
            values: list[float] = self._measure(found[self._layer]).tolist()
        return values

    def is_finite(self) -> bool:
        """Tell whether all numbers are in their range."""
        return bool(self._numbers.isfinite().all())


def _unbent(trunk: Trunk) -> Trunk:
    """Let a trunk that ends with a ReLU6 end before it.

    Where a channel does not fire there is no way up behind it: of lite2's head, five of ten channels stayed grey.
    """
    last = trunk.stages[-1]
    if isinstance(last, Chain) and isinstance(end := last.links[-1], Link) and end.bends and not last.skips:
        plain = Link(end.weight, end.bias, end.stride, end.groups, bends=False)
        trunk.stages[-1] = Chain([*list(last.links)[:-1], plain]).requires_grad_(False)  # type: ignore[list-item]
    return trunk


def _lengths(steps: int, travel: float) -> Tensor:
    """Return the step sizes, (steps,), falling to ``LAST_STEP`` of the first: together ``travel``."""
    falling = torch.linspace(1, LAST_STEP, steps)
    return falling * (travel / falling.sum())


def _recorded(step: Callable[[], None], device: torch.device) -> Callable[[], None]:
    """Return a step that on a GPU is run once, then recorded, then replayed: Python is slower than the kernels."""
    if device.type != "cuda":
        return step
    graph: torch.cuda.CUDAGraph | None = None
    is_prepared = False

    def run() -> None:
        nonlocal graph, is_prepared
        if not is_prepared:
            step()  # libraries prepare themselves for the sizes
            is_prepared = True
            return
        if graph is None:
            graph = torch.cuda.CUDAGraph()
            with recording(graph, device):
                step()
        graph.replay()

    return run


def _pixels(pictures: Sequence[Picture], device: torch.device) -> Tensor:
    stacked = torch.stack([torch.from_numpy(picture.rgb.copy()) for picture in pictures])
    return stacked.to(device).permute(0, 3, 1, 2).float().div_(255)
