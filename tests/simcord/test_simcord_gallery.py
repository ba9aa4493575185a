"""/gallery and its buttons: pages, orders, filters, one entry, votes, remix, sharing, reports."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import discord
import pytest
from gallery_stage import (
    ADDRESS,
    a_picture,
    an_entry,
    buttons_of,
    panel_of,
    parts,
    select_of,
    settle,
)
from simcord.results import InteractionResult
from simcord_stage import GALLERY, Stage, fields_of, submit, text_of, told_privately
from sqlalchemy import update
from standins import PNG

from bot.entry import LONGEST_WORDS, Cursor, EntryState, Listing, Order, Period
from bot.gallery import service
from bot.guild import WebMode
from bot.store.gallery.tables import EntryRow
from bot.store.moments import moment
from bot.views.gallery.buttons import NO_PHOTO, NOT_ON_WEB
from bot.views.gallery.places import Place
from bot.views.gallery.visiting import NO_SERVER
from bot.views.lasting import UNKNOWN_COMPONENT
from engine.recipe import Recipe


async def look(stage: Stage, **options: Any) -> InteractionResult:
    return await stage.bob.slash(stage.channel, "gallery", **options)


def titles(shown: InteractionResult) -> list[str]:
    """Return the titles on a page, in their order."""
    return re.findall(r"^\*\*[0-9]\.\*\* (.+?) · ", text_of(panel_of(shown)), re.MULTILINE)


def refused(result: InteractionResult) -> str:
    """Return what was told beside a panel that stays as it is."""
    (told,) = result.followups
    assert told.ephemeral
    return text_of(told)


async def open_one(stage: Stage, shown: InteractionResult, entry_id: int) -> InteractionResult:
    """Choose an entry on a page."""
    menu = select_of(panel_of(shown), "pick")
    return await stage.bob.select(panel_of(shown), [str(entry_id)], custom_id=menu["custom_id"])


async def test_an_empty_gallery_says_what_to_do(stage: Stage) -> None:
    shown = await look(stage)
    assert shown.ephemeral
    assert "press 🏛️ *Add to gallery* under your dream" in text_of(panel_of(shown))
    assert set(buttons_of(panel_of(shown))) == {"Mine"}


async def test_the_grid_has_a_thumbnail_a_line_and_a_choice_for_each(stage: Stage) -> None:
    first = await an_entry(stage, "Waves", votes=2)
    second = await an_entry(stage, None, who=stage.bob)
    shown = await look(stage)
    panel = panel_of(shown)
    (grid,) = (one for one in parts(panel) if one["type"] == GALLERY)
    assert len(grid["items"]) == len(panel.attachments) == 2
    words = text_of(panel)
    assert "The gallery of The Lighthouse" in words
    assert f"**1.** wide animal eyes with lids and lashes · <@{stage.bob.id}> · ⭐ 0" in words
    assert f"**2.** Waves · <@{stage.ada.id}> · ⭐ 2" in words
    options = select_of(panel, "pick")["options"]
    assert [one["value"] for one in options] == [str(second.id), str(first.id)]


async def test_a_thumbnail_that_is_made_is_shown_in_the_picture_s_place(stage: Stage) -> None:
    entry = await an_entry(stage)
    small = await a_picture(stage)
    await stage.client.gallery._entries.set_thumbnail(entry.id, small, 0)
    (file,) = panel_of(await look(stage)).attachments
    assert file.filename == f"small-{entry.id}.webp"
    assert await file.read() == await stage.client.gallery.picture(small)


async def test_thirty_entries_are_turned_through_and_back_also_after_a_restart(stage: Stage) -> None:
    for number in range(30):
        await an_entry(stage, f"Dream {number:02}")
    shown = await look(stage)
    seen = [titles(shown)]
    while "More" in buttons_of(panel_of(shown)):
        await stage.restart()
        await stage.bob.click(panel_of(shown), label="More")
        seen.append(titles(shown))
    assert [len(one) for one in seen] == [9, 9, 9, 3]
    assert [title for part in seen for title in part] == [f"Dream {number:02}" for number in reversed(range(30))]
    for before in reversed(seen[:-1]):
        await stage.bob.click(panel_of(shown), label="Back")
        assert titles(shown) == before
    assert "Back" in buttons_of(panel_of(shown), disabled=True)


async def test_a_page_stays_where_it_is_when_something_comes_and_when_all_of_it_goes(stage: Stage) -> None:
    entries = [await an_entry(stage, f"Dream {number:02}") for number in range(12)]
    shown = await look(stage)
    await an_entry(stage, "New")
    for entry in entries[:3]:
        await stage.client.gallery.withdraw(stage.ada.id, entry.id)
    await stage.bob.click(panel_of(shown), label="More")
    assert titles(shown) == [f"Dream {number:02}" for number in reversed(range(3, 12))], "the last page"


async def test_the_orders_are_by_votes_time_and_chance(stage: Stage) -> None:
    few = await an_entry(stage, "Few", votes=1)
    old = await an_entry(stage, "Old", votes=3)
    await an_entry(stage, "None")
    store = stage.client.gallery._entries._database
    async with store.write() as session:
        await session.execute(
            update(EntryRow).where(EntryRow.id == old.id).values(shown_at=moment(-timedelta(days=10).total_seconds()))
        )
    assert titles(await look(stage, sort="newest")) == ["None", "Few", "Old"]
    assert titles(await look(stage, sort="ever")) == ["Old", "Few", "None"]
    assert titles(await look(stage, sort="month")) == ["Old", "Few", "None"]
    assert titles(await look(stage, sort="week")) == ["Few", "None"]
    assert titles(await look(stage, sort="today")) == ["Few", "None"]
    shown = await look(stage, sort="random")
    assert sorted(titles(shown)) == ["Few", "None", "Old"]
    menu = select_of(panel_of(shown), "sort")
    await stage.bob.select(panel_of(shown), ["ever"], custom_id=menu["custom_id"])
    assert titles(shown) == ["Old", "Few", "None"]
    await stage.ada.slash(stage.channel, "gallery")
    assert few.votes == 1


async def test_the_filters_find_by_person_tag_preset_and_words_one_at_a_time(stage: Stage) -> None:
    await an_entry(stage, "Waves", draft={"tags": ("sea", "night")})
    await an_entry(stage, "Woods", who=stage.bob, preset="built-in: Woodcut")
    assert titles(await look(stage, by=stage.bob)) == ["Woods"]
    assert titles(await look(stage, tag="#Sea")) == ["Waves"]
    assert titles(await look(stage, preset="built-in: Woodcut")) == ["Woods"]
    assert titles(await look(stage, search="  WAV ")) == ["Waves"]
    told = await look(stage, tag="sea", search="waves")
    assert "Choose one of by:" in told_privately(told)
    shown = await look(stage, search="nothing like it")
    assert "Nothing in this gallery is like that" in text_of(panel_of(shown))
    await stage.bob.click(panel_of(shown), label="All of it")
    assert sorted(titles(shown)) == ["Waves", "Woods"]


async def test_one_person_s_are_turned_through(stage: Stage) -> None:
    for number in range(10):
        await an_entry(stage, f"Dream {number}", who=stage.bob)
    await an_entry(stage, "Other")
    shown = await look(stage, by=stage.bob)
    await stage.bob.click(panel_of(shown), label="More")
    assert titles(shown) == ["Dream 0"]
    assert f"by <@{stage.bob.id}>" in text_of(panel_of(shown))


async def test_a_filter_stays_while_it_is_sorted_and_turned(stage: Stage) -> None:
    for number in range(11):
        await an_entry(stage, f"Dream {number:02}", draft={"tags": ("sea",)})
        await an_entry(stage, f"Other {number:02}")
    shown = await look(stage, tag="sea")
    await stage.bob.click(panel_of(shown), label="More")
    assert titles(shown) == ["Dream 01", "Dream 00"]
    menu = select_of(panel_of(shown), "sort")
    await stage.bob.select(panel_of(shown), ["ever"], custom_id=menu["custom_id"])
    assert len([one for one in titles(shown) if one.startswith("Dream")]) == 9


async def test_tags_and_presets_are_suggested_that_something_here_has(stage: Stage) -> None:
    await an_entry(stage, "Waves", draft={"tags": ("sea", "seaside")}, preset="built-in: Woodcut")
    await an_entry(stage, "More", draft={"tags": ("sea",)})
    await an_entry(stage, "Secret", draft={"tags": ("season",)}, restricted=True)
    await an_entry(stage, "Waits", draft={"tags": ("sealed",)}, state=EntryState.PENDING)
    found = await stage.bob.autocomplete(stage.channel, "gallery", "tag", "#SEA")
    assert [one["value"] for one in found] == ["sea", "seaside"]
    found = await stage.bob.autocomplete(stage.channel, "gallery", "preset", "built")
    assert [one["value"] for one in found] == ["built-in: Woodcut"]
    assert titles(await look(stage, preset="built-in: Woodcut")) == ["Waves"]


async def test_an_entry_is_opened_with_its_words_and_leads_back_to_its_very_page(stage: Stage) -> None:
    entries = [await an_entry(stage, f"Dream {number:02}", draft={"tags": ("sea",)}) for number in range(12)]
    shown = await look(stage)
    await stage.bob.click(panel_of(shown), label="More")
    await stage.restart()
    await open_one(stage, shown, entries[1].id)
    words = text_of(panel_of(shown))
    assert "### Dream 01" in words
    assert f"Dreamed by <@{stage.ada.id}>" in words
    assert r"\#sea" in words
    assert "seed 7" in words
    assert f"gallery \\#{entries[1].id}" in words
    assert len(panel_of(shown).attachments) == 1
    assert set(buttons_of(panel_of(shown))) == {"0", "Remix", "Share here", "Back", "Report…"}
    await stage.bob.click(panel_of(shown), label="Back")
    assert titles(shown) == ["Dream 02", "Dream 01", "Dream 00"]


async def test_a_vote_is_counted_on_the_card_and_taken_back_and_the_way_back_stays(stage: Stage) -> None:
    entry = await an_entry(stage)
    shown = await look(stage)
    await open_one(stage, shown, entry.id)
    vote = f"oneiros:gallery:vote:{entry.id}"
    for label in ("1", "0"):
        await stage.bob.click(panel_of(shown), custom_id=vote)
        assert buttons_of(panel_of(shown))[label] == vote
        assert len(panel_of(shown).attachments) == 1
    await stage.bob.click(panel_of(shown), label="Back")
    assert titles(shown) == ["Waves"]


async def test_nobody_votes_for_their_own_or_for_what_is_gone(stage: Stage) -> None:
    mine = await an_entry(stage, who=stage.bob)
    theirs = await an_entry(stage, "Other")
    shown = await look(stage)
    await open_one(stage, shown, mine.id)
    told = await stage.bob.click(panel_of(shown), custom_id=f"oneiros:gallery:vote:{mine.id}")
    assert refused(told) == service.YOUR_OWN
    await stage.bob.click(panel_of(shown), label="Back")
    await open_one(stage, shown, theirs.id)
    await stage.client.gallery.withdraw(stage.ada.id, theirs.id)
    told = await stage.bob.click(panel_of(shown), custom_id=f"oneiros:gallery:vote:{theirs.id}")
    assert refused(told) == service.GONE


async def test_remix_dreams_on_ones_own_picture_with_the_recipe(stage: Stage) -> None:
    guide = await a_picture(stage)
    entry = await an_entry(
        stage, recipe=Recipe(of="eyes", steps=9, seed=7), guide_hash=guide, preset="built-in: Woodcut"
    )
    shown = await look(stage)
    await open_one(stage, shown, entry.id)
    opened = await stage.bob.click(panel_of(shown), label="Remix")
    assert fields_of(opened)["of"]["value"] == "eyes"
    await submit(stage.bob, opened, picture=("cup.png", PNG))
    asked = stage.jobs.accepted[-1]
    recipe = Recipe.from_json(asked.recipe)
    assert (recipe.of, recipe.steps, recipe.size) == ("eyes", 9, stage.client.settings.dream_size)
    assert recipe.seed != 7
    assert asked.preset == "built-in: Woodcut"


async def test_dream_takes_an_entry_in_the_place_of_a_preset_where_it_is_seen(stage: Stage) -> None:
    entry = await an_entry(stage, recipe=Recipe(of="eyes", steps=9))
    await stage.bob.slash(stage.channel, "dream", image=("cup.png", PNG), preset=f"Gallery #{entry.id}")
    assert Recipe.from_json(stage.jobs.accepted[-1].recipe).steps == 9
    waits = await an_entry(stage, "Waits", state=EntryState.PENDING)
    for number in (waits.id, 999):
        told = await stage.bob.slash(stage.channel, "dream", image=("cup.png", PNG), preset=f"gallery #{number}")
        assert told_privately(told) == service.GONE
    told = await stage.bob.user.slash("dream", image=("cup.png", PNG), preset=f"gallery #{entry.id}")
    assert told_privately(told) == NO_SERVER
    found = await stage.bob.autocomplete(stage.channel, "dream", "preset", "gallery")
    assert not [one for one in found if "#" in one["value"]]


async def test_before_and_after_are_shown_where_the_dreamer_allowed_it(stage: Stage) -> None:
    closed = await an_entry(stage, "Closed")
    opened = await an_entry(stage, "Open", draft={"with_original": True})
    shown = await look(stage)
    await open_one(stage, shown, opened.id)
    told = await stage.bob.click(panel_of(shown), label="Original")
    assert "Before and after" in told_privately(told)
    assert len(panel_of(told).attachments) == 2
    message = await stage.post(discord.ui.Button(label="x", custom_id=f"oneiros:gallery:original:{closed.id}"))
    assert told_privately(await stage.bob.click(message, label="x")) == NO_PHOTO


async def test_an_entry_is_shared_once_in_the_channel_and_works_there(stage: Stage) -> None:
    entry = await an_entry(stage)
    shown = await look(stage)
    await open_one(stage, shown, entry.id)
    result = await stage.bob.click(panel_of(shown), label="Share here")
    (posted,) = result.followups
    assert not posted.ephemeral
    assert "Shared" in buttons_of(panel_of(shown), disabled=True)
    assert set(buttons_of(posted)) == {"0", "Remix", "Open", "Report…"}
    await stage.restart()
    message = next(one for one in stage.channel.history() if one.id == posted.id)
    await stage.mod.click(message, custom_id=f"oneiros:gallery:vote:{entry.id}")
    message = next(one for one in stage.channel.history() if one.id == posted.id)
    assert buttons_of(message)["1"]
    assert len(message.attachments) == 1
    opened = await stage.mod.click(message, label="Open")
    assert "### Waves" in told_privately(opened)
    await stage.mod.click(panel_of(opened), label="Back")
    assert titles(opened) == ["Waves"]


async def test_only_a_moderator_is_offered_to_moderate_and_to_remove_what_they_open(stage: Stage) -> None:
    entry = await an_entry(stage)
    for who, offered in ((stage.bob, False), (stage.ada, False), (stage.mod, True)):
        shown = await who.slash(stage.channel, "gallery")
        assert ("Moderate…" in buttons_of(panel_of(shown))) is offered
        menu = select_of(panel_of(shown), "pick")
        await who.select(panel_of(shown), [str(entry.id)], custom_id=menu["custom_id"])
        assert ("Remove…" in buttons_of(panel_of(shown))) is offered
    opened = await stage.mod.click(panel_of(shown), label="Remove…")
    assert "Removed" in told_privately(await submit(stage.mod, opened, reason="Not a dream"))
    removed = await stage.client.gallery.own(stage.ada.id, entry.id)
    assert (removed.state, removed.reason) == (EntryState.REMOVED, "Not a dream")
    (told,) = stage.ada.user.dm_channel.history()
    assert "Not a dream" in text_of(told)


async def test_the_link_is_given_where_the_dreamer_and_the_server_agreed(stage: Stage) -> None:
    await settle(stage, web=WebMode.UNLISTED)
    entry = await an_entry(stage, draft={"on_web": True})
    other = await an_entry(stage, "Other")
    shown = await look(stage)
    await open_one(stage, shown, other.id)
    assert "Link" not in buttons_of(panel_of(shown))
    await stage.bob.click(panel_of(shown), label="Back")
    await open_one(stage, shown, entry.id)
    told = await stage.bob.click(panel_of(shown), label="Link")
    assert ADDRESS.format(slug=entry.slug) in told_privately(told)
    await settle(stage, web=WebMode.OFF)
    assert told_privately(await stage.bob.click(panel_of(shown), label="Link")) == NOT_ON_WEB


async def test_a_report_is_written_down_once_a_person_and_enough_hide_the_entry(stage: Stage) -> None:
    await settle(stage, reports_to_hide=2)
    entry = await an_entry(stage)
    shown = await look(stage)
    await open_one(stage, shown, entry.id)
    for _ in range(2):
        opened = await stage.bob.click(panel_of(shown), label="Report…")
        assert "Thank you" in told_privately(await submit(stage.bob, opened, reason=" It is  upside down "))
    assert (await stage.client.gallery.own(stage.ada.id, entry.id)).reports == 1
    message = await stage.post(discord.ui.Button(label="x", custom_id=f"oneiros:gallery:report:{entry.id}"))
    opened = await stage.mod.click(message, label="x")
    await submit(stage.mod, opened, reason="So it is")
    assert (await stage.client.gallery.own(stage.ada.id, entry.id)).state is EntryState.HIDDEN
    assert told_privately(await stage.bob.click(panel_of(shown), label="Report…")) == service.GONE
    opened = await stage.bob.click(panel_of(shown), label="Back")
    assert titles(shown) == []


async def test_a_reason_that_says_nothing_is_refused(stage: Stage) -> None:
    entry = await an_entry(stage)
    message = await stage.post(discord.ui.Button(label="x", custom_id=f"oneiros:gallery:report:{entry.id}"))
    opened = await stage.bob.click(message, label="x")
    assert "Say in a few words" in told_privately(await submit(stage.bob, opened, reason=" \u2800 "))


async def test_what_is_age_restricted_is_seen_in_such_channels_only(stage: Stage) -> None:
    entry = await an_entry(stage, "Night", restricted=True)
    assert titles(await look(stage)) == []
    dark = stage.guild.create_text_channel("after-dark")
    place = stage.client.get_channel(dark.id)
    assert isinstance(place, discord.TextChannel)
    place.nsfw = True
    shown = await stage.bob.slash(dark, "gallery")
    assert titles(shown) == ["Night"]
    for act in ("open", "vote", "remix", "original", "share", "link", "report"):
        message = await stage.post(discord.ui.Button(label=act, custom_id=f"oneiros:gallery:{act}:{entry.id}"))
        assert told_privately(await stage.bob.click(message, label=act)) == service.GONE


async def test_a_moderator_sees_what_waits_and_others_do_not(stage: Stage) -> None:
    entry = await an_entry(stage, state=EntryState.PENDING)
    message = await stage.post(discord.ui.Button(label="x", custom_id=f"oneiros:gallery:open:{entry.id}"))
    assert told_privately(await stage.bob.click(message, label="x")) == service.GONE
    assert "waits for a moderator's approval" in told_privately(await stage.mod.click(message, label="x"))


@pytest.mark.parametrize(
    "custom_id",
    [
        "oneiros:gallery:page:0:zz000",
        "oneiros:gallery:page:f:ne000",
        "oneiros:gallery:page:x1.1:ne000",
        "oneiros:gallery:page:0:ne000q",
        "oneiros:gallery:page:0:ne000p abc",
    ],
)
async def test_a_page_that_was_made_up_is_answered(stage: Stage, custom_id: str) -> None:
    message = await stage.post(discord.ui.Button(label="x", custom_id=custom_id))
    assert told_privately(await stage.bob.click(message, label="x")) == UNKNOWN_COMPONENT


async def test_a_made_up_cursor_or_choice_leads_nowhere_and_breaks_nothing(stage: Stage) -> None:
    await an_entry(stage)
    for at in ("fzzzzzzzzzzzz.zzzzzzzzzzzz", "bzzzzzzzzzzzz.1", f"f1.{'z' * 12}9"):
        message = await stage.post(discord.ui.Button(label="x", custom_id=f"oneiros:gallery:page:{at}:ne000"))
        assert told_privately(await stage.bob.click(message, label="x")) == UNKNOWN_COMPONENT, at
    shown = await look(stage)
    for at in ("f0.0", "b1wd0jy8x6o1s.1"):
        message = await stage.post(discord.ui.Button(label="x", custom_id=f"oneiros:gallery:page:{at}:ne000"))
        assert not (await stage.bob.click(message, label="x")).followups, at
    menu = select_of(panel_of(shown), "pick")
    message = await stage.post(
        discord.ui.Select(custom_id=menu["custom_id"], options=[discord.SelectOption(label="x", value="1; --")])
    )
    assert told_privately(await stage.bob.select(message, ["1; --"], custom_id=menu["custom_id"])) == service.GONE


async def test_every_custom_id_fits(stage: Stage) -> None:
    longest = Listing(Order.TOP, Period.MONTH, words="w" * LONGEST_WORDS)
    place = Place(longest, Cursor(2**56, 10**18 - 1, back=True))
    assert len(place.custom_id("page")) <= 100
    for number in range(10):
        await an_entry(stage, f"{'w' * 24} {number}")
    shown = await look(stage, search="w" * LONGEST_WORDS)
    ids = [one["custom_id"] for one in parts(panel_of(shown)) if "custom_id" in one]
    assert len(titles(shown)) == 9
    assert all(len(one) <= 100 for one in ids)
