"""What is maximised: a number from the activations of one layer or of several, of one network or of several."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor

from engine.graphs import Replay
from engine.mixer import Colors
from engine.octaves import dream_size, resized
from engine.trunk import Seen, Trunk
from engine.vocabulary.terms import Channels, Class, Direction, Extremes, Guide, Layer, Neuron, Term, What

Measure = Callable[[Tensor], Tensor]  # the activations of a layer → one number

# Of a channel's plain mean, added to the norm of what is positive: where nothing fires yet, there is still a way up.
LIFT = 0.1
# A class is its own logit and a part of its log-probability. That alone spends itself on fighting what the photo shows
# already, and the class never comes; without it, a class's near relatives come along.
LOG_PROBABILITY = 0.2
GUIDE_SIDE = 256  # pixels, the longest side: matching costs memory by the guide's positions times the picture's
MATCHES_AT_ONCE = 2**24


class Objective:
    """A weighted sum of terms, and its gradient by the pixels. Pictures are (1, 3, height, width) in 0–1.

    A layer's norm, a class's log-probability and a guide's match differ in size by thousands, so each term's gradient
    is brought to the same strength, measured once an octave: 0.7 of one and 0.3 of another is what it says.
    """

    def __init__(self, terms: Sequence[Term], trunks: Mapping[str, Trunk], guide: Tensor | None = None) -> None:
        """Take the terms of each network in ``trunks``, and the ``guide`` picture where a term asks for one."""
        self._terms = terms
        self._trunks = trunks
        self._guide = None if guide is None else small_guide(guide)
        self._measures: list[Measure] = []
        self._strengths = [1.0] * len(terms)
        self._replay = Replay()

    def start(self, photo: Tensor) -> None:
        """Begin an octave: choose what depends on the ``photo`` at its size, and weigh the terms against each other."""
        seen = self._seen_by(Extremes, photo)
        guided = {} if self._guide is None else self._seen_by(Guide, self._guide)
        self._measures = [
            _measure(one, seen.get(one.network, {}), guided.get(one.network, {}), photo.device) for one in self._terms
        ]
        self._strengths = [1.0] * len(self._terms)
        self._replay = Replay()
        if len(self._terms) > 1:
            alone = [self._gradient(photo, [place]).abs().mean() for place in range(len(self._terms))]
            # Measured with its weight in it, which is to stay.
            self._strengths = [
                abs(term.weight) / max(float(size), 1e-12) for term, size in zip(self._terms, alone, strict=True)
            ]

    def gradient(self, image: Tensor, colors: Colors | None = None, /) -> Tensor:
        """Return the gradient by the pixels of ``image``; on a GPU it holds until the next is asked for.

        Its colours are multiplied by ``colors`` (3, 3), the same in all of an octave, where that is given.
        """
        return self._replay.of(lambda seen: self._gradient(seen, range(len(self._terms)), colors), image)

    def value(self, image: Tensor) -> float:
        """Return the sum itself for ``image``."""
        with torch.no_grad():
            sums = [self._sum(name, trunk(image), range(len(self._terms))) for name, trunk in self._trunks.items()]
        return float(sum(sums))

    def _seen_by(self, kind: type[What], picture: Tensor) -> dict[str, Seen]:
        """Return what each network that has a term of this kind sees in ``picture``: the others need not look."""
        names = {term.network for term in self._terms if isinstance(term.what, kind)}
        with torch.no_grad():
            return {name: self._trunks[name](picture) for name in names}

    def _gradient(self, image: Tensor, places: Sequence[int], colors: Colors | None = None) -> Tensor:
        total: Tensor | None = None
        for name, trunk in self._trunks.items():
            if any(self._terms[place].network == name for place in places):
                part = trunk.gradient(image, lambda seen, name=name: self._sum(name, seen, places), colors)  # type: ignore[misc]
                total = part if total is None else total.add_(part)
        if total is None:
            raise ValueError("no network has a term")
        return total

    def _sum(self, network: str, seen: Seen, places: Sequence[int]) -> Tensor:
        found = torch.zeros(())
        for place in places:
            term = self._terms[place]
            if term.network == network:
                found = found + term.weight * self._strengths[place] * self._measures[place](seen[term.what.layer])
        return found


def _measure(term: Term, seen: Seen, guided: Seen, device: torch.device) -> Measure:
    """Return what the term measures in its layer's activations (1, channels, height, width).

    What a measure needs of the host is brought to the ``device`` here: a recorded step has no host.
    """
    match term.what:
        case Layer():
            return _norm
        case Channels(_, channels):
            asked = torch.tensor(channels, device=device)
            return lambda found: _response(found.index_select(1, asked))
        case Extremes(layer, count, strongest):
            chosen = seen[layer].square().mean((0, 2, 3)).topk(count, largest=strongest).indices
            return lambda found: _norm(found.index_select(1, chosen))
        case Neuron(_, channel, across, down):
            return lambda found: found[
                0, channel, position_of(down, found.shape[2]), position_of(across, found.shape[3])
            ]
        case Direction(_, parts):
            return lambda found: _response(sum(amount * found[:, channel] for channel, amount in parts))  # type: ignore[arg-type]
        case Class(index):
            return lambda found: _class(found, index)
        case Guide(layer):
            features = guided[layer][0].flatten(1)
            return lambda found: best_match(found[0].flatten(1), features)


def _norm(found: Tensor) -> Tensor:
    norm: Tensor = torch.linalg.vector_norm(found)
    return norm


def _response(found: Tensor) -> Tensor:
    """Return how strongly something fires: what fires already draws more to it, as in a dream of a whole layer."""
    response: Tensor = _norm(found.relu()) + LIFT * found.mean() * float(found.numel()) ** 0.5
    return response


def _class(logits: Tensor, index: int) -> Tensor:
    pooled = logits.mean((2, 3))[0]
    answer: Tensor = pooled[index] + LOG_PROBABILITY * pooled.log_softmax(0)[index]
    return answer


def best_match(found: Tensor, guide: Tensor) -> Tensor:
    """Return the sum over positions of the best dot product with any position of the guide.

    google/deepdream's notebook, 2015; ours a part of the positions at a time, so that memory is bounded.
    """
    at_once = max(1, MATCHES_AT_ONCE // guide.shape[1])
    with torch.no_grad():
        best = torch.cat([(part.T @ guide).argmax(1) for part in torch.split(found, at_once, 1)])
    return (found * guide[:, best]).sum()


def position_of(fraction: float, side: int) -> int:
    """Return the position that lies ``fraction`` of the way along a side of so many positions."""
    return min(side - 1, int(fraction * side))


def small_guide(guide: Tensor) -> Tensor:
    """Return a guide picture at the size it is looked at."""
    return resized(guide, *dream_size(guide.shape[-1], guide.shape[-2], GUIDE_SIDE))
