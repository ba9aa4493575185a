"""*Add to gallery* under a dream, and its form: who may, what is refused, what is told."""

from __future__ import annotations

from typing import Any

import discord
import pytest
import simcord
from galleries import write_down
from gallery_stage import (
    ADDRESS,
    a_picture,
    alike,
    an_entry,
    buttons_of,
    dreamed,
    panel_of,
    settle,
)
from simcord.results import InteractionResult
from simcord_stage import Stage, fields_of, submit, text_of, told_privately

from bot.drafts import FORGOTTEN
from bot.entry import Entry, EntryState, Visitor
from bot.gallery import service
from bot.guild import GalleryMode, WebMode
from bot.job import State
from bot.views import wording
from bot.views.gallery.forms import PRIVATE_TOO

LABEL = "Add to gallery"


async def add(
    stage: Stage, message: discord.Message, who: simcord.MemberActor | None = None, **typed: Any
) -> InteractionResult:
    """Press the button and send the form."""
    actor = who or stage.ada
    return await submit(actor, await actor.click(message, label=LABEL), **typed)


async def entries(stage: Stage, who: simcord.MemberActor | None = None) -> list[Entry]:
    return await stage.client.gallery.mine((who or stage.ada).id)


async def test_a_dream_is_added_with_title_and_tags_and_opened_from_the_answer(stage: Stage) -> None:
    _, message = await dreamed(stage)
    told = await add(stage, message, title="  The  sea ", tags="#Night, sea night")
    assert told_privately(told).startswith("**Added.** It is in the gallery")
    (entry,) = await entries(stage)
    assert (entry.title, entry.tags, entry.state) == ("The sea", ("night", "sea"), EntryState.SHOWN)
    assert (entry.on_web, entry.credit, entry.original_hash) == (False, None, None)
    opened = await stage.ada.click(panel_of(told), label="Open")
    assert "### The sea" in told_privately(opened)


async def test_the_photo_is_shown_and_the_web_agreed_to_only_where_the_form_says_so(stage: Stage) -> None:
    await settle(stage, web=WebMode.PUBLIC)
    _, message = await dreamed(stage)
    job = next(iter(stage.jobs.known.values()))
    told = await add(stage, message, photo=True, web="named")
    (entry,) = await entries(stage)
    assert (entry.on_web, entry.credit, entry.original_hash) == (True, stage.ada.user.name, job.source_hash)
    assert ADDRESS.format(slug=entry.slug) in told_privately(told)


async def test_without_a_page_of_the_server_s_the_web_is_not_asked_for_nor_forced(stage: Stage) -> None:
    _, message = await dreamed(stage)
    opened = await stage.ada.click(message, label=LABEL)
    assert "web" not in fields_of(opened)
    await settle(stage, web=WebMode.UNLISTED)
    opened = await stage.ada.click(message, label=LABEL)
    assert [one["value"] for one in fields_of(opened)["web"]["options"] if one.get("default")] == ["no"]
    await settle(stage, web=WebMode.OFF)  # meanwhile
    await submit(stage.ada, opened, web="unnamed")
    assert [one.on_web for one in await entries(stage)] == [False]


async def test_an_age_restricted_dream_is_never_asked_about_the_web(stage: Stage) -> None:
    await settle(stage, web=WebMode.PUBLIC)
    _, message = await dreamed(stage, restricted=True)
    opened = await stage.ada.click(message, label=LABEL)
    assert "web" not in fields_of(opened)
    await submit(stage.ada, opened)
    (entry,) = await entries(stage)
    assert entry.restricted
    assert not entry.on_web


async def test_others_are_told_who_can(stage: Stage) -> None:
    _, message = await dreamed(stage)
    for who in (stage.bob, stage.mod):
        assert told_privately(await who.click(message, label=LABEL)) == service.NOT_YOURS
    assert await entries(stage) == []


async def test_a_form_that_somebody_else_sends_adds_nothing(stage: Stage) -> None:
    job, message = await dreamed(stage)
    opened = await stage.ada.click(message, label=LABEL)
    stage.jobs.known[job.id] = type(job)(**{**vars(job), "person_id": stage.bob.id})
    assert told_privately(await submit(stage.ada, opened)) == service.NOT_YOURS
    stage.jobs.known[job.id] = job
    again = await stage.ada.click(message, label=LABEL)
    stage.jobs.known.pop(job.id)
    assert told_privately(await submit(stage.ada, again)) == wording.NO_SUCH_JOB
    assert await entries(stage) == []


