"""The menu under several dreams: one of them alone, with what can be done with it; or all of them again."""

from __future__ import annotations

import re
from typing import Any, Self

import discord

from bot.errors import KEPT_NO_MORE, UserError
from bot.views import wording
from bot.views.buttons import is_of, may_manage, template
from bot.views.host import host_of
from bot.views.lasting import Lasting, chosen
from bot.views.layouts import ALL, PICK
from bot.views.show import hand_over, put

Interaction = discord.Interaction[Any]


class Pick(Lasting[discord.ui.Select[discord.ui.LayoutView]], template=template(PICK)):
    """Show the one that was chosen: in the message to whoever dreamed it, to others privately."""

    def __init__(self, job_id: int) -> None:
        self.job_id = job_id  # the first of its message
        super().__init__(discord.ui.Select(custom_id=f"oneiros:{PICK}:{job_id}", options=discord.utils.MISSING))

    @classmethod
    def found(cls, match: re.Match[str]) -> Self:
        return cls(int(match["job"]))

    async def pressed(self, interaction: Interaction) -> None:
        choice = chosen(self.item)
        host = host_of(interaction)
        first = await host.jobs.get(self.job_id)
        if first is None or not is_of(interaction, first):
            raise UserError(wording.NO_SUCH_JOB)
        jobs = await host.jobs.together(first)
        picked = next((job for job in jobs if str(job.id) == choice), None)
        if picked is None and choice != ALL:
            raise UserError(wording.NO_SUCH_JOB)
        if picked is not None and picked.result_hash is None:
            raise UserError(KEPT_NO_MORE)
        if may_manage(interaction, first):
            await interaction.response.defer()
            await put(interaction, jobs, picked)
        else:
            await interaction.response.defer(ephemeral=True, thinking=True)
            await hand_over(interaction, jobs, picked)
