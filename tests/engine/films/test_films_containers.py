"""What FFmpeg may read of a stranger's film: a list of containers and codecs, and nothing that is not on it."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from films_made import encoded, film, moving_avif, panned, still_avif, still_heic

from engine import Picture
from engine.errors import PictureError
from engine.films import containers
from engine.films.reading import opened
from engine.films.settings import VideoFilm

MANY = 10**9


def unasked(path: Path) -> None:
    """Decode a frame without a look at its codec first."""
    with path.open("rb") as file:
        kind = containers.demuxer(file.read(containers.HEAD_BYTES))
        file.seek(0)
        assert kind is not None
        with containers.opened(file, kind, MANY) as container:
            stream = container.streams.video[0]
            stream.codec_context.options = containers.bounds(MANY)
            next(container.decode(stream))


@pytest.mark.parametrize(
    ("name", "codec", "pix_fmt"),
    [
        ("a.mp4", "libx264", "yuv420p"),
        ("a.mov", "libx265", "yuv420p10le"),
        ("a.mp4", "libsvtav1", "yuv420p"),
        ("a.webm", "libvpx", "yuv420p"),
        ("a.mkv", "libvpx-vp9", "yuv420p"),
        ("a.mp4", "mpeg4", "yuv420p"),
        ("a.mov", "mjpeg", "yuvj420p"),
        ("a.mov", "prores_ks", "yuv422p10le"),
    ],
)
def test_what_cameras_and_browsers_write_is_read(name: str, codec: str, pix_fmt: str, tmp_path: Path) -> None:
    clip = opened(encoded(tmp_path / name, codec, pix_fmt), VideoFilm())
    assert (clip.width, clip.height, clip.frames) == (176, 144, 3)
    means = [shot.rgb.mean() for shot in clip.shots(176, 144)]
    assert np.allclose(means, [0, 40, 80], atol=6)


@pytest.mark.parametrize(
    ("name", "codec", "pix_fmt", "said"),
    [
        ("a.mkv", "ffv1", "yuv420p", "ffv1"),
        ("a.mkv", "mpeg2video", "yuv420p", "mpeg2video"),
        ("a.mov", "qtrle", "rgb24", "qtrle"),
        ("a.mov", "png", "rgb24", "png"),
        ("a.3gp", "h263", "yuv420p", "h263"),
    ],
)
def test_another_codec_is_told_and_not_decoded(name: str, codec: str, pix_fmt: str, said: str, tmp_path: Path) -> None:
    path = encoded(tmp_path / name, codec, pix_fmt)
    with av.open(path) as container:
        assert len(list(container.decode(video=0))) == 3, "FFmpeg itself could"
    with pytest.raises(PictureError, match=f"encoded as {said}, which I do not read. Save it anew with H.264"):
        opened(path, VideoFilm())
    with pytest.raises(av.error.FFmpegError):
        unasked(path)


def test_a_codec_that_nobody_knows_is_told(coffee: Picture, tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", panned(coffee, 3))
    path.write_bytes(path.read_bytes().replace(b"avc1", b"zzz1"))
    with pytest.raises(PictureError, match="encoded in a way that I do not know"):
        opened(path, VideoFilm())


@pytest.mark.parametrize("kind", ["avi", "mpegts", "hls", "concat", "image2"])
def test_another_container_is_not_opened(kind: str, coffee: Picture, tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", panned(coffee, 3))
    with path.open("rb") as file, pytest.raises(av.error.ArgumentError):
        containers.opened(file, kind, MANY)


def test_no_file_is_opened_by_its_name(coffee: Picture, tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", panned(coffee, 3))
    with av.open(path, options={"protocol_whitelist": "file"}) as container:
        assert container.streams.video
    with pytest.raises(av.error.FFmpegError):
        av.open(path, options={"protocol_whitelist": containers.PROTOCOLS})


def test_a_still_avif_is_the_picture_that_it_is(coffee: Picture, tmp_path: Path) -> None:
    with pytest.raises(PictureError, match="does not move"):
        opened(still_avif(tmp_path / "a.avif", panned(coffee, 1)[0]), VideoFilm())


def test_an_avif_that_moves_is_a_film(coffee: Picture, tmp_path: Path) -> None:
    frames = panned(coffee, 4)
    clip = opened(moving_avif(tmp_path / "a.avif", frames), VideoFilm())
    assert (clip.width, clip.height, clip.frames, clip.seconds) == (64, 48, 4, pytest.approx(0.4))
    for shot, rgb in zip(clip.shots(64, 48), frames, strict=True):
        assert np.abs(shot.rgb.astype(float) - rgb).mean() < 12


def test_a_still_heic_is_no_film(coffee: Picture, tmp_path: Path) -> None:
    path = still_heic(tmp_path / "a.heic", panned(coffee, 1)[0])
    with av.open(path) as container:
        assert len(list(container.decode(video=0))) == 1, "which FFmpeg would take it for"
    with pytest.raises(PictureError, match="not a film"):
        opened(path, VideoFilm())