async def test_what_is_in_already_says_so_and_opens(stage: Stage) -> None:
    _, message = await dreamed(stage)
    opened = await stage.ada.click(message, label=LABEL)
    await add(stage, message, title="Once")
    pressed = await stage.ada.click(message, label=LABEL)
    sent = await submit(stage.ada, opened, title="Twice")
    for told in (pressed, sent):
        assert told_privately(told) == service.ALREADY_IN
        answer = (told.followups or [told.response])[-1]
        assert answer is not None
        assert "### Once" in told_privately(await stage.ada.click(answer, label="Open"))
    assert len(await entries(stage)) == 1


async def test_a_dream_that_is_in_as_another_file_is_opened_where_it_may_be_seen(stage: Stage) -> None:
    theirs = await an_entry(stage, "Theirs", who=stage.bob)
    job, message = await dreamed(stage)
    await alike(stage, theirs, job)
    told = await add(stage, message, title="Mine")
    assert told_privately(told) == service.ALREADY_IN
    assert "### Theirs" in told_privately(await stage.ada.click(panel_of(told), label="Open"))
    waits = await an_entry(stage, "Waits", who=stage.bob, state=EntryState.PENDING)
    job, message = await dreamed(stage)
    await alike(stage, waits, job)
    told = await add(stage, message)
    assert told_privately(told) == service.WAITS_ALREADY
    assert buttons_of(panel_of(told)) == {}, "what nobody may see yet cannot be opened"
    assert await entries(stage) == []


async def test_a_slip_is_said_and_the_form_offered_again_with_nothing_lost(stage: Stage) -> None:
    await settle(stage, web=WebMode.PUBLIC)
    _, message = await dreamed(stage)
    typed = {"title": "The sea", "tags": "a b c d e f", "photo": True, "web": "unnamed"}
    refused = await add(stage, message, **typed)
    assert "up to 5 tags" in told_privately(refused)
    again = await stage.ada.click(panel_of(refused), label="Edit again")
    assert PRIVATE_TOO not in str(again.modal), "everybody sees the dream; it is the refusal that only she sees"
    fields = fields_of(again)
    assert (fields["title"]["value"], fields["tags"]["value"]) == ("The sea", "a b c d e f")
    assert fields["photo"]["default"] is True
    assert [one["value"] for one in fields["web"]["options"] if one.get("default")] == ["unnamed"]
    told = await submit(stage.ada, again, **(typed | {"tags": "sea"}))
    assert "**Added.**" in told_privately(told)
    (entry,) = await entries(stage)
    assert (entry.title, entry.tags, entry.on_web, entry.credit) == ("The sea", ("sea",), True, None)
    assert entry.original_hash is not None
    gone = await stage.ada.click(panel_of(refused), label="Edit again")
    assert told_privately(await submit(stage.ada, gone, tags="sea")) == service.ALREADY_IN


async def test_what_was_typed_with_a_slip_is_its_dreamer_s_and_gone_after_a_restart(stage: Stage) -> None:
    _, message = await dreamed(stage)
    refused = await add(stage, message, tags="a b c d e f")
    custom_id = buttons_of(panel_of(refused))["Edit again"]
    forged = await stage.post(discord.ui.Button(label="Edit again", custom_id=custom_id))
    assert told_privately(await stage.bob.click(forged, label="Edit again")) == FORGOTTEN
    await stage.restart()
    assert told_privately(await stage.ada.click(panel_of(refused), label="Edit again")) == FORGOTTEN


async def test_with_approval_it_waits_and_says_so(stage: Stage) -> None:
    await settle(stage, mode=GalleryMode.APPROVAL)
    _, message = await dreamed(stage)
    opened = await stage.ada.click(message, label=LABEL)
    assert opened.modal is not None
    assert "once a moderator has approved it" in str(opened.modal)
    told = await submit(stage.ada, opened)
    assert "as soon as a moderator has approved it" in told_privately(told)
    assert "waits for a moderator's approval" in told_privately(await stage.ada.click(panel_of(told), label="Open"))
    assert told_privately(await stage.ada.click(message, label=LABEL)) == service.WAITS_ALREADY


