"""Dreams on a GPU, where there is one."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
import torch
from PIL import Image
from torch.nn.functional import cosine_similarity

from engine import Dreamer, Picture, Recipe
from engine.films import filming
from engine.films.filming import Wanted
from engine.films.settings import ZoomFilm
from engine.networks import Network
from engine.objectives import Objective

pytestmark = [pytest.mark.gpu, pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")]

CUDA, CPU = torch.device("cuda"), torch.device("cpu")
KINDS = (
    "layer 4",
    "channels 4:3,17,40",
    "neuron 3:4",
    "beagle",
    "strongest 5 of layer 3",
    "0.7 dogs + 0.3 layer 2",
    "guide 3",
)


@pytest.fixture(scope="module")
def gpu() -> Dreamer:
    return Dreamer("lite0", CUDA)


def enlarged(picture: Picture, width: int, height: int) -> Picture:
    return Picture(np.array(Image.fromarray(picture.rgb).resize((width, height))))


def objective(recipe: Recipe, device: torch.device, photo: torch.Tensor) -> Objective:
    trunks = {name: Network(name, device).trunk(layers) for name, layers in recipe.layers().items()}
    made = Objective(recipe.terms(), trunks, photo)
    made.start(photo)
    return made


@pytest.mark.parametrize("of", KINDS)
def test_a_recorded_gradient_is_the_gradient(of: str) -> None:
    recipe = Recipe(network="lite0", of=of)
    photos = [torch.rand(1, 3, 160, 224, generator=torch.Generator().manual_seed(seed)) for seed in (1, 2)]
    on_gpu = objective(recipe, CUDA, photos[0].to(CUDA))
    on_gpu.gradient(photos[0].to(CUDA))  # as it is the first of its size, it is not recorded
    recorded = [on_gpu.gradient(photo.to(CUDA)).clone() for photo in photos]
    called = [objective(recipe, CUDA, photos[0].to(CUDA)).gradient(photo.to(CUDA)) for photo in photos]
    for ours, theirs in zip(recorded, called, strict=True):
        assert torch.equal(ours, theirs)
    for ours, photo in zip(recorded, photos, strict=True):
        theirs = objective(recipe, CPU, photos[0]).gradient(photo)
        assert cosine_similarity(ours.cpu().flatten(), theirs.flatten(), 0) >= 0.999


@pytest.mark.parametrize("network", ["lite0", "lite2"])
def test_a_classic_dream_has_the_same_bytes_again(network: str, coffee: Picture) -> None:
    dreamer = Dreamer(network, CUDA)
    recipe = Recipe(network=network, size=400)
    first, second = (dreamer.dream(coffee, recipe).picture.rgb for _ in range(2))
    assert np.array_equal(first, second)


@pytest.mark.parametrize("look", ["classic", "natural"])
def test_a_dream_is_like_the_one_of_a_processor(look: str, gpu: Dreamer, small: Picture) -> None:
    recipe = Recipe.model_validate({"network": "lite0", "look": look, "octaves": 2, "steps": 4})
    dreams = [one.dream(small, recipe).picture.rgb.astype(float) for one in (gpu, Dreamer("lite0", CPU))]
    assert np.abs(dreams[0] - dreams[1]).mean() < 2


def test_a_film_is_like_the_one_of_a_processor(gpu: Dreamer, small: Picture, tmp_path: Path) -> None:
    recipe = Recipe(network="lite0", octaves=2, steps=3)
    asked = ZoomFilm(size=96, seconds=1, fps=12, frame_octaves=2)
    films = []
    for dreamer in (gpu, Dreamer("lite0", CPU)):
        path = tmp_path / f"{len(films)}.mp4"
        filming.zoom(dreamer, small, recipe, asked, Wanted(path))
        with av.open(path) as container:
            films.append(np.stack([frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]))
    on_gpu, on_cpu = (film.astype(float) for film in films)
    assert len(on_gpu) == 12
    assert np.abs(on_gpu - on_cpu)[:3].mean() < 2
    # Each frame is dreamed from the last: rounding grows, to 3 or 4 of 255 between two forms on one processor.
    alike = [np.corrcoef(ours.ravel(), theirs.ravel())[0, 1] for ours, theirs in zip(on_gpu, on_cpu, strict=True)]
    assert min(alike) > 0.98


def test_a_dream_that_does_not_fit_is_made_in_tiles_and_is_the_same(gpu: Dreamer, coffee: Picture) -> None:
    recipe = Recipe(network="lite0", size=1600, octaves=1, steps=1)  # steps to come make much of a little
    picture = enlarged(coffee, 1600, 1056)  # sides on the stride: tiles pad others up to it
    whole = gpu.dream(picture, recipe).picture.rgb.astype(float)
    free, _ = torch.cuda.mem_get_info()
    occupied = torch.empty(free - 2**30, dtype=torch.uint8, device=CUDA)
    tiled = gpu.dream(picture, recipe)
    assert occupied.numel()
    assert "tile" in tiled.fingerprint
    assert np.abs(whole - tiled.picture.rgb.astype(float)).mean() < 0.1
