"""Whatever Discord answers, the person gets the outcome once, or finds it where it is kept."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from service_harness import UNEDITABLE, Bot, Chat, Json, answers_to, bot_on_discord, buttons_of

GUILD = "The Lighthouse"
POSTS = {"path": "/channels/[0-9]+/messages$", "method": "POST"}


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    """A bot on a loopback Discord whose guilds may be turned upside down."""
    data = tmp_path_factory.mktemp("delivery") / "data"
    with bot_on_discord(data, "--no-rate-limits", MAX_QUEUED_PER_PERSON="20") as one:
        yield one


@pytest.fixture
async def chat(bot: Bot) -> AsyncIterator[Chat]:
    async with Chat(bot.addresses) as remote:
        await remote.until_ready()
        yield remote
        await remote.delete("faults")
        assert await remote.violations() == []


@pytest.fixture
async def attic(chat: Chat) -> str:
    """A channel that a test may do anything to."""
    return str((await chat.post("channels", guild=GUILD, name="attic"))["channel"]["id"])


async def shut_out(chat: Chat, channel: str) -> None:
    """Let the bot no longer see a channel."""
    await chat.post("permissions", channel=channel, permission="view_channel", granted=False)


async def expire(chat: Chat, asked: Json) -> None:
    """Let an interaction's token expire."""
    await chat.post("faults/token", interaction=asked["id"])


async def fetch_from_queue(chat: Chat) -> Json:
    """Find a kept outcome in /queue, and have it shown; returns the private message."""
    panel = await chat.with_button("Show", (await chat.run("queue"))["message_id"])
    pressed = await chat.press(panel["id"], buttons_of(panel)["Show"])

    def brings_a_picture(change: Json) -> bool:
        message = change.get("message") or {}
        return int(message.get("id", 0)) > int(pressed["id"]) and bool(message["attachments"])

    message: Json = (await chat.wait_for(brings_a_picture, timeout_s=60))["message"]
    assert message["only_for"] is not None
    return message


async def test_with_an_expired_token_the_reply_is_edited_by_the_bots_own_right(
    bot: Bot, chat: Chat, tiny_photo: bytes
) -> None:
    async with bot.held():
        asked = await chat.dream("cup.png", tiny_photo)
        await expire(chat, asked)
    assert (await bot.told(asked))["shown"] == "posted"
    (answer,) = await answers_to(chat, asked)
    assert answer["id"] == asked["message_id"]
    assert len(answer["attachments"]) == 1


async def test_whoever_deletes_the_reply_gets_no_other(bot: Bot, chat: Chat, tiny_photo: bytes) -> None:
    async with bot.held():
        asked = await chat.dream("cup.png", tiny_photo)
        await chat.delete_message(asked["message_id"])
    assert (await bot.told(asked))["shown"] == "removed"
    assert await answers_to(chat, asked) == []


async def test_a_deleted_channel_is_an_answer(bot: Bot, chat: Chat, attic: str, tiny_photo: bytes) -> None:
    async with bot.held():
        asked = await chat.dream("cup.png", tiny_photo, channel=attic)
        await chat.delete(f"channels/{attic}")
    assert (await bot.told(asked))["shown"] == "removed"


async def test_what_the_bot_may_not_show_is_kept_in_the_queue(
    bot: Bot, chat: Chat, attic: str, tiny_photo: bytes
) -> None:
    async with bot.held():
        asked = await chat.dream("cup.png", tiny_photo, channel=attic)
        await shut_out(chat, attic)
        await expire(chat, asked)
    assert (await bot.told(asked))["shown"] == "kept"
    assert await answers_to(chat, asked, channel=attic) == []
    await fetch_from_queue(chat)
    assert (await bot.until(asked, lambda row: row["shown"] != "kept"))["shown"] == "posted"


async def test_what_the_bot_may_not_show_waits_behind_show(bot: Bot, chat: Chat, attic: str, tiny_photo: bytes) -> None:
    async with bot.held():
        asked = await chat.dream("cup.png", tiny_photo, channel=attic)
        waiting = await chat.with_button("Show", asked["message_id"])
        await shut_out(chat, attic)
        await expire(chat, asked)
    assert (await bot.told(asked))["shown"] == "kept"
    await chat.press(waiting["id"], buttons_of(waiting)["Show"])
    assert len((await chat.ended(asked["message_id"]))["attachments"]) == 1


async def test_from_a_server_that_the_bot_was_kicked_from_the_dream_is_kept(
    bot: Bot, chat: Chat, tiny_photo: bytes
) -> None:
    guild = (await chat.post("guilds", owner="ada", name="Cellar"))["guild"]["id"]
    channel = (await chat.post("channels", guild=guild, name="stairs"))["channel"]["id"]
    async with bot.held():
        asked = await chat.dream("cup.png", tiny_photo, channel=channel)
        await chat.post(f"guilds/{guild}", bot=False)
        await expire(chat, asked)
    assert (await bot.told(asked))["shown"] == "kept"
    await fetch_from_queue(chat)


async def test_what_is_too_large_comes_smaller(bot: Bot, chat: Chat, tiny_photo: bytes) -> None:
    await chat.post("faults/rest", **UNEDITABLE)  # only outcomes are posted: previews do not use the fault up
    await chat.post("faults/rest", **POSTS, status=413, code=40005, times=2)
    asked = await chat.dream("cup.png", tiny_photo)
    await bot.told(asked)
    (answer,) = await answers_to(chat, asked)
    (picture,) = answer["attachments"]
    assert not picture["filename"].endswith(".png"), "as PNG it was refused"
    assert (await chat.get("faults"))["faults"][-1]["kind"] == "rest"


async def test_after_a_storm_of_errors_the_outcome_is_told(bot: Bot, chat: Chat, tiny_photo: bytes) -> None:
    async with bot.held():
        asked = await chat.dream("cup.png", tiny_photo)
        await chat.post("faults/rest", path="", method="PATCH", status=503, times=None)
    row = await bot.until(asked, lambda row: row["state"] == "dreamed")
    assert row["told_at"] is None
    await chat.delete("faults")
    assert (await bot.told(asked))["shown"] == "posted"
    (answer,) = await answers_to(chat, asked)
    assert len(answer["attachments"]) == 1


async def test_a_new_message_whose_answer_was_cut_off_is_not_posted_twice(
    bot: Bot, chat: Chat, tiny_photo: bytes
) -> None:
    await chat.post("faults/rest", **UNEDITABLE)
    await chat.post("faults/rest", **POSTS, how="half")
    asked = await chat.dream("cup.png", tiny_photo)
    row = await bot.told(asked)
    (answer,) = await answers_to(chat, asked)
    assert answer["id"] == str(row["message_id"])
    assert len(answer["attachments"]) == 1
