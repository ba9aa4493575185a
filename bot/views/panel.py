"""The panel of ``/queue`` and ``/cancel``: one's own dreams, what waits for one, and for moderators the server's."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import discord

from bot.errors import UserError
from bot.job import LIVE, Job
from bot.jobs.messenger import Standing
from bot.language import ENGLISH, Language, language_of
from bot.views import logbook, wording
from bot.views.buttons import JobButton, template
from bot.views.card import DREAMED, DREAMING, Card
from bot.views.host import host_of
from bot.views.lasting import Lasting, chosen
from bot.views.show import hand_over
from engine.sentences import mark

Interaction = discord.Interaction[Any]

MOST_LISTED = 8  # dreams of one person, and as many outcomes: three components each, and a message holds forty
MOST_CHOICES = 25


@dataclass(frozen=True)
class Overview:
    """What one person is shown of the queue. ``server``: the whole guild's dreams, for who may manage messages."""

    mine: Sequence[Standing]
    kept: Sequence[Job]
    server: Sequence[Standing] | None


async def overview(interaction: Interaction) -> Overview:
    """Collect what ``interaction.user`` may see."""
    jobs = host_of(interaction).jobs
    person_id, guild_id = interaction.user.id, interaction.guild_id
    moderates = guild_id is not None and interaction.permissions.manage_messages
    return Overview(
        mine=await jobs.live(person_id=person_id),
        kept=await jobs.kept(person_id, MOST_LISTED),
        server=await jobs.live(guild_id=guild_id) if moderates else None,
    )


def lay_out(say: Language, of: Overview) -> Card:
    """Lay out the panel."""
    items: list[discord.ui.Item[Any]] = [discord.ui.TextDisplay(wording.queue_heading(say, len(of.mine)))]
    items += [_section(wording.queue_line(say, one), CancelMine(one.job.id, say)) for one in of.mine[:MOST_LISTED]]
    if of.kept:
        items += [discord.ui.Separator(), discord.ui.TextDisplay(say(wording.KEPT_HEADING))]
        items += [_section(wording.kept_line(say, job), ShowMine(job.id, say)) for job in of.kept]
    if of.server is not None:
        items += [discord.ui.Separator(), discord.ui.TextDisplay(wording.server_lines(say, of.server))]
        if of.server:
            items.append(discord.ui.ActionRow(CancelAny(of.server, say)))
    return Card(*items, colour=DREAMING if of.mine else DREAMED)


def _section(text: str, button: discord.ui.Item[Any]) -> discord.ui.Section[Card]:
    return discord.ui.Section(discord.ui.TextDisplay(text), accessory=button)


async def refresh(interaction: Interaction) -> None:
    """Show the panel as it is now, in the message that was pressed; the press is acknowledged already."""
    await interaction.edit_original_response(
        view=lay_out(language_of(interaction.locale.value), await overview(interaction))
    )


class _MyButton(JobButton, template=r"(?!)"):
    """A button of the panel about a job of who presses it."""

    def belongs(self, interaction: Interaction, job: Job) -> bool:
        return job.person_id == interaction.user.id

    async def press(self, interaction: Interaction, job: Job) -> None:
        await interaction.response.defer()
        await self.act_on(interaction, job)
        await refresh(interaction)

    @abstractmethod
    async def act_on(self, interaction: Interaction, job: Job) -> None:
        """Do what the button is for; the press is acknowledged."""


class CancelMine(_MyButton, template=template("my-cancel")):
    """End one's own dream."""

    act, label = "my-cancel", mark("Cancel")

    async def act_on(self, interaction: Interaction, job: Job) -> None:
        if not await host_of(interaction).jobs.cancel(job.id):
            raise UserError(wording.OVER_ALREADY)


class ShowMine(_MyButton, template=template("my-show")):
    """Hand over an outcome that was kept."""

    act, label = "my-show", mark("Show")

    async def act_on(self, interaction: Interaction, job: Job) -> None:
        jobs = await host_of(interaction).jobs.together(job)
        if any(one.state in LIVE for one in jobs):
            raise UserError(wording.NOT_DREAMED_YET)
        await hand_over(interaction, jobs)
        await host_of(interaction).jobs.fetched(job.id)


class CancelAny(Lasting[discord.ui.Select[discord.ui.LayoutView]], template=r"oneiros:moderate:(?P<all>all)"):
    """End a dream of the server, by who may manage messages in it: asked anew at each choice."""

    def __init__(self, standings: Sequence[Standing] = (), say: Language | None = None) -> None:
        say = say or language_of(ENGLISH)
        options = [
            discord.SelectOption(label=wording.choice(say, one), value=str(one.job.id))
            for one in standings[:MOST_CHOICES]
        ]
        super().__init__(
            discord.ui.Select(
                custom_id="oneiros:moderate:all",
                placeholder=say(wording.CANCEL_WHOSE),
                options=options or discord.utils.MISSING,
            )
        )

    @classmethod
    def found(cls, match: re.Match[str]) -> Self:  # noqa: ARG003 - there is but one
        return cls()

    async def pressed(self, interaction: Interaction) -> None:
        jobs = host_of(interaction).jobs
        job = await jobs.get(_number(chosen(self.item)))
        if not interaction.permissions.manage_messages or job is None or job.guild_id != interaction.guild_id:
            raise UserError(wording.NOT_YOURS_TO_CANCEL)
        await interaction.response.defer()
        if not await jobs.cancel(job.id):
            raise UserError(wording.OVER_ALREADY)
        await refresh(interaction)
        await logbook.moderated(interaction, job, logbook.CANCELLED)


def _number(value: str) -> int:
    """Read a job's id out of a choice, which can be forged. Raises UserError."""
    if not re.fullmatch("[0-9]{1,18}", value):
        raise UserError(wording.NO_SUCH_JOB)
    return int(value)


PANEL = (CancelMine, ShowMine, CancelAny)
