"""A server's gallery over the wire: added, voted on, remixed, by a bot that is started anew in between."""

from __future__ import annotations

import asyncio
import json

import pytest
from service_gallery import added, dreamed, labelled, looked, menu, settle, titles, turned, until
from service_harness import Bot, Chat, buttons_of, text_of

VOTERS = ("bob", "lena", "mod")


@pytest.mark.long
async def test_three_people_vote_the_order_changes_and_a_remix_dreams_with_the_recipe(
    own_bot: Bot, own_chat: Chat, tiny_photo: bytes
) -> None:
    chat = own_chat
    own_bot.settings["DREAM_SIZE"] = "64"
    own_bot.start()
    await chat.until_ready()
    first = await dreamed(chat, tiny_photo)
    told = await added(chat, first, title="First", tags="sea, night", photo=True)
    assert "Added" in text_of(told)
    second = await dreamed(chat, turned(tiny_photo))  # of one photo, so small, two dreams may be one to the gallery
    await added(chat, second, title="Second")
    assert titles(await looked(chat)) == ["Second", "First"]

    panel = await looked(chat, "bob", sort="ever")
    number = next(one["value"] for one in menu(panel, "pick")["options"] if "First" in one["label"])
    await chat.press(panel["id"], menu(panel, "pick")["custom_id"], person="bob", values=[number])
    card = await until(chat, panel["id"], lambda one: "### First" in text_of(one), "bob")
    assert len(card["attachments"]) == 1
    assert own_bot.stop() == 0
    await chat.until_gone()
    own_bot.start()
    await chat.until_ready()
    vote = buttons_of(card)["0"]
    await chat.press(card["id"], vote, person="bob")
    voted = await until(chat, card["id"], labelled(vote, "1"), "bob")
    assert [one["id"] for one in voted["attachments"]] == [one["id"] for one in card["attachments"]]
    before = (await chat.get("state"))["seq"]
    await chat.press(card["id"], buttons_of(card)["Share here"], person="bob")
    posted = await chat.wait_for(lambda one: one["kind"] == "message_create", since=before)
    public = await until(chat, posted["message"]["id"], lambda one: "### First" in text_of(one))
    for count, person in enumerate(VOTERS[1:], 2):
        await chat.press(public["id"], vote, person=person)
        public = await until(chat, public["id"], labelled(vote, str(count)), person)
    assert len(public["attachments"]) == 1
    assert await chat.download(public["attachments"][0]["url"])
    assert titles(await looked(chat, sort="ever")) == ["First", "Second"]
    assert titles(await looked(chat, tag="night")) == ["First"]

    opened = await chat.press(public["id"], buttons_of(public)["Remix"], person="bob")
    asked = await chat.submit(opened["id"], {}, person="bob", files={"picture": ("mine.png", tiny_photo)})
    await chat.ended(asked["message_id"], person="bob")
    rows = own_bot.job(asked), own_bot.job(first["from_interaction"])
    dreams = [json.loads(row["recipe"]) for row in rows if row is not None]
    seeds = [one.pop("seed") for one in dreams]
    assert dreams[0] == dreams[1]
    assert seeds[0] != seeds[1]

    await chat.press(card["id"], buttons_of(card)["Back"], person="bob")
    assert titles(await until(chat, card["id"], titles, "bob")) == ["First", "Second"]
    assert await chat.violations() == []


async def test_members_vote_a_dream_in_and_its_dreamer_withdraws_it_in_a_direct_message(
    own_bot: Bot, own_chat: Chat, tiny_photo: bytes
) -> None:
    chat = own_chat
    own_bot.settings["DREAM_SIZE"] = "64"
    own_bot.start()
    await chat.until_ready()
    assert own_bot.stop() == 0
    await chat.until_gone()
    await settle(own_bot, chat, votes_to_add=3)
    own_bot.start()
    await chat.until_ready()
    dream = await dreamed(chat, tiny_photo)
    star = buttons_of(dream)["0"]
    await chat.press(dream["id"], star, person=VOTERS[0])
    dream = await until(chat, dream["id"], labelled(star, "1"))
    assert "voted this into the gallery" not in text_of(dream)
    await asyncio.gather(*(chat.press(dream["id"], star, person=person) for person in VOTERS[1:]))
    voted_in = await until(chat, dream["id"], lambda one: "voted this into the gallery" in text_of(one))
    dream = await until(chat, dream["id"], labelled(star, "3"))
    assert text_of(dream) == text_of(voted_in)
    assert len(dream["attachments"]) == 1
    assert "**1.**" in text_of(await looked(chat, "bob"))

    mine = await chat.answered(await chat.run("gallery", channel="ada"))
    own = menu(mine, "own")
    await chat.press(mine["id"], own["custom_id"], values=[own["options"][0]["value"]])
    for label in ("Withdraw", "Withdraw for good"):
        shown = await until(chat, mine["id"], lambda one, label=label: label in buttons_of(one), channel="ada")
        assert ("In The Lighthouse" in text_of(shown)) == (label == "Withdraw")
        await chat.press(mine["id"], buttons_of(shown)[label])
    await until(chat, mine["id"], lambda one: "It is out of the gallery" in text_of(one), channel="ada")
    assert "This gallery is empty" in text_of(await looked(chat, "bob"))
    assert await chat.violations() == []
