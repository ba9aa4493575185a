"""What came as a spoiler is uncovered by a press and by nothing else, in whatever is made of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from simcord.results import ResponseMessage
from simcord_stage import Json, Stage, submit, walk
from standins import DREAM, PHOTO, PNG

from bot.job import Shown, State


def pictures(message: Any) -> list[Json]:
    """Return the pictures that a message shows, each with whether it is hidden."""
    parts = [one if isinstance(one, dict) else dict(one.to_dict()) for one in message.components]
    return [item for one in walk(parts) for item in one.get("items", [])]


def hidden(message: Any) -> bool:
    """Tell whether all pictures of a message are hidden, in the layout and as files."""
    names = [item["media"]["url"].partition("?")[0].rpartition("/")[2] for item in pictures(message)]
    return (
        bool(names) and all(item["spoiler"] for item in pictures(message)) and all("SPOILER_" in one for one in names)
    )


@pytest.mark.parametrize("label", ["Deeper", "Again", "Vary ×4"])
async def test_what_is_dreamed_of_it_is_one(stage: Stage, label: str) -> None:
    _, message = await stage.ended(spoiler=True)
    await stage.bob.click(message, label=label)
    assert {one.spoiler for one in stage.jobs.accepted} == {True}


async def test_what_is_edited_of_it_is_one(stage: Stage) -> None:
    _, message = await stage.ended(spoiler=True)
    await submit(stage.bob, await stage.bob.click(message, label="Edit"), of="temples")
    assert {one.spoiler for one in stage.jobs.accepted} == {True}


async def test_show_puts_it_there_hidden(stage: Stage) -> None:
    await stage.dream()
    job = stage.change(stage.jobs.accepted[-1].interaction_id, state=State.QUEUED, spoiler=True)
    await stage.show(job, position=1)
    stage.jobs.pictures[DREAM] = PNG
    ended = {"state": State.DREAMED, "result_hash": DREAM, "finished_at": datetime.now(UTC), "seconds": 1.0}
    stage.change(job.interaction_id, shown=Shown.KEPT, **ended)
    await stage.bob.click(stage.message(job), label="Show")
    assert hidden(stage.message(job))


async def test_the_queue_hands_it_over_hidden_and_post_it_posts_it_hidden(stage: Stage) -> None:
    job, _ = await stage.ended(spoiler=True)
    stage.jobs.pictures |= {PHOTO: PNG, DREAM: PNG}
    stage.change(job.interaction_id, spoiler=True, private=True, shown=Shown.KEPT)
    panel = await stage.ada.slash(stage.channel, "queue")
    assert isinstance(panel.response, ResponseMessage)
    handed_over = (await stage.ada.click(panel.response, label="Show")).followups[-1]
    assert hidden(handed_over)
    posted = (await stage.ada.click(handed_over, label="Post it")).followups[-1]
    assert not posted.ephemeral
    assert hidden(posted)
