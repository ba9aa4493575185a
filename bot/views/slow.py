"""Whoever has asked for a dream is told where it takes long to write that down."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

import discord

from bot.failures import FAILURES
from bot.job import Job
from bot.language import language_of
from bot.views.asking import THINKS_IN_PUBLIC
from bot.workarounds import forget_when_sent
from engine.sentences import mark

log = logging.getLogger(__name__)

SLOW_S = 5.0
SLOW = mark("My database does not answer at the moment. Please wait: your dream begins by itself as soon as it does.")


async def told_if_slow(
    interaction: discord.Interaction[Any], work: Coroutine[Any, Any, list[Job]], show: Callable[[Job], None]
) -> list[Job]:
    """Do ``work``; where it takes long, the "thinking…" says so, and is replaced by what comes of it.

    ``show`` has it shown where a job stands: an edit of its message may have come before this one.
    """
    task = asyncio.ensure_future(work)
    try:
        done, _ = await asyncio.wait({task}, timeout=SLOW_S)
        if done:
            return task.result()
        await _tell(interaction)
        jobs = await task
        show(jobs[0])
        return jobs
    finally:
        task.cancel()


async def _tell(interaction: discord.Interaction[Any]) -> None:
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(discord.ui.TextDisplay(language_of(interaction.locale.value)(SLOW)))
    try:
        await interaction.edit_original_response(view=forget_when_sent(view))
    except FAILURES as error:
        log.warning("interaction %s could not be told that it waits: %s", interaction.id, error)
        return
    interaction.extras[THINKS_IN_PUBLIC] = True  # what stands there now is taken back where nothing comes of it
