"""What a bot does in the chat, and what the people there see of it."""

from __future__ import annotations

import io
from typing import Any

import discord
import pytest
from emulator_stage import Count, Stage

from bot.emulator.remote import RemoteError

HIDDEN_AGAIN_S = 600


def layout(*items: discord.ui.Item[Any]) -> discord.ui.LayoutView:
    view = discord.ui.LayoutView()
    view.add_item(discord.ui.Container(*items, accent_colour=0x6B4FBB))
    return view


def gallery(name: str) -> discord.ui.MediaGallery[Any]:
    return discord.ui.MediaGallery(discord.MediaGalleryItem(f"attachment://{name}", description="A picture"))


async def test_the_bot_gets_the_very_bytes_that_a_person_attached(stage: Stage, picture: bytes) -> None:
    async def read(interaction: discord.Interaction) -> tuple[bytes, discord.Attachment]:
        await interaction.response.defer(thinking=True)
        image = interaction.extras["image"]
        return await image.read(), image

    asked, (data, image) = await stage.run(read, files={"image": ("my photo.png", picture)}, options={"note": "hi"})
    assert data == picture
    assert (image.filename, image.content_type, image.width, image.height) == ("my_photo.png", "image/png", 48, 32)
    assert "/ephemeral-attachments/" in image.url
    assert asked["state"] == "thinking"


async def test_a_deferred_reply_becomes_the_picture_in_the_same_message(stage: Stage, picture: bytes) -> None:
    async def answer(interaction: discord.Interaction) -> discord.InteractionMessage:
        await interaction.response.defer(thinking=True)
        return await interaction.edit_original_response(
            view=layout(discord.ui.TextDisplay("Here"), gallery("dream.png")),
            attachments=[discord.File(io.BytesIO(picture), "dream.png")],
        )

    asked, message = await stage.run(answer)
    assert str(message.id) == asked["message_id"]
    [seen] = await stage.remote.messages(person="bob")
    text, media = seen["components"][0]["components"]
    assert text["content"] == "Here"
    assert media["items"][0]["media"]["width"] == 48
    assert await stage.remote.download(media["items"][0]["media"]["url"]) == picture
    assert message.attachments == [], "what components show is not among a message's attachments"
    assert [one["filename"] for one in seen["attachments"]] == ["dream.png"], "the control API lists every file"


async def test_an_edit_replaces_the_preview_whose_file_goes_a_little_later(stage: Stage, picture: bytes) -> None:
    async def answer(interaction: discord.Interaction) -> None:
        await interaction.response.defer(thinking=True)
        for name in ("first.png", "second.png"):
            file = discord.File(io.BytesIO(picture), name)
            await interaction.edit_original_response(view=layout(gallery(name)), attachments=[file])

    asked, _ = await stage.run(answer)
    changes = (await stage.remote.get("changes", person="ada"))["changes"]
    shown = [one["message"]["attachments"] for one in changes if one["kind"] == "message_update"]
    assert [[file["filename"] for file in files] for files in shown] == [["first.png"], ["second.png"]]
    old = shown[0][0]["url"]
    assert await stage.remote.download(old) == picture, "a page that still shows it can load it"
    await stage.remote.post("clock", forward_s=HIDDEN_AGAIN_S)
    with pytest.raises(RemoteError, match="no longer available"):
        await stage.remote.download(old)
    assert asked["message_id"] == (await stage.remote.messages())[0]["id"]


async def test_a_persistent_button_works_for_whoever_presses_it(stage: Stage) -> None:
    async def answer(interaction: discord.Interaction) -> None:
        view = discord.ui.LayoutView()
        view.add_item(discord.ui.ActionRow(Count(0)))
        view.stop()  # nothing is remembered: the button finds its way by its custom_id alone
        await interaction.response.send_message(view=view)

    asked, _ = await stage.run(answer)
    pressed = await stage.remote.press(asked["message_id"], "count:0", person="bob")
    assert (pressed["state"], pressed["message_id"]) == ("answered", asked["message_id"])
    [message] = await stage.remote.messages()
    assert message["components"][0]["components"][0]["label"] == "1 presses"
    with pytest.raises(RemoteError, match="no component"):
        await stage.remote.press(asked["message_id"], "count:0")


