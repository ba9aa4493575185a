"""Dreams in tiles: what a person gets of a picture too large to be seen at once. Here, everything is that large."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engine import Dreamer, DreamStopped, EngineError, Picture, Progress, Recipe, RecipeError, memory, pictures, tiles
from engine import recipe as recipes
from engine.large import plan as plans
from engine.large import planned
from engine.likeness import similarity

ROOT = Path(__file__).parents[2]
QUICK = Recipe(network="lite0", of="layer 2", octaves=2, steps=2, jitter=4)
GB = 10**9


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tiles of 32 pixels, for all that is larger than 64 × 48."""
    monkeypatch.setattr(tiles, "WHOLE_PIXELS", 64 * 48)
    monkeypatch.setattr(tiles, "USUAL_SIDE", 32)
    monkeypatch.setattr(tiles, "LEAST_SIDE", 16)
    monkeypatch.setattr(tiles, "SIDES_TO_MARGIN", 1)


@pytest.fixture(scope="module")
def photo(coffee: Picture) -> Picture:
    return pictures.scaled(coffee, 192, 128)


def _changed(**fields: Any) -> Recipe:
    return Recipe.checked(**{**QUICK.model_dump(include={"network", "of", "octaves", "steps", "jitter"}), **fields})


def _tensor(picture: Picture) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(picture.rgb)).permute(2, 0, 1)[None] / 255


def _levels(one: Picture, other: Picture) -> float:
    """Return the mean difference of two pictures, of 255."""
    return float(np.abs(one.rgb.astype(int) - other.rgb).mean())


