"""Films whole: dreamed, written, stopped, gone on with; what they cost; how they fit."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
import torch
from films_made import film, panned

from engine import Dreamer, DreamStopped, Picture, Recipe
from engine.errors import EngineError, RecipeError
from engine.films import filming
from engine.films.filming import FilmProgress, Wanted
from engine.films.flow import Flow
from engine.films.keeping import ABOUT
from engine.films.making import Frames
from engine.films.moving import Move, flowed
from engine.films.reading import Shot, opened
from engine.films.settings import VideoFilm, ZoomFilm
from engine.films.video import Video
from engine.films.writing import Master, fit
from engine.films.zoom import Zoom, moves
from engine.likeness import similarity
from engine.octaves import pixels_of

RECIPE = Recipe(network="lite0", octaves=2, steps=2)
ZOOM = ZoomFilm(size=64, seconds=1, fps=12, speed=3, frame_octaves=1)
VIDEO = VideoFilm(size=64, frame_octaves=1)


def _frames(path: Path) -> list[np.ndarray]:
    with av.open(path) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def open_end(film: ZoomFilm, frames: Frames, first: torch.Tensor) -> torch.Tensor:
    """Return the last frame of the same film without a loop."""
    zoom, picture = Zoom(film.model_copy(update={"loop": False}), frames, first), first
    for number in range(1, film.frames):
        picture = zoom.frame(number, picture, lambda _: None)
    return picture


def test_a_loop_closes_without_a_jump(dreamer: Dreamer, small: Picture) -> None:
    first = pixels_of(small)
    recipe = RECIPE.model_copy(update={"octaves": 1})
    frames = Frames(recipe, 96, 64, dreamer.networks, torch.device("cpu"))
    frames.start(first)
    asked = ZoomFilm(size=96, seconds=1, fps=16, speed=3, turn=20, pan_right=0.1, frame_octaves=1)
    zoom, picture, moved = Zoom(asked, frames, first), first, moves(asked)
    jumps = []
    for number in range(1, asked.frames):
        made = zoom.frame(number, picture, lambda _: None)
        jumps.append(float((made - moved[number - 1](picture)).abs().mean()))
        picture = made
    seam = float((first - moved[-1](picture)).abs().mean())
    assert seam <= 1.5 * float(np.median(jumps))
    assert float((first - picture).abs().mean()) < 0.5 * float((first - open_end(asked, frames, first)).abs().mean())


def test_moves_add_up_and_go_back() -> None:
    one, other = Move(0.8, 0.3, 0.1, -0.2), Move(0.9, -0.7, 0.05, 0.4)
    found = torch.stack(other.after(one).places(60, 40), -1)
    # A point found with the second is looked for with the first.
    second = torch.stack(other.places(60, 40), -1)
    shape = second.new_tensor([60 / 40, 1.0])
    across, down = (second * shape).unbind(-1)
    cosine, sine = 0.8 * np.cos(0.3), 0.8 * np.sin(0.3)
    both = torch.stack([cosine * across - sine * down + 0.1, sine * across + cosine * down - 0.2], -1) / shape
    assert torch.allclose(found, both, atol=1e-5)
    home = one.inverse().after(one)
    assert np.allclose([home.scale, home.turn, home.right, home.down], [1, 0, 0, 0])


def test_flow_tells_where_a_pixel_was_and_what_was_hidden(coffee: Picture) -> None:
    before, now = panned(coffee, 2, 160, 120)
    way = Flow().back(now, before)
    back, seen = way.back, way.seen
    middle = back[0, :, 20:-20, 20:-20]
    assert torch.allclose(middle.mean((1, 2)), torch.tensor([2.0, 1.0]), atol=0.15)
    moved = flowed(pixels_of(Picture(before)), back)
    inner = (..., slice(8, -8), slice(8, -8))
    # Moved the other way round it would be worse than not moved at all.
    assert (moved - pixels_of(Picture(now)))[inner].abs().mean() < 0.01
    assert seen[0, 0, -1].max() == 0 or seen[0, 0, :, -1].max() == 0  # what came in over the edge
    assert seen.mean() > 0.8


def test_detail_is_moved_decayed_and_gone_where_it_was_hidden(coffee: Picture, dreamer: Dreamer) -> None:
    before, now = panned(coffee, 2, 160, 120)
    frames = Frames(RECIPE, 160, 120, dreamer.networks, torch.device("cpu"))
    asked = VideoFilm(keep=0.5)
    state = torch.cat([torch.ones(1, 3, 120, 160), torch.zeros(1, 1, 120, 160), torch.ones(1, 3, 120, 160)], 1)
    detail, new, _ = Video(asked, frames, torch.device("cpu")).moved(Flow().back(now, before), state)
    assert float(detail.max()) == pytest.approx(0.5, abs=0.02)
    assert detail[..., -1].abs().max() == 0  # hidden until now, right of what was seen
    assert new[..., -1].min() == 1


def test_a_zoom_is_stopped_and_goes_on_to_the_same_bytes(dreamer: Dreamer, small: Picture, tmp_path: Path) -> None:
    told: list[FilmProgress] = []
    whole = filming.zoom(dreamer, small, RECIPE, ZOOM, Wanted(tmp_path / "a.mp4", on_step=told.append))
    assert (whole.frames, whole.written.width, whole.length_s) == (12, 64, 1.0)
    assert len(_frames(tmp_path / "a.mp4")) == 12
    assert told[-1].frame == told[-1].frames == 12
    assert told[-1].fraction == 1
    assert told[-1].still is not None
    assert [one.fraction for one in told] == sorted(one.fraction for one in told)
    wanted = Wanted(tmp_path / "b.mp4", keep=tmp_path / "kept")
    reached = 0

    def reach(at: FilmProgress) -> None:
        nonlocal reached
        reached = at.frame

    with pytest.raises(DreamStopped):
        filming.zoom(dreamer, small, RECIPE, ZOOM, replace(wanted, on_step=reach, should_stop=lambda: reached == 11))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mp4", "kept"]
    other = ZOOM.model_copy(update={"turn": 1.0})
    with pytest.raises(EngineError, match="keeps another film"):
        filming.zoom(dreamer, small, RECIPE, other, replace(wanted, resume=True))
    told.clear()
    filming.zoom(dreamer, small, RECIPE, ZOOM, replace(wanted, resume=True, on_step=told.append))
    assert told[0].frame >= 10
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()
    assert not (tmp_path / "kept").exists()


def test_a_video_is_stopped_and_goes_on_to_the_same_bytes(dreamer: Dreamer, coffee: Picture, tmp_path: Path) -> None:
    frames = panned(coffee, 12)
    frames[6:] = [255 - rgb for rgb in frames[6:]]
    clip = opened(film(tmp_path / "in.mp4", frames), VIDEO)
    whole = filming.video(dreamer, clip, RECIPE, VIDEO, Wanted(tmp_path / "a.mp4"))
    assert whole.frames == 12
    wanted, reached = Wanted(tmp_path / "b.mp4", keep=tmp_path / "kept"), 0

    def reach(at: FilmProgress) -> None:
        nonlocal reached
        reached = at.frame

    with pytest.raises(DreamStopped):
        filming.video(dreamer, clip, RECIPE, VIDEO, replace(wanted, on_step=reach, should_stop=lambda: reached == 11))
    filming.video(dreamer, clip, RECIPE, VIDEO, replace(wanted, resume=True))
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


@pytest.mark.parametrize("look", ["classic", "natural"])
def test_both_looks_dream_videos(dreamer: Dreamer, coffee: Picture, tmp_path: Path, look: str) -> None:
    recipe = Recipe.checked(network="lite0", look=look, octaves=1, steps=2, likeness=0)
    frames = panned(coffee, 3)
    clip = opened(film(tmp_path / "in.mp4", frames), VIDEO)
    filming.video(dreamer, clip, recipe, VIDEO, Wanted(tmp_path / "a.mp4"))
    made = _frames(tmp_path / "a.mp4")
    assert len(made) == 3
    assert np.abs(made[2].astype(float) - frames[2]).mean() > 1


def test_as_much_of_the_photo_stays_as_the_recipe_has_it(dreamer: Dreamer, coffee: Picture, tmp_path: Path) -> None:
    clip = opened(film(tmp_path / "in.mp4", panned(coffee, 3)), VIDEO)
    least, found = 0.9, []
    for likeness in (0.0, least):
        stills: list[Picture] = []
        wanted = Wanted(tmp_path / "a.mp4", on_step=lambda at, stills=stills: stills.append(at.still))  # type: ignore[misc]
        recipe = RECIPE.model_copy(update={"likeness": likeness, "step_size": 0.1})
        filming.video(dreamer, clip, recipe, VIDEO, wanted)
        shots = clip.shots(stills[-1].width, stills[-1].height)
        photo = pixels_of(Picture(list(shots)[-1].rgb))
        found.append(similarity(photo, pixels_of(stills[-1])))
    assert found[0] < least - 0.05
    assert found[1] == pytest.approx(least, abs=0.01)


def test_a_mask_is_refused(dreamer: Dreamer, small: Picture, tmp_path: Path) -> None:
    recipe = RECIPE.model_copy(update={"where": "mask"})
    with pytest.raises(RecipeError, match="a mask is for pictures"):
        filming.zoom(dreamer, small, recipe, ZOOM, Wanted(tmp_path / "a.mp4"))


def test_a_subject_moves_with_the_film(dreamer: Dreamer, coffee: Picture, tmp_path: Path) -> None:
    clip = opened(film(tmp_path / "in.mp4", panned(coffee, 12)), VIDEO)
    recipe = RECIPE.model_copy(update={"where": "subject"})
    assert filming.video(dreamer, clip, recipe, VIDEO, Wanted(tmp_path / "a.mp4")).frames == 12
    assert VIDEO.cost(recipe, 64, 48, 12) > VIDEO.cost(RECIPE, 64, 48, 12)


def test_what_is_kept_and_told_names_the_size_that_it_is(dreamer: Dreamer, small: Picture, tmp_path: Path) -> None:
    asked = ZOOM.model_copy(update={"size": 512, "seconds": 0.5})
    kept = tmp_path / "kept"
    text: list[str] = []
    wanted = Wanted(tmp_path / "a.mp4", keep=kept, on_step=lambda _: text.append((kept / ABOUT).read_text()))
    filmed = filming.zoom(dreamer, small, RECIPE, asked, wanted)
    about = json.loads(text[0])
    assert about["film"]["size"] == about["recipe"]["size"] == filmed.film.size == filmed.written.width == 96


def test_whoever_stops_in_the_midst_leaves_no_thread(dreamer: Dreamer, coffee: Picture, tmp_path: Path) -> None:
    clip = opened(film(tmp_path / "in.mp4", panned(coffee, 6)), VIDEO)
    stopping = Wanted(tmp_path / "a.mp4", should_stop=lambda: True)
    before = threading.active_count()
    with pytest.raises(DreamStopped):
        filming.video(dreamer, clip, RECIPE, VIDEO, stopping)
    assert threading.active_count() == before


def test_a_film_is_priced_by_its_frames() -> None:
    whole = RECIPE.model_copy(update={"size": 64}).cost(96, 64)
    least = ZoomFilm(size=64, seconds=1, fps=4, frame_octaves=1)
    four, eight = least.price(RECIPE, 96, 64), least.model_copy(update={"fps": 8}).price(RECIPE, 96, 64)
    assert whole < four < eight
    # One step in the last of two octaves of two steps each, whose smaller one is left out at this size.
    assert VideoFilm(size=64).cost(RECIPE, 96, 64, 1) == pytest.approx(whole, rel=0.1)
    assert VideoFilm(size=64).cost(RECIPE, 96, 64, 10, 10) == pytest.approx(10 * whole, rel=0.1)
    preview = ZoomFilm(seconds=30).preview()
    assert (preview.seconds, preview.size, preview.loop) == (2, 256, False)


def test_settings_out_of_range_are_told() -> None:
    with pytest.raises(RecipeError, match="seconds"):
        ZoomFilm.checked(seconds=3600)


@pytest.mark.parametrize("kind", ["mp4", "gif", "webp"])
def test_a_film_fits(kind: str, tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (8, 128, 128, 3), np.uint8)
    master = Master(tmp_path / "master.mp4", 128, 128)
    for number, rgb in enumerate(noise):
        master.add(Shot(rgb, number / 10))
    master.finish(0.8)
    to = tmp_path / f"a.{kind}"
    free = fit(tmp_path / "master.mp4", 0.8, to, kind)  # type: ignore[arg-type]
    assert (free.width, free.height) == (128, 128)
    limit = free.bytes // 3
    fitted = fit(tmp_path / "master.mp4", 0.8, to, kind, limit)  # type: ignore[arg-type]
    assert to.stat().st_size == fitted.bytes <= limit
    data = to.read_bytes()
    fit(tmp_path / "master.mp4", 0.8, to, kind, limit)  # type: ignore[arg-type]
    assert to.read_bytes() == data
    with pytest.raises(EngineError, match="does not fit"):
        fit(tmp_path / "master.mp4", 0.8, to, kind, 500)  # type: ignore[arg-type]
