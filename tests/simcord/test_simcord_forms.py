"""A modal that somebody submits reaches its form, also after a restart, and what goes wrong is told to them."""

from __future__ import annotations

import re
from typing import Any, Self

import discord
import pytest
from discord import app_commands
from simcord.results import InteractionResult
from simcord_stage import Stage, told_privately
from test_simcord_trouble import SECRET, assert_noted

from bot.client import Oneiros
from bot.errors import UserError
from bot.views.forms import UNKNOWN_FORM, Form

Interaction = discord.Interaction[Any]


class Echo(Form, template=r"oneiros:echo:(?P<number>[0-9]+)"):
    """Says what was written into it, or raises what it is told to."""

    raises: Exception | None = None

    def __init__(self, number: int) -> None:
        super().__init__(title="Echo", custom_id=f"oneiros:echo:{number}")
        self.number = number
        self.words = discord.ui.TextInput[Self](custom_id="words")
        self.field("Words", self.words)

    @classmethod
    def from_custom_id(cls, interaction: Interaction, match: re.Match[str], /) -> Self:
        return cls(int(match["number"]))

    async def on_submit(self, interaction: Interaction, /) -> None:
        if self.raises is not None:
            raise self.raises
        await interaction.response.send_message(f"{self.number}: {self.words.value}", ephemeral=True)


@pytest.fixture
async def shown(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> InteractionResult:
    """The form, as Ada has opened it."""
    monkeypatch.setattr(Echo, "raises", None)
    with_form(stage.client)

    @app_commands.command(name="echo", description="Open the form")
    async def echo(interaction: Interaction) -> None:
        await interaction.response.send_modal(Echo(7))

    stage.client.tree.add_command(echo)
    await stage.client.tree.sync()
    return await stage.ada.slash(stage.channel, "echo")


def with_form(client: Oneiros) -> None:
    client.add_forms(Echo)


async def test_what_was_written_arrives(stage: Stage, shown: InteractionResult) -> None:
    assert told_privately(await stage.ada.submit_modal(shown, {"words": "hello"})) == "7: hello"


async def test_a_form_that_was_open_while_the_bot_restarted_arrives_too(stage: Stage, shown: InteractionResult) -> None:
    await stage.restart(prepare=with_form)
    assert told_privately(await stage.ada.submit_modal(shown, {"words": "hello"})) == "7: hello"


async def test_what_a_person_can_mend_is_told_to_them(
    stage: Stage, shown: InteractionResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Echo, "raises", UserError("Write something else."))
    assert told_privately(await stage.ada.submit_modal(shown, {"words": "hello"})) == "Write something else."


async def test_what_nobody_foresaw_has_a_reference(
    stage: Stage, shown: InteractionResult, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(Echo, "raises", RuntimeError(SECRET))
    assert_noted(told_privately(await stage.ada.submit_modal(shown, {"words": "hello"})), caplog)


async def test_a_form_that_is_none_of_ours_is_said_to_be_unknown(
    stage: Stage, shown: InteractionResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Echo, "template", re.compile("oneiros:another"))
    assert told_privately(await stage.ada.submit_modal(shown, {"words": "hello"})) == UNKNOWN_FORM
