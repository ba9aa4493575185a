"""What a moderator settles holds for the next dream, over the wire, and for a bot that was started anew."""

from __future__ import annotations

from service_harness import Bot, Chat, Json, text_of, walk

from engine.recipe import Recipe


def part(panel: Json, act: str) -> str:
    """Return the custom_id of a part of the panel."""
    parts = walk(panel["components"])
    return next(one["custom_id"] for one in parts if one.get("custom_id", "").startswith(f"oneiros:settings:{act}:"))


async def settled(chat: Chat, message_id: str) -> Json:
    """Return the owner's panel as it is now."""
    return next(one for one in await chat.messages() if one["id"] == message_id)


async def choose(chat: Chat, message_id: str, act: str, *values: str) -> None:
    """Choose in a select of the owner's panel, and wait until it shows what is settled then."""
    seen = part(await settled(chat, message_id), act)
    name, _, version = seen.rpartition(":")
    await chat.press(message_id, seen, values=list(values))
    await chat.wait_for(
        lambda change: (
            change["kind"] == "message_update"
            and change["message"]["id"] == message_id
            and part(change["message"], act) == f"{name}:{int(version) + 1}"
        )
    )


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
