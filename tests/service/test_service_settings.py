"""What a moderator settles holds for the next dream, over the wire, and for a bot that was started anew."""

from __future__ import annotations

from service_harness import Bot, Chat, text_of
from service_settings import choose

from engine.recipe import Recipe


async def test_a_change_takes_effect_for_the_next_dream_and_outlives_a_restart(
    own_bot: Bot, own_chat: Chat, small_photo: bytes
) -> None:
    own_bot.start()
    await own_chat.until_ready()
    places = {one["name"]: one["id"] for one in (await own_chat.get("state"))["channels"]}
    opened = await own_chat.run("settings")
    panel = await own_chat.answered(opened)
    assert "Settings of this server" in text_of(panel)
    await choose(own_chat, panel["id"], "size", "256")
    await choose(own_chat, panel["id"], "log", places["lounge"])
    asked = await own_chat.dream("cup.png", small_photo, person="bob")
    await own_chat.ended(asked["message_id"], person="bob")
    row = own_bot.job(asked)
    assert row is not None
    assert Recipe.from_json(row["recipe"]).size == 256

    await choose(own_chat, panel["id"], "channels", places["lounge"])
    refused = await own_chat.dream("cup.png", small_photo, person="bob")
    said = text_of(await own_chat.private_answer(refused, person="bob"))
    assert said == f"Dreaming is not allowed in this channel. Try it in <#{places['lounge']}>."
    assert own_bot.job(refused) is None
    logged = [text_of(one) for one in await own_chat.messages(channel="lounge")]
    assert [line.split("**")[1] for line in logged[-2:]] == ["Log channel", "Channels where dreaming is allowed"]

    assert own_bot.stop() == 0
    own_bot.start()
    await own_chat.until_ready()
    refused = await own_chat.dream("cup.png", small_photo, person="bob")
    assert text_of(await own_chat.private_answer(refused, person="bob")) == said
    await choose(own_chat, panel["id"], "channels")
    asked = await own_chat.dream("cup.png", small_photo, person="bob")
    assert (await own_chat.ended(asked["message_id"], person="bob"))["attachments"]
    assert await own_chat.violations() == []
