"""The forms of presets: a name for a dream's recipe, another name for a preset."""

from __future__ import annotations

import re
from typing import Any, Self

import discord

from bot.errors import UserError
from bot.job import Job
from bot.language import Language, language_of
from bot.preset import Preset
from bot.presets import names
from bot.views import wording
from bot.views.buttons import is_of
from bot.views.forms import Form
from bot.views.host import host_of, viewer_of
from bot.views.presets import panel as preset_panel
from engine.recipe import Recipe
from engine.sentences import mark

Interaction = discord.Interaction[Any]

MINE, SERVERS = "mine", "server"
SAVED = mark("**Saved.** Its thumbnail is made when nobody waits for a dream.")
RENAMED = mark("**Renamed.**")


def _name_field(name: str) -> discord.ui.TextInput[Any]:
    # Typed white space and composing may make it shorter: what is too long then is said in a sentence.
    return discord.ui.TextInput(custom_id="name", default=name or None, min_length=1, max_length=2 * names.LONGEST)


class SaveForm(Form, template=r"oneiros:save-preset:(?P<job>[0-9]{1,18})"):
    """Asks for the name to keep a dream's recipe under and, of who may manage the server, for whom."""

    def __init__(self, say: Language, job_id: int, name: str = "", *, curates: bool = True) -> None:
        super().__init__(title=say("Save preset"), custom_id=f"oneiros:save-preset:{job_id}")
        self.job_id = job_id
        self.name = _name_field(name)
        self.field(say("Name"), self.name, say("Up to {most} characters of any script", most=names.LONGEST))
        self.whose = discord.ui.Select[Self](
            custom_id="whose",
            options=[
                discord.SelectOption(label=say("Me, wherever I am"), value=MINE, default=True),
                discord.SelectOption(label=say("Everybody in this server"), value=SERVERS),
            ],
        )
        if curates:
            self.field(say("For"), self.whose)

    @classmethod
    def from_custom_id(cls, interaction: Interaction, match: re.Match[str], /) -> Self:
        return cls(language_of(interaction.locale.value), int(match["job"]))

    async def on_submit(self, interaction: Interaction, /) -> None:
        host = host_of(interaction)
        job = await host.jobs.get(self.job_id)
        # A custom_id can be forged, the message that the form was opened from cannot.
        if job is None or not is_of(interaction, job):
            raise UserError(wording.NO_SUCH_JOB)
        await interaction.response.defer(ephemeral=True, thinking=True)
        server = SERVERS in self.whose.values
        preset = await host.presets.save_dream(viewer_of(interaction), self.name.value, job, server=server)
        await preset_panel.show(interaction, preset, heading=SAVED)


class RenameForm(Form, template=r"oneiros:rename-preset:(?P<tag>[0-9]{1,18})"):
    """Asks for a preset's new name."""

    def __init__(self, say: Language, tag: str, name: str = "") -> None:
        super().__init__(title=say("Rename preset"), custom_id=f"oneiros:rename-preset:{tag}")
        self.tag = tag
        self.name = _name_field(name)
        self.field(say("Name"), self.name, say("Up to {most} characters of any script", most=names.LONGEST))

    @classmethod
    def from_custom_id(cls, interaction: Interaction, match: re.Match[str], /) -> Self:
        return cls(language_of(interaction.locale.value), match["tag"])

    async def on_submit(self, interaction: Interaction, /) -> None:
        await interaction.response.defer()
        presets, viewer = host_of(interaction).presets, viewer_of(interaction)
        renamed = await presets.rename(viewer, await presets.tagged(viewer, self.tag), self.name.value)
        await preset_panel.show(interaction, renamed, heading=RENAMED)


def save_form(interaction: Interaction, job: Job) -> SaveForm:
    """Return the form to keep a dream's recipe, with a name to begin with."""
    curates = interaction.guild_id is not None and interaction.permissions.manage_guild
    return SaveForm(language_of(interaction.locale.value), job.id, suggested(job), curates=curates)


def rename_form(interaction: Interaction, preset: Preset) -> RenameForm:
    """Return the form to rename a preset."""
    return RenameForm(language_of(interaction.locale.value), preset.tag, preset.name)


def suggested(job: Job) -> str:
    """Return a name for a dream's recipe: what it dreams of, as its person typed it."""
    of = Recipe.from_json(job.recipe).of
    name = of.removeprefix("class: ").strip()[: names.LONGEST].strip()
    return name[:1].upper() + name[1:]
