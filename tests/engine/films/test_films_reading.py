"""Whatever a moving picture is: it is read, upright and in time, or refused in one sentence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from films_made import every_frame_of_its_size, film, gif, panned, sound_alone, turned, without_frames

from engine import Picture
from engine.errors import PictureError
from engine.films import hdr
from engine.films.reading import Clip, ClipLimits, opened
from engine.films.settings import VideoFilm


def _said(clip: Clip) -> str:
    return " ".join(map(str, clip.notes))


def test_a_film_is_read_frame_by_frame(coffee: Picture, tmp_path: Path) -> None:
    frames = panned(coffee, 5)
    clip = opened(film(tmp_path / "a.mp4", frames), VideoFilm())
    assert (clip.width, clip.height, clip.frames, clip.notes, clip.cuts) == (64, 48, 5, (), frozenset())
    shots = list(clip.shots(64, 48))
    assert [round(shot.at, 3) for shot in shots] == [0, 0.1, 0.2, 0.3, 0.4]
    for shot, rgb in zip(shots, frames, strict=True):
        assert np.abs(shot.rgb.astype(float) - rgb).mean() < 8


def test_times_that_vary_are_kept(coffee: Picture, tmp_path: Path) -> None:
    clip = opened(film(tmp_path / "a.mp4", panned(coffee, 4), times_ms=[0, 50, 400, 430]), VideoFilm())
    assert [round(at, 2) for at in clip.times[:4]] == [0, 0.05, 0.4, 0.43]
    clip = opened(gif(tmp_path / "a.gif", panned(coffee, 3), [50, 300, 200]), VideoFilm())
    assert [round(at, 2) for at in clip.times] == [0, 0.05, 0.35, 0.55]


def test_a_film_that_lies_on_its_side_is_put_upright(coffee: Picture, tmp_path: Path) -> None:
    frames = panned(coffee, 3)
    clip = opened(turned(film(tmp_path / "a.mp4", frames)), VideoFilm())
    assert (clip.width, clip.height) == (48, 64)
    shot = next(clip.shots(48, 64))
    # A quarter turn to the right, as the note has it.
    assert np.abs(shot.rgb.astype(float) - np.rot90(frames[0], -1)).mean() < 8


def test_ten_bits_are_read(coffee: Picture, tmp_path: Path) -> None:
    frames = panned(coffee, 2)
    clip = opened(film(tmp_path / "a.mp4", frames, pix_fmt="yuv420p10le"), VideoFilm())
    assert np.abs(next(clip.shots(64, 48)).rgb.astype(float) - frames[0]).mean() < 8


def test_high_dynamic_range_is_brought_to_white_as_paper(coffee: Picture, tmp_path: Path) -> None:
    grey = np.full((4, 4, 3), 0.75 * 65535, np.uint16)  # BT.2408: paper in HLG
    assert 180 < hdr.to_srgb(grey, hdr.HLG).mean() < 256
    assert hdr.to_srgb(np.zeros((4, 4, 3), np.uint16), hdr.PQ).max() == 0
    assert hdr.to_srgb(np.full((4, 4, 3), 65535, np.uint16), hdr.PQ).min() == 255
    path = film(tmp_path / "a.mp4", panned(coffee, 2), pix_fmt="yuv420p10le", trc=hdr.HLG)
    assert opened(path, VideoFilm()).frames == 2


def test_sound_is_left_out_and_that_is_said(coffee: Picture, tmp_path: Path) -> None:
    assert "sound" in _said(opened(film(tmp_path / "a.mp4", panned(coffee, 3), sound=True), VideoFilm()))


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_an_hour_is_refused_before_it_is_read(coffee: Picture, tmp_path: Path, name: str) -> None:
    frames = panned(coffee, 61, 32, 32)
    path = film(tmp_path / name, frames, times_ms=[60_000 * number for number in range(61)])
    with pytest.raises(PictureError, match=r"60 minutes\. Send one of at most 10"):
        opened(path, VideoFilm())


def test_only_the_seconds_that_are_taken_are_read(coffee: Picture, tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", panned(coffee, 40), times_ms=[500 * number for number in range(40)])
    clip = opened(path, VideoFilm(seconds=3))
    assert (clip.frames, clip.seconds) == (6, 3)
    assert "Only the first 3 s" in _said(clip)


@pytest.mark.parametrize("make", [without_frames, sound_alone])
def test_a_film_without_a_frame_is_refused(make: Callable[[Path], Path], tmp_path: Path) -> None:
    with pytest.raises(PictureError, match=r"no frame|damaged"):
        opened(make(tmp_path / "a.mp4"), VideoFilm())


def test_frames_of_other_sizes_are_brought_to_the_first_ones(coffee: Picture, tmp_path: Path) -> None:
    frames = [*panned(coffee, 2), *panned(coffee, 2, 96, 80)]
    clip = opened(every_frame_of_its_size(tmp_path / "a.mkv", frames), VideoFilm())
    assert (clip.width, clip.height, clip.frames) == (64, 48, 4)
    assert "change their size" in _said(clip)
    assert {shot.rgb.shape for shot in clip.shots(64, 48)} == {(48, 64, 3)}


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_what_is_broken_in_the_middle_is_taken_or_refused_in_a_sentence(
    coffee: Picture, tmp_path: Path, name: str
) -> None:
    path = film(tmp_path / name, panned(coffee, 20, 160, 120))
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 400] = b"\x5a" * 400
    path.write_bytes(data)
    clip = opened(path, VideoFilm())
    assert 1 <= clip.frames <= 20
    assert len(list(clip.shots(64, 48))) == clip.frames


def test_what_breaks_off_is_taken_as_far_as_it_goes(coffee: Picture, tmp_path: Path) -> None:
    path = gif(tmp_path / "a.gif", panned(coffee, 8), 100)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    clip = opened(path, VideoFilm())
    assert 1 <= clip.frames < 8
    assert len(list(clip.shots(64, 48))) == clip.frames


def test_a_gif_of_many_short_frames_runs_as_browsers_show_it(coffee: Picture, tmp_path: Path) -> None:
    dot = [np.full((16, 16, 3), number % 256, np.uint8) for number in range(400)]
    clip = opened(gif(tmp_path / "a.gif", dot, 10), VideoFilm(seconds=2))
    assert clip.frames == 20
    assert round(clip.times[1], 2) == 0.1
    assert "Only the first 2 s" in _said(clip)


def test_more_frames_a_second_than_asked_for_are_left_out(coffee: Picture, tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", panned(coffee, 20), times_ms=[20 * number for number in range(20)])
    clip = opened(path, VideoFilm(fps=10))
    assert clip.frames == 4
    assert "frames a second" in _said(clip)


def test_another_scene_is_seen(coffee: Picture, tmp_path: Path) -> None:
    frames = panned(coffee, 6)
    frames[3:] = [255 - rgb for rgb in frames[3:]]
    assert opened(film(tmp_path / "a.mp4", frames), VideoFilm()).cuts == {3}


@pytest.mark.parametrize(
    ("limits", "sentence"),
    [
        (ClipLimits(max_seconds=0.2), "minutes"),
        (ClipLimits(max_pixels=1000), "64 × 48 pixels"),
        (ClipLimits(max_bytes=100), "MiB"),
    ],
)
def test_what_is_beyond_the_limits_is_refused(
    coffee: Picture, tmp_path: Path, limits: ClipLimits, sentence: str
) -> None:
    with pytest.raises(PictureError, match=sentence):
        opened(film(tmp_path / "a.mp4", panned(coffee, 5)), VideoFilm(), limits)


@pytest.mark.parametrize(
    "data",
    [b"", b"#EXTM3U\nfile:///etc/passwd", b"\0\0\0\x18ftypmp42" + b"\0" * 99, b"\x1aE\xdf\xa3" + b"\7" * 99, b"GIF89a"],
)
def test_what_is_no_film_is_refused_in_a_sentence(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(data)
    with pytest.raises(PictureError, match=r"film|moving"):
        opened(path, VideoFilm())


def test_a_still_picture_is_told_to_be_one(coffee: Picture, tmp_path: Path) -> None:
    with pytest.raises(PictureError, match="does not move"):
        opened(gif(tmp_path / "a.gif", panned(coffee, 1), 100), VideoFilm())
