"""Suggestions that cannot be made are not made, and the log knows why."""

from __future__ import annotations

from typing import Any

import discord
import pytest
from discord import app_commands
from simcord_stage import Stage
from test_simcord_trouble import SECRET

from bot.views.completing import Suggest, choice, completing

Interaction = discord.Interaction[Any]


async def suggested(stage: Stage, suggest: Suggest) -> list[Any]:
    """Return what Ada is suggested for an option of a command."""

    @app_commands.command(name="pick", description="Pick one")
    @app_commands.autocomplete(one=completing(suggest))
    async def pick(interaction: Interaction, one: str) -> None: ...

    stage.client.tree.add_command(pick)
    await stage.client.tree.sync()
    return list(await stage.ada.autocomplete(stage.channel, "pick", "one", "x"))


async def test_what_raises_suggests_nothing_and_is_noted(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    async def fails(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        raise RuntimeError(SECRET)

    assert await suggested(stage, fails) == []
    (noted,) = [one for one in caplog.records if "reference" in one.getMessage()]
    assert noted.exc_info is not None
    assert SECRET in str(noted.exc_info[1])


async def test_no_more_is_suggested_than_discord_takes(stage: Stage) -> None:
    async def floods(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return [choice(f"{number} " + "long " * 40, str(number)) for number in range(40)]

    shown = await suggested(stage, floods)
    assert len(shown) == 25
    assert all(len(one["name"]) == 100 for one in shown)
