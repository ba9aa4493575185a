"""An autocomplete that hangs."""

from __future__ import annotations

import asyncio
import logging
from types import SimpleNamespace
from typing import Any, cast

import discord
import pytest
from discord import app_commands

from bot.views import completing


async def test_what_takes_too_long_suggests_nothing_and_is_noted(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(completing, "ANSWER_WITHIN_S", 0.01)

    @completing.completing
    async def hangs(interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        await asyncio.Event().wait()
        return []

    with caplog.at_level(logging.ERROR):
        assert await hangs(cast(discord.Interaction[Any], SimpleNamespace(id=7)), "x") == []
    assert "interaction 7" in caplog.text
