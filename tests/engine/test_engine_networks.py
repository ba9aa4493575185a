"""Networks: the real weights, and trunks that compute what the whole network computes."""

import copy
from pathlib import Path

import numpy as np
import pytest
import torch
from engine_weights import whole
from PIL import Image
from torch import Tensor, nn

from engine import Picture, pictures
from engine.networks import Network

ESPRESSO = 967


def _centre(picture: Picture) -> Tensor:
    """Return the 224 px centre crop of the picture at 256 px, in −1…1."""
    shrink = 256 / min(picture.width, picture.height)
    image = pictures.joined(picture).resize((round(picture.width * shrink), round(picture.height * shrink)))
    left, top = (image.width - 224) // 2, (image.height - 224) // 2
    pixels = np.array(image.crop((left, top, left + 224, top + 224)))
    return torch.from_numpy(pixels).permute(2, 0, 1)[None] / 127.5 - 1


def test_the_weights_know_an_espresso(network: Network, coffee: Picture) -> None:
    chances = whole(network.name)(_centre(coffee)).softmax(1)[0]
    assert int(chances.argmax()) == ESPRESSO
    assert float(chances.max()) > 0.5


class _Cut(nn.Module):
    """The whole network as timm runs it, listened to at a layer, in float64."""

    def __init__(self, name: str, layer: str) -> None:
        super().__init__()
        self.network = copy.deepcopy(whole(name)).double()
        self.seen: Tensor | None = None
        self.network.get_submodule(layer).register_forward_hook(self._listen)

    def _listen(self, module: nn.Module, given: object, made: Tensor) -> None:
        self.seen = made

    def forward(self, image: Tensor) -> Tensor:
        self.network(image)
        assert self.seen is not None
        return self.seen


# Even sides, odd sides, and one of each: SAME padding differs for each of them.
@pytest.mark.parametrize("size", [(96, 128), (95, 127), (96, 127), (131, 90)])
@pytest.mark.parametrize("layer", ["blocks.2.1", "blocks.4", "head"])
def test_gradients_are_those_of_the_whole_network(network: Network, layer: str, size: tuple[int, int]) -> None:
    image = torch.rand(1, 3, *size, generator=torch.Generator().manual_seed(1))
    ours = network.trunk([layer]).gradient(image, lambda seen: seen[layer].norm()).double().flatten()
    leaf = (image.double() * 2 - 1).requires_grad_()
    place = {"head": "bn2"}.get(layer, layer)  # timm's norm has the activation in it
    (theirs,) = torch.autograd.grad(_Cut(network.name, place)(leaf).norm(), leaf)
    assert float(torch.cosine_similarity(ours, theirs.flatten(), dim=0)) >= 0.9999


@pytest.mark.parametrize("size", [(96, 128), (95, 127)])
def test_the_classifiers_answers_are_those_of_the_whole_network(network: Network, size: tuple[int, int]) -> None:
    image = torch.rand(1, 3, *size, generator=torch.Generator().manual_seed(1))
    trunk = network.trunk(["logits", "blocks.4"])
    seen = trunk(image)
    assert list(seen) == ["blocks.4", "logits"], "in order of depth"
    theirs = whole(network.name)(image * 2 - 1)
    assert torch.allclose(seen["logits"].mean((2, 3)), theirs, atol=1e-4)
    gradient = trunk.gradient(image, lambda seen: seen["logits"][:, ESPRESSO].mean())
    leaf = (image * 2 - 1).requires_grad_()
    (expected,) = torch.autograd.grad(whole(network.name)(leaf)[0, ESPRESSO], leaf)
    assert float(torch.cosine_similarity(gradient.flatten(), expected.flatten(), dim=0)) >= 0.9999


def test_a_dream_leaves_no_hook_and_no_gradient_on_the_network(network: Network) -> None:
    trunk = network.trunk(["blocks.3"])
    with pytest.raises(ZeroDivisionError):
        trunk.gradient(torch.rand(1, 3, 64, 64), lambda seen: seen["blocks.3"].sum() * (1 // 0))
    trunk.gradient(torch.rand(1, 3, 64, 64), lambda seen: seen["blocks.3"].norm())
    for module in trunk.modules():
        assert not module._forward_hooks
        assert not module._forward_pre_hooks
        assert not module._backward_hooks
    for parameter in trunk.parameters():
        assert not parameter.requires_grad
        assert parameter.grad is None


def test_trunks_of_one_network_share_their_weights(network: Network) -> None:
    shallow, deep = network.trunk(["blocks.1"]), network.trunk(["blocks.1", "blocks.4"])
    assert {id(weight) for weight in shallow.parameters()} < {id(weight) for weight in deep.parameters()}


def test_the_memory_that_is_foreseen_is_kept_once(network: Network) -> None:
    # torch's own ReLU6 in place keeps a copy of what it overwrites, besides what the next convolution keeps.
    trunk = network.trunk(["blocks.1"])
    kept: dict[int, Tensor] = {}

    def keep(tensor: Tensor) -> Tensor:
        kept[tensor.untyped_storage().data_ptr()] = tensor
        return tensor

    picture = torch.rand(1, 3, 128, 128)
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        trunk.gradient(picture, lambda seen: seen["blocks.1"].norm())
    own = {tensor.untyped_storage().data_ptr() for tensor in trunk.state_dict(keep_vars=True).values()}
    size = sum(tensor.untyped_storage().nbytes() for place, tensor in kept.items() if place not in own)
    assert 0.5 < size / (128 * 128 * network.facts.layer("blocks.1").bytes_per_pixel) < 0.8


def test_the_sample_photo_is_small_and_plain() -> None:
    with Image.open(Path(pictures.__file__).parents[1] / "data" / "coffee.jpg") as photo:
        assert photo.size == (600, 400)
        assert not photo.getexif()
