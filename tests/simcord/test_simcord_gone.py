"""What a button still does when its dream's row is kept no longer, and what it says is gone."""

from __future__ import annotations

from typing import Any

import pytest
from simcord_stage import Stage, fields_of, recipe, submit, text_of, told_privately
from standins import PNG

from bot.job import Job, Shown
from bot.views import wording
from bot.views.buttons import Delete
from engine.recipe import Recipe


async def kept_no_more(stage: Stage, **changes: Any) -> Any:
    """Return the message of a dream of Ada's whose row is gone."""
    job, message = await stage.ended(**changes)
    del stage.jobs.known[job.id]
    return message


@pytest.mark.parametrize("spoiler", [False, True])
async def test_deeper_dreams_on_the_messages_own_picture(stage: Stage, spoiler: bool) -> None:
    message = await kept_no_more(stage, spoiler=spoiler, recipe=recipe(of="temples"))
    result = await stage.bob.click(message, label="Deeper")
    (request,) = stage.jobs.accepted
    assert request.source_url is not None
    assert request.source_url.rpartition("/")[2].startswith("SPOILER_dream-" if spoiler else "dream-")
    assert (request.source_hash, request.parent_id, request.spoiler) == (None, None, spoiler)
    assert (request.person_id, request.private) == (stage.bob.id, False)
    assert Recipe.from_json(request.recipe).of == Recipe().of, "as I dream where nobody says how"
    assert not result.ephemeral


async def test_deeper_dreams_on_the_messages_own_picture_where_only_the_stored_one_is_gone(stage: Stage) -> None:
    job, message = await stage.ended()
    stage.change(job.interaction_id, result_hash=None)
    await stage.ada.click(message, label="Deeper")
    (request,) = stage.jobs.accepted
    assert (request.source_hash, request.parent_id) == (None, job.id), "its age restriction is inherited"
    assert request.source_url is not None


@pytest.mark.parametrize("who", ["ada", "mod"])
async def test_whoever_asked_and_moderators_delete_the_message(stage: Stage, who: str) -> None:
    message = await kept_no_more(stage)
    await getattr(stage, who).click(message, label="Delete")
    assert stage.channel.history() == []
    assert stage.jobs.removed == [], "nothing else is left of it"


async def test_a_stranger_does_not_delete_the_message(stage: Stage) -> None:
    message = await kept_no_more(stage)
    assert told_privately(await stage.bob.click(message, label="Delete")) == wording.NOT_YOURS_TO_DELETE
    assert len(stage.channel.history()) == 1


async def test_a_message_that_nobody_asked_for_is_the_moderators_to_delete(stage: Stage) -> None:
    message = await stage.post(Delete(4711))
    assert told_privately(await stage.ada.click(message)) == wording.NOT_YOURS_TO_DELETE
    await stage.mod.click(message)
    assert stage.channel.history() == []


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("Again", wording.PHOTO_GONE),
        ("Vary ×4", wording.PHOTO_GONE),
        ("Edit", wording.PHOTO_GONE),
        ("Original", wording.PHOTO_GONE),
        ("Save preset", wording.RECIPE_GONE),
    ],
)
async def test_what_needs_more_than_the_message_says_what_is_gone(stage: Stage, label: str, said: str) -> None:
    message = await kept_no_more(stage)
    assert told_privately(await stage.ada.click(message, label=label)) == said
    assert stage.jobs.accepted == []


async def of_the_queue(stage: Stage, **changes: Any) -> tuple[Job, Any]:
    """Return a dream of Ada's that was kept for her, and the private message in which /queue shows it."""
    job, _ = await stage.ended(**changes)
    stage.jobs.pictures[job.result_hash or ""] = PNG
    stage.change(job.interaction_id, shown=Shown.KEPT, **changes)
    panel = await stage.ada.slash(stage.channel, "queue")
    assert panel.response is not None
    return job, (await stage.ada.click(panel.response, label="Show")).followups[-1]


async def test_a_dream_that_the_queue_shows_is_edited_there_and_stays_there(stage: Stage) -> None:
    job, shown = await of_the_queue(stage)
    await submit(stage.ada, await stage.ada.click(shown, label="Edit"), of="temples")
    (request,) = stage.jobs.accepted
    assert (request.parent_id, request.private) == (job.id, True)


async def test_a_dream_that_the_queue_shows_is_saved_as_a_preset(stage: Stage) -> None:
    _, shown = await of_the_queue(stage)
    form = await stage.ada.click(shown, label="Save preset")
    assert "name" in fields_of(form)
    assert "Saved" in text_of((await submit(stage.ada, form, name="Mine")).response)


@pytest.mark.parametrize("label", ["Deeper", "Again", "Vary ×4"])
async def test_what_is_made_of_an_age_restricted_dream_elsewhere_is_for_who_presses_only(
    stage: Stage, label: str
) -> None:
    _, message = await stage.ended(restricted=True)
    result = await stage.bob.click(message, label=label)
    assert {one.private for one in stage.jobs.accepted} == {True}
    assert result.ephemeral


async def test_an_age_restricted_dream_is_not_posted_elsewhere(stage: Stage) -> None:
    job, shown = await of_the_queue(stage, restricted=True, private=True)
    assert told_privately(await stage.ada.click(shown, label="Post it")) == wording.RESTRICTED
    assert stage.jobs.known[job.id].private
