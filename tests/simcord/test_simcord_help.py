"""/help teaches: pages with pictures, for members, for moderators, and in direct messages; also after a restart."""

from __future__ import annotations

import json
import re
from typing import Any

import discord
import pytest
import simcord
from simcord.results import InteractionResult, ResponseMessage
from simcord_stage import GALLERY, Stage, told_privately, walk

from bot.help import pages
from bot.help.pages import PAGES
from bot.language import LANGUAGES, language_of
from bot.views import handbook
from bot.views.handbook import CONTENTS, FOR_MODERATORS, TURN, Book
from bot.views.mentions import Mentions

THUMBNAIL, SELECT = 11, 3
MOST_LETTERS, MOST_COMPONENTS = 4000, 40  # of a message


@pytest.fixture
def keeper(stage: Stage) -> simcord.MemberActor:
    """Somebody who manages the server, and not its messages."""
    role = stage.guild.create_role("Keepers", permissions=discord.Permissions(manage_guild=True))
    return stage.guild.add_member(stage.env.create_user("keeper"), roles=[role])


def shown(result: InteractionResult) -> ResponseMessage:
    assert result.response is not None
    assert result.response.ephemeral
    return result.response


def parts(message: ResponseMessage | discord.Message) -> list[dict[str, Any]]:
    found = list(walk([one if isinstance(one, dict) else dict(one.to_dict()) for one in message.components]))
    return found + [one["accessory"] for one in found if "accessory" in one]


def topics(message: ResponseMessage | discord.Message) -> list[str]:
    (menu,) = [one for one in parts(message) if one.get("custom_id") == CONTENTS]
    return [one["value"] for one in menu["options"]]


async def test_the_first_page_has_three_steps_and_a_picture_before_and_after(stage: Stage) -> None:
    message = shown(await stage.ada.slash(stage.channel, "help"))
    words = json.dumps(parts(message))
    assert re.search(r"1\. Type </dream:[0-9]+>", words), "the command can be pressed"
    assert "\\n3. " in words
    (gallery,) = [one for one in parts(message) if one["type"] == GALLERY]
    assert [one["description"].partition(":")[0] for one in gallery["items"]] == ["Before", "After"]
    assert {one.filename for one in message.attachments} == {"before.webp", "after.webp"}


@pytest.mark.parametrize("topic", [name for name, page in PAGES.items() if not page.for_moderators])
async def test_every_page_is_had_by_its_topic_with_its_pictures(stage: Stage, topic: str) -> None:
    message = shown(await stage.ada.slash(stage.channel, "help", topic=topic))
    assert PAGES[topic].title in json.dumps(parts(message))
    named = set(re.findall(r"attachment://([a-z-]+\.webp)", json.dumps(parts(message))))
    held = {one.filename for one in message.attachments}
    pictured = [one for one in parts(message) if one["type"] == THUMBNAIL]
    assert len(held) == len(pages.pictures_of(PAGES[topic]))
    assert not named or named == held
    assert all(one["description"] for one in pictured)


async def test_pages_are_turned_in_the_same_message_and_by_the_menu(stage: Stage) -> None:
    message = shown(await stage.ada.slash(stage.channel, "help"))
    turned = shown(await stage.ada.click(message, custom_id=f"{TURN}of"))
    assert turned.id == message.id
    assert {one.filename for one in turned.attachments} == {f"{mood}.webp" for mood in pages.MOODS}
    chosen = shown(await stage.ada.select(turned, ["privacy"], custom_id=CONTENTS))
    assert chosen.id == message.id
    assert chosen.attachments == []


async def test_pages_are_turned_after_a_restart(stage: Stage) -> None:
    message = shown(await stage.ada.slash(stage.channel, "help"))
    await stage.restart()
    turned = shown(await stage.ada.click(message, custom_id=f"{TURN}of"))
    assert re.search(r"</dream:[0-9]+>", json.dumps(parts(turned))), "ids are known though nothing was registered anew"


async def test_a_member_and_a_direct_message_have_no_page_for_moderators(stage: Stage) -> None:
    theirs = {"server", "curating"}
    assert not theirs & set(topics(shown(await stage.ada.slash(stage.channel, "help"))))
    assert not theirs & set(topics(shown(await stage.ada.user.slash("help"))))
    for topic in theirs:
        assert told_privately(await stage.ada.slash(stage.channel, "help", topic=topic)) == FOR_MODERATORS


async def test_the_gallery_has_a_page_and_its_moderators_another(stage: Stage) -> None:
    words = json.dumps(parts(shown(await stage.ada.slash(stage.channel, "help", topic="gallery"))))
    assert re.search(r"</gallery:[0-9]+>", words)
    assert all(one in words for one in ("Add to gallery", "Report", "on the web"))
    words = json.dumps(parts(shown(await stage.mod.slash(stage.channel, "help", topic="curating"))))
    assert re.search(r"</settings:[0-9]+>", words)
    assert "Moderate" in words


async def test_moderators_have_it_and_a_forged_button_asks_anew_who_presses(
    stage: Stage, keeper: simcord.MemberActor
) -> None:
    for who in (stage.mod, keeper):
        for topic in ("server", "curating"):
            assert topic in topics(shown(await who.slash(stage.channel, "help", topic=topic)))
    forged = await stage.post(handbook.Turn("server"))
    assert told_privately(await stage.ada.click(forged)) == FOR_MODERATORS


async def test_a_topic_of_another_version_leads_to_the_first_page(stage: Stage) -> None:
    message = await stage.post(handbook.Turn("films"))
    await stage.ada.click(message)
    assert PAGES["start"].title in json.dumps(parts(stage.channel.history()[0]))


async def test_a_command_that_is_named_can_be_typed(stage: Stage) -> None:
    there = {one.qualified_name.replace(" ", "_") for one in stage.client.tree.walk_commands()}
    named = {place for page in PAGES.values() for place in pages.places_in(page.text + page.under)} - {"days"}
    assert named - there == set()


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_page_is_within_what_discord_takes_in_every_language(code: str) -> None:
    book = Book(language_of(code), Mentions(), 30, moderates=True)
    for page in book.pages:
        view = handbook.lay_out(book, page)
        assert view.content_length() <= MOST_LETTERS
        assert view.total_children_count <= MOST_COMPONENTS
        assert len(handbook.files_of(book.say, page)) <= 10


def test_every_picture_is_small_webp_of_its_own() -> None:
    for name in pages.PICTURES:
        data = pages.picture(name)
        assert data[:4] == b"RIFF"
        assert data[8:12] == b"WEBP"
        assert len(data) <= 25_000
    assert {one.name.removesuffix(".webp") for one in pages.FOLDER.iterdir()} == set(pages.PICTURES)


def test_a_command_without_an_id_is_named_as_it_is_typed() -> None:
    assert Mentions().named_in("Type {preset_save}.") == {"preset_save": "/preset save"}
