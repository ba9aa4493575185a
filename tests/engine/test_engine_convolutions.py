"""Convolutions in a way of our own: what torch makes, there and back, whatever their kernels and sizes."""

import copy
from pathlib import Path

import pytest
import torch
from engine_weights import planted, random_weights, save
from torch import Tensor, nn
from torch.nn import functional

from engine.networks import Network, convolutions, variants, winograd
from engine.networks.convolutions import Convolution
from engine.networks.winograd import Desk, Winograd

CPU = torch.device("cpu")
ROUNDING = 1e-10  # of double precision
# Less than a tile, whole tiles, some more than whole ones, a single row and a single column.
SIZES = [(3, 2), (8, 12), (13, 18), (16, 15), (1, 9), (30, 1)]


@pytest.fixture(autouse=True)
def small_ones_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let small images, which go torch's way otherwise, go ours."""
    monkeypatch.setattr(convolutions, "LEAST_WORK", 0)


@pytest.mark.parametrize("bends", [True, False])
@pytest.mark.parametrize("strip_bytes", [1, 2**26])
@pytest.mark.parametrize("size", SIZES)
def test_winograds_way_is_the_same_sum(
    size: tuple[int, int], strip_bytes: int, bends: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(winograd, "STRIP_BYTES", strip_bytes)  # 1: a strip is a row of tiles
    numbers = torch.Generator().manual_seed(0)
    weight, bias, image = (
        torch.randn(shape, generator=numbers, dtype=torch.float64) for shape in ((5, 3, 3, 3), (5,), (2, 3, *size))
    )
    image.requires_grad_()
    expected = functional.conv2d(image, weight, bias, padding=1)
    expected = expected.relu() if bends else expected
    gradient = torch.randn(expected.shape, generator=numbers, dtype=torch.float64)
    (back,) = torch.autograd.grad(expected, image, gradient)
    ours = Winograd(weight, Desk())
    with torch.no_grad():
        found = ours.forward(image, bias, bends=bends)
        assert _apart(found, expected) < ROUNDING
        assert _apart(ours.back(gradient, found if bends else None), back) < ROUNDING


@pytest.mark.parametrize("size", [(24, 32), (23, 30)])
@pytest.mark.parametrize(
    "convolution",
    [
        nn.Conv2d(96, 128, 3, padding=1),  # by Winograd's way
        nn.Conv2d(16, 32, 3, padding=1),  # too few channels for it
        nn.Conv2d(20, 12, 1),
        nn.Conv2d(12, 16, (1, 7), padding=(0, 3)),
        nn.Conv2d(12, 16, 5, padding=1),
        nn.Conv2d(3, 16, 7, stride=2, padding=3),  # of a picture
        nn.Conv2d(3, 16, 3, stride=2),
        nn.Conv2d(12, 16, 3, stride=2),  # torch's way back
        nn.Conv2d(12, 16, 3, padding=2, dilation=2),
        nn.Conv2d(12, 24, 3, padding=1, groups=4),
    ],
    ids=str,
)
@pytest.mark.parametrize("bends", [True, False])
def test_each_convolution_has_the_gradient_of_double_precision(
    convolution: nn.Conv2d, size: tuple[int, int], bends: bool
) -> None:
    ours = Convolution(copy.deepcopy(convolution), bends=bends).requires_grad_(False)
    numbers = torch.Generator().manual_seed(1)
    for parameter in ours.parameters():
        parameter.uniform_(-0.1, 0.1, generator=numbers)
    ours.to(memory_format=torch.channels_last)
    exact = copy.deepcopy(ours).double()
    ours.fuse(fused=True, desk=Desk())
    image = torch.rand(2, convolution.in_channels, *size, generator=numbers)
    found, expected = _gradient(ours, image), _gradient(exact, image.double())
    for one, other in zip(found, expected, strict=True):
        assert one.shape == other.shape
        # Not by the largest difference: where a ReLU's input is 0 but for rounding, its mask may differ.
        assert float(torch.cosine_similarity(one.double().flatten(), other.flatten(), dim=0)) >= 0.99999


def _gradient(convolution: Convolution, image: Tensor) -> tuple[Tensor, Tensor]:
    leaf = image.contiguous(memory_format=torch.channels_last).requires_grad_()
    made = convolution(leaf)
    weights = torch.linspace(-1, 2, made.numel(), dtype=made.dtype).view(made.shape)  # channels first, as some are
    return made.detach(), torch.autograd.grad((made * weights).sum(), leaf)[0]


def _apart(one: Tensor, other: Tensor) -> float:
    return float((one - other).norm() / other.norm())


@pytest.mark.parametrize("name", ["googlenet", "inception_v3"])
def test_a_network_has_the_same_gradient_in_each_form(name: str, tmp_path: Path) -> None:
    path = save(random_weights(name), tmp_path, name)
    with planted(name, path):
        forms = (variants.FUSED, variants.DIRECT, variants.LAST, variants.PLAIN)
        networks = [Network(name, CPU, variant=form) for form in forms]
    layer = networks[0].facts.default_layer
    for size in ((96, 128), (131, 90)):
        image = torch.rand(1, 3, *size, generator=torch.Generator().manual_seed(2))
        fused, *others = (one.trunk([layer]).gradient(image, lambda seen: seen[layer].norm()) for one in networks)
        for other in others:
            assert float(torch.cosine_similarity(fused.flatten(), other.flatten(), dim=0)) >= 0.99999


@pytest.mark.parametrize(("capability", "first"), [("AVX2", variants.FUSED), ("AVX512", variants.DIRECT)])
def test_a_wide_processor_is_expected_to_be_faster_without_winograds_way(
    capability: str, first: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: capability)
    stages = {"one": Convolution(nn.Conv2d(96, 128, 3, padding=1), bends=True)}
    known = variants.forms(stages, CPU)
    assert known[0] == first
    assert set(known) == {variants.FUSED, variants.DIRECT, variants.LAST, variants.PLAIN}
    assert variants.DIRECT not in variants.forms({"one": Convolution(nn.Conv2d(20, 12, 1), bends=True)}, CPU)


def test_another_form_forgets_our_kernels() -> None:
    ours = Convolution(nn.Conv2d(96, 128, 3, padding=1), bends=True).requires_grad_(False)
    image = torch.rand(1, 96, 9, 9)
    torchs = ours(image)
    ours.fuse(fused=True, desk=Desk())
    assert ours.bytes_to_come == 4 * 36 * 96 * 128
    assert torch.allclose(ours(image), torchs, atol=1e-5)
    assert ours.bytes_to_come == 0
    ours.fuse(fused=False)
    ours.convolution.weight.zero_()
    ours.fuse(fused=True, desk=Desk())
    assert torch.equal(ours(image), ours.convolution.bias.clamp(min=0)[None, :, None, None].expand(1, -1, 9, 9))


def test_what_is_little_work_goes_torchs_way(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = Convolution(nn.Conv2d(96, 128, 3, padding=1), bends=True).requires_grad_(False)
    image = torch.rand(1, 96, 12, 16)
    plain = ours(image)
    ours.fuse(fused=True, desk=Desk())
    assert not torch.equal(ours(image), plain), "sums in another order"
    monkeypatch.setattr(convolutions, "LEAST_WORK", 96 * 128 * 9 * 12 * 16 + 1)
    assert torch.equal(ours(image), plain)