async def test_a_closed_gallery_offers_nothing_and_takes_nothing(stage: Stage) -> None:
    _, before = await dreamed(stage)
    await settle(stage, mode=GalleryMode.CLOSED)
    _, after = await dreamed(stage)
    assert LABEL not in buttons_of(after)
    assert told_privately(await stage.ada.click(before, label=LABEL)) == service.CLOSED


async def test_who_is_barred_or_has_added_enough_is_told(stage: Stage) -> None:
    await settle(stage, a_day=1)
    await an_entry(stage)
    _, message = await dreamed(stage)
    assert "1 dreams to this gallery today" in told_privately(await add(stage, message))
    moderator = Visitor(stage.guild.id, stage.mod.id, moderates=True)
    await stage.client.gallery._decisions.bar(moderator, stage.ada.id, "spam")
    assert told_privately(await add(stage, message)) == service.BARRED
    assert len(await entries(stage)) == 1


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"title": "a\u202eb"}, "This title holds a character that cannot be seen"),
        ({"title": "\u2800"}, "A title needs something that can be seen"),
        ({"tags": "a\u200bb"}, "A tag holds a character that cannot be seen"),
        ({"tags": "x" * 25}, "One of these tags has 25 characters"),
        ({"tags": "a b c d e f"}, "up to 5 tags"),
    ],
)
async def test_words_that_cannot_be_shown_are_refused_in_a_sentence(
    stage: Stage, typed: dict[str, str], said: str
) -> None:
    _, message = await dreamed(stage)
    assert said in told_privately(await add(stage, message, **typed))
    assert await entries(stage) == []


async def test_a_private_dream_may_be_added_and_the_form_says_what_that_means(stage: Stage) -> None:
    await stage.ada.slash(stage.channel, "dream", image=("cup.png", b"\x89PNG\r\n\x1a\n."), private=True)
    job = next(iter(stage.jobs.known.values()))
    job = stage.change(job.interaction_id, state=State.DREAMED, result_hash=await a_picture(stage))
    await write_down(stage.database, job)
    await stage.replies.tell([job], [b"\x89PNG\r\n\x1a\n."])
    message = next(one for one in stage.channel.history(viewer=stage.ada) if one.id == job.message_id)
    opened = await stage.ada.click(message, label=LABEL)
    assert PRIVATE_TOO in str(opened.modal)
    await submit(stage.ada, opened, title="No secret")
    assert [one.title for one in await entries(stage)] == ["No secret"]


async def test_in_a_direct_message_it_is_not_offered(stage: Stage) -> None:
    await stage.ada.user.slash("dream", image=("cup.png", b"\x89PNG\r\n\x1a\n."))
    job = next(iter(stage.jobs.known.values()))
    job = stage.change(job.interaction_id, state=State.DREAMED, result_hash="b" * 64)
    await stage.replies.tell([job], [b"\x89PNG\r\n\x1a\n."])
    (message,) = stage.ada.user.dm_channel.history()
    assert "Deeper" in buttons_of(message)
    assert LABEL not in buttons_of(message)


async def test_after_a_restart_the_button_and_the_form_work(stage: Stage) -> None:
    _, message = await dreamed(stage)
    await stage.restart()
    opened = await stage.ada.click(message, label=LABEL)
    await stage.restart()
    await submit(stage.ada, opened, title="Later")
    assert [one.title for one in await entries(stage)] == ["Later"]


async def test_titles_mark_nothing_up_wherever_they_are_shown(stage: Stage) -> None:
    _, message = await dreamed(stage)
    told = await add(stage, message, title="**<@1>** [x](http://a.b) @everyone")
    words = told_privately(await stage.ada.click(panel_of(told), label="Open"))
    assert r"\*\*\<\@1\>\*\* \[x\]\(http\://a.b\) \@everyone" in words
    listed = await stage.ada.slash(stage.channel, "gallery")
    assert r"\*\*\<\@1\>\*\* \[x\]" in text_of(panel_of(listed))
