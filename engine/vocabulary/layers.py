"""Layers as people name them: ``4`` for ``blocks.4``, ``4c`` for ``inception4c``."""

from __future__ import annotations

import re

from engine.catalogue import LayerFacts, NetworkFacts
from engine.errors import RecipeError
from engine.sentences import Sentence, mark
from engine.vocabulary.spelling import cut, shown
from engine.vocabulary.terms import LOGITS

# A guide's features are matched about this deep: there they are parts of things (eyes, beads), neither mere strokes
# nor whole faces that find no match.
GUIDE_DEPTH = 0.6

_PART = re.compile(r"part (\d+) of (\d+) of (\S+)")  # as ``engine.describe`` writes it of a block in a group
_PART_OF = mark("part {part} of {parts} of {group}")


def find(network: NetworkFacts, name: str) -> LayerFacts:
    """Return a layer by its name, or by a short one. Raises RecipeError that says what is offered."""
    if name in network.layers:
        return network.layers[name]
    if not name:
        raise RecipeError(
            "No layer is named. Name one of {network}, such as {layer}.",
            network=network.name,
            layer=for_guide(network).name,
        )
    wanted = name.casefold()
    found = [layer for layer in network.layers if layer.casefold() == wanted]
    found = found or [layer for layer in network.layers if short(layer) == wanted]
    if len(found) > 1:
        raise RecipeError(
            "In {network} the layer “{layer}” could be {layers}.",
            network=network.name,
            layer=shown(name),
            layers=tuple(found[:4]),
        )
    # Of what is not there, the catalogue says what is.
    return network.layer(found[0] if found else cut(name))


def about(layer: LayerFacts) -> Sentence:
    """Return what a layer dreams of, in plain words."""
    part = _PART.fullmatch(layer.about)
    if part is None:
        return Sentence(layer.about)
    return Sentence(_PART_OF, {"part": int(part[1]), "parts": int(part[2]), "group": part[3]})


def short(layer: str) -> str:
    """Return a layer's name without the letters, dots and underscores that it begins with."""
    return re.sub(r"^[a-z._]+", "", layer.casefold())


def top(network: NetworkFacts) -> list[str]:
    """Return the layers that are no part of another and not the classifier's answers, in order of depth."""
    return [layer for layer in network.layers if layer.count(".") < 2 and layer != LOGITS]


def for_guide(network: NetworkFacts) -> LayerFacts:
    """Return the layer at which a guide is matched unless another is named: 60 % deep among the top ones."""
    layers = top(network)
    return network.layer(layers[int(GUIDE_DEPTH * (len(layers) - 1))])
