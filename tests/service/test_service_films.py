"""Films in chat: asked for, shown while they are made, posted so that they play, and survived."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator, Iterator

import av
import pytest
from PIL import Image
from service_harness import Bot, Chat, Json, answers_to, bot_on_discord, buttons_of, is_outcome, text_of
from service_processes import kill

from engine.recipe import Recipe

ZOOM = {"seconds": 1.0, "network": "lite0", "of": "layer blocks.2"}


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    """A bot whose films are small."""
    data = tmp_path_factory.mktemp("films") / "data"
    settings = {"FILM_SIZE": "64", "MAX_QUEUED_PER_PERSON": "20", "DREAM_SIZE": "64"}
    with bot_on_discord(data, "--no-rate-limits", **settings) as one:
        yield one


@pytest.fixture
async def chat(bot: Bot) -> AsyncIterator[Chat]:
    async with Chat(bot.addresses) as remote:
        await remote.until_ready()
        yield remote
        await remote.delete("faults")
        assert await remote.violations() == []


def moving(photo: bytes, frames: int = 4) -> bytes:
    whole = Image.open(io.BytesIO(photo)).convert("RGB").resize((80, 64))
    shown = [whole.crop((4 * at, 0, 64 + 4 * at, 48)) for at in range(frames)]
    file = io.BytesIO()
    shown[0].save(file, "GIF", save_all=True, append_images=shown[1:], duration=100, loop=0)
    return file.getvalue()


def clip(photo: bytes, frames: int = 5) -> bytes:
    """Return a video as a phone makes it."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        whole = Image.open(io.BytesIO(photo)).convert("RGB").resize((80, 64))
        for at in range(frames):
            frame = av.VideoFrame.from_image(whole.crop((2 * at, 0, 64 + 2 * at, 48)))
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()


async def film_of(chat: Chat, message: Json) -> tuple[str, int, tuple[int, int]]:
    """Return the file's ending of the one film that a message shows, its frames and its size."""
    (attached,) = message["attachments"]
    data = await chat.download(attached["url"])
    if attached["filename"].endswith(".mp4"):
        with av.open(io.BytesIO(data)) as container:
            frames = [frame.to_image() for frame in container.decode(video=0)]
        return "mp4", len(frames), frames[0].size
    with Image.open(io.BytesIO(data)) as image:
        return attached["filename"].rpartition(".")[2], getattr(image, "n_frames", 1), image.size


def film_asked(bot: Bot, asked: Json) -> Json:
    row = bot.job(asked)
    assert row is not None
    return dict(json.loads(row["film"]))


async def test_zoom_makes_a_film_of_a_picture(bot: Bot, chat: Chat, small_photo: bytes) -> None:
    asked = await chat.run("zoom", options={**ZOOM, "turn": 0.0}, files={"image": ("cup.png", small_photo)})
    message = await chat.ended(asked["message_id"])
    kind, frames, size = await film_of(chat, message)
    assert (kind, frames, max(size)) == ("mp4", 24, 64)
    assert "A film for" in text_of(message)
    assert "Zoom film: 1 s · 24 frames" in text_of(message)
    assert set(buttons_of(message)) == {"Again", "Save preset", "Delete"}
    assert film_asked(bot, asked)["zoom"]["turn"] == 0.0
    again = await chat.press(message["id"], buttons_of(message)["Again"])
    other = await chat.ended(again["message_id"])
    assert (await film_of(chat, other))[:2] == ("mp4", 24)


@pytest.mark.parametrize("kind", ["gif", "webp"])
async def test_a_film_comes_as_the_kind_of_file_that_was_chosen(chat: Chat, small_photo: bytes, kind: str) -> None:
    asked = await chat.run("zoom", options={**ZOOM, "as": kind}, files={"image": ("cup.png", small_photo)})
    assert (await film_of(chat, await chat.ended(asked["message_id"])))[0] == kind


async def test_a_film_is_shown_in_frames_with_a_trailer_first(chat: Chat, small_photo: bytes) -> None:
    asked = await chat.run("zoom", options={**ZOOM, "seconds": 6.0}, files={"image": ("cup.png", small_photo)})
    shown: list[tuple[set[str], str]] = []
    async for message in chat.states(asked["message_id"]):
        names = {one["filename"].partition("-")[0] for one in message["attachments"]}
        shown.append((names, text_of(message)))
        if is_outcome(message):
            break
    both = [words for names, words in shown if names == {"trailer", "frame"}]
    assert both, "the trailer stays while the film is made"
    assert all("of 144" in words and "left" in words for words in both)
    assert (await film_of(chat, message))[1] == 144


async def test_a_dream_becomes_a_zoom_film_by_its_button(chat: Chat, small_photo: bytes) -> None:
    asked = await chat.run("dream", options={"octaves": 1}, files={"image": ("cup.png", small_photo)})
    dream = await chat.ended(asked["message_id"])
    pressed = await chat.press(dream["id"], buttons_of(dream)["Zoom film"])
    film = await chat.ended(pressed["message_id"])
    assert (await film_of(chat, film))[:2] == ("mp4", 144)


async def test_of_a_moving_picture_it_is_asked_how(bot: Bot, chat: Chat, small_photo: bytes) -> None:
    files = {"image": ("dance.gif", moving(small_photo))}
    asked = await chat.run("dream", options={"of": "layer blocks.2"}, files=files)
    question = await chat.answered(asked)
    assert "Your picture moves" in text_of(question)
    assert set(buttons_of(question)) == {"First frame", "Whole film"}
    async with bot.held():
        pressed = await chat.press(question["id"], buttons_of(question)["Whole film"])
        begun = await chat.with_button("Cancel", question["id"])
        assert "Dreaming" in text_of(begun)
    film = await chat.with_button("Again", question["id"])
    assert (await film_of(chat, film))[:2] == ("mp4", 4)
    assert film_asked(bot, pressed)["clip"]["frames"] == 4


