"""``zoom`` and ``video`` in the shell."""

from __future__ import annotations

from pathlib import Path

import pytest
from engine_shell import events, refused, run
from films_made import film, gif, panned

from engine import Picture, pictures

QUICK = ("--network", "lite0", "--octaves", "1", "--steps", "1", "--size", "64", "--frame-octaves", "1")


@pytest.fixture
def photo(tmp_path: Path, small: Picture) -> Path:
    path = tmp_path / "photo.png"
    path.write_bytes(pictures.encode_png(small))
    return path


def test_a_zoom_is_written_and_told(photo: Path, tmp_path: Path) -> None:
    out, still = tmp_path / "out.gif", tmp_path / "still.png"
    more = ("--seconds", 0.5, "--fps", 4, "--json", "--still", still)
    result = run("zoom", photo, "-o", out, *QUICK, *more)
    assert result.exit_code == 0, result.output
    told = events(result.stdout)[-1]
    assert (told["event"], told["frames"], told["width"]) == ("filmed", 2, 64)
    assert out.read_bytes().startswith(b"GIF89a")
    assert still.is_file()
    assert told["bytes"] == out.stat().st_size


def test_a_video_is_written_and_told(coffee: Picture, tmp_path: Path) -> None:
    source = gif(tmp_path / "in.gif", panned(coffee, 3), 100)
    result = run("video", source, "-o", tmp_path / "out.webp", *QUICK, "--preview")
    assert result.exit_code == 0, result.output
    assert "3 frames of 64 × 48 pixels, 0.3 s" in result.stdout


def test_what_is_wrong_is_told_in_a_sentence(photo: Path, coffee: Picture, tmp_path: Path) -> None:
    refused(run("zoom", photo, "-o", tmp_path / "out.png", *QUICK), "Films are MP4, GIF or WebP")
    refused(run("zoom", photo, "-o", tmp_path / "no" / "out.mp4", *QUICK), "There is no folder")
    refused(run("zoom", photo, "-o", tmp_path / "out.mp4", *QUICK, "--seconds", 999), "seconds")
    refused(run("video", tmp_path / "none.mp4", "-o", tmp_path / "out.mp4", *QUICK), "cannot be read")
    refused(run("video", photo, "-o", tmp_path / "out.mp4", *QUICK), "does not move")
    cut = film(tmp_path / "in.mp4", panned(coffee, 3))
    cut.write_bytes(cut.read_bytes()[:200])
    refused(run("video", cut, "-o", tmp_path / "out.mp4", *QUICK), "damaged")
