"""What the options of ``dream`` do."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.torch
import timm
from engine_shell import QUICK, ROOT, events, pixels, run
from engine_weights import random_like
from PIL import Image

from engine import Picture, Recipe, pictures
from engine.cli import dream as dreaming
from engine.cli import options
from engine.cli.progress import Events
from engine.cli.recipes import FINGERPRINT_KEYWORD, RECIPE_KEYWORD
from engine.recipe import BEFORE

BASIS = {"network": "lite0", "octaves": 1, "steps": 1, "size": 64}


@pytest.fixture
def photo(tmp_path: Path, small: Picture) -> Path:
    path = tmp_path / "photo.png"
    path.write_bytes(pictures.encode_png(small))
    return path


def _dreamed(photo: Path, *more: object) -> dict[str, Any]:
    """Dream, and return the last event."""
    result = run("dream", photo, "-o", photo.with_name("out.png"), "--json", *more)
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    return events(result.stdout)[-1]


def test_only_what_is_given_is_passed_on(photo: Path) -> None:
    typed = ("--look", "natural", "--steps", "1", "--octaves", "1", "--size", "64", "--network", "lite0")
    dreamed = _dreamed(photo, *typed, "--keep-colors", "--no-photo-colors", "--strengths", "0.5,2")
    assert Recipe(**dreamed["recipe"]) == Recipe(
        **BASIS, look="natural", keep_colors=True, photo_colors=False, strengths=(0.5, 2.0)
    )


def test_the_picture_carries_recipe_and_fingerprint(photo: Path) -> None:
    dreamed = _dreamed(photo, *QUICK, "--seed", 7)
    with Image.open(dreamed["output"]) as image:
        assert image.size == (dreamed["width"], dreamed["height"]) == (64, 43)
        texts = image.text  # type: ignore[attr-defined]
    assert Recipe.from_json(texts[RECIPE_KEYWORD]) == Recipe(**BASIS, seed=7)
    assert json.loads(texts[FINGERPRINT_KEYWORD]) == dreamed["fingerprint"]
    assert dreamed["fingerprint"]["weights"].keys() == {"lite0"}
    assert dreamed["notes"] == []


def test_a_guide_and_a_mask_are_used_where_they_are_given(photo: Path, tmp_path: Path) -> None:
    mask = tmp_path / "mask.png"
    halves = np.zeros((32, 32, 3), np.uint8)
    halves[:, 16:] = 255
    mask.write_bytes(pictures.encode_png(Picture(halves)))
    dreamed = _dreamed(photo, *QUICK, "--guide", mask, "--mask", mask, "--feather", 0)
    recipe = Recipe(**dreamed["recipe"])
    assert (recipe.of, recipe.where) == ("guide", "mask")
    assert recipe.guide == recipe.mask == Picture(halves).sha256
    masked = pixels(_kept(dreamed))
    changed = masked != pixels(Path(_dreamed(photo, *QUICK, "--strengths", "0")["output"]))
    assert not changed[:, :30].any()
    assert changed[:, 34:].any()


def test_a_guide_or_a_mask_that_is_not_needed_is_told(photo: Path) -> None:
    more = ("--guide", photo, "--of", "eyes", "--mask", photo, "--where", "everywhere")
    notes = _dreamed(photo, *QUICK, *more)["notes"]
    assert [note.split(":")[0] for note in notes] == ["The guide was not needed", "The mask was not needed"]


def test_options_come_before_the_recipe_file(photo: Path, tmp_path: Path) -> None:
    file = tmp_path / "recipe.json"
    file.write_text(json.dumps({"version": 1, **BASIS, "layer": "blocks.2", "seed": 3}))
    old = {**BEFORE, **BASIS}
    assert Recipe(**_dreamed(photo, "--recipe", file)["recipe"]) == Recipe(**old, of="layer blocks.2", seed=3)
    other = _dreamed(photo, "--recipe", file, "--of", "eyes", "--seed", 4)
    assert Recipe(**other["recipe"]) == Recipe(**old, of="eyes", seed=4)


def test_another_look_than_the_recipes_brings_its_own_defaults(photo: Path) -> None:
    classic = _dreamed(photo, *QUICK, "--jitter", 7)
    natural = _dreamed(photo, "--recipe", _kept(classic), "--look", "natural")
    assert Recipe(**natural["recipe"]) == Recipe(**BASIS, jitter=7, look="natural")
    file = photo.with_name("before.json")
    file.write_text(json.dumps({"version": 2, **BASIS}))
    natural = _dreamed(photo, "--recipe", file, "--look", "natural")
    assert Recipe(**natural["recipe"]) == Recipe(**BASIS, look="natural")


def test_another_guide_than_the_recipes_is_told(photo: Path, tmp_path: Path, flat: Picture) -> None:
    kept = _kept(_dreamed(photo, *QUICK, "--guide", photo))
    other = tmp_path / "other.png"
    other.write_bytes(pictures.encode_png(flat))
    assert _dreamed(photo, "--recipe", kept, "--guide", photo)["notes"] == []
    assert "another picture" in _dreamed(photo, "--recipe", kept, "--guide", other)["notes"][0]


def test_weights_of_ones_own_dream_in_any_network(photo: Path, tmp_path: Path) -> None:
    file = tmp_path / "mine.safetensors"
    expected = timm.create_model("test_resnet", pretrained=False).state_dict()
    safetensors.torch.save_file(random_like(expected), file)
    dreamed = _dreamed(photo, "--network", "timm:test_resnet", "--weights", file, "--steps", 1, "--size", 64)
    assert dreamed["recipe"]["of"].startswith("layer ")
    assert "knows no dogs" in "".join(dreamed["notes"])
    assert dreamed["fingerprint"]["weights"].keys() == {"timm:test_resnet"}


def test_a_guide_that_moves_is_told(photo: Path, tmp_path: Path) -> None:
    guide = tmp_path / "guide.gif"
    Image.new("RGB", (64, 64), "red").save(guide, save_all=True, append_images=[Image.new("RGB", (64, 64), "blue")])
    notes = _dreamed(photo, *QUICK, "--guide", guide)["notes"]
    assert notes == ["Guide: This is an animation: only its first frame was taken."]


@pytest.mark.parametrize(
    ("size", "mode", "note"),
    [
        ((1, 1), "RGB", "too small for 2 octaves"),
        ((400, 1), "L", "too small for 2 octaves"),
        ((70, 80), "LA", ""),
        ((64, 64), "CMYK", ""),
        ((64, 64), "animated", "only its first frame"),
    ],
)
def test_odd_pictures_dream(tmp_path: Path, size: tuple[int, int], mode: str, note: str) -> None:
    photo = tmp_path / ("photo.tiff" if mode == "CMYK" else "photo.gif" if mode == "animated" else "photo.png")
    if mode == "animated":
        frames = [Image.new("RGB", size, color) for color in ("red", "blue")]
        frames[0].save(photo, save_all=True, append_images=frames[1:])
    else:
        Image.new(mode, size).save(photo)
    result = run("dream", photo, "-o", tmp_path / "out.png", *QUICK, "--octaves", 2)
    assert result.exit_code == 0, result.output
    assert note in result.stderr
    assert pixels(tmp_path / "out.png").shape[1] <= 64


def test_progress_is_told_to_machines_twice_a_second_at_most(capsys: pytest.CaptureFixture[str]) -> None:
    seconds = count(0, 0.125)
    told = Events(clock=lambda: next(seconds))
    for step in range(1, 17):  # two seconds
        told.show(_At(1, 1, step, 16, step / 16))  # type: ignore[arg-type]
    assert [event["step"] for event in events(capsys.readouterr().out)] == [1, 5, 9, 13]


def test_every_option_is_in_the_docs_once_with_its_defaults() -> None:
    docs = (ROOT / "docs/engine.md").read_text(encoding="utf-8")
    rows = {}
    for cells in re.findall(r"^\| `--[^|]*\|.*$", docs, re.MULTILINE):
        option, *rest = (cell.strip() for cell in cells.strip("|").split("|"))
        name = option.split("`")[1]
        assert name not in rows, f"{name} stands there twice"
        rows[name] = rest
    there = {max(parameter.opts, key=len) for parameter in dreaming.command.params if parameter.name != "photo"}
    assert rows.keys() == there
    for name in Recipe.model_fields.keys() - options.NOT_TYPED:
        default = options.defaults(name)
        written = rows[f"--{name.replace('_', '-')}"][:2]
        assert written == [default["classic"], default.get("natural", "")], f"write {default} for {name}"


@dataclass(frozen=True)
class _At:
    """A place in a dream; the engine's own has a look in it, which is not shown."""

    octave: int
    octaves: int
    step: int
    steps: int
    fraction: float


def _kept(dreamed: dict[str, Any]) -> Path:
    """Keep a dream from being written over."""
    return Path(dreamed["output"]).rename(Path(dreamed["output"]).with_name("kept.png"))
