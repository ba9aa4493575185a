"""*Dream this*, in a message's menu: its pictures, each a dream, all in one message."""

from __future__ import annotations

import discord
import pytest
from simcord.results import InteractionResult
from simcord_stage import Stage, told_privately
from standins import PNG

from bot.job import State
from engine.recipe import Recipe

COMMAND = "Dream this"


async def dream_on(stage: Stage, *files: str, text: str = "look", data: bytes = PNG) -> InteractionResult:
    """Let Bob post files, and Ada choose *Dream this* in his message's menu."""
    message = await stage.bob.send(stage.channel, text, attachments=[(name, data) for name in files])
    return await stage.ada.context_menu(stage.channel, COMMAND, message)


async def test_a_picture_of_somebody_elses_message_is_dreamed_on(stage: Stage) -> None:
    result = await dream_on(stage, "cup.png")
    (request,) = stage.jobs.accepted
    assert (request.source_url or "").endswith("/cup.png")
    assert request.person_id == stage.ada.id
    assert request.message_id == (result.response.id if result.response else None)
    recipe = Recipe.from_json(request.recipe)
    assert recipe == Recipe(size=stage.client.settings.dream_size, seed=recipe.seed)


async def test_several_pictures_are_several_dreams_in_one_message(stage: Stage) -> None:
    result = await dream_on(stage, "a.png", "notes.txt", "SPOILER_b.png", "c.webp")
    assert result.followups == []
    assert [(one.source_url or "").rpartition("/")[2] for one in stage.jobs.accepted] == [
        "a.png", "SPOILER_b.png", "c.webp",
    ]  # fmt: skip
    assert [one.spoiler for one in stage.jobs.accepted] == [False, True, False]
    assert len({one.message_id for one in stage.jobs.accepted}) == 1
    assert len({Recipe.from_json(one.recipe).seed for one in stage.jobs.accepted}) == 3


async def test_no_more_are_begun_than_the_person_may_have_waiting_and_that_is_said(stage: Stage) -> None:
    await stage.dream()
    stage.change(stage.jobs.accepted.pop().interaction_id, state=State.QUEUED)
    result = await dream_on(stage, *(f"{number}.png" for number in range(6)))
    assert len(stage.jobs.accepted) == 4  # of the five that one person may have waiting
    assert "first 4 of the 6 pictures" in told_privately(result)


@pytest.mark.parametrize("files", [(), ("notes.txt",)])
async def test_a_message_without_a_picture_is_told_apart(stage: Stage, files: tuple[str, ...]) -> None:
    result = await dream_on(stage, *files)
    assert "no picture of its own" in told_privately(result)
    assert stage.jobs.accepted == []


async def test_a_picture_that_is_too_large_is_refused_privately(stage: Stage) -> None:
    result = await dream_on(stage, "cup.png", data=PNG + bytes(1024 * 1024))
    assert "MiB" in told_privately(result)
    assert stage.jobs.accepted == []


async def test_a_dream_of_the_bots_is_dreamed_on(stage: Stage) -> None:
    _, message = await stage.ended()
    await stage.ada.context_menu(stage.channel, COMMAND, message)
    (request,) = stage.jobs.accepted
    assert "dream-" in (request.source_url or "")


async def test_the_menu_is_registered_for_every_place(stage: Stage) -> None:
    (registered,) = (one.json for one in stage.env.http_requests if one.method == "PUT")
    (menu,) = (one for one in registered if one["name"] == COMMAND)
    assert (menu["type"], menu["contexts"]) == (discord.AppCommandType.message.value, [0, 1, 2])
