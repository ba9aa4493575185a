"""What cannot be dreamed is said in one sentence, and nothing is left where the dream was to be."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from engine_shell import QUICK, events, refused, run

from engine import Picture, pictures
from engine.cli import files


@pytest.fixture
def photo(tmp_path: Path, small: Picture) -> Path:
    path = tmp_path / "photo.png"
    path.write_bytes(pictures.encode_png(small))
    return path


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("--network lite9", "There is no network “lite9”. Did you mean"),
        ("--network lite2+lite2", "Up to 3 different networks"),
        ("--network timm:nothing", "timm has no network “nothing”"),
        ("--network timm:vit_tiny_patch16_224", "does not go from layer to layer in one line"),
        ("--of layer_block.4", "nothing called"),
        ("--of class:pecock", "Did you mean peacock?"),
        ("--of channel:4:9999", "channel"),
        ("--of butterfliez", "Did you mean butterflies"),
        ("--of guide", "give a guide picture"),
        ("--where mask", "takes a mask picture"),
        ("--steps 0", "steps: input should be greater than or equal to 1"),
        ("--octave-scale nan", "octave_scale"),
        ("--strengths 1,9", "less than or equal to 4"),
        ("--device tpu", "There is no device “tpu” here. Choose cpu"),
        ("--device cuda:99", "There is no device “cuda:99”"),
        ("--guide none.png", "none.png cannot be read"),
        ("--mask none.png", "none.png cannot be read"),
        ("--weights none.pth", "cannot be read from none.pth"),
        ("--network lite0+lite2 --weights none.pth", "A weights file is for one network"),
    ],
)
def test_a_wrong_option_gets_a_sentence(photo: Path, tmp_path: Path, typed: str, sentence: str) -> None:
    out = tmp_path / "out.png"
    refused(run("dream", photo, "-o", out, *typed.split()), sentence)
    assert list(tmp_path.iterdir()) == [photo]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("{hello", "is no JSON from line 1, column 2"),
        ("[1]", "a recipe is a JSON object"),
        ('{"octavs": 3}', "no field “octavs”. Did you mean octaves"),
        ('{"layer": "blocks.4"}', "no field “layer”"),
        ('{"cls": 1, "self": 2}', "no field “"),
        ('{"version": 9}', "made by another version of Oneiros"),
        ('{"step_size": NaN}', "step_size: input should be a number"),
        ('{"network": 5}', "network: input should be a valid string"),
        ('{"of": "dgoz of nothing"}', "nothing called"),
        ("[" * 100_000, "holds no recipe"),
        ('{"seed": ' + "9" * 5000 + "}", "holds no recipe"),
        ("\0\1\2", "holds no recipe"),
    ],
)
def test_a_recipe_file_that_is_none_gets_a_sentence(photo: Path, tmp_path: Path, content: str, sentence: str) -> None:
    file = tmp_path / "recipe.json"
    file.write_text(content)
    result = run("dream", photo, "-o", tmp_path / "out.png", "--recipe", file)
    refused(result, sentence)
    assert str(file) in result.stderr


def test_a_picture_without_a_recipe_gets_a_sentence(photo: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.png"
    refused(run("dream", photo, "-o", out, "--recipe", photo), "carries no recipe")
    cut = tmp_path / "cut.png"
    cut.write_bytes(photo.read_bytes()[:500])
    refused(run("dream", photo, "-o", out, "--recipe", cut), "cut off or damaged")
    refused(run("dream", photo, "-o", out, "--recipe", tmp_path), "cannot be read: Is a directory")


def test_a_bad_photo_gets_a_sentence_and_leaves_what_was_there(photo: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.png"
    out.write_bytes(b"as it was")
    for name, content, sentence in (
        ("text.jpg", b"no picture", "not a picture I can read"),
        ("empty.jpg", b"", "empty"),
        ("cut.png", photo.read_bytes()[:2000], "cut off or damaged"),
    ):
        path = tmp_path / name
        path.write_bytes(content)
        refused(run("dream", path, "-o", out, *QUICK), f"{path}: This")
        assert sentence in run("dream", "-", "-o", out, *QUICK, stdin=content).stderr
        path.unlink()
    refused(run("dream", tmp_path / "none.jpg", "-o", out), "cannot be read: No such file")
    refused(run("dream", tmp_path, "-o", out), "cannot be read: Is a directory")
    assert out.read_bytes() == b"as it was"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.png", "photo.png"]


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.jpg"
    with path.open("wb") as file:
        file.truncate(2**40)  # of holes: it takes no room
    refused(run("dream", path, "-o", tmp_path / "out.png"), "more than 256 MiB")


def test_an_output_that_cannot_be_is_said_before_the_dream(photo: Path, tmp_path: Path) -> None:
    refused(run("dream", photo, "-o", tmp_path / "out.jpg"), "name the output out.png")
    refused(run("dream", photo, "-o", tmp_path / "no" / "out.png"), "There is no folder")
    refused(run("dream", photo, "-o", photo / "out.png"), "There is no folder")
    (tmp_path / "folder.png").mkdir()
    refused(run("dream", photo, "-o", tmp_path / "folder.png"), "is a folder")


def test_a_file_that_cannot_be_renamed_to_is_said_and_nothing_stays(tmp_path: Path) -> None:
    (tmp_path / "out.png").mkdir()
    with pytest.raises(files.EngineError, match="cannot be written"):
        files.write(tmp_path / "out.png", b"bytes")
    assert [path.name for path in tmp_path.iterdir()] == ["out.png"]


def test_weights_that_cannot_be_downloaded_are_said(
    photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")  # nobody listens there: offline, wherever the test runs
    result = run("dream", photo, "-o", tmp_path / "out.png", "--network", "googlenet")
    assert result.exit_code == 1
    said, error = result.stderr.splitlines()
    assert "The weights of GoogLeNet are not here yet: getting 50 MiB from torchvision" in said
    assert "could not be downloaded" in error
    assert not (tmp_path / "out.png").exists()


@pytest.mark.parametrize(
    ("typed", "code", "sentence"),
    [
        ("--network lite9", 1, "There is no network “lite9”"),
        ("--look wild", 2, "'wild' is not one of"),
        ("--strengths 1,x", 2, "not a row of numbers"),
        ("--no-such-thing", 2, "No such option"),
    ],
)
def test_machines_get_what_is_wrong_as_an_event(photo: Path, typed: str, code: int, sentence: str) -> None:
    result = run("dream", photo, "-o", photo.with_name("out.png"), "--json", *typed.split())
    assert result.exit_code == code
    (event,) = events(result.stdout)
    assert event["event"] == "error"
    assert sentence in event["sentence"]
    assert result.stderr == ""
    assert json.dumps(event).isascii()


def test_other_commands_say_what_is_wrong_in_the_same_way() -> None:
    refused(run("networks", "lite9"), "There is no network “lite9”")
    refused(run("words", "--network", "lite9"), "There is no network “lite9”")
    refused(run("words", "zzyzx qqq"), "Nothing to dream of is called “zzyzx qqq”")
    (event,) = events(run("words", "zzyzx qqq", "--json").stdout)
    assert event["event"] == "error"
