"""The forms of reports: why somebody reports, why the operator takes something down or shuts somebody out."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import discord

from bot.errors import UserError
from bot.language import Language, language_of
from bot.regime import LONGEST_REASON, Block
from bot.store.admin.acts import By
from bot.store.admin.reports import Reported
from bot.views.forms import Form
from bot.views.gate import is_operator
from bot.views.host import host_of
from bot.views.layouts import NOBODY
from bot.views.reports import layouts
from engine.sentences import mark

Interaction = discord.Interaction[Any]

THANKS = mark("**Thank you.** Whoever runs me looks at it.")
OPERATORS_ONLY = mark("Only those who run me can decide this.")
NO_REPORT = mark("I no longer know this report.")
DECIDED = mark("This report is decided already.")
NOTHING_KEPT = mark("Nothing is kept of this dream any more: delete its message where you may, and dismiss the report.")
NOBODY_KNOWN = mark("I do not know whose dream this is.")
NO_DAYS = mark("“{typed}” is no number of days: write 1 to 3650, or leave it empty.")
LONGEST_DAYS = 3650


def _reason() -> discord.ui.TextInput[Any]:
    return discord.ui.TextInput(
        custom_id="reason", style=discord.TextStyle.paragraph, min_length=1, max_length=LONGEST_REASON
    )


async def decided_by(interaction: Interaction, report_id: int, *, still_open: bool = True) -> Reported:
    """Return a report to one of those who run the bot. Raises UserError to everybody else."""
    host = host_of(interaction)
    if not is_operator(interaction.user.id, interaction.client, host.settings.operators):
        raise UserError(OPERATORS_ONLY)
    found = await host.reports.get(report_id)
    if found is None:
        raise UserError(NO_REPORT)
    if still_open and found.decision is not None:
        raise UserError(DECIDED)
    return found


class ReportForm(Form, template=r"oneiros:report:(?P<channel>[0-9]{1,20}):(?P<message>[0-9]{1,20})"):
    """Asks what is wrong with a message of the bot's."""

    def __init__(self, say: Language, channel_id: int, message_id: int) -> None:
        super().__init__(title=say("Report to whoever runs me"), custom_id=f"oneiros:report:{channel_id}:{message_id}")
        self.channel_id, self.message_id = channel_id, message_id
        self.reason = _reason()
        self.field(say("What is wrong with it?"), self.reason, say("Whoever runs me reads it, and who you are."))

    @classmethod
    def from_custom_id(cls, interaction: Interaction, match: re.Match[str], /) -> Self:
        return cls(language_of(interaction.locale.value), int(match["channel"]), int(match["message"]))

    async def on_submit(self, interaction: Interaction, /) -> None:
        """Write the report down. Raises UserError."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        host = host_of(interaction)
        await host.reports.add(
            interaction.user.id,
            guild_id=interaction.guild_id,
            channel_id=self.channel_id,
            message_id=self.message_id,
            reason=" ".join(self.reason.value.split()),
        )
        host.report_channel.wake()
        say = language_of(interaction.locale.value)
        await interaction.edit_original_response(content=say(THANKS), allowed_mentions=NOBODY)


class TakeDownForm(Form, template=layouts.template(layouts.TAKE_DOWN)):
    """Asks why a dream is taken down."""

    def __init__(self, say: Language, report_id: int) -> None:
        super().__init__(
            title=say("Take it down everywhere"), custom_id=layouts.custom_id(layouts.TAKE_DOWN, report_id)
        )
        self.report_id = report_id
        self.reason = _reason()
        self.field(say("Reason"), self.reason, say("Where it was shown, people read this."))

    @classmethod
    def from_custom_id(cls, interaction: Interaction, match: re.Match[str], /) -> Self:
        return cls(language_of(interaction.locale.value), int(match["id"]))

    async def on_submit(self, interaction: Interaction, /) -> None:
        """Take down what the reported message shows. Raises UserError."""
        await interaction.response.defer()
        host = host_of(interaction)
        found = await decided_by(interaction, self.report_id)
        named = await host.removal.takedowns.at_message(found.channel_id, found.message_id)
        if not named:
            raise UserError(NOTHING_KEPT)
        reason = " ".join(self.reason.value.split())
        await host.removal.take_down(named, reason, By(person_id=interaction.user.id))
        await host.report_channel.show(interaction, found.id)


class BlockForm(Form, template=layouts.template(layouts.BLOCK)):
    """Asks why, and for how long, somebody is shut out."""

    def __init__(self, say: Language, report_id: int) -> None:
        super().__init__(title=say("Shut the person out"), custom_id=layouts.custom_id(layouts.BLOCK, report_id))
        self.report_id = report_id
        self.reason = _reason()
        self.days = discord.ui.TextInput[Self](custom_id="days", required=False, max_length=4)
        self.field(say("Reason"), self.reason, say("The person reads this."))
        self.field(say("For how many days?"), self.days, say("Empty: until you let them in again."))

    @classmethod
    def from_custom_id(cls, interaction: Interaction, match: re.Match[str], /) -> Self:
        return cls(language_of(interaction.locale.value), int(match["id"]))

    async def on_submit(self, interaction: Interaction, /) -> None:
        """Shut out who dreamed it. Raises UserError."""
        await interaction.response.defer()
        host = host_of(interaction)
        found = await decided_by(interaction, self.report_id, still_open=False)
        if found.about_id is None:
            raise UserError(NOBODY_KNOWN)
        block = Block(" ".join(self.reason.value.split()), _until(self.days.value))
        await host.admin.regimes.block_person(found.about_id, block, By(person_id=interaction.user.id))
        await host.admin.look()
        await host.report_channel.show(interaction, found.id)


def _until(typed: str) -> datetime | None:
    """Read for how many days. Raises UserError."""
    text = typed.strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= LONGEST_DAYS):
        raise UserError(NO_DAYS, typed=text)
    return datetime.now(UTC) + timedelta(days=int(text))