async def test_an_ephemeral_follow_up_is_seen_by_its_person_alone(stage: Stage) -> None:
    async def answer(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("for all")
        await interaction.followup.send("for one", ephemeral=True)

    await stage.run(answer, person="bob")
    assert [one["content"] for one in await stage.remote.messages(person="bob")] == ["for all", "for one"]
    assert [one["content"] for one in await stage.remote.messages(person="ada")] == ["for all"]


async def test_the_first_follow_up_fills_a_thinking_reply_as_public_as_that_was(stage: Stage) -> None:
    async def answer(interaction: discord.Interaction) -> discord.WebhookMessage:
        await interaction.response.defer(thinking=True)
        return await interaction.followup.send("meant for one", ephemeral=True, wait=True)

    asked, message = await stage.run(answer)
    assert str(message.id) == asked["message_id"]
    assert [one["content"] for one in await stage.remote.messages(person="bob")] == ["meant for one"]


async def test_the_original_reply_can_be_read_and_deleted(stage: Stage) -> None:
    async def answer(interaction: discord.Interaction) -> str:
        await interaction.response.send_message("gone soon")
        content = (await interaction.original_response()).content
        await interaction.delete_original_response()
        return content

    _, content = await stage.run(answer)
    assert content == "gone soon"
    assert await stage.remote.messages() == []


async def test_without_the_intent_other_peoples_words_and_pictures_are_hidden(stage: Stage, picture: bytes) -> None:
    await stage.remote.post("messages", {"f": ("cat.png", picture)}, person="bob", channel="lounge", content="secret")
    async with stage.bot.news:
        await stage.bot.news.wait_for(lambda: stage.bot.seen)
    [message] = stage.bot.seen
    assert (message.author.name, message.content, message.attachments) == ("bob", "", [])
    fetched = await message.channel.fetch_message(message.id)
    assert (fetched.content, fetched.attachments) == ("", []), "over REST too"


async def test_a_messages_menu_hands_its_target_over_with_words_and_pictures(stage: Stage, picture: bytes) -> None:
    target = await stage.remote.post(
        "messages", {"f": ("cat.png", picture)}, person="bob", channel="dreams", content="my cat"
    )

    async def look(interaction: discord.Interaction) -> tuple[str, bytes]:
        await interaction.response.send_message("seen", ephemeral=True)
        message = interaction.extras["message"]
        return message.content, await message.attachments[0].read()

    done = stage.bot.expect(look)
    asked = await stage.remote.post("menu", person="ada", message=target["message"]["id"], command="Look")
    assert await done == ("my cat", picture)
    assert asked["interaction"]["state"] == "answered"


async def test_a_modal_is_opened_filled_and_submitted(stage: Stage, picture: bytes) -> None:
    class Ask(discord.ui.Modal, title="Tell me"):
        words: discord.ui.Label[Any] = discord.ui.Label(
            text="Words", component=discord.ui.TextInput(custom_id="words", max_length=20)
        )
        photo: discord.ui.Label[Any] = discord.ui.Label(
            text="Photo", component=discord.ui.FileUpload(custom_id="photo", required=False)
        )

        async def on_submit(self, interaction: discord.Interaction) -> None:
            assert isinstance(self.words.component, discord.ui.TextInput)
            assert isinstance(self.photo.component, discord.ui.FileUpload)
            sizes = [file.size for file in self.photo.component.values]
            await interaction.response.send_message(f"{self.words.component.value} {sizes}")

    async def answer(interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(Ask())

    asked, _ = await stage.run(answer)
    assert asked["state"] == "modal"
    files = {"photo": ("a.png", picture)}
    with pytest.raises(RemoteError, match="no such modal"):
        await stage.remote.post("submit", person="bob", interaction=asked["id"], values={"words": "hello"})
    sent = await stage.remote.post("submit", files, person="ada", interaction=asked["id"], values={"words": "hello"})
    assert sent["interaction"]["state"] == "answered"
    [message] = await stage.remote.messages()
    assert message["content"] == f"hello [{len(picture)}]"


async def test_commands_work_in_direct_messages(stage: Stage) -> None:
    async def answer(interaction: discord.Interaction) -> tuple[Any, str]:
        await interaction.response.send_message("here too")
        return interaction.guild_id, type(interaction.channel).__name__

    assert (await stage.run(answer, person="bob", channel="bob"))[1] == (None, "DMChannel")
    assert [one["content"] for one in await stage.remote.messages(person="bob", channel="bob")] == ["here too"]
    assert await stage.remote.messages(person="ada", channel="bob") == []


async def test_a_nonce_that_was_just_used_gives_the_message_that_is_there(stage: Stage) -> None:
    [channel] = [one for one in stage.bot.get_all_channels() if one.name == "dreams"]
    assert isinstance(channel, discord.TextChannel)
    # The library sets enforce_nonce with every nonce.
    first = await channel.send("once", nonce="r17")
    again = await channel.send("once", nonce="r17")
    assert first.id == again.id
    await stage.remote.post("clock", forward_s=HIDDEN_AGAIN_S)
    assert (await channel.send("once", nonce="r17")).id != first.id


async def test_the_bot_edits_its_reply_by_its_own_right_as_well(stage: Stage, picture: bytes) -> None:
    async def answer(interaction: discord.Interaction) -> discord.abc.Messageable:
        await interaction.response.defer(thinking=True)
        assert isinstance(interaction.channel, discord.TextChannel)
        return interaction.channel

    asked, channel = await stage.run(answer)
    partial = channel.get_partial_message(int(asked["message_id"]))
    file = discord.File(io.BytesIO(picture), "late.png")
    await partial.edit(view=layout(gallery("late.png")), attachments=[file])
    [message] = await stage.remote.messages()
    assert message["attachments"][0]["filename"] == "late.png"
    history = [one.id async for one in channel.history(limit=5)]
    assert history == [int(asked["message_id"])]
