"""What a job's message shows, from the first position to the outcome, within what Discord takes."""

from __future__ import annotations

import inspect

import pytest
from simcord_stage import BUTTON, GALLERY, Stage, recipe, text_of
from standins import DREAM, PHOTO, PNG, PlainDecoder, RecordingJobs

from bot.errors import KEPT_NO_MORE
from bot.intake.decoder import Decoder
from bot.job import Job, State
from bot.jobs.messenger import Told
from bot.jobs.service import Jobs
from bot.views import wording
from engine import catalogue

MAX_COMPONENTS, MAX_ALT, MAX_TEXT = 40, 1024, 4000


def test_the_stand_ins_have_the_interface_of_what_they_stand_for() -> None:
    public = {name for name, _ in inspect.getmembers(Jobs, inspect.isfunction) if not name.startswith("_")}
    assert public <= set(dir(RecordingJobs))
    for stand_in, real, names in ((RecordingJobs, Jobs, public), (PlainDecoder, Decoder, {"fit", "likeness"})):
        for name in names:
            assert inspect.signature(getattr(stand_in, name)) == inspect.signature(getattr(real, name)), name


async def test_thinking_becomes_a_place_in_the_queue_then_previews_then_the_dream(stage: Stage) -> None:
    result = await stage.dream()
    (request,) = stage.jobs.accepted
    job = stage.change(request.interaction_id)
    assert result.response is not None

    assert await stage.show(job) is Told.DONE
    assert text_of(stage.message(job)) == "**Dreaming…** fetching your picture"
    job = stage.change(request.interaction_id, state=State.QUEUED, source_hash=PHOTO)
    await stage.show(job, position=2, eta_s=20.0)
    assert text_of(stage.message(job)) == "**Dreaming…** position 2 · about 20 s"
    assert labels(stage, job) == ["Cancel", "Show"]
    assert pictures(stage, job) == []

    job = stage.change(request.interaction_id, state=State.RUNNING)
    shown = []
    for octave in (1, 2):
        await stage.show(job, octave=octave, octaves=5, fraction=octave / 5, eta_s=9.0, preview=PNG)
        assert f"octave {octave} of 5 · about 9 s left" in text_of(stage.message(job))
        assert labels(stage, job) == ["Cancel", "Show"]
        shown += pictures(stage, job)
    assert len(set(shown)) == 2, "each octave's preview is a file of its own"

    job = stage.change(request.interaction_id, state=State.DREAMED, result_hash=DREAM, seconds=8.0)
    assert await stage.replies.tell([job], [PNG]) is Told.DONE
    message = stage.message(job)
    assert message.id == result.response.id, "all in one message"
    assert f"A dream for <@{stage.ada.id}>** · 8 s" in text_of(message)
    assert "seed" in text_of(message)
    (picture,) = pictures(stage, job)
    assert picture.endswith(f"/dream-{job.id}.png")
    assert len(stage.channel.history()) == 1


@pytest.mark.parametrize("note", [None, "This picture moves: I took its first frame."])
async def test_what_the_intake_had_to_say_stands_under_the_dream(stage: Stage, note: str | None) -> None:
    _, message = await stage.ended(note=note)
    assert (note in text_of(message)) if note else text_of(message).count("-#") == 1


@pytest.mark.parametrize(
    ("state", "failure", "said"),
    [
        (State.CANCELLED, None, wording.CANCELLED),
        (State.FAILED, "This picture is too large.", "**No dream this time.** This picture is too large."),
        (State.FAILED, None, wording.FAILED.format(sentence=KEPT_NO_MORE)),
    ],
)
async def test_an_end_without_a_picture_says_why_and_a_failure_can_be_removed(
    stage: Stage, state: State, failure: str | None, said: str
) -> None:
    job, message = await stage.ended(state, failure=failure)
    assert text_of(message) == said
    assert labels(stage, job) == (["Delete"] if state is State.FAILED else [])
    assert pictures(stage, job) == []


async def test_a_dream_whose_preview_was_shown_loses_it_when_it_is_cancelled(stage: Stage) -> None:
    await stage.dream()
    job = stage.change(stage.jobs.accepted[0].interaction_id, state=State.RUNNING)
    await stage.show(job, octave=1, octaves=5, fraction=0.2, preview=PNG)
    assert len(pictures(stage, job)) == 1
    job = stage.change(job.interaction_id, state=State.CANCELLED)
    assert await stage.replies.tell([job], [None]) is Told.DONE
    assert pictures(stage, job) == []
    assert stage.message(job).attachments == []


async def test_an_old_job_is_told_by_the_bots_own_right(stage: Stage) -> None:
    await stage.dream()
    job = stage.change(stage.jobs.accepted[0].interaction_id, state=State.CANCELLED, token=None)
    assert await stage.replies.tell([job], [None]) is Told.DONE
    assert text_of(stage.message(job)) == wording.CANCELLED
    assert stage.env.http_requests[-1].path == f"/channels/{job.channel_id}/messages/{job.message_id}"


async def test_a_removed_message_is_an_answer(stage: Stage) -> None:
    await stage.dream()
    job = stage.change(stage.jobs.accepted[0].interaction_id, state=State.CANCELLED)
    await stage.mod.delete(stage.message(job))
    assert await stage.replies.tell([job], [None]) is Told.GONE
    assert stage.channel.history() == [], "and nothing is posted instead"


@pytest.mark.parametrize("network", list(catalogue.networks()))
async def test_the_longest_recipes_stay_within_discords_limits(stage: Stage, network: str) -> None:
    layers = sorted(catalogue.network(network).layers, key=len)[-4:]
    of = " - ".join(f"0.{number}23 layer {layer}" for number, layer in enumerate(layers, 1))
    long = recipe(network=network, of=of, octaves=12, octave_scale=2.123456789, step_size=0.123456789, seed=2**32 - 1)
    job, message = await stage.ended(recipe=long, note="n" * 500, seconds=1e7)
    seen = stage.seen(message)
    assert len(seen) <= MAX_COMPONENTS
    assert 0 < len(text_of(message)) <= MAX_TEXT
    (gallery,) = (one for one in seen if one["type"] == GALLERY)
    assert 0 < len(gallery["items"][0]["description"]) <= MAX_ALT
    assert all(len(one["custom_id"]) <= 100 for one in seen if one["type"] == BUTTON)
    assert labels(stage, job)


def labels(stage: Stage, job: Job) -> list[str]:
    return [one["label"] for one in stage.seen(stage.message(job)) if one["type"] == BUTTON]


def pictures(stage: Stage, job: Job) -> list[str]:
    """Return the addresses of the pictures that the message shows."""
    galleries = (one for one in stage.seen(stage.message(job)) if one["type"] == GALLERY)
    return [item["media"]["url"] for one in galleries for item in one["items"]]
