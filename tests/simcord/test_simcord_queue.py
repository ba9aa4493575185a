"""/queue, /cancel and *Show*: everybody finds their own dreams, moderators their server's, and nobody anything else."""

from __future__ import annotations

from datetime import UTC, datetime

import discord
import pytest
from simcord_stage import Stage, text_of, told_privately
from standins import DREAM, PHOTO, PNG

from bot.job import Job, Shown, State
from bot.jobs.messenger import Standing
from bot.language import ENGLISH, language_of
from bot.views import wording
from bot.views.buttons import show_button
from bot.views.panel import CancelAny, CancelMine, ShowMine


async def waiting(stage: Stage, position: int = 1) -> Job:
    """Let Ada ask for a dream that waits."""
    await stage.dream()
    job = stage.change(stage.jobs.accepted[-1].interaction_id, state=State.QUEUED, source_hash=PHOTO)
    stage.jobs.standing[job.id] = Standing(job, position=position, eta_s=20.0)
    await stage.show(job, position=position, eta_s=20.0)
    return job


def private(stage: Stage, message_id: int) -> discord.Message:
    """Return a message as Ada sees it now."""
    return next(one for one in stage.channel.history(viewer=stage.ada) if one.id == message_id)


async def kept(stage: Stage, **changes: object) -> Job:
    """Let a dream of Ada's end where the chat could not show it."""
    job = await waiting(stage)
    given = {"state": State.DREAMED, "result_hash": DREAM, "seconds": 8.0, "finished_at": datetime.now(UTC)}
    stage.jobs.pictures[DREAM] = PNG
    return stage.change(job.interaction_id, **{**given, "shown": Shown.KEPT, **changes})


async def test_the_queue_shows_ones_own_dreams_and_where_they_stand(stage: Stage) -> None:
    first, second = await waiting(stage), await waiting(stage, 2)
    panel = await stage.ada.slash(stage.channel, "queue")
    assert panel.ephemeral
    assert panel.response is not None
    words = text_of(panel.response)
    assert "2 under way" in words
    for job, position in ((first, 1), (second, 2)):
        assert f"position {position}, about 20 s" in words
        assert f"/{stage.guild.id}/{stage.channel.id}/{job.message_id}" in words, "a way to its message"
    others = await stage.bob.slash(stage.channel, "queue")
    assert others.response is not None
    assert "no dream under way" in text_of(others.response)


async def test_a_dream_is_cancelled_from_the_panel_which_then_says_so(stage: Stage) -> None:
    job = await waiting(stage)
    panel = await stage.ada.slash(stage.channel, "queue")
    assert panel.response is not None
    await stage.ada.click(panel.response, label="Cancel")
    assert stage.jobs.cancelled == [job.id]
    assert "no dream under way" in text_of(private(stage, panel.response.id))


@pytest.mark.parametrize("button", [CancelMine, ShowMine])
async def test_a_forged_button_does_nothing_with_somebody_elses_dream(
    stage: Stage, button: type[CancelMine] | type[ShowMine]
) -> None:
    job = await kept(stage) if button is ShowMine else await waiting(stage)
    message = await stage.post(button(job.id))
    result = await stage.bob.click(message, custom_id=button(job.id).item.custom_id)
    assert told_privately(result) == wording.NO_SUCH_JOB
    assert stage.jobs.cancelled == []


async def test_a_moderator_sees_and_ends_the_servers_dreams(stage: Stage) -> None:
    job = await waiting(stage)
    panel = await stage.mod.slash(stage.channel, "queue")
    assert panel.response is not None
    assert f"<@{stage.ada.id}>" in text_of(panel.response)
    await stage.mod.select(panel.response, values=[str(job.id)], custom_id="oneiros:moderate:all")
    assert stage.jobs.cancelled == [job.id]


async def test_a_forged_choice_of_a_member_ends_nothing(stage: Stage) -> None:
    job = await waiting(stage)
    message = await stage.post(CancelAny([Standing(job, position=1)]))
    result = await stage.bob.select(message, values=[str(job.id)], custom_id="oneiros:moderate:all")
    assert told_privately(result) == wording.NOT_YOURS_TO_CANCEL
    assert stage.jobs.cancelled == []


async def test_another_servers_dream_is_not_a_moderators_to_end(stage: Stage) -> None:
    job = await waiting(stage)
    stage.change(job.interaction_id, guild_id=1)
    message = await stage.post(CancelAny([Standing(job, position=1)]))
    result = await stage.mod.select(message, values=[str(job.id)], custom_id="oneiros:moderate:all")
    assert told_privately(result) == wording.NOT_YOURS_TO_CANCEL


async def test_cancel_ends_the_only_dream_at_once(stage: Stage) -> None:
    assert told_privately(await stage.ada.slash(stage.channel, "cancel")) == wording.NOTHING_TO_CANCEL
    job = await waiting(stage)
    result = await stage.ada.slash(stage.channel, "cancel")
    assert told_privately(result).startswith("Cancelled: ")
    assert stage.jobs.cancelled == [job.id]


async def test_cancel_lets_one_choose_among_several(stage: Stage) -> None:
    first, _ = await waiting(stage), await waiting(stage, 2)
    result = await stage.ada.slash(stage.channel, "cancel")
    assert result.ephemeral
    assert stage.jobs.cancelled == []
    assert result.response is not None
    await stage.ada.click(result.response, custom_id=CancelMine(first.id).item.custom_id)
    assert stage.jobs.cancelled == [first.id]


async def test_what_was_kept_is_handed_over_and_then_no_longer_listed(stage: Stage) -> None:
    job = await kept(stage)
    panel = await stage.ada.slash(stage.channel, "queue")
    assert panel.response is not None
    assert wording.KEPT_HEADING in text_of(panel.response)
    result = await stage.ada.click(panel.response, label="Show")
    (picture,) = result.followups
    assert picture.ephemeral
    assert "A dream for" in text_of(picture)
    assert stage.jobs.known[job.id].shown is Shown.POSTED
    assert wording.KEPT_HEADING not in text_of(private(stage, panel.response.id))


async def test_show_says_privately_where_a_dream_stands(stage: Stage) -> None:
    job = await waiting(stage)
    result = await stage.bob.click(stage.message(job), label="Show")
    assert "position 1 · about 20 s" in told_privately(result)


async def test_show_puts_an_outcome_that_was_kept_into_its_message(stage: Stage) -> None:
    job = await kept(stage)
    await stage.ada.click(stage.message(job), label="Show")
    message = stage.message(job)
    assert "A dream for" in text_of(message)
    assert stage.jobs.known[job.id].shown is Shown.POSTED


async def test_a_show_button_of_another_message_is_not_acted_on(stage: Stage) -> None:
    job = await kept(stage)
    message = await stage.post(show_button(job.id, language_of(ENGLISH)))
    result = await stage.ada.click(message, label="Show")
    assert told_privately(result) == wording.NO_SUCH_JOB


async def test_a_long_queue_stays_within_what_a_message_takes(stage: Stage) -> None:
    for position in range(1, 31):
        await waiting(stage, position)
    panel = await stage.mod.slash(stage.channel, "queue")
    assert panel.response is not None
    assert "and 18 more" in text_of(panel.response)
    own = await stage.ada.slash(stage.channel, "queue")
    assert own.response is not None
    assert isinstance(own.response.components[0], discord.Component | dict)