async def test_its_first_frame_is_a_dream_as_any_other(bot: Bot, chat: Chat, small_photo: bytes) -> None:
    files = {"image": ("dance.gif", moving(small_photo))}
    question = await chat.answered(await chat.run("dream", options={"octaves": 1}, files=files))
    pressed = await chat.press(question["id"], buttons_of(question)["First frame"])
    dream = await chat.with_button("Again", question["id"])
    assert dream["attachments"][0]["filename"].endswith(".png")
    assert "only its first frame was taken" in text_of(dream)
    row = bot.job(pressed)
    assert row is not None
    assert row["film"] is None


async def test_nobody_else_decides_it(chat: Chat, small_photo: bytes) -> None:
    files = {"image": ("dance.gif", moving(small_photo))}
    question = await chat.answered(await chat.run("dream", files=files))
    pressed = await chat.press(question["id"], buttons_of(question)["Whole film"], person="bob")
    assert "no longer kept" in text_of(await chat.private_answer(pressed, person="bob"))


@pytest.mark.parametrize("film", [True, False])
async def test_who_says_it_with_the_command_is_not_asked(chat: Chat, small_photo: bytes, *, film: bool) -> None:
    files = {"image": ("phone.mp4", clip(small_photo))}
    asked = await chat.run("dream", options={"film": film, "octaves": 1}, files=files)
    message = await chat.ended(asked["message_id"])
    if film:
        assert (await film_of(chat, message))[:2] == ("mp4", 5)
    else:
        assert message["attachments"][0]["filename"].endswith(".png")


async def test_what_does_not_move_is_no_film(chat: Chat, small_photo: bytes) -> None:
    asked = await chat.run("dream", options={"film": True}, files={"image": ("cup.png", small_photo)})
    assert "does not move" in text_of(await chat.ended(asked["message_id"]))


async def test_a_broken_film_is_one_sentence(chat: Chat, small_photo: bytes) -> None:
    files = {"image": ("phone.mp4", clip(small_photo)[:200])}
    asked = await chat.run("dream", options={"film": True}, files=files)
    message = await chat.ended(asked["message_id"])
    assert "cut off or damaged" in text_of(message)
    assert "reference" not in text_of(message)


async def test_a_film_is_cancelled(bot: Bot, chat: Chat, small_photo: bytes) -> None:
    async with bot.held(ready=True) as workers:
        asked = await chat.run("zoom", options={**ZOOM, "seconds": 10.0}, files={"image": ("cup.png", small_photo)})
        message = await chat.glimpse(workers, asked["message_id"], lambda one: "first seconds" in text_of(one))
        await chat.press(message["id"], buttons_of(message)["Cancel"])
    assert "Cancelled" in text_of(await chat.ended(asked["message_id"]))


async def test_a_film_survives_its_worker_and_a_dead_token(bot: Bot, chat: Chat, small_photo: bytes) -> None:
    async with bot.held(ready=True) as workers:
        asked = await chat.run("zoom", options=ZOOM, files={"image": ("cup.png", small_photo)})
        await chat.glimpse(workers, asked["message_id"], lambda one: "frame" in text_of(one))
        await chat.post("faults/token", interaction=asked["id"])
        for worker in workers:
            kill(worker)
    assert (await bot.told(asked))["shown"] == "posted"
    (answer,) = await answers_to(chat, asked)
    assert (await film_of(chat, answer))[:2] == ("mp4", 24)


@pytest.mark.long
async def test_a_film_of_more_than_a_days_quota_is_refused_by_its_price(
    own_bot: Bot, own_chat: Chat, small_photo: bytes
) -> None:
    price = Recipe(size=64, octaves=1).cost(120, 80)
    own_bot.settings |= {"MAX_GFLOP_A_DAY_PER_PERSON": f"{3 * price}", "FILM_SIZE": "64", "DREAM_SIZE": "64"}
    own_bot.start()
    await own_chat.until_ready()
    asked = await own_chat.run("dream", options={"octaves": 1}, files={"image": ("cup.png", small_photo)})
    dream = await own_chat.ended(asked["message_id"])
    assert dream["attachments"], text_of(dream)
    film = await own_chat.run("zoom", options={"seconds": 10.0}, files={"image": ("cup.png", small_photo)})
    assert "may be dreamed here in a day" in text_of(await own_chat.ended(film["message_id"]))


@pytest.mark.long
async def test_a_film_survives_the_end_of_the_bot(own_bot: Bot, own_chat: Chat, small_photo: bytes) -> None:
    own_bot.settings |= {"FILM_SIZE": "64", "DREAM_SIZE": "64"}
    own_bot.start()
    await own_chat.until_ready()
    async with own_bot.held(ready=True) as workers:
        asked = await own_chat.run("zoom", options=ZOOM, files={"image": ("cup.png", small_photo)})
        await own_chat.glimpse(workers, asked["message_id"], lambda one: "frame" in text_of(one))
        own_bot.kill()
    await own_chat.until_gone()
    own_bot.start()
    result = await own_chat.ended(asked["message_id"])
    assert (await film_of(own_chat, result))[:2] == ("mp4", 24)
    mine = [one for one in await own_chat.messages() if one.get("from_interaction", {}).get("id") == asked["id"]]
    assert len([one for one in mine if is_outcome(one)]) == 1
