"""Several dreams in one message: where they stand, all of them, one of them; and dreams that only one person sees."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import discord
from simcord_stage import Stage, recipe, text_of, told_privately
from standins import DREAM, PHOTO, PNG

from bot.job import OUTCOMES, Job, Shown, State
from bot.jobs.messenger import Standing, Told
from bot.language import ENGLISH, language_of
from bot.views import wording
from bot.views.layouts import pick_menu
from engine.recipe import Recipe

SENTENCE = "This picture is too large."


async def four(stage: Stage, *states: State) -> list[Job]:
    """Let Ada press *Vary ×4*; returns the jobs, brought to ``states``."""
    _, message = await stage.ended(recipe=recipe(seed=5))
    stage.jobs.pictures |= {DREAM: PNG, PHOTO: PNG}
    await stage.ada.click(message, label="Vary ×4")
    ids = [one.id for one in stage.jobs.known.values() if one.interaction_id == stage.jobs.accepted[0].interaction_id]
    for id_, state in zip(ids, states, strict=False):
        outcome: dict[str, Any] = {"state": state, "finished_at": datetime.now(UTC) if state in OUTCOMES else None}
        if state is State.DREAMED:
            outcome |= {"result_hash": DREAM, "seconds": 2.0, "source_hash": PHOTO}
        if state is State.FAILED:
            outcome["failure"] = SENTENCE
        stage.jobs.known[id_] = replace(stage.jobs.known[id_], **outcome)
    return [stage.jobs.known[id_] for id_ in ids]


async def told(stage: Stage, *states: State) -> tuple[list[Job], discord.Message]:
    """Have four dreams end as ``states`` and told; returns them and their message."""
    jobs = await four(stage, *states)
    pictures = [PNG if job.state is State.DREAMED else None for job in jobs]
    assert await stage.replies.tell(jobs, pictures) is Told.DONE
    return jobs, stage.message(jobs[0])


def labels(stage: Stage, message: discord.Message) -> list[str]:
    return [one["label"] for one in stage.seen(message) if one["type"] == 2]


def pictures(stage: Stage, message: discord.Message) -> list[dict[str, Any]]:
    return [item for one in stage.seen(message) if one["type"] == 12 for item in one["items"]]


def menu(stage: Stage, message: discord.Message) -> list[str]:
    return [option["value"] for one in stage.seen(message) if one["type"] == 3 for option in one["options"]]


ALL_DREAMED = (State.DREAMED,) * 4


async def test_vary_asks_for_four_dreams_of_the_photo_in_one_new_message(stage: Stage) -> None:
    jobs = await four(stage)
    assert len({job.message_id for job in jobs}) == 1
    assert [job.place for job in jobs] == [0, 1, 2, 3]
    assert {(job.source_hash, job.person_id) for job in jobs} == {(PHOTO, stage.ada.id)}
    seeds = {Recipe.from_json(job.recipe).seed for job in jobs}
    assert len(seeds) == 4
    assert 5 not in seeds


async def test_while_they_are_dreamed_the_message_says_where_each_stands(stage: Stage) -> None:
    jobs = await four(stage, State.DREAMED, State.FAILED, State.RUNNING, State.QUEUED)
    now = [
        Standing(jobs[0], octave=2, preview=PNG),
        Standing(jobs[1]),
        Standing(jobs[2], octave=1, octaves=5, preview=PNG),
        Standing(jobs[3], position=1),
    ]
    assert await stage.replies.show(now) is Told.DONE
    message = stage.message(jobs[0])
    said = text_of(message)
    for words in ("1 of 4 dreamed", "1. dreamed", f"2. no dream: {SENTENCE}", "3. octave 1 of 5", "4. position 1"):
        assert words in said
    assert len(pictures(stage, message)) == 2
    assert labels(stage, message) == ["Cancel", "Show"]


async def test_cancel_ends_all_that_are_not_over(stage: Stage) -> None:
    jobs = await four(stage, State.DREAMED, State.RUNNING, State.QUEUED, State.QUEUED)
    await stage.replies.show([Standing(job) for job in jobs])
    await stage.ada.click(stage.message(jobs[0]), label="Cancel")
    assert stage.jobs.cancelled == [job.id for job in jobs[1:]]


async def test_all_dreams_are_shown_together_with_a_menu(stage: Stage) -> None:
    jobs, message = await told(stage, *ALL_DREAMED)
    assert [one["description"] for one in pictures(stage, message)]
    assert len(pictures(stage, message)) == 4
    assert f"4 dreams for <@{stage.ada.id}>** · 8 s" in text_of(message)
    assert menu(stage, message) == [str(job.id) for job in jobs]
    assert labels(stage, message) == ["Delete"]


async def test_what_failed_among_several_says_why(stage: Stage) -> None:
    jobs, message = await told(stage, State.FAILED, State.DREAMED, State.DREAMED, State.CANCELLED)
    assert f"1. no dream: {SENTENCE}" in text_of(message)
    assert "4. cancelled" in text_of(message)
    assert menu(stage, message) == [str(job.id) for job in jobs[1:3]]


async def test_the_only_one_that_was_dreamed_has_all_its_buttons(stage: Stage) -> None:
    _, message = await told(stage, State.FAILED, State.FAILED, State.DREAMED, State.FAILED)
    assert labels(stage, message) == [
        "Deeper",
        "Again",
        "Vary ×4",
        "Edit",
        "Save preset",
        "Original",
        "Zoom film",
        "Add to gallery",
        "Delete",
    ]
    assert menu(stage, message) == []
    assert f"4. no dream: {SENTENCE}" in text_of(message)


async def test_where_none_was_dreamed_each_says_why(stage: Stage) -> None:
    _, message = await told(stage, *[State.FAILED] * 4)
    assert text_of(message).count(SENTENCE) == 4
    assert labels(stage, message) == ["Delete"]


async def test_the_dreamer_picks_one_and_goes_back_to_all(stage: Stage) -> None:
    jobs, message = await told(stage, *ALL_DREAMED)
    await stage.ada.select(message, [str(jobs[2].id)])
    message = stage.message(jobs[0])
    assert [one["media"]["url"].rpartition("/")[2] for one in pictures(stage, message)] == [f"dream-{jobs[2].id}.png"]
    assert labels(stage, message) == [
        "Deeper",
        "Again",
        "Vary ×4",
        "Edit",
        "Save preset",
        "Original",
        "Zoom film",
        "Add to gallery",
        "Delete",
    ]
    stage.jobs.accepted.clear()
    await stage.ada.click(message, label="Deeper")
    assert [request.parent_id for request in stage.jobs.accepted] == [jobs[2].id]
    await stage.ada.select(message, ["all"])
    assert len(pictures(stage, stage.message(jobs[0]))) == 4


async def test_who_picks_from_somebody_elses_dreams_sees_it_alone(stage: Stage) -> None:
    jobs, message = await told(stage, *ALL_DREAMED)
    result = await stage.bob.select(message, [str(jobs[1].id)])
    (answer,) = [one for one in (result.response, *result.followups) if one is not None and one.attachments]
    assert answer.ephemeral
    assert [one.filename for one in answer.attachments] == [f"dream-{jobs[1].id}.png"]
    assert len(pictures(stage, stage.message(jobs[0]))) == 4


async def test_a_menu_in_another_message_is_not_acted_on(stage: Stage) -> None:
    jobs, _ = await told(stage, *ALL_DREAMED)
    message = await stage.post(pick_menu(language_of(ENGLISH), jobs[0], jobs, None))
    result = await stage.bob.select(message, [str(jobs[1].id)])
    assert told_privately(result) == wording.NO_SUCH_JOB


async def test_delete_removes_all(stage: Stage) -> None:
    jobs, message = await told(stage, *ALL_DREAMED)
    await stage.ada.click(message, label="Delete")
    assert stage.jobs.removed == [jobs[0].id]
    assert message.id not in {one.id for one in stage.channel.history()}


async def test_spoilers_stay_hidden(stage: Stage) -> None:
    job, message = await stage.ended(spoiler=True)
    (picture,) = pictures(stage, message)
    assert picture["spoiler"] is True
    assert picture["media"]["url"].endswith(f"/SPOILER_dream-{job.id}.png")


async def a_private_dream(stage: Stage) -> tuple[Job, discord.Message]:
    """Have Ada dream again in a message that only she sees; returns the job and the message."""
    kept, _ = await stage.ended(shown=Shown.KEPT)
    stage.jobs.pictures |= {DREAM: PNG, PHOTO: PNG}
    panel = await stage.ada.slash(stage.channel, "queue")
    assert panel.response is not None
    (handed_over,) = (await stage.ada.click(panel.response, label="Show")).followups
    await stage.ada.click(handed_over, label="Again")
    (request,) = stage.jobs.accepted
    assert request.private, "what is begun where nobody else sees it stays there"
    assert request.parent_id == kept.id
    job = stage.change(
        request.interaction_id,
        state=State.DREAMED,
        result_hash=DREAM,
        source_hash=PHOTO,
        seconds=1.0,
        finished_at=datetime.now(UTC),
    )
    assert await stage.replies.tell([job], [PNG]) is Told.DONE
    message = next(one for one in stage.channel.history(viewer=stage.ada) if one.id == job.message_id)
    assert message.id not in {one.id for one in stage.channel.history()}
    return job, message


async def test_a_private_dream_is_posted_by_its_dreamer_and_its_buttons_go_with_it(stage: Stage) -> None:
    job, message = await a_private_dream(stage)
    assert labels(stage, message) == [
        "Deeper",
        "Again",
        "Vary ×4",
        "Edit",
        "Save preset",
        "Original",
        "Zoom film",
        "Post it",
        "Add to gallery",
        "Delete",
    ]
    result = await stage.ada.click(message, label="Post it")
    (posted,) = result.followups
    assert not posted.ephemeral
    public = stage.message(stage.jobs.known[job.id])
    assert public.id == posted.id
    assert labels(stage, public) == [
        "Deeper",
        "Again",
        "Vary ×4",
        "Edit",
        "Save preset",
        "Original",
        "Zoom film",
        "Add to gallery",
        "Delete",
    ]
    assert len(pictures(stage, public)) == 1
    stage.jobs.accepted.clear()
    await stage.bob.click(public, label="Again")
    assert [request.private for request in stage.jobs.accepted] == [False]
    (note,) = [one for one in stage.channel.history(viewer=stage.ada) if one.id == message.id]
    assert text_of(note) == f"**Posted**: {wording.address(stage.guild.id, stage.channel.id, posted.id)}"
    assert labels(stage, note) == []


async def test_a_private_dream_whose_token_is_dead_is_kept_and_never_posted(stage: Stage) -> None:
    job, _ = await a_private_dream(stage)
    before = len(stage.channel.history())
    dead = replace(job, token="over", token_expires_at=datetime.now(UTC))
    assert await stage.replies.tell([dead], [PNG]) is Told.BARRED
    assert len(stage.channel.history()) == before
