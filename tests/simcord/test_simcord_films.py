"""/zoom, *Zoom film* and what moves: what is written down of each, and what is refused before anybody waits."""

from __future__ import annotations

from typing import Any

import pytest
from settings_stage import Managed, chosen
from simcord_stage import Stage, submit, text_of, told_privately
from standins import DREAM, PNG

from bot.drafts import FORGOTTEN
from bot.film import NO_FILMS, SHORTER, FilmAsk
from bot.job import State
from bot.language import ENGLISH, language_of
from bot.views import wording
from bot.views.settings import layout
from engine.films.settings import NO_MASK, VideoFilm, ZoomFilm
from engine.recipe import Recipe

IMAGE = ("cup.png", PNG)
MOVING = ("dance.gif", PNG)  # nobody looks into it here
FILM = FilmAsk(zoom=ZoomFilm()).to_json()


def film_of(stage: Stage) -> FilmAsk:
    film = stage.jobs.accepted[-1].film
    assert film is not None
    return FilmAsk.from_json(film)


async def test_a_zoom_is_written_down_as_it_was_asked_for(stage: Stage) -> None:
    options: dict[str, Any] = {"of": "eyes", "seconds": 4.0, "speed": 2.0, "turn": -3.0, "loop": False}
    await stage.ada.slash(stage.channel, "zoom", image=IMAGE, begin="photo", **options, **{"as": "gif"})
    film = film_of(stage)
    asked = {"seconds": 4.0, "speed": 2.0, "turn": -3.0, "loop": False, "opening": "photo", "size": 512}
    assert film == FilmAsk(zoom=ZoomFilm(**asked), kind="gif")
    assert Recipe.from_json(stage.jobs.accepted[-1].recipe).of == "eyes"


async def test_a_zoom_without_a_picture_asks_for_one_and_is_still_a_zoom(stage: Stage) -> None:
    opened = await stage.ada.slash(stage.channel, "zoom", seconds=3.0)
    await submit(stage.ada, opened, picture=IMAGE)
    assert film_of(stage).zoom == ZoomFilm(seconds=3.0)


async def test_zoom_film_goes_into_the_dream_itself(stage: Stage) -> None:
    job, message = await stage.ended(recipe=Recipe(of="eyes", where="mask", mask="a" * 64).to_json())
    await stage.ada.click(message, custom_id=f"oneiros:zoom:{job.id}")
    request = stage.jobs.accepted[-1]
    assert (request.source_hash, request.parent_id) == (DREAM, job.id)
    assert film_of(stage).zoom == ZoomFilm(opening="photo")
    recipe = Recipe.from_json(request.recipe)
    assert (recipe.of, recipe.where, recipe.mask) == ("eyes", "everywhere", None)


async def test_a_films_message_offers_what_films_can_be(stage: Stage) -> None:
    job, message = await stage.ended(film=FILM)
    assert "Zoom film: 6 s · 144 frames" in text_of(message)
    pressed = await stage.ada.click(message, custom_id=f"oneiros:again:{job.id}")
    assert pressed is not None
    assert stage.jobs.accepted[-1].film == FILM


@pytest.mark.parametrize(("frame", "said"), [(0, wording.TRAILER), (12, "frame 12 of 144")])
async def test_a_film_is_told_in_frames(stage: Stage, frame: int, said: str) -> None:
    await stage.ada.slash(stage.channel, "zoom", image=IMAGE)
    job = stage.change(stage.jobs.accepted[-1].interaction_id, state=State.RUNNING)
    shown: dict[str, Any] = {"octave": 1, "octaves": 1, "fraction": 0.4, "frame": frame, "frames": 144, "eta_s": 60.0}
    await stage.show(job, trailer=b"....ftyp", preview=b"a still", **shown)
    message = stage.message(job)
    assert said in text_of(message)
    assert [one.filename for one in message.attachments] == [f"trailer-{job.id}.mp4", f"frame-{frame}.jpg"]


async def test_what_moves_is_asked_about_by_who_sent_it(stage: Stage) -> None:
    await stage.ada.slash(stage.channel, "dream", image=MOVING, of="eyes")
    question = stage.channel.history(viewer=stage.ada)[-1]
    first, whole = (one.custom_id for one in buttons(question))
    refused = await stage.bob.click(question, custom_id=whole)
    assert told_privately(refused) == language_of(ENGLISH)(FORGOTTEN)
    await stage.ada.click(question, custom_id=whole)
    assert film_of(stage).video == VideoFilm(seconds=10.0)
    assert stage.jobs.accepted[-1].message_id == question.id
    assert len(stage.jobs.shown) == 1
    assert Recipe.from_json(stage.jobs.accepted[-1].recipe).of == "eyes"
    assert first.startswith("oneiros:first-frame:")


@pytest.mark.parametrize("film", [True, False])
async def test_who_says_it_is_not_asked(stage: Stage, *, film: bool) -> None:
    await stage.ada.slash(stage.channel, "dream", image=MOVING, film=film)
    assert (stage.jobs.accepted[-1].film is not None) == film


async def test_what_was_said_of_a_film_outlives_the_form_that_asks_for_it(stage: Stage) -> None:
    opened = await stage.ada.slash(stage.channel, "dream", film=True)
    await submit(stage.ada, opened, picture=MOVING)
    assert film_of(stage).video == VideoFilm(seconds=10.0)


async def test_a_film_with_a_mask_is_refused_at_once(stage: Stage) -> None:
    result = await stage.ada.slash(stage.channel, "dream", image=MOVING, mask=IMAGE, film=True)
    assert told_privately(result) == NO_MASK


async def test_a_server_bounds_films_and_puts_them_off(managed: Managed) -> None:
    stage = managed.stage
    panel = await managed.opened()
    assert chosen(panel, layout.FILMS) == [layout.NONE]
    await managed.choose(panel, layout.FILMS, "2")
    assert managed.settings.film_seconds == 2.0
    await stage.ada.slash(stage.channel, "zoom", image=IMAGE, seconds=6.0)
    assert film_of(stage).seconds == 2.0
    assert language_of(ENGLISH)(SHORTER, seconds=2.0) in noted(stage.jobs.accepted[-1].note)
    await managed.choose(managed.seen(panel.id), layout.FILMS, "0")
    refused = await stage.ada.slash(stage.channel, "zoom", image=IMAGE)
    assert told_privately(refused) == NO_FILMS
    await stage.ada.slash(stage.channel, "dream", image=MOVING)
    assert stage.jobs.accepted[-1].film is None, "nobody is asked where there is nothing to choose"
    _, message = await stage.ended()
    assert "Zoom film" not in [one.label for one in buttons(message)]


def noted(note: str | None) -> str:
    return language_of(ENGLISH).read(note or "{}")


def buttons(message: Any) -> list[Any]:
    found, left = [], list(message.components)
    while left:
        one = left.pop(0)
        left = [*getattr(one, "children", []), *left]
        if getattr(one, "custom_id", None):
            found.append(one)
    return found
