"""What Discord shows of the operator's will: the bot's presence, and which servers it stays in."""

from __future__ import annotations

import logging
from collections.abc import Callable

import discord

from bot.admin import Admin
from bot.admin.notices import Notices
from bot.errors import UserError
from bot.failures import FAILURES
from bot.language import language_of
from bot.regime import not_listed
from bot.views.gate import operators_of
from bot.views.reports import notices as words

log = logging.getLogger(__name__)

MOST_STATUS = 128  # characters that Discord takes


class Doorman:
    """Heeds changes of the regime, and who comes in. Built with its client, whose ``admin`` is known later."""

    def __init__(
        self,
        client: discord.AutoShardedClient,
        admin: Callable[[], Admin],
        operators: frozenset[int],
        notices: Notices,
    ) -> None:
        self._client = client
        self._admin = admin
        self._operators = operators
        self._notices = notices

    async def heed(self) -> None:
        """Show whether dreams are taken, and leave servers that the bot is not to stay in."""
        await self._show()
        if not self._admin().regime.leave_others:
            return
        for guild in list(self._client.guilds):
            if not self._admin().regime.serves(guild.id):
                await self.joined(guild)

    async def joined(self, guild: discord.Guild) -> None:
        """Tell a server that is not served so, in one sentence, and leave it where that is settled."""
        regime = self._admin().regime
        refusal = regime.refusal(None, guild.id)
        if refusal is None and not regime.serves(guild.id):
            refusal = not_listed(operators_of(self._client, self._operators))
        if refusal is None:
            self._notices.tell(words.CAME, server=words.named(guild))
            return
        await self._say(guild, refusal)
        if regime.leave_others and not regime.serves(guild.id):
            await self._leave(guild)
        else:
            self._notices.tell(words.NOT_SERVED, server=words.named(guild))

    def left(self, guild: discord.Guild) -> None:
        """Tell whoever runs the bot that it is no longer in a server, unless it left that itself."""
        regime = self._admin().regime
        if regime.serves(guild.id) or not regime.leave_others:
            self._notices.tell(words.LEFT, server=words.named(guild))

    async def _leave(self, guild: discord.Guild) -> None:
        try:
            await guild.leave()
        except FAILURES as error:
            log.warning("server %s could not be left, and is tried at the next start: %s", guild.id, error)
            self._notices.tell(words.NOT_LEFT, server=words.named(guild))
        else:
            log.info("left server %s, which is not on the allow-list", guild.id)
            self._notices.tell(words.TURNED_AWAY, server=words.named(guild))

    async def _say(self, guild: discord.Guild, refusal: UserError) -> None:
        channel = _where_to_speak(guild)
        if channel is None:
            return
        words = language_of(guild.preferred_locale.value).error(refusal)
        try:
            await channel.send(words, allowed_mentions=discord.AllowedMentions.none())
        except FAILURES as error:
            log.info("server %s could not be told that it is not served: %s", guild.id, error)

    async def _show(self) -> None:
        pause = self._admin().regime.paused
        status = discord.Status.online if pause is None else discord.Status.idle
        activity = None if pause is None else discord.CustomActivity(pause.notice[:MOST_STATUS])
        # What the next connection begins with, and what this one shows from now on.
        self._client.status, self._client.activity = status, activity
        if not self._client.is_ready():
            return
        try:
            await self._client.change_presence(status=status, activity=activity)
        except FAILURES as error:  # the connection ends: servers are to be heeded all the same
            log.info("the status could not be shown, and is by the next connection: %s", error)


def _where_to_speak(guild: discord.Guild) -> discord.TextChannel | None:
    """Return the channel where a server is greeted, else the first one that the bot may write in."""
    channels = [guild.system_channel, *guild.text_channels]
    return next(
        (one for one in channels if one is not None and one.permissions_for(guild.me).send_messages),
        None,
    )
