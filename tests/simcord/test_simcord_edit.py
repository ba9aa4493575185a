"""*Edit*: the recipe of a dream as a form, and a new dream on the same photo of who sends it."""

from __future__ import annotations

from typing import Any

import discord
import pytest
from simcord.results import InteractionResult
from simcord_stage import Stage, fields_of, recipe, submit, told_privately
from standins import PHOTO

from bot.drafts import FORGOTTEN
from bot.errors import KEPT_NO_MORE
from bot.job import Job
from bot.views import wording
from bot.views.edit import Edit
from engine.recipe import Recipe

BEFORE = Recipe(of="eyes", octaves=4, size=512, seed=7, likeness=0.25, strengths=(1.0, 0.5))


async def opened(stage: Stage, who: str = "bob", **changes: Any) -> tuple[Job, InteractionResult]:
    """Let somebody press *Edit* on a dream of Ada's."""
    job, message = await with_edit(stage, **changes)
    return job, await getattr(stage, who).click(message, label="Edit")


async def with_edit(stage: Stage, **changes: Any) -> tuple[Job, discord.Message]:
    job, _ = await stage.ended(**{"recipe": BEFORE.to_json(), **changes})
    message = await stage.post(Edit(job.id))
    return stage.change(job.interaction_id, message_id=message.id), message


async def test_the_form_shows_the_recipe(stage: Stage) -> None:
    _, shown = await opened(stage)
    fields = fields_of(shown)
    assert {name: one["value"] for name, one in fields.items() if "value" in one} == {
        "of": "eyes",
        "likeness": "0.25",
        "measures": "4 × 512",
        "seed": "7",
    }
    assert [one["value"] for one in fields["look"]["options"] if one.get("default")] == ["classic"]


async def test_what_is_changed_is_dreamed_on_the_same_photo_by_who_sends_it(stage: Stage) -> None:
    job, shown = await opened(stage, spoiler=True)
    result = await submit(stage.bob, shown, of="dogs", measures="5 × 640")
    (request,) = stage.jobs.accepted
    assert (request.source_hash, request.parent_id, request.person_id) == (PHOTO, job.id, stage.bob.id)
    assert Recipe.from_json(request.recipe) == BEFORE.model_copy(update={"of": "dogs", "octaves": 5, "size": 640})
    assert request.spoiler
    assert not result.ephemeral
    assert result.response is not None
    assert request.message_id == result.response.id != job.message_id


async def test_an_empty_seed_is_another_one(stage: Stage) -> None:
    _, shown = await opened(stage)
    await submit(stage.bob, shown, seed="")
    assert Recipe.from_json(stage.jobs.accepted[0].recipe).seed != 7


async def test_another_look_brings_its_own_defaults_but_for_what_was_typed(stage: Stage) -> None:
    _, shown = await opened(stage)
    await submit(stage.bob, shown, look="natural", likeness="40 %")
    changed = Recipe.from_json(stage.jobs.accepted[0].recipe)
    assert (changed.look, changed.steps, changed.octaves, changed.likeness) == ("natural", 14, 4, 0.4)
    assert (changed.of, changed.size, changed.strengths) == ("eyes", 512, (1.0, 0.5))


async def test_what_derives_from_a_private_dream_is_private(stage: Stage) -> None:
    _, shown = await opened(stage, "ada", private=True)
    result = await submit(stage.ada, shown)
    assert result.ephemeral
    assert stage.jobs.accepted[0].private


async def test_the_guide_and_mask_stay_while_they_are_used(stage: Stage) -> None:
    guided = {"recipe": recipe(of="guide", where="mask"), "guide_hash": "c" * 64, "mask_hash": "d" * 64}
    for typed, guide, mask in (({"likeness": "0.1"}, "c" * 64, "d" * 64), ({"of": "dogs"}, None, "d" * 64)):
        _, shown = await opened(stage, **guided)
        await submit(stage.bob, shown, **typed)
        (request,) = stage.jobs.accepted
        assert (request.guide_hash, request.mask_hash) == (guide, mask)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"of": "dgos"}, "Did you mean dogs"),
        ({"likeness": "much"}, "“much” is no number from 0 to 1"),
        ({"likeness": "1.5"}, "“1.5” is no number from 0 to 1"),
        ({"measures": "many"}, "“many” is not a number of octaves and a size"),
        ({"measures": "5 × 4000"}, "“4000” is no number from 32 to 1024"),
        ({"measures": "50 × 400"}, "“50” is no number from 1 to 12"),
        ({"seed": "-1"}, "“-1” is no number from 0 to 4294967295"),
    ],
)
async def test_a_slip_is_said_and_the_form_offered_again_with_nothing_lost(
    stage: Stage, typed: dict[str, str], said: str
) -> None:
    job, shown = await opened(stage)
    refused = await submit(stage.bob, shown, look="natural", **typed)
    assert said in told_privately(refused)
    assert stage.jobs.accepted == []
    assert refused.response is not None
    again = await stage.bob.click(refused.response, label="Edit again")
    fields = fields_of(again)
    for name, text in typed.items():
        assert fields[name]["value"] == text
    assert [one["value"] for one in fields["look"]["options"] if one.get("default")] == ["natural"]
    mended = {"of": "dogs", "likeness": "0.5", "measures": "3 × 256", "seed": "9"}
    await submit(stage.bob, again, **mended)
    (request,) = stage.jobs.accepted
    assert (request.source_hash, request.parent_id) == (PHOTO, job.id)
    changed = Recipe.from_json(request.recipe)
    assert (changed.of, changed.look, changed.likeness) == ("dogs", "natural", 0.5)
    assert (changed.octaves, changed.size, changed.seed) == (3, 256, 9)


async def test_a_form_that_was_open_over_a_restart_works(stage: Stage) -> None:
    job, shown = await opened(stage)
    await stage.restart()
    await submit(stage.bob, shown, of="dogs")
    assert [one.parent_id for one in stage.jobs.accepted] == [job.id]


async def test_what_was_typed_with_a_slip_is_said_to_be_gone_after_a_restart(stage: Stage) -> None:
    _, shown = await opened(stage)
    refused = await submit(stage.bob, shown, seed="x")
    await stage.restart()
    assert refused.response is not None
    assert told_privately(await stage.bob.click(refused.response, label="Edit again")) == FORGOTTEN


async def test_a_form_for_another_messages_job_does_nothing(stage: Stage) -> None:
    job, shown = await opened(stage)
    stage.change(job.interaction_id, message_id=4711)
    assert told_privately(await submit(stage.bob, shown)) == wording.NO_SUCH_JOB
    assert stage.jobs.accepted == []


async def test_a_photo_that_is_gone_is_said_to_be(stage: Stage) -> None:
    job, message = await with_edit(stage)
    stage.change(job.interaction_id, source_hash=None)
    assert told_privately(await stage.bob.click(message, label="Edit")) == KEPT_NO_MORE
