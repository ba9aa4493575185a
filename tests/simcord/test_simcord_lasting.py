"""Whatever raises, and wherever, is told to who acted: where the library would only log it, or not even that."""

from __future__ import annotations

import logging
import re
from typing import Any, Self

import discord
import pytest
from discord import app_commands
from simcord_stage import Stage, told_privately
from test_simcord_trouble import SECRET, assert_noted

from bot.errors import UserError
from bot.views.lasting import Lasting, chosen

Interaction = discord.Interaction[Any]
SENTENCE = "This is what happened, and this is what to do."


class Bell(Lasting[discord.ui.Button[Any]], template=r"oneiros:bell:(?P<raises>found|pressed)"):
    """Raises where its custom_id says."""

    error: Exception

    def __init__(self, raises: str) -> None:
        self.raises = raises
        super().__init__(discord.ui.Button(label="Bell", custom_id=f"oneiros:bell:{raises}"))

    @classmethod
    def found(cls, match: re.Match[str]) -> Self:
        if match["raises"] == "found":
            raise cls.error
        return cls(match["raises"])

    async def pressed(self, interaction: Interaction) -> None:
        raise self.error


class Menu(Lasting[discord.ui.Select[Any]], template=r"oneiros:menu"):
    """Says what was chosen."""

    def __init__(self) -> None:
        options = [discord.SelectOption(label="one")]
        super().__init__(discord.ui.Select(custom_id="oneiros:menu", min_values=0, options=options))

    @classmethod
    def found(cls, match: re.Match[str]) -> Self:
        return cls()

    async def pressed(self, interaction: Interaction) -> None:
        await interaction.response.send_message(chosen(self.item), ephemeral=True)


class Picky(app_commands.Transformer):
    """Takes nothing."""

    async def transform(self, interaction: Interaction, value: Any) -> Any:
        raise Bell.error


@pytest.fixture(params=[RuntimeError(SECRET), UserError(SENTENCE)], ids=["unforeseen", "ours"])
def error(request: pytest.FixtureRequest, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Exception:
    """What is raised; the stage knows that it is asked for."""
    raised: Exception = request.param
    stage.jobs.trouble["nothing of theirs"] = raised
    monkeypatch.setattr(Bell, "error", raised, raising=False)
    return raised


def assert_told(said: str, error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    if isinstance(error, UserError):
        assert said == SENTENCE
    else:
        caplog.handler.records = [one for one in caplog.records if one.name.startswith("bot.")]
        assert_noted(said, caplog)


@pytest.mark.parametrize("where", ["found", "pressed"])
async def test_a_component_that_raises(
    stage: Stage, where: str, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    stage.client.add_items(Bell)
    with caplog.at_level(logging.ERROR):
        said = told_privately(await stage.ada.click(await stage.post(Bell(where))))
    assert_told(said, error, caplog)


async def test_a_command_a_menu_and_a_transformer_that_raise(
    stage: Stage, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    @app_commands.command(name="bang", description="Raises")
    async def bang(interaction: Interaction) -> None:
        raise error

    @app_commands.command(name="picky", description="Raises before it begins")
    async def picky(interaction: Interaction, word: app_commands.Transform[Any, Picky]) -> None: ...

    @app_commands.context_menu(name="Bang this")
    async def bang_this(interaction: Interaction, message: discord.Message) -> None:
        raise error

    for command in (bang, picky, bang_this):
        stage.client.tree.add_command(command)
    await stage.client.tree.sync()
    message = await stage.post(discord.ui.Button(label="?", custom_id="x"))
    results = [
        await stage.ada.slash(stage.channel, "bang"),
        await stage.ada.context_menu(stage.channel, "Bang this", message),
        await stage.ada.slash(stage.channel, "picky", word="x"),
    ]
    for result in results[:2]:
        assert_told(told_privately(result), error, caplog)
    said = told_privately(results[2])
    assert said == SENTENCE if isinstance(error, UserError) else "could not read “x”" in said


async def test_a_select_without_a_value_is_answered(stage: Stage) -> None:
    stage.client.add_items(Menu)
    assert "Nothing was chosen" in told_privately(await stage.ada.select(await stage.post(Menu()), []))


async def test_a_cooldown_says_when_to_come_back(stage: Stage) -> None:
    @app_commands.command(name="slow", description="Once a minute")
    @app_commands.checks.cooldown(1, 60.0)
    async def slow(interaction: Interaction) -> None:
        await interaction.response.send_message("Here.", ephemeral=True)

    stage.client.tree.add_command(slow)
    await stage.client.tree.sync()
    await stage.ada.slash(stage.channel, "slow")
    assert re.search(r"try again in [0-9]+ s", told_privately(await stage.ada.slash(stage.channel, "slow")))


async def test_every_component_of_ours_is_of_the_base_that_tells_and_leaves_its_ways_alone(stage: Stage) -> None:
    registered = set(stage.client._connection._view_store._dynamic_items.values())
    assert registered == set(stage.client._items)
    told_by = {"from_custom_id", "interaction_check", "callback"}
    for one in registered:
        assert issubclass(one, Lasting)
        between = one.__mro__[: one.__mro__.index(Lasting)]
        assert [kind for kind in between if told_by & set(vars(kind))] == []


async def test_a_command_that_is_no_more_is_answered_also_while_it_is_typed(stage: Stage) -> None:
    stage.client.tree.remove_command("dream")
    assert "just changed" in told_privately(await stage.ada.slash(stage.channel, "dream"))
    assert await stage.ada.autocomplete(stage.channel, "dream", "of", "do") == []
