"""The starboard way: members vote on a dream's own message, and with enough votes it is in the gallery."""

from __future__ import annotations

import asyncio

import simcord
from gallery_stage import alike, an_entry, buttons_of, dreamed, panel_of, parts, settle
from simcord_stage import GALLERY, Stage, fields_of, submit, text_of, told_privately

from bot.entry import Entry, EntryState, Visitor
from bot.gallery import service
from bot.guild import GalleryMode, WebMode
from bot.job import Job
from bot.views.gallery.add import ONLY_IF_AGREED, VOTED_FOR, VOTED_IN


def star(job: Job) -> str:
    return f"oneiros:star:{job.id}"


def members(stage: Stage, count: int) -> list[simcord.MemberActor]:
    return [stage.guild.add_member(stage.env.create_user(f"voter{number}")) for number in range(count)]


async def the_entry(stage: Stage) -> Entry:
    (entry,) = await stage.client.gallery.mine(stage.ada.id)
    return entry


async def test_without_the_setting_nobody_is_asked_to_vote(stage: Stage) -> None:
    job, message = await dreamed(stage)
    assert star(job) not in buttons_of(message).values()
    await settle(stage, votes_to_add=2)
    job, message = await dreamed(stage)
    assert buttons_of(message)["0"] == star(job)
    await settle(stage, votes_to_add=None)
    assert told_privately(await stage.bob.click(message, custom_id=star(job))) == service.NO_VOTING


async def test_a_press_counts_and_a_second_one_takes_it_back_and_nothing_else_changes(stage: Stage) -> None:
    await settle(stage, votes_to_add=3)
    job, before = await dreamed(stage)
    await stage.bob.click(before, custom_id=star(job))
    voted = stage.message(job)
    assert buttons_of(voted)["1"] == star(job)
    assert text_of(voted) == text_of(before)
    assert [one["type"] for one in parts(voted)] == [one["type"] for one in parts(before)]
    assert [one.id for one in voted.attachments] == [one.id for one in before.attachments]
    (shown,) = (one for one in parts(voted) if one["type"] == GALLERY)
    assert before.attachments[0].filename in shown["items"][0]["media"]["url"]
    await stage.bob.click(voted, custom_id=star(job))
    assert buttons_of(stage.message(job))["0"] == star(job)
    assert (await the_entry(stage)).state is EntryState.NOMINATED


async def test_a_vote_for_what_is_in_as_another_file_leads_there(stage: Stage) -> None:
    await settle(stage, votes_to_add=3)
    entry = await an_entry(stage, "Known")
    job, message = await dreamed(stage)
    await alike(stage, entry, job)
    told = await stage.bob.click(message, custom_id=star(job))
    assert told_privately(told) == service.ALREADY_IN
    (answer,) = told.followups
    assert "### Known" in told_privately(await stage.bob.click(answer, label="Open"))
    assert buttons_of(stage.message(job))["0"] == star(job)


async def test_a_nomination_is_in_no_list(stage: Stage) -> None:
    await settle(stage, votes_to_add=3)
    job, message = await dreamed(stage)
    await stage.bob.click(message, custom_id=star(job))
    listed = await stage.bob.slash(stage.channel, "gallery")
    assert "This gallery is empty" in text_of(panel_of(listed))


async def test_with_enough_votes_it_is_in_and_its_dreamer_decides_on_the_web(stage: Stage) -> None:
    await settle(stage, votes_to_add=2, web=WebMode.PUBLIC)
    job, message = await dreamed(stage)
    for who in members(stage, 2):
        await who.click(stage.message(job), custom_id=star(job))
    message = stage.message(job)
    assert VOTED_IN in text_of(message)
    assert ONLY_IF_AGREED.partition("{")[0] in text_of(message)
    entry = await the_entry(stage)
    assert (entry.state, entry.votes, entry.nominated, entry.on_web) == (EntryState.SHOWN, 2, True, False)
    assert told_privately(await stage.bob.click(message, label="Web…")) == service.NOT_YOUR_ENTRY
    opened = await stage.ada.click(message, label="Web…")
    assert set(fields_of(opened)) == {"web"}
    assert "It is on the web page now" in told_privately(await submit(stage.ada, opened, web="unnamed"))
    entry = await the_entry(stage)
    assert (entry.on_web, entry.credit) == (True, None)
    await stage.bob.click(message, custom_id=star(job))
    assert ONLY_IF_AGREED.partition("{")[0] not in text_of(stage.message(job))
    assert text_of(stage.message(job)).count(VOTED_IN) == 1
    assert "Dreamed by" in told_privately(await stage.bob.click(stage.message(job), label="Open"))


