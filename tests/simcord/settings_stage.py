"""A server whose managers settle things, and the panel that they do it with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import discord
import simcord
from simcord.results import InteractionResult
from simcord_stage import Json, Stage, walk

from bot.client import Oneiros
from bot.guild import GuildSettings
from bot.guilds import Guilds
from bot.store.guilds import GuildStore

BUTTON, CHOICE, ROLES, CHANNELS = 2, 3, 6, 8


@dataclass
class Managed:
    """A stage with two managers of its server, and the bot's memory of what they settle."""

    stage: Stage
    role: simcord.RoleHandle
    eve: simcord.MemberActor
    max: simcord.MemberActor
    store: GuildStore

    @property
    def settings(self) -> GuildSettings:
        """What holds now, by the bot's memory."""
        return self.stage.client.guild_settings.of(self.stage.guild.id)

    async def settle(self, **values: Any) -> None:
        """Settle something without the panel."""
        guilds = self.stage.client.guild_settings
        guild_id = self.stage.guild.id
        version = guilds.versioned(guild_id).version
        await guilds.change(guild_id, self.eve.id, version, lambda settings: settings.changed(**values))

    async def opened(self, by: simcord.MemberActor | None = None) -> discord.Message:
        """Open the panel; returns its message."""
        shown = await (by or self.eve).slash(self.stage.channel, "settings")
        assert shown.ephemeral
        assert shown.response is not None
        return self.seen(shown.response.id, by)

    def seen(self, message_id: int, by: simcord.MemberActor | None = None) -> discord.Message:
        """Return a message as a manager sees it now."""
        viewer = by or self.eve
        return next(one for one in self.stage.channel.history(viewer=viewer) if one.id == message_id)

    async def choose(
        self, panel: discord.Message, act: str, *values: Any, by: simcord.MemberActor | None = None
    ) -> InteractionResult:
        """Choose values in one of the panel's selects."""
        return await (by or self.eve).select(panel, values=values, custom_id=part(panel, act)["custom_id"])

    async def press(self, panel: discord.Message, act: str, by: simcord.MemberActor | None = None) -> InteractionResult:
        """Press one of the panel's buttons."""
        return await (by or self.eve).click(panel, custom_id=part(panel, act)["custom_id"])

    async def restart(self) -> Oneiros:
        """Let another process take over, that knows what is in the database."""
        guilds = Guilds(self.store)
        await guilds.start()
        await self.stage.restart(guild_settings=guilds)
        await guilds.stop()
        return self.stage.client


def part(message: discord.Message, act: str) -> Json:
    """Return a select or button of the panel."""
    parts = walk([dict(one.to_dict()) for one in message.components])
    return next(one for one in parts if str(one.get("custom_id", "")).startswith(f"oneiros:settings:{act}:"))


def chosen(message: discord.Message, act: str) -> list[str]:
    """Return what one of the panel's selects shows as chosen."""
    select = part(message, act)
    if "options" in select:
        return [one["value"] for one in select["options"] if one.get("default")]
    return [str(one["id"]) for one in select.get("default_values", [])]
