"""What a person who brings the application along gets: where the bot is no member, in groups, and in private."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from service_harness import Bot, Chat, Json, bot_on_discord, buttons_of, is_outcome, text_of

HERE, THERE, GROUP = "attic", "lena", "weekend"


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    """A bot on a loopback Discord of its own, whose cast Lena belongs to."""
    data = tmp_path_factory.mktemp("installs") / "data"
    with bot_on_discord(data, "--no-rate-limits", MAX_QUEUED_PER_PERSON="20") as one:
        yield one


@pytest.fixture
async def chat(bot: Bot) -> AsyncIterator[Chat]:
    async with Chat(bot.addresses) as remote:
        await remote.until_ready()
        await remote.patch("people/lena", locale="en-US")
        yield remote
        assert await remote.violations() == []


@pytest.fixture
async def hushed(chat: Chat) -> str:
    """A channel without the bot in which Lena may not use applications of her own in public."""
    guild = (await chat.post("guilds", owner="ada", name="The Library", bot=False))["guild"]["id"]
    await chat.post("members", guild=guild, person="lena", here=True)
    channel = (await chat.post("channels", guild=guild, name="reading-room"))["channel"]["id"]
    await chat.post("permissions", channel=channel, person="lena", permission="use_external_apps", granted=False)
    return str(channel)


async def dream(chat: Chat, picture: bytes, channel: str) -> Json:
    return await chat.dream("cup.png", picture, person="lena", channel=channel)


async def expire(chat: Chat, asked: Json) -> None:
    await chat.post("faults/token", interaction=asked["id"])


async def pictures(chat: Chat, channel: str, *, person: str = "lena") -> list[Json]:
    """Return the outcomes that somebody sees in a channel."""
    return [
        one for one in await chat.messages(person=person, channel=channel) if is_outcome(one) and one["attachments"]
    ]


async def handed_over(chat: Chat, pressed: Json) -> Json:
    """Return the private message with a picture that a press was answered with."""

    def brings_a_picture(change: Json) -> bool:
        message = change.get("message") or {}
        return int(message.get("id", 0)) > int(pressed["id"]) and bool(message["attachments"])

    message: Json = (await chat.wait_for(brings_a_picture, person="lena", timeout_s=60))["message"]
    assert message["only_for"] is not None
    return message


async def from_the_queue(chat: Chat, channel: str) -> Json:
    """Find a kept outcome in /queue, and have it shown."""
    asked = await chat.run("queue", person="lena", channel=channel)
    async for panel in chat.states(asked["message_id"], person="lena"):
        if "Show" in buttons_of(panel):
            break
    return await handed_over(chat, await chat.press(panel["id"], buttons_of(panel)["Show"], person="lena"))


async def told(chat: Chat, pressed: Json, *, person: str = "lena") -> Json:
    """Return the sentence that a press was answered with."""

    def says(change: Json) -> bool:
        message = change.get("message") or {}
        return int(message.get("id", 0)) > int(pressed["id"]) and bool(message["content"])

    return dict((await chat.wait_for(says, person=person))["message"])


@pytest.mark.parametrize("channel", [HERE, THERE, GROUP])
async def test_wherever_she_brings_it_the_dream_is_shown_in_the_one_message(
    bot: Bot, chat: Chat, tiny_photo: bytes, channel: str
) -> None:
    asked = await dream(chat, tiny_photo, channel)
    row = await bot.told(asked)
    assert (row["shown"], row["private"]) == ("posted", 0)
    assert row["restricted"] == (channel != HERE), "Discord says of a server's channels only whether they are"
    (answer,) = [one for one in await pictures(chat, channel) if one["id"] == asked["message_id"]]
    assert {"Deeper", "Delete"} <= set(buttons_of(answer))


@pytest.mark.parametrize("channel", [HERE, GROUP])
async def test_with_an_expired_token_the_dream_waits_behind_show_and_in_the_queue(
    bot: Bot, chat: Chat, tiny_photo: bytes, channel: str
) -> None:
    async with bot.held():
        asked = await dream(chat, tiny_photo, channel)
        await expire(chat, asked)
    assert (await bot.told(asked))["shown"] == "kept"
    assert asked["message_id"] not in {one["id"] for one in await pictures(chat, channel)}
    await from_the_queue(chat, channel)
    assert (await bot.until(asked, lambda row: row["shown"] != "kept"))["shown"] == "posted"


async def test_in_her_messages_with_the_bot_it_edits_by_its_own_right(bot: Bot, chat: Chat, tiny_photo: bytes) -> None:
    async with bot.held():
        asked = await dream(chat, tiny_photo, THERE)
        await expire(chat, asked)
    assert (await bot.told(asked))["shown"] == "posted"
    assert asked["message_id"] in {one["id"] for one in await pictures(chat, THERE)}


async def test_another_member_may_dream_deeper_on_it_and_not_delete_it(bot: Bot, chat: Chat, tiny_photo: bytes) -> None:
    asked = await dream(chat, tiny_photo, GROUP)
    answer = await chat.ended(asked["message_id"], person="bob")
    refused = await chat.press(answer["id"], buttons_of(answer)["Delete"], person="bob")
    assert "Only the person who dreamed this" in text_of(await told(chat, refused, person="bob"))
    deeper = await chat.press(answer["id"], buttons_of(answer)["Deeper"], person="bob")
    assert (await bot.told(deeper))["shown"] == "posted"
    await chat.press(answer["id"], buttons_of(answer)["Delete"], person="lena")
    await chat.wait_for(
        lambda change: change["kind"] == "message_delete" and change["id"] == answer["id"], person="bob"
    )


async def test_where_discord_makes_it_private_it_is_private_to_the_end(
    bot: Bot, chat: Chat, hushed: str, tiny_photo: bytes
) -> None:
    asked = await dream(chat, tiny_photo, hushed)
    assert (await bot.told(asked))["private"] == 1
    (answer,) = [one for one in await pictures(chat, hushed) if one["id"] == asked["message_id"]]
    assert answer["only_for"] is not None
    pressed = await chat.press(answer["id"], buttons_of(answer)["Post it"], person="lena")
    assert "Discord shows what I send to you only" in text_of(await told(chat, pressed))
    assert bot.job(asked)["private"] == 1  # type: ignore[index]
    assert [one for one in await chat.messages(person="ada", channel=hushed) if one["id"] >= asked["message_id"]] == []


async def test_where_discord_makes_it_private_an_expired_token_keeps_it(
    bot: Bot, chat: Chat, hushed: str, tiny_photo: bytes
) -> None:
    async with bot.held():
        asked = await dream(chat, tiny_photo, hushed)
        await expire(chat, asked)
    assert (await bot.told(asked))["shown"] == "kept", "for the bot's own right that message is not there"
    await from_the_queue(chat, hushed)
