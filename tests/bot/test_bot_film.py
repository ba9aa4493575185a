"""What a job's film is asked to be: kept, priced and bounded."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.errors import UserError
from bot.film import NO_FILMS, SHORTER, WITH_TRAILER_S, Clip, FilmAsk
from engine.films.settings import MOST_SECONDS, VideoFilm, ZoomFilm
from engine.recipe import Recipe

zooms = st.builds(
    ZoomFilm,
    seconds=st.floats(0.5, MOST_SECONDS),
    fps=st.integers(4, 50),
    size=st.integers(64, 1280),
    frame_octaves=st.integers(1, 5),
)
videos = st.builds(VideoFilm, seconds=st.floats(0.1, MOST_SECONDS), size=st.integers(64, 1280))
asks = st.one_of(
    st.builds(FilmAsk, zoom=zooms, kind=st.sampled_from(["mp4", "gif", "webp"])), st.builds(FilmAsk, video=videos)
)


@given(asks)
def test_what_is_kept_is_read_back(ask: FilmAsk) -> None:
    assert FilmAsk.from_json(ask.to_json()) == ask


@given(asks, st.integers(16, 4000), st.integers(16, 4000))
def test_a_film_costs_more_than_its_opening_and_its_trailer(ask: FilmAsk, width: int, height: int) -> None:
    recipe = Recipe(size=1280)
    price, trailer = ask.price(recipe, width, height), ask.trailer_price(recipe, width, height)
    assert 0 <= trailer < price
    assert (trailer > 0) == (ask.seconds >= WITH_TRAILER_S)


def test_a_film_is_priced_by_its_frames_and_a_scene_by_its_dream() -> None:
    recipe, film = Recipe(size=512), VideoFilm()
    prices = [
        FilmAsk(video=film).found(Clip(frames=frames, scenes=scenes, seconds=3.0)).price(recipe, 512, 384)
        for frames, scenes in ((10, 1), (20, 1), (20, 4))
    ]
    assert prices == sorted(prices)
    assert prices[2] - prices[1] > recipe.cost(512, 384), "three more dreams, but for what their frames cost anyway"


@given(asks, st.integers(32, 4000), st.floats(0.5, 60))
def test_a_server_makes_films_smaller_and_shorter_and_never_larger(ask: FilmAsk, side: int, most_s: float) -> None:
    fitted, note = ask.fitted(side, most_s)
    assert fitted.film.size <= max(64, min(ask.film.size, side))
    assert fitted.film.seconds <= min(ask.film.seconds, most_s)
    assert (note is not None) == (ask.zoom is not None and ask.film.seconds > most_s)
    if note is not None:
        assert note.message == SHORTER


@given(asks)
def test_where_there_are_no_films_there_is_none(ask: FilmAsk) -> None:
    with pytest.raises(UserError, match=NO_FILMS):
        ask.fitted(None, 0)


@pytest.mark.parametrize(
    "text", ["{}", '{"zoom": {}, "video": {}}', '{"zoom": {"speed": 9}}', "no JSON", '{"kind": 1}']
)
def test_what_is_no_film_is_not_read(text: str) -> None:
    with pytest.raises(ValidationError):
        FilmAsk.from_json(text)
