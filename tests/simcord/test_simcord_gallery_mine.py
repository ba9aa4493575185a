"""What is one's own in galleries: listed, withdrawn after a question, let on the web or not, in direct messages too."""

from __future__ import annotations

import discord
import pytest
from gallery_stage import an_entry, buttons_of, panel_of, select_of, settle
from simcord.results import InteractionResult
from simcord_stage import Stage, submit, text_of, told_privately

from bot.entry import Entry, EntryState
from bot.gallery import service
from bot.guild import WebMode

OWN_ACTS = ("own", "web", "withdraw", "really-withdraw")


async def mine(stage: Stage) -> InteractionResult:
    shown = await stage.ada.slash(stage.channel, "gallery")
    await stage.ada.click(panel_of(shown), label="Mine")
    return shown


async def choose(stage: Stage, shown: InteractionResult, entry: Entry) -> None:
    menu = select_of(panel_of(shown), "own")
    await stage.ada.select(panel_of(shown), [str(entry.id)], custom_id=menu["custom_id"])


async def test_who_has_nothing_is_told_how_to_have_something(stage: Stage) -> None:
    await an_entry(stage, who=stage.bob)
    shown = await mine(stage)
    assert "You have nothing in a gallery" in text_of(panel_of(shown))
    await stage.ada.click(panel_of(shown), label="The gallery")
    assert "**1.** Waves" in text_of(panel_of(shown))


async def test_each_is_listed_with_how_it_stands(stage: Stage) -> None:
    await an_entry(stage, "Shown")
    await an_entry(stage, "Waits", state=EntryState.PENDING)
    await an_entry(stage, "Bob's", who=stage.bob)
    words = text_of(panel_of(await mine(stage)))
    assert "**1.** Waits · ⭐ 0\n-# It waits for a moderator's approval." in words
    assert "**2.** Shown · ⭐ 0\n-# It is in the gallery." in words
    assert "Bob" not in words


async def test_withdrawing_asks_first_and_is_for_good(stage: Stage) -> None:
    entry = await an_entry(stage)
    shown = await mine(stage)
    await choose(stage, shown, entry)
    await stage.ada.click(panel_of(shown), label="Withdraw")
    assert "Take **Waves** out of the gallery for good?" in text_of(panel_of(shown))
    await stage.ada.click(panel_of(shown), label="Keep it")
    assert [one.id for one in await stage.client.gallery.mine(stage.ada.id)] == [entry.id]
    await stage.restart()
    await stage.ada.click(panel_of(shown), label="Withdraw")
    await stage.restart()
    stale = panel_of(shown)
    await stage.ada.click(stale, label="Withdraw for good")
    assert "It is out of the gallery" in text_of(panel_of(shown))
    assert await stage.client.gallery.mine(stage.ada.id) == []
    await stage.ada.click(panel_of(shown), label="Mine")
    assert "You have nothing in a gallery" in text_of(panel_of(shown))


async def test_the_web_is_agreed_to_and_taken_back(stage: Stage) -> None:
    await settle(stage, web=WebMode.PUBLIC)
    entry = await an_entry(stage)
    shown = await mine(stage)
    await choose(stage, shown, entry)
    assert "Not on the web page" in text_of(panel_of(shown))
    await submit(stage.ada, await stage.ada.click(panel_of(shown), label="Web…"), web="named")
    words = text_of(panel_of(shown))
    assert "It is on the web page now" in words
    assert f"under your name: {stage.ada.user.name}" in words
    await settle(stage, web=WebMode.OFF)
    opened = await stage.ada.click(panel_of(shown), label="Web…")
    await submit(stage.ada, opened, web="no")
    now = await stage.client.gallery.own(stage.ada.id, entry.id)
    assert (now.on_web, now.credit) == (False, None)


async def test_where_the_web_is_out_of_reach_it_says_why(stage: Stage) -> None:
    entry, night = await an_entry(stage), await an_entry(stage, "Night", restricted=True)
    shown = await mine(stage)
    await choose(stage, shown, entry)
    assert "Web…" not in buttons_of(panel_of(shown))
    for one, said in ((entry, service.NO_PAGE), (night, service.NEVER_ON_WEB)):
        message = await stage.post(discord.ui.Button(label="x", custom_id=f"oneiros:gallery:web:{one.id}"))
        assert told_privately(await stage.ada.click(message, label="x")) == said


async def test_what_moderators_took_out_stays_and_says_why(stage: Stage) -> None:
    entry = await an_entry(stage)
    moderator = service.Visitor(stage.guild.id, stage.mod.id, moderates=True)
    await stage.client.gallery._decisions.remove(moderator, entry.id, EntryState.SHOWN, "Not *here*")
    shown = await mine(stage)
    await choose(stage, shown, entry)
    words = text_of(panel_of(shown))
    assert "The moderators have taken it out." in words
    assert r"Their reason: Not \*here\*" in words
    assert set(buttons_of(panel_of(shown))) == {"Mine"}


async def test_in_a_direct_message_there_are_those_of_all_servers(stage: Stage) -> None:
    entry = await an_entry(stage, "Here")
    gone = await an_entry(stage, "Elsewhere", guild_id=1)
    shown = await stage.ada.user.slash("gallery")
    words = text_of(panel_of(shown))
    assert "**2.** Here · in The Lighthouse" in words
    menu = select_of(panel_of(shown), "own")
    await stage.ada.user.select(panel_of(shown), [str(entry.id)], custom_id=menu["custom_id"])
    assert "In The Lighthouse" in text_of(panel_of(shown))
    await stage.ada.user.click(panel_of(shown), label="Withdraw")
    await stage.ada.user.click(panel_of(shown), label="Withdraw for good")
    assert [one.id for one in await stage.client.gallery.mine(stage.ada.id)] == [gone.id]


async def test_many_are_turned_through(stage: Stage) -> None:
    for number in range(12):
        await an_entry(stage, f"Dream {number:02}")
    shown = await mine(stage)
    await stage.restart()
    await stage.ada.click(panel_of(shown), label="Older ones")
    assert "**3.** Dream 00" in text_of(panel_of(shown))
    assert "Older ones" not in buttons_of(panel_of(shown))
    await stage.ada.click(panel_of(shown), label="The newest")
    assert "**1.** Dream 11" in text_of(panel_of(shown))


@pytest.mark.parametrize("act", OWN_ACTS)
async def test_nobody_decides_on_another_s(stage: Stage, act: str) -> None:
    entry = await an_entry(stage)
    message = await stage.post(discord.ui.Button(label="x", custom_id=f"oneiros:gallery:{act}:{entry.id}"))
    for who in (stage.bob, stage.mod):
        assert told_privately(await who.click(message, label="x")) == service.NOT_YOUR_ENTRY
    assert (await stage.client.gallery.own(stage.ada.id, entry.id)).state is EntryState.SHOWN


async def test_a_web_form_that_somebody_else_sends_changes_nothing(stage: Stage) -> None:
    await settle(stage, web=WebMode.PUBLIC)
    entry = await an_entry(stage)
    message = await stage.post(discord.ui.Button(label="x", custom_id=f"oneiros:gallery:web:{entry.id}"))
    opened = await stage.ada.click(message, label="x")
    await stage.client.gallery.withdraw(stage.ada.id, entry.id)
    assert told_privately(await submit(stage.ada, opened, web="named")) == service.NOT_YOUR_ENTRY
