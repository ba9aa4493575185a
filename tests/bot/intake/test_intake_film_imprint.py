"""By frames over its length a film is known again, however it was saved anew; and no other is taken for it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import cache

import numpy as np
import pytest
from moving import ANEW, Frames, moved_over, mp4, zoom
from numpy.typing import NDArray
from PIL import Image
from skimage import data

from bot.errors import UserError
from bot.intake.decoder import Decoder
from bot.intake.imprint import WAYS, is_same_film, rows_of
from bot.intake.taken import Taken, TakenDownError
from bot.store.admin.acts import By
from bot.store.admin.takedowns import Known, Named, Takedowns
from bot.store.database import Database
from engine.films.settings import VideoFilm

FILM = VideoFilm(size=240, seconds=10.0)


@cache
def films() -> dict[str, Frames]:
    """Return films that have nothing to do with one another."""
    astronaut, rocket, cat = (moved_over(Image.fromarray(one())) for one in (data.astronaut, data.rocket, data.chelsea))
    return {"astronaut": astronaut, "rocket": rocket, "zoom": zoom(), "cuts": [*cat[:18], *rocket[:6], *cat[18:]]}


@pytest.fixture
async def decoder() -> AsyncIterator[Decoder]:
    made = Decoder()
    yield made
    await made.stop()


async def known(decoder: Decoder, film: bytes, *, ways: bool) -> NDArray[np.uint8]:
    clean = await decoder.clip(film, FILM)
    return rows_of(await decoder.film_imprint(clean.mp4, ways=ways))


@pytest.mark.parametrize("name", ["astronaut", "zoom", "cuts"])
async def test_a_film_is_known_again_however_it_was_saved_anew(decoder: Decoder, name: str) -> None:
    film = films()[name]
    kept = await known(decoder, mp4(film), ways=True)
    unknown = [
        how for how, save in ANEW.items() if not is_same_film(await known(decoder, save(film), ways=False), kept)
    ]
    assert unknown == []


async def test_other_films_are_not_taken_for_one_that_was_taken_down(decoder: Decoder) -> None:
    made = {name: await known(decoder, mp4(frames), ways=True) for name, frames in films().items()}
    for name, kept in made.items():
        same = [other for other, one in made.items() if is_same_film(one[::WAYS], kept)]
        assert same == [name]


async def test_films_with_nothing_in_them_are_not_taken_for_one_another(decoder: Decoder) -> None:
    dark = [Image.new("RGB", (96, 64), (number % 3, 0, 4)) for number in range(24)]
    assert len(await known(decoder, mp4(dark), ways=True)) == 0
    short = await known(decoder, mp4(films()["rocket"][:2]), ways=True)
    assert not is_same_film(short[::WAYS], short), "two frames say too little"


async def test_a_film_that_was_taken_down_is_refused_saved_anew(decoder: Decoder, database: Database) -> None:
    takedowns = Takedowns(database)
    kept = await known(decoder, mp4(films()["cuts"]), ways=True)
    taken = Taken(takedowns, decoder)
    number, _ = await takedowns.take_down(Named(), Known(films=(kept.tobytes(),)), "Not theirs.", By(login="root"))
    again = ANEW["without its first fifth"](films()["cuts"])
    with pytest.raises(TakenDownError):
        await taken.check_film(again, (await decoder.clip(again, FILM)).mp4)
    other = mp4(films()["astronaut"])
    await taken.check_film(other, (await decoder.clip(other, FILM)).mp4)
    await takedowns.put_back(number, By(login="root"))
    await taken.check_film(again, (await decoder.clip(again, FILM)).mp4)


async def test_what_is_no_film_has_no_frames(decoder: Decoder) -> None:
    with pytest.raises(UserError):
        await decoder.film_imprint(b"\0\0\0\x18ftypmp42" + bytes(64))
