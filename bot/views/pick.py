"""The menu under several dreams: one of them alone, with what can be done with it; or all of them again."""

from __future__ import annotations

import re
from typing import Any, Self

import discord

from bot.errors import KEPT_NO_MORE, UserError
from bot.views import wording
from bot.views.buttons import is_of, may_manage, template
from bot.views.host import host_of
from bot.views.layouts import ALL, PICK
from bot.views.show import hand_over, put
from bot.views.trouble import report

Interaction = discord.Interaction[Any]


class Pick(discord.ui.DynamicItem[discord.ui.Select[discord.ui.LayoutView]], template=template(PICK)):
    """Show the one that was chosen: in the message to whoever dreamed it, to others privately."""

    def __init__(self, job_id: int) -> None:
        self.job_id = job_id  # the first of its message
        super().__init__(discord.ui.Select(custom_id=f"oneiros:{PICK}:{job_id}", options=discord.utils.MISSING))

    @classmethod
    async def from_custom_id(
        cls,
        interaction: Interaction,  # noqa: ARG003 - the library hands it over
        item: discord.ui.Item[Any],  # noqa: ARG003
        match: re.Match[str],
        /,
    ) -> Self:
        return cls(int(match["job"]))

    async def callback(self, interaction: Interaction) -> None:
        try:
            await self._choose(interaction, self.item.values[0])
        except Exception as error:  # noqa: BLE001 - the last place that sees it
            await report(interaction, error)

    async def _choose(self, interaction: Interaction, choice: str) -> None:
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