async def test_with_approval_enough_votes_ask_a_moderator(stage: Stage) -> None:
    await settle(stage, votes_to_add=1, mode=GalleryMode.APPROVAL)
    job, message = await dreamed(stage)
    await stage.bob.click(message, custom_id=star(job))
    assert VOTED_FOR in text_of(stage.message(job))
    assert (await the_entry(stage)).state is EntryState.PENDING
    assert told_privately(await stage.mod.click(stage.message(job), custom_id=star(job))) == service.WAITS_ALREADY


async def test_nobody_votes_for_their_own(stage: Stage) -> None:
    await settle(stage, votes_to_add=1)
    job, message = await dreamed(stage)
    assert told_privately(await stage.ada.click(message, custom_id=star(job))) == service.YOUR_OWN
    assert await stage.client.gallery.mine(stage.ada.id) == []


async def test_a_barred_person_s_dream_is_not_voted_in_also_when_it_was_begun_before(stage: Stage) -> None:
    await settle(stage, votes_to_add=2)
    job, message = await dreamed(stage)
    first, second = members(stage, 2)
    await first.click(message, custom_id=star(job))
    moderator = Visitor(stage.guild.id, stage.mod.id, moderates=True)
    await stage.client.gallery._decisions.bar(moderator, stage.ada.id, "spam")
    assert told_privately(await second.click(message, custom_id=star(job))) == service.NOT_BY_VOTES
    other, fresh = await dreamed(stage)
    assert told_privately(await second.click(fresh, custom_id=star(other))) == service.NOT_BY_VOTES
    assert (await the_entry(stage)).votes == 1


async def test_in_a_closed_gallery_votes_add_nothing(stage: Stage) -> None:
    await settle(stage, votes_to_add=1)
    job, message = await dreamed(stage)
    await settle(stage, mode=GalleryMode.CLOSED)
    assert told_privately(await stage.bob.click(message, custom_id=star(job))) == service.CLOSED


async def test_after_a_restart_the_stars_count_on(stage: Stage) -> None:
    await settle(stage, votes_to_add=2)
    job, _ = await dreamed(stage)
    first, second = members(stage, 2)
    await first.click(stage.message(job), custom_id=star(job))
    await stage.restart()
    await second.click(stage.message(job), custom_id=star(job))
    assert VOTED_IN in text_of(stage.message(job))


async def test_the_dreamer_who_adds_a_nomination_keeps_its_votes(stage: Stage) -> None:
    await settle(stage, votes_to_add=5)
    job, message = await dreamed(stage)
    await stage.bob.click(message, custom_id=star(job))
    await submit(stage.ada, await stage.ada.click(message, label="Add to gallery"), title="Mine")
    entry = await the_entry(stage)
    assert (entry.state, entry.votes, entry.title) == (EntryState.SHOWN, 1, "Mine")


async def test_of_presses_at_once_each_turns_the_vote_over(stage: Stage) -> None:
    await settle(stage, votes_to_add=50)
    job, message = await dreamed(stage)
    await stage.bob.click(message, custom_id=star(job))
    entry = await the_entry(stage)
    visitor = Visitor(stage.guild.id, 4711)
    cast = await asyncio.gather(*(stage.client.gallery.vote(visitor, entry.id) for _ in range(7)))
    assert sum(for_it for _, for_it in cast) == 4
    assert await stage.client.gallery.voted(visitor, entry.id)
    assert (await the_entry(stage)).votes == 2