@pytest.mark.parametrize("fields", [{}, {"rotation": 10.0}, {"of": "channel 2:3 + 0.5 layer 1"}])
def test_a_dream_in_tiles_is_that_of_the_whole_picture(
    dreamer: Dreamer, photo: Picture, fields: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    recipe = _changed(octaves=1, **fields)
    whole = dreamer.dream(photo, recipe)
    request.getfixturevalue("tiny")
    tiled = dreamer.dream(photo, recipe)
    assert "tiles" not in json.loads(whole.fingerprint)
    assert "tiles" in json.loads(tiled.fingerprint)
    assert _levels(whole.picture, photo) > 1
    # A step divides by small numbers, and the next one sees what came of it.
    assert _levels(tiled.picture, whole.picture) < 0.1


@pytest.mark.usefixtures("tiny")
def test_the_same_recipe_and_tiles_give_the_same_bytes(
    dreamer: Dreamer, photo: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, again = dreamer.dream(photo, QUICK), dreamer.dream(photo, QUICK)
    assert first.picture.rgb.tobytes() == again.picture.rgb.tobytes()
    assert first.fingerprint == again.fingerprint
    assert first.picture.rgb.shape == photo.rgb.shape
    monkeypatch.setattr(tiles, "USUAL_SIDE", 48)
    assert dreamer.dream(photo, QUICK).fingerprint != first.fingerprint


@pytest.mark.usefixtures("tiny")
def test_progress_and_previews_are_those_of_any_dream(dreamer: Dreamer, photo: Picture) -> None:
    seen: list[tuple[Progress, Picture]] = []
    dream = dreamer.dream(photo, QUICK, on_step=lambda at: seen.append((at, at.preview())))
    assert [(at.octave, at.step) for at, _ in seen] == [(1, 1), (1, 2), (2, 1), (2, 2)]
    assert [(view.width, view.height) for _, view in seen] == [(137, 91), (137, 91), (192, 128), (192, 128)]
    assert seen[-1][0].fraction == 1.0
    assert np.array_equal(seen[-1][1].rgb, dream.picture.rgb)


@pytest.mark.usefixtures("tiny")
def test_a_large_dream_stops_between_two_tiles(dreamer: Dreamer, photo: Picture) -> None:
    taken: list[Progress] = []
    asked: list[bool] = []
    count = sum(1 for _ in tiles.tiling_of(QUICK.deepest()).tiles(91, 137))
    assert count > 4

    def should_stop() -> bool:
        asked.append(len(asked) == count // 2)
        return asked[-1]

    with pytest.raises(DreamStopped):
        dreamer.dream(photo, QUICK, on_step=taken.append, should_stop=should_stop)
    assert not taken


@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize("where", ["subject", "background", "mask"])
def test_a_large_dream_is_dreamed_where_it_is_to_be(dreamer: Dreamer, photo: Picture, where: str) -> None:
    white = np.zeros((16, 16, 3), np.uint8)
    white[:, 8:] = 255
    mask = Picture(white) if where == "mask" else None
    dream = dreamer.dream(photo, _changed(where=where, feather=0.0), mask=mask)
    change = np.abs(dream.picture.rgb.astype(int) - photo.rgb).mean(2)
    assert change.mean() > 0.5
    if where == "mask":
        assert change[:, :84].max() == 0
        assert change[:, 108:].mean() > 2
    else:
        everywhere = dreamer.dream(photo, QUICK).picture
        assert change.mean() < 0.9 * _levels(everywhere, photo)


@pytest.mark.usefixtures("tiny")
def test_what_was_transparent_stays_so_and_a_guide_is_seen(dreamer: Dreamer, photo: Picture) -> None:
    alpha = np.full((128, 192), 200, np.uint8)
    guided = dreamer.dream(Picture(photo.rgb, alpha), _changed(of="guide 2"), guide=photo)
    assert guided.picture.alpha is not None
    assert np.array_equal(guided.picture.alpha, alpha)
    with pytest.raises(RecipeError, match="takes a second picture"):
        dreamer.dream(photo, _changed(of="guide 2"))


@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize("look", ["classic", "natural"])
def test_likeness_is_met_in_large_dreams(
    dreamer: Dreamer, photo: Picture, look: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plans, "NATURAL_SIDE", 64)
    strong = _changed(look=look, step_size=0.05, likeness=0.0)
    free = dreamer.dream(photo, strong).picture
    alike = dreamer.dream(photo, strong.model_copy(update={"likeness": 0.9})).picture
    assert similarity(_tensor(photo), _tensor(free)) < 0.9 <= similarity(_tensor(photo), _tensor(alike)) + 1e-3
    same = dreamer.dream(photo, strong.model_copy(update={"likeness": 1.0})).picture
    assert np.array_equal(same.rgb, photo.rgb)


@pytest.mark.usefixtures("tiny")
def test_a_large_natural_dream_is_made_small_and_finished_large(
    dreamer: Dreamer, photo: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = _changed(look="natural", likeness=0.0)
    schedule = recipe.schedule(192, 128, 64)
    assert [(at.width, at.height, at.finishing) for at in schedule] == [
        (64, 43, False),
        (96, 64, True),
        (192, 128, True),
    ]
    monkeypatch.setattr(plans, "NATURAL_SIDE", 64)
    steps: list[Progress] = []
    dream = dreamer.dream(photo, recipe, on_step=steps.append)
    assert dream.picture.rgb.shape == photo.rgb.shape
    assert [at.steps for at in steps if at.step == 1] == [2, recipes.FINISHING_STEPS, recipes.FINISHING_STEPS]
    assert _levels(dream.picture, photo) > 1


def test_up_to_a_size_dreams_are_whole_and_above_it_tiled() -> None:
    for side, tiled in ((2048, False), (2049, True)):
        plan = planned(Recipe(size=side), side, side, 100 * GB)
        assert (plan.tiling is not None) == tiled
        assert [octave.tiled for octave in Recipe(size=side).schedule(side, side)] == [tiled] * 5
    assert planned(Recipe(size=8000), 8000, 500, 100 * GB).tiling is None  # it is the area that counts


def test_where_memory_is_short_tiles_are_smaller_and_then_the_largest_size_is_told() -> None:
    recipe = Recipe(size=8000)
    usual = planned(recipe, 8000, 8000, 100 * GB).tiling
    assert usual == tiles.tiling_of(recipe.deepest())
    needed = memory.needed_in_tiles(recipe.deepest(), usual, 8000, 8000)
    assert needed < 4 * GB
    short = planned(recipe, 8000, 8000, needed - 1).tiling
    assert short is not None
    assert tiles.LEAST_SIDE <= short.side < usual.side
    assert memory.needed_in_tiles(recipe.deepest(), short, 8000, 8000) < needed
    with pytest.raises(EngineError, match=r"even in tiles, and 2 GB are free.*longest side of \d+ pixels") as refused:
        planned(recipe, 8000, 8000, 2 * GB)
    size = refused.value.sentence.values["size"]
    assert isinstance(size, int)
    assert 3000 < size < 8000
    assert planned(recipe.model_copy(update={"size": size}), 8000, 8000, 2 * GB).size == size
    with pytest.raises(EngineError):
        planned(recipe.model_copy(update={"size": size + 1}), 8000, 8000, 2 * GB)
    with pytest.raises(EngineError, match="Close other programs"):
        planned(recipe, 8000, 8000, GB // 20)


def test_where_a_whole_picture_does_not_fit_its_tiles_may() -> None:
    recipe = Recipe(size=2000)
    plan = planned(recipe, 2000, 2000, 2 * GB)
    assert plan.size == 2000
    assert plan.tiling is not None
    # Not in the natural look: that sees the picture at once.
    natural = planned(Recipe(size=2000, look="natural"), 2000, 2000, 2 * GB)
    assert natural.size < 2000
    assert natural.tiling is None


def test_a_large_natural_dream_is_made_smaller_first_where_memory_is_short() -> None:
    recipe = Recipe(size=4000, look="natural")
    plan = planned(recipe, 4000, 4000, 5 * GB)
    assert plan.tiling is not None
    assert plan.natural_side < recipes.NATURAL_SIDE
    assert planned(recipe, 4000, 4000, 50 * GB).natural_side == recipes.NATURAL_SIDE


def test_a_layer_that_sees_everything_at_once_is_not_tiled_and_not_made_so_large() -> None:
    recipe = Recipe(network="vgg16", of="layer logits", size=8000)
    width, height = recipe.dream_size(8000, 4000)
    assert width * height <= tiles.WHOLE_PIXELS
    assert width == pytest.approx(2 * height, abs=1)
    assert planned(recipe, 8000, 4000, 100 * GB).tiling is None


def test_recipes_go_up_to_8000_pixels() -> None:
    assert Recipe(size=8000).size == 8000
    with pytest.raises(RecipeError, match="less than or equal to 8000"):
        Recipe.checked(size=8001)


def test_tiles_are_priced_with_their_margins_and_their_first_look() -> None:
    one = {"octaves": 1, "steps": 1}
    whole = Recipe(size=2048, **one).cost(4096, 4096)
    tiled = Recipe(size=4096, **one).cost(4096, 4096)
    seen = tiles.tiling_of(Recipe().deepest()).seen_pixels(4096, 4096)
    assert tiled / whole == pytest.approx(seen / 2048**2)
    assert 1.3 < seen / 4096**2 < 2.5
    channel, layer = (Recipe(of=words, size=4096, **one).cost(4096, 4096) for words in ("channel 4:3", "layer 4"))
    assert channel == pytest.approx(1.5 * layer)


def test_a_large_natural_dream_costs_little_more_than_one_of_its_own_size() -> None:
    natural = Recipe(look="natural", size=8000)
    alone = natural.model_copy(update={"size": 2048}).cost(8000, 8000)
    assert alone < natural.cost(8000, 8000) < 5 * alone


def test_a_dream_in_tiles_takes_no_more_memory_than_foreseen() -> None:
    if sys.platform != "linux":
        pytest.skip("the peak is read otherwise elsewhere")
    code = """
import re
from pathlib import Path
import numpy
from engine import Dreamer, Picture, Recipe, memory, tiles

def peak():
    return 1024 * int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])

tiles.WHOLE_PIXELS, tiles.USUAL_SIDE = 64 * 64, 256
dreamer = Dreamer("lite0")
recipe = Recipe(network="lite0", of="layer 1", octaves=1, steps=1, size=1800, likeness=0.5)
dreamer.dream(Picture(numpy.zeros((256, 256, 3), numpy.uint8)), recipe)
before = peak()
dreamer.dream(Picture(numpy.zeros((1500, 1800, 3), numpy.uint8)), recipe)
layers = recipe.deepest()
print((peak() - before) / memory.needed_in_tiles(layers, tiles.tiling_of(layers), 1800, 1500))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=170, check=True
    )
    assert 0.1 < float(done.stdout) < 1.0
