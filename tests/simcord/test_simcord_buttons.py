"""What each button does, for whom, and that a forged one does nothing."""

from __future__ import annotations

import discord
import pytest
from simcord_stage import Stage, recipe, text_of, told_privately, walk
from standins import DREAM, PHOTO, PNG

from bot.errors import KEPT_NO_MORE, UserError
from bot.job import State
from bot.views import wording
from bot.views.buttons import BUTTONS, Again, Cancel, Deeper, JobButton
from bot.views.lasting import UNKNOWN_COMPONENT
from bot.views.original import Original
from engine.recipe import Recipe

THE_LARGEST = 10**18 - 1


async def test_a_dream_has_its_buttons(stage: Stage) -> None:
    _, message = await stage.ended()
    labels = [one["label"] for one in stage.seen(message) if "label" in one]
    assert labels == [
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


async def test_deeper_asks_for_a_dream_on_the_dream_for_who_pressed(stage: Stage) -> None:
    job, message = await stage.ended(recipe=recipe(steps=7, seed=5))
    result = await stage.bob.click(message, label="Deeper")
    (request,) = stage.jobs.accepted
    assert (request.source_hash, request.source_url, request.parent_id) == (DREAM, None, job.id)
    assert request.person_id == stage.bob.id
    wanted = Recipe.from_json(request.recipe)
    assert wanted.steps == 7
    assert wanted.seed != 5
    assert result.response is not None
    assert request.message_id == result.response.id != message.id, "the new dream has a message of its own"
    assert not result.ephemeral


async def test_again_asks_for_the_same_photo_with_another_seed(stage: Stage) -> None:
    job, message = await stage.ended(recipe=recipe(seed=5))
    await stage.bob.click(message, label="Again")
    (request,) = stage.jobs.accepted
    assert (request.source_hash, request.parent_id, request.person_id) == (PHOTO, job.id, stage.bob.id)
    assert Recipe.from_json(request.recipe).seed != 5


@pytest.mark.parametrize("spoiler", [False, True])
async def test_original_shows_before_and_after_to_who_asks_only(stage: Stage, spoiler: bool) -> None:
    _, message = await stage.ended(spoiler=spoiler)
    stage.jobs.pictures |= {PHOTO: PNG, DREAM: PNG + b"dreamed"}
    result = await stage.bob.click(message, label="Original")
    assert result.ephemeral
    assert result.response is not None
    assert [await one.read() for one in result.response.attachments] == [PNG, PNG + b"dreamed"]
    (gallery,) = [one for one in walk(result.response.components) if "items" in one]
    assert [one["description"].partition(":")[0] for one in gallery["items"]] == ["Before", "After"]
    assert [one["spoiler"] for one in gallery["items"]] == [spoiler, spoiler]
    assert result.response.id not in {one.id for one in stage.channel.history(viewer=stage.ada)}


async def test_original_of_a_dream_that_is_not_there_shows_the_photo_alone(stage: Stage) -> None:
    job, message = await stage.ended()
    stage.change(job.interaction_id, result_hash=None)
    stage.jobs.pictures[PHOTO] = PNG
    result = await stage.bob.click(message, label="Original")
    assert result.response is not None
    assert [one.filename for one in result.response.attachments] == ["before.png"]


@pytest.mark.parametrize("who", ["ada", "mod"])
async def test_the_dreamer_and_moderators_delete(stage: Stage, who: str) -> None:
    job, message = await stage.ended()
    await getattr(stage, who).click(message, label="Delete")
    assert stage.jobs.removed == [job.id]
    assert stage.channel.history() == []


async def test_a_stranger_does_not_delete(stage: Stage) -> None:
    _, message = await stage.ended()
    assert told_privately(await stage.bob.click(message, label="Delete")) == wording.NOT_YOURS_TO_DELETE
    assert stage.jobs.removed == []
    assert len(stage.channel.history()) == 1


async def test_a_message_that_is_gone_already_is_no_trouble_and_the_pictures_go_too(stage: Stage) -> None:
    job, message = await stage.ended()
    stage.env.inject_error("DELETE", "/webhooks/*/messages/@original", status=404, code=10008)
    result = await stage.ada.click(message, label="Delete")
    assert stage.jobs.removed == [job.id]
    assert result.followups == []


@pytest.mark.parametrize("who", ["ada", "mod"])
async def test_the_dreamer_and_moderators_cancel(stage: Stage, who: str) -> None:
    job, message = await waiting(stage)
    result = await getattr(stage, who).click(message, label="Cancel")
    assert stage.jobs.cancelled == [job]
    assert result.followups == [], "the message itself will show it"


async def test_a_stranger_does_not_cancel(stage: Stage) -> None:
    _, message = await waiting(stage)
    assert told_privately(await stage.bob.click(message, label="Cancel")) == wording.NOT_YOURS_TO_CANCEL
    assert stage.jobs.cancelled == []


async def test_what_has_ended_cannot_be_cancelled_any_more(stage: Stage) -> None:
    job, _ = await stage.ended()
    message = await stage.post(Cancel(job.id))
    stage.change(job.interaction_id, message_id=message.id)
    assert told_privately(await stage.ada.click(message)) == wording.OVER_ALREADY


@pytest.mark.parametrize("button", BUTTONS, ids=lambda button: button.act)
async def test_another_messages_job_is_not_acted_on(stage: Stage, button: type[JobButton]) -> None:
    job, _ = await stage.ended()
    stage.jobs.pictures[PHOTO] = PNG
    forged = await stage.post(button(job.id))
    assert told_privately(await stage.ada.click(forged)) == wording.NO_SUCH_JOB
    nothing_happened(stage)


@pytest.mark.parametrize("id_", [0, 4711, THE_LARGEST])
async def test_an_unknown_job_is_said_to_be_unknown(stage: Stage, id_: int) -> None:
    forged = await stage.post(Deeper(id_))
    assert told_privately(await stage.ada.click(forged)) == wording.NO_SUCH_JOB
    nothing_happened(stage)


@pytest.mark.parametrize("custom_id", ["oneiros:deeper:", "oneiros:deeper:-1", f"oneiros:deeper:{THE_LARGEST}0", "x"])
async def test_a_button_that_is_not_of_this_version_says_so_and_reaches_nothing(stage: Stage, custom_id: str) -> None:
    unknown = await stage.post(discord.ui.Button(label="?", custom_id=custom_id))
    assert told_privately(await stage.ada.click(unknown)) == UNKNOWN_COMPONENT
    nothing_happened(stage)


@pytest.mark.parametrize(
    ("button", "kept", "said"),
    [
        (Deeper, {"result_hash": None, "state": State.RUNNING, "finished_at": None}, wording.NOT_DREAMED_YET),
        (Again, {"source_hash": None}, KEPT_NO_MORE),
        (Original, {"source_hash": None}, KEPT_NO_MORE),
        (Original, {}, KEPT_NO_MORE),  # the row names it, the store has it no more
    ],
)
async def test_a_picture_that_is_gone_is_said_to_be(
    stage: Stage, button: type[JobButton], kept: dict[str, object], said: str
) -> None:
    job, message = await stage.ended()
    stage.change(job.interaction_id, **kept)
    assert told_privately(await stage.ada.click(message, label=button.label)) == said
    nothing_happened(stage)


async def test_buttons_of_a_message_from_before_a_restart_work(stage: Stage) -> None:
    job, message = await stage.ended()
    await stage.restart()
    await stage.bob.click(message, label="Again")
    assert [one.parent_id for one in stage.jobs.accepted] == [job.id]


@pytest.mark.parametrize("in_a_gallery", [True, False])
async def test_who_deletes_what_is_in_a_gallery_is_told_that_it_stays_there(stage: Stage, in_a_gallery: bool) -> None:
    job, message = await stage.ended()
    stage.jobs.in_a_gallery |= {job.id} if in_a_gallery else set()
    told = await stage.ada.click(message, label="Delete")
    assert stage.jobs.removed == [job.id]
    assert [text_of(one) for one in told.followups] == [wording.STAYS_IN_GALLERY] * in_a_gallery


async def test_nobody_is_pinged_by_anything_the_bot_says(stage: Stage) -> None:
    _, message = await stage.ended()
    assert f"<@{stage.ada.id}>" in text_of(message), "the dreamer is named"
    stage.jobs.pictures[PHOTO] = PNG
    for label in ("Deeper", "Original", "Delete"):
        await stage.bob.click(message, label=label)
    await stage.ended(State.FAILED, failure="@everyone: <@1> broke it.")
    stage.jobs.trouble["accept"] = UserError("Wait for <@1>.")
    await stage.bob.click(message, label="Again")
    del stage.jobs.trouble["accept"]
    await stage.ended(token_expires_at=message.created_at)  # edited by the bot's own right
    said = [one.json for one in stage.env.http_requests if speaks(one.path, one.json)]
    assert len(said) == 7
    for body in said:
        mentions = (body.get("data") or body).get("allowed_mentions")
        assert mentions is not None, f"without it, people named in it are pinged: {body}"
        assert mentions["parse"] == []
        assert not mentions.get("users")


def speaks(path: str, body: object) -> bool:
    """Tell whether a request puts words into the chat."""
    if path.endswith("/callback"):
        return isinstance(body, dict) and body["type"] == 4
    return isinstance(body, dict) and ("/webhooks/" in path or "/messages" in path)


def nothing_happened(stage: Stage) -> None:
    assert (stage.jobs.accepted, stage.jobs.removed, stage.jobs.cancelled) == ([], [], [])


async def waiting(stage: Stage) -> tuple[int, discord.Message]:
    """Let Ada's dream wait; returns the job's id and its message."""
    await stage.dream()
    job = stage.change(stage.jobs.accepted.pop().interaction_id, state=State.QUEUED)
    await stage.show(job, position=2, eta_s=20.0)
    return job.id, stage.message(job)
