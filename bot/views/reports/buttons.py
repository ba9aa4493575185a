"""The buttons under a report in the operator's channel. Each asks anew whether who presses runs the bot."""

from __future__ import annotations

import re
from typing import Any, ClassVar, Self

import discord

from bot.errors import UserError
from bot.language import language_of
from bot.store.admin.reports import Decision
from bot.views.host import host_of
from bot.views.lasting import Lasting
from bot.views.reports import layouts
from bot.views.reports.forms import DECIDED, BlockForm, TakeDownForm, decided_by

Interaction = discord.Interaction[Any]


class ReportedButton(Lasting[discord.ui.Button[discord.ui.LayoutView]], template=r"(?!)"):
    """A button under a report."""

    act: ClassVar[str]

    def __init__(self, report_id: int) -> None:
        self.report_id = report_id
        super().__init__(discord.ui.Button(label="…", custom_id=layouts.custom_id(self.act, report_id)))

    @classmethod
    def found(cls, match: re.Match[str]) -> Self:
        return cls(int(match["id"]))


class TakeDown(ReportedButton, template=layouts.template(layouts.TAKE_DOWN)):
    """Ask why, then take it down."""

    act = layouts.TAKE_DOWN

    async def pressed(self, interaction: Interaction) -> None:
        await decided_by(interaction, self.report_id)
        await interaction.response.send_modal(TakeDownForm(language_of(interaction.locale.value), self.report_id))


class BlockThePerson(ReportedButton, template=layouts.template(layouts.BLOCK)):
    """Ask why and for how long, then shut out who dreamed it."""

    act = layouts.BLOCK

    async def pressed(self, interaction: Interaction) -> None:
        await decided_by(interaction, self.report_id, still_open=False)
        await interaction.response.send_modal(BlockForm(language_of(interaction.locale.value), self.report_id))


class Dismiss(ReportedButton, template=layouts.template(layouts.DISMISS)):
    """Find nothing wrong with it."""

    act = layouts.DISMISS

    async def pressed(self, interaction: Interaction) -> None:
        await decided_by(interaction, self.report_id)
        await interaction.response.defer()
        host = host_of(interaction)
        if not await host.reports.decide(self.report_id, Decision.DISMISSED, interaction.user.id):
            raise UserError(DECIDED)
        await host.report_channel.show(interaction, self.report_id)


REPORT_BUTTONS = (TakeDown, BlockThePerson, Dismiss)
REPORT_FORMS = (TakeDownForm, BlockForm)
